"""The confirmation round's screen: ask, hand out links, decide on proposals."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.dateparse import parse_date

from meetings.models import Meeting, Remark
from meetings.record.snapshot import Change
from meetings.remarks import lifecycle
from members.common.text.numbers import whole_number
from members.common.web.step_up import confirm_identity


def remarks_screen(screens: Any, request: HttpRequest, meeting: Meeting, user: Any) -> HttpResponse:
    """Show how far the round has come, and take its next step."""
    links: list[Any] = []
    if request.method == "POST":
        try:
            done, links = run_step(request, meeting, user)
        except ValidationError as error:
            for text in error.messages:
                messages.error(request, text)
            return redirect("admin:meetings_meeting_remarks", meeting.pk)
        screens.log_change(request, meeting, done)
        messages.success(request, done)
        if not links:
            return redirect("admin:meetings_meeting_remarks", meeting.pk)
    asked = meeting.remark_requests.select_related("organization").prefetch_related("remarks__entry")
    pending = Remark.objects.filter(request__meeting=meeting, state=Remark.State.PENDING).select_related(
        "request__organization", "entry"
    )
    return screens.page(
        request,
        "admin/meetings/remarks.html",
        meeting,
        title="発言内容の確認",
        links=[
            (organization, request.build_absolute_uri(reverse("remarks-open", args=[token])))
            for organization, token in links
        ],
        requests=[(row, summary(list(row.remarks.all()))) for row in asked],
        pending=[
            (
                remark,
                Change("訂正案", remark.entry.body if remark.entry else remark.original, remark.proposal),
            )
            for remark in pending
        ],
    )


def run_step(request: HttpRequest, meeting: Meeting, user: Any) -> tuple[str, list[Any]]:
    if request.POST.get("step") in {"ask", "reissue"}:
        # These show links that open what a body has said.
        confirm_identity(request)
    match request.POST.get("step"):
        case "ask":
            try:
                due_on = parse_date(request.POST.get("due_on", ""))
            except ValueError:
                due_on = None
            if due_on is None:
                raise ValidationError("確認の期限を入力してください（例: 2026-12-01）。")
            links = lifecycle.ask(meeting, due_on)
            return f"{len(links)}団体に新しく確認を依頼しました。", links
        case "reissue":
            row = get_object_or_404(meeting.remark_requests, pk=_number(request, "request"))
            token = lifecycle.reissue(row)
            return f"{row.organization}のリンクを発行し直しました。", [(row.organization, token)]
        case "accept" | "refuse" as step:
            rows = Remark.objects.filter(request__meeting=meeting)
            remark = get_object_or_404(rows, pk=_number(request, "remark"))
            lifecycle.decide(remark, user, accept=step == "accept", seen=request.POST.get("seen", ""))
            done = "反映しました" if step == "accept" else "見送りました"
            return f"{remark.request.organization}の申し出を{done}。", []
        case _:
            raise ValidationError("操作を選び直してください。")


def _number(request: HttpRequest, name: str) -> int:
    return whole_number(request.POST.get(name)) or 0


def summary(rows: list[Remark]) -> str:
    """What an organization has said so far, in a few words."""
    if not rows:
        return "未回答"
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.get_state_display()] = counts.get(row.get_state_display(), 0) + 1
    return "、".join(f"{label} {count}件" for label, count in counts.items())
