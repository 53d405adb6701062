"""The annual report as the secretariat writes it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from council.admin_publication import PublicationScreen
from council.models import AnnualReport, EvaluationGrade, ReportSection


class SectionForm(forms.ModelForm):
    """A section; the eight of a new report are saved even where nothing is typed yet."""

    def has_changed(self) -> bool:
        return super().has_changed() or bool(not self.instance.pk and self.initial.get("kind"))


class SectionFormSet(BaseInlineFormSet):
    """Eight sections to begin with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not kwargs.get("instance") or not kwargs["instance"].pk:
            kwargs["initial"] = [
                {"kind": kind, "position": position}
                for position, kind in enumerate(ReportSection.Kind.values, start=1)
            ]
        super().__init__(*args, **kwargs)


class SectionInline(admin.StackedInline):
    model = ReportSection
    form = SectionForm
    formset = SectionFormSet
    fields = [("kind", "position", "heading"), "body"]

    def get_extra(self, request: HttpRequest, obj: AnnualReport | None = None, **kwargs: Any) -> int:
        return 0 if obj else len(ReportSection.Kind)


@admin.register(AnnualReport)
class AnnualReportAdmin(PublicationScreen, admin.ModelAdmin):
    list_display = ["council_year", "status", "published_on", "grade"]
    list_filter = ["council_year__council", "council_year__year", "status"]
    list_select_related = ["council_year__council", "grade"]
    search_fields = ["council_year__council__name"]
    autocomplete_fields = ["council_year"]
    inlines = [SectionInline]
    fieldsets = [
        ("年次報告書", {"fields": ["council_year", "grade"]}),
        (
            "公開",
            {"fields": ["status", "published_on"], "description": "公開は「公開と版」の画面で行います。"},
        ),
    ]
    readonly_fields = ["status", "published_on"]

    def has_delete_permission(self, request: HttpRequest, obj: AnnualReport | None = None) -> bool:
        if obj is not None and (obj.is_published or obj.editions.exists()):
            return False
        return super().has_delete_permission(request, obj)


@admin.register(EvaluationGrade)
class EvaluationGradeAdmin(admin.ModelAdmin):
    list_display = ["label", "sentence", "position"]
