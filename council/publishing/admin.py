"""Publishing a report: the checklist, the editions, and what differs from the public one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from council.models import AnnualReport, ReportEdition
from council.publishing.checklist import check_report
from council.publishing.editions import (
    cancel_schedule,
    differences,
    latest_edition,
    publish,
    report_of_edition,
    request_approval,
    schedule,
    small_changes,
    state_of,
    undo_withdrawal,
    upcoming,
    withdraw,
)
from council.publishing.figure_switches import figure_switches


class PublicationForm(forms.Form):
    """How a report goes public: now or later, and from the second edition on, why."""

    kind = forms.ChoiceField(
        label="新しい版の種類",
        choices=[choice for choice in ReportEdition.Kind.choices if choice[0] != ReportEdition.Kind.FIRST],
        required=False,
    )
    reason = forms.CharField(
        label="新しい版を公開する理由",
        max_length=300,
        required=False,
        help_text="公開ページに表示します（例: 第2回の出席団体の数に誤りがあったため）。",
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )
    small_change_reason = forms.CharField(
        label="少数の変更を公表する理由",
        max_length=300,
        required=False,
        help_text="空欄なら、集計は公開している版のままにします。理由は公開しません。",
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )
    warnings_known = forms.BooleanField(label="注意を確かめました", required=False)
    seen = forms.CharField(widget=forms.HiddenInput)
    moment = forms.SplitDateTimeField(
        label="公開する日時（予約する場合）",
        required=False,
        widget=forms.SplitDateTimeWidget(
            date_attrs={"type": "date"},
            time_attrs={"type": "time"},
            date_format="%Y-%m-%d",
            time_format="%H:%M",
        ),
    )


class PublicationScreen:
    """Adds the screen 「公開と版」 to the report's admin."""

    admin_site: Any
    model: Any
    has_change_permission: Any
    log_change: Any

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.publication_view)
        name = "council_annualreport_publication"
        return [path("<int:pk>/publication/", view, name=name), *super().get_urls()]  # type: ignore[misc]

    def publication_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the checklist and what would change; publish, schedule, ask for approval or withdraw."""
        reports = AnnualReport.objects.select_related("council_year__council", "grade", "requested_by")
        report = get_object_or_404(reports, pk=pk)
        if not self.has_change_permission(request, report):
            raise PermissionDenied
        form = PublicationForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                message = self.act(request, report, form)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                self.log_change(request, report, message)
                messages.success(request, message)
                return redirect("admin:council_annualreport_publication", pk)
        built = upcoming(report)
        last = latest_edition(report)
        findings = check_report(report, built)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": "公開と版",
            "report": report,
            "form": form,
            "state": state_of(report),
            "small_changes": small_changes(report),
            "switches": figure_switches(report.council_year, built),
            "errors": [finding for finding in findings if finding.is_error],
            "warnings": [finding for finding in findings if not finding.is_error],
            "last": last,
            "changes": differences(report_of_edition(last), built) if last else [],
            "editions": report.editions.select_related("published_by"),
        }
        return render(request, "admin/council/publication.html", context)

    def act(self, request: HttpRequest, report: AnnualReport, form: PublicationForm) -> str:
        """Do what was asked; returns what to say of it. Raises ``ValidationError``."""
        data = form.cleaned_data
        user: Any = request.user
        if request.POST.get("step") == "withdraw":
            withdraw(report, data["reason"])
            return f"公開を取り下げました。版は残っています。理由：{data['reason']}"
        if "undo" in request.POST:
            undo_withdrawal(report)
            return "取り下げを取り消し、元のとおり公開しました。"
        if "unschedule" in request.POST:
            cancel_schedule(report)
            return "公開の予約を取り消しました。"
        if "request" in request.POST:
            request_approval(report, user, data["seen"])
            return "公開を依頼しました。別の職員がこの画面で公開できます。"
        how = {
            "by": user,
            "seen": data["seen"],
            "kind": data["kind"],
            "reason": data["reason"],
            "warnings_known": data["warnings_known"],
        }
        if "schedule" in request.POST:
            if not data["moment"]:
                raise ValidationError("公開する日付と時刻を入力してください。")
            schedule(report, data["moment"], **how)
            return f"{timezone.localtime(data['moment']):%Y年%m月%d日%H時%M分}の公開を予約しました。"
        if "publish" not in request.POST:
            raise ValidationError("操作を選び直してください。まだ何も変えていません。")
        edition = publish(report, **how, small_change_reason=data["small_change_reason"])
        return f"第{edition.number}版を公開しました。"
