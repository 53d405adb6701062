"""Publishing a report: the checklist, the editions, and what differs from the public one."""

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from council.editions.differences import Difference, differences
from council.editions.stored import in_form_of, latest_edition, report_of_edition
from council.models import AnnualReport, ReportEdition
from council.numbers.lifting import all_contradictions, lift, put_back, reasons_of
from council.publishing.figure_switches import figure_switches
from council.publishing.files import draw_anew, states
from council.publishing.publication import publication
from council.publishing.tasks import draw_files
from council.report.build import Report
from members.common.admin.screens import ScreenAdmin, person
from members.common.forms.fields import moment_field
from members.common.publication.engine import Order
from members.common.publication.findings import errors_of, warnings_of
from members.common.publication.rights import may_publish, nobody_to_approve, require_publisher
from members.common.publication.seal import fault_of
from members.common.remit import within

# What whoever edits may do on this screen; all else takes something to the public or lets it through.
EDITING_STEPS = {"request", "put-back"}


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
    moment = moment_field("公開する日時（予約する場合）", required=False)


def changes_since(last: ReportEdition, built: Report) -> list[Difference]:
    """What a report published now would say otherwise; of an edition that fails its check nobody knows."""
    return [] if fault_of(last) else differences(report_of_edition(last), in_form_of(last, built))


class PublicationScreen(ScreenAdmin):
    """Adds the screen 「公開と版」 to the report's admin."""

    def get_urls(self) -> list[Any]:
        return [
            self.screen("<int:pk>/publication/", self.publication_view, "publication"),
            *super().get_urls(),
        ]

    def publication_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the checklist and what would change; publish, schedule, ask for approval or withdraw."""
        reports = AnnualReport.objects.select_related("council_year__council", "grade", "requested_by")
        report: AnnualReport = get_object_or_404(within(request.user, reports), pk=pk)
        if not self.has_change_permission(request, report):
            raise PermissionDenied
        asked = {"small_change_reason": report.requested_small_changes}
        form = PublicationForm(request.POST if request.method == "POST" else None, initial=asked)
        if request.method == "POST" and form.is_valid():
            try:
                message = self.act(request, report, form)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                self.log_change(request, report, message)
                messages.success(request, message)
                return redirect("admin:council_annualreport_publication", pk)
        last = latest_edition(report)
        candidate = publication.candidate(report)
        built = candidate.content.report
        lifted = reasons_of(report)
        context = {
            "report": report,
            "may_publish": may_publish(request.user, report),
            "form": form,
            "state": candidate.state,
            "is_overtaken": publication.is_overtaken(report, candidate),
            "small_changes": candidate.content.small_changes,
            "switches": figure_switches(report.council_year, built),
            "errors": errors_of(candidate.findings),
            "warnings": warnings_of(candidate.findings),
            "numbers": [(each, lifted.get(each.key)) for each in all_contradictions(report, built)],
            "last": last,
            "changes": changes_since(last, built) if last else [],
            "editions": report.editions.select_related("published_by"),
            "files": states(report),
        }
        return self.draw(request, "admin/council/publication.html", "公開と版", **context)

    def act_beside(self, step: str, report: AnnualReport, key: str, reason: str, user: User) -> str:
        """What is done beside the course of publication."""
        if step == "lift":
            lift(report, publication.candidate(report).content.report, key, reason, user)
            return f"指標と異なる数値を認めました。理由：{reason}"
        if step == "put-back":
            put_back(report, key)
            return "指標と異なる数値を、認めないことに戻しました。"
        draw_anew(report)
        draw_files.enqueue()
        return "版のファイルの作り直しを頼みました。"

    def act(self, request: HttpRequest, report: AnnualReport, form: PublicationForm) -> str:
        """Do what was asked; returns what to say of it. Raises ``ValidationError``."""
        data, user = form.cleaned_data, person(request)
        steps = ("undo", "unschedule", "request", "schedule", "publish")
        step = request.POST.get("step") or next((name for name in steps if name in request.POST), "")
        require_publisher(request, report, unless=step in EDITING_STEPS)
        order = Order(
            data["seen"], data["warnings_known"], data["reason"], data["kind"], data["small_change_reason"]
        )
        if step in {"lift", "put-back", "draw"}:
            return self.act_beside(step, report, request.POST.get("key", ""), data["reason"], user)
        match step:
            case "withdraw":
                publication.withdraw(report, user, data["reason"])
                return f"公開を取り下げました。版は残っています。理由：{data['reason']}"
            case "undo":
                publication.restore(report, user)
                return "取り下げを取り消し、元のとおり公開しました。"
            case "unschedule":
                publication.cancel_schedule(report, user)
                return "公開の予約を取り消しました。"
            case "request":
                reason = order.small_change_reason
                publication.ask(report, user, seen=order.seen, small_change_reason=reason)
                waits = nobody_to_approve(report, user)
                return f"公開を依頼しました。{waits or '別の職員がこの画面で公開できます。'}"
            case "schedule":
                if not data["moment"]:
                    raise ValidationError("公開する日付と時刻を入力してください。")
                publication.schedule(report, user, data["moment"], replace(order, small_change_reason=""))
                return f"{timezone.localtime(data['moment']):%Y年%m月%d日%H時%M分}の公開を予約しました。"
            case "publish":
                edition = publication.publish(report, user, order)
                return f"第{edition.number}版を公開しました。"
            case _:
                raise ValidationError("操作を選び直してください。まだ何も変えていません。")
