"""Who is asked, and the access link of each."""

from typing import Any

import tablib
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from members.common.access import hash_token
from members.common.acts import act
from members.common.admin.base import PortalAdmin
from members.common.admin.screens import person
from members.common.text.eras import format_time
from members.common.web.step_up import confirm_identity
from surveys.models import AnswerStatus, Survey, SurveyEvent, SurveyTarget
from surveys.running.lifecycle import IssuedLink, issue_links, note_event


def show_links(
    model_admin: admin.ModelAdmin, request: HttpRequest, survey: Survey, links: list[IssuedLink]
) -> HttpResponse:
    """Show fresh access links, the only time they can be read."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": Survey._meta,
        "title": "回答用リンク",
        "survey": survey,
        "rows": [(link.target.organization, address(request, link.token), link.token) for link in links],
    }
    response = render(request, "admin/surveys/links.html", context)
    response["Cache-Control"] = "no-store"
    return response


def address(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("answer-open", args=[token]))


def links_table(request: HttpRequest, survey: Survey, tokens: list[str]) -> tablib.Dataset:
    """Links as a table for the office's own mailing; only such as are still good."""
    headers = ["団体コード", "団体", "担当課", "締切", "回答用リンク"]
    if settings.LGWAN_ADDRESS:
        headers.append("回答用リンク（LGWAN）")
    by_hash = {hash_token(token): token for token in tokens}
    table = tablib.Dataset(headers=headers)
    targets = survey.targets.filter(token_hash__in=by_hash).select_related("organization", "survey")
    for target in targets.order_by("organization__code"):
        token = by_hash[target.token_hash]
        row = [
            target.organization.code,
            target.name,
            target.departments_at_opening.replace("\n", "、"),
            format_time(target.deadline) if target.deadline else "",
            address(request, token),
        ]
        if settings.LGWAN_ADDRESS:
            row.append(settings.LGWAN_ADDRESS.rstrip("/") + reverse("answer-open", args=[token]))
        table.append(row)
    return table


class ReasonedActionForm(ActionForm):
    """Why: kept in the audit trail."""

    reason = forms.CharField(label="理由", max_length=200, required=False)


@admin.register(SurveyTarget)
class SurveyTargetAdmin(PortalAdmin):
    list_display = ["organization", "survey", "state", "in_base", "link_issued_at"]
    list_filter = ["survey__council_year__council", "survey__council_year__year", "survey", "in_base"]
    list_select_related = ["organization", "survey__council_year__council", "submission"]
    search_fields = ["organization__name", "organization__kana", "organization__code", "survey__title"]
    autocomplete_fields = ["survey", "organization"]
    fieldsets = [
        ("回答対象", {"fields": ["survey", "organization", "name_at_opening", "departments_at_opening"]}),
        ("母数と除外", {"fields": ["in_base", "is_excluded", "exclusion_reason"]}),
        ("締切", {"fields": ["extended_to", "extension_reason"]}),
        ("連絡", {"fields": ["emails", "link_issued_at", "link_revoked_at"]}),
    ]
    readonly_fields = ["name_at_opening", "departments_at_opening", "link_issued_at", "link_revoked_at"]
    actions = ["reissue_links", "revoke_links"]
    action_form = ReasonedActionForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[SurveyTarget]:
        targets: Any = super().get_queryset(request)
        return targets.with_status()

    def get_readonly_fields(self, request: HttpRequest, obj: SurveyTarget | None = None) -> list[str]:
        # An answer stays the answer of the organization and the survey it was given for.
        return [*self.readonly_fields, *(["survey", "organization"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: SurveyTarget, form: Any, change: bool) -> None:
        if "emails" in form.changed_data:
            # Mails that go out by themselves take a link to the answer there.
            confirm_identity(request)
        super().save_model(request, obj, form, change)
        if "extended_to" in form.changed_data:
            until = format_time(obj.extended_to) if obj.extended_to else "全体の締切に戻す"
            note = f"{obj.name}：{until} {obj.extension_reason}"
            note_event(obj.survey, SurveyEvent.Kind.EXTENDED, person(request), note)
        if "is_excluded" in form.changed_data and obj.is_excluded:
            note = f"{obj.name}：{obj.exclusion_reason}"
            note_event(obj.survey, SurveyEvent.Kind.EXCLUDED, person(request), note)
        elif {"is_excluded", "in_base"} & {*form.changed_data} or not change:
            place = "母数に含める" if obj.in_base else f"母数に含めない（{obj.exclusion_reason}）"
            note_event(obj.survey, SurveyEvent.Kind.BASE, person(request), f"{obj.name}：{place}")

    def has_delete_permission(self, request: HttpRequest, obj: SurveyTarget | None = None) -> bool:
        # Once asked, a organization leaves the base only by exclusion with a reason.
        if obj is not None and obj.survey.status != Survey.Status.DRAFT:
            return False
        return super().has_delete_permission(request, obj)

    @admin.action(description="回答用リンクを無効にする", permissions=["change"])
    def revoke_links(self, request: HttpRequest, queryset: QuerySet[SurveyTarget]) -> None:
        targets = list(queryset.select_related("organization"))
        for target in targets:
            act("回答用リンクの無効化", about=target, reason=request.POST.get("reason", "")[:200])
            target.revoke_link()
            self.log_change(request, target, "回答用リンクを無効にしました。")
        self.message_user(request, f"{len(targets)}団体の回答用リンクを無効にしました。", messages.SUCCESS)

    @admin.display(description="状態")
    def state(self, target: Any) -> str:
        return str(AnswerStatus(target.status).label)

    @admin.action(
        description="回答用リンクを発行し直す（前のリンクは使えなくなります）", permissions=["change"]
    )
    def reissue_links(self, request: HttpRequest, queryset: QuerySet[SurveyTarget]) -> HttpResponse | None:
        targets = list(queryset.select_related("organization", "survey__council_year__council"))
        surveys = {target.survey for target in targets}
        if len(surveys) != 1:
            self.message_user(request, "1つのアンケートの回答対象だけを選んでください。", messages.ERROR)
            return None
        confirm_identity(request)
        links = []
        for target in targets:
            act("回答用リンクの再発行", about=target, reason=request.POST.get("reason", "")[:200])
            links += issue_links([target])
            self.log_change(request, target, "回答用リンクを発行し直しました。")
        return show_links(self, request, surveys.pop(), links)
