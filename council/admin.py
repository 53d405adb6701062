"""The annual report as the secretariat writes it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from council.accounts import admin as accounts_admin
from council.models import AnnualReport, EvaluationGrade
from council.publishing.admin import PublicationScreen
from council.publishing.redaction_screen import RedactionScreen
from council.writing.admin import WritingScreen
from council.writing.form import begin
from members.common.admin.base import PortalAdmin

# Django looks for screens in this module only.
__all__ = ["AnnualReportAdmin", "EvaluationGradeAdmin", "accounts_admin"]


@admin.register(AnnualReport)
class AnnualReportAdmin(WritingScreen, PublicationScreen, RedactionScreen):
    list_display = ["council_year", "status", "published_on", "grade", "publication"]
    list_filter = ["council_year__council", "council_year__year", "status"]
    list_select_related = ["council_year__council", "grade"]
    search_fields = ["council_year__council__name"]
    autocomplete_fields = ["council_year"]
    fields = ["council_year"]

    @admin.display(description="公開")
    def publication(self, report: AnnualReport) -> str:
        address = reverse("admin:council_annualreport_publication", args=[report.pk])
        return format_html('<a href="{}">公開と版</a>', address)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change:
            begin(form.instance)

    def response_add(
        self, request: HttpRequest, obj: AnnualReport, post_url_continue: str | None = None
    ) -> HttpResponse:
        return redirect("admin:council_annualreport_writing", obj.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The report is changed on its writing screen; who may only look sees the fields."""
        report = self.get_object(request, object_id)
        if report is not None and self.has_change_permission(request, report):
            return redirect("admin:council_annualreport_writing", report.pk)
        return super().change_view(request, object_id, form_url, extra_context)

    def has_delete_permission(self, request: HttpRequest, obj: AnnualReport | None = None) -> bool:
        if obj is not None and (obj.is_published or obj.editions.exists()):
            return False
        return super().has_delete_permission(request, obj)


@admin.register(EvaluationGrade)
class EvaluationGradeAdmin(PortalAdmin):
    list_display = ["council_year", "position", "label", "sentence"]
    list_display_links = ["label"]
    list_filter = ["council_year__council", "council_year__year"]
    list_select_related = ["council_year__council"]
    autocomplete_fields = ["council_year"]
