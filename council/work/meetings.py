"""会議: what is planned, what was held without a record, what waits for approval or for an answer."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from council.work.items import Stage, Urgency
from council.work.people import Reader, scheduled
from meetings.models import AttendanceReply, Meeting, MinuteEntry, Remark
from meetings.record.publication import publication
from members.common.text.eras import format_date
from members.models import CouncilYear, Membership


def meeting_stages(years: Iterable[CouncilYear], reader: Reader) -> dict[int, Stage]:
    """Each year's meetings, by the year's id; one query."""
    years = list(years)
    entries = MinuteEntry.objects.filter(meeting=OuterRef("pk"))
    today = timezone.localdate()
    open_entries = MinuteEntry.objects.still_open().filter(meeting=OuterRef("pk"), due_on__lt=today)
    overdue = open_entries.order_by().values("meeting").annotate(n=Count("pk"))
    # Counted apart: rows of one kind would be multiplied by those of another.
    replies = counted(AttendanceReply.objects.filter(meeting=OuterRef("pk")), "meeting", "pk")
    bodies = Membership.objects.filter(council_year=OuterRef("council_year"))
    members = (
        bodies.order_by().values("council_year").annotate(n=Count("department__organization", distinct=True))
    )
    found = (
        Meeting.objects.filter(council_year__in=[year.pk for year in years])
        .select_related("council_year__council", "requested_by", "proposal__proposed_by")
        .annotate(
            has_minutes=Exists(entries),
            remarks_in=Count(
                "remark_requests__remarks",
                filter=Q(remark_requests__remarks__state=Remark.State.PENDING),
                distinct=True,
            ),
            overdue=Coalesce(Subquery(overdue.values("n")), 0),
            asked=Count("remark_requests", distinct=True),
            answered=Count(
                "remark_requests", filter=Q(remark_requests__remarks__isnull=False), distinct=True
            ),
            remarks_due=Max("remark_requests__due_on"),
            replied=Coalesce(Subquery(replies.values("n")), 0),
            members=Coalesce(Subquery(members.values("n")), 0),
            late=Count(
                "remark_requests",
                filter=Q(remark_requests__remarks=None, remark_requests__due_on__lt=today),
                distinct=True,
            ),
        )
        .order_by("number")
    )
    listed: dict[int, list[Meeting]] = {year.pk: [] for year in years}
    for meeting in found:
        listed[meeting.council_year_id].append(meeting)
    return {pk: meeting_stage(pk, rows, reader, today) for pk, rows in listed.items()}


def counted(rows: QuerySet[Any], of: str, what: str) -> QuerySet[Any]:
    """How many there are, as a query below another one's rows."""
    return rows.order_by().values(of).annotate(n=Count(what, distinct=True))


def meeting_stage(year: int, meetings: list[Meeting], reader: Reader, today: date) -> Stage:
    list_url = f"{reverse('admin:meetings_meeting_changelist')}?council_year={year}"
    stage = Stage("会議", url=list_url, is_begun=bool(meetings))
    if not meetings:
        if reader.writes_records:
            stage.add(
                Urgency.NEXT, "次第を貼り付けて最初の会議を作ります", reverse("admin:meetings_meeting_paste")
            )
        return stage
    held = [each for each in meetings if each.status == Meeting.Status.HELD]
    public = sum(each.has_public_record for each in held)
    cancelled = sum(each.status == Meeting.Status.CANCELLED for each in meetings)
    stage.summary = f"開催{len(held)}回・記録の公開{public}回{f'・中止{cancelled}回' if cancelled else ''}"
    tell_to_do(stage, meetings, today)
    for meeting in meetings:
        if meeting.status == Meeting.Status.PLANNED:
            tell_planned(stage, meeting, today)
        elif meeting.status == Meeting.Status.HELD:
            tell_record(stage, meeting, reader)
        tell_waiting(stage, meeting, reader)
    return stage


def tell_to_do(stage: Stage, meetings: list[Meeting], today: date) -> None:
    """What was to be done until a day that has passed."""
    if count := sum(meeting.overdue for meeting in meetings):  # type: ignore[attr-defined]
        url = reverse("admin:meetings_meeting_to-do")
        stage.add(Urgency.DUE, f"期限を過ぎた決定・今後の対応が{count}件あります", url)


def tell_planned(stage: Stage, meeting: Meeting, today: date) -> None:
    url = reverse("admin:meetings_meeting_change", args=[meeting.pk])
    named = f"{meeting.label}（{format_date(meeting.held_on)}）"
    if meeting.held_on < today:
        stage.add(
            Urgency.DUE, f"{named}が「開催予定」のままです。開催済みか中止にします", url, meeting.held_on
        )
    elif not meeting.is_announced:
        stage.add(Urgency.NEXT, f"{named}の開催案内を公開していません", url, meeting.held_on)
    else:
        stage.add(Urgency.WAITING, f"次は{named}です", url, meeting.held_on)
    if meeting.replies_due_on:
        told = f"{meeting.label}の出欠：{meeting.members}団体中{meeting.replied}団体が回答"  # type: ignore[attr-defined]
        is_late = meeting.replies_due_on < today and meeting.replied < meeting.members  # type: ignore[attr-defined]
        stage.add(Urgency.DUE if is_late else Urgency.WAITING, told, url, meeting.replies_due_on)


def tell_record(stage: Stage, meeting: Meeting, reader: Reader) -> None:
    """A meeting that was held, until its record is public."""
    if meeting.has_public_record or meeting.requested_by_id or meeting.publish_at:
        return
    if not meeting.has_minutes:  # type: ignore[attr-defined]
        url = reverse("admin:meetings_meeting_record", args=[meeting.pk])
        stage.add(Urgency.DUE, f"{meeting.label}の議事概要がありません", url, meeting.held_on)
        return
    url = reverse("admin:meetings_meeting_publication", args=[meeting.pk])
    if meeting.withdrawn_at:
        stage.add(Urgency.BLOCKED, f"{meeting.label}の記録は取り下げたままです", url)
    else:
        stage.add(Urgency.NEXT, f"{meeting.label}の記録は下書きです", url)


def tell_waiting(stage: Stage, meeting: Meeting, reader: Reader) -> None:
    """What waits for somebody: an approval, a correction, a remark, a schedule."""
    url = reverse("admin:meetings_meeting_publication", args=[meeting.pk])
    if meeting.publish_at:
        stage.add(*scheduled(f"{meeting.label}の記録", meeting), url)
    elif meeting.requested_by_id and not meeting.has_public_record:
        urgency, asked = reader.approval(meeting, publication.candidate(meeting).state)
        stage.add(urgency, f"{meeting.label}の記録：{asked}", url)
    if meeting.schedule_note:
        stage.add(Urgency.BLOCKED, f"{meeting.label}の公開の予約が取りやめになりました", url)
    proposal = getattr(meeting, "proposal", None)
    if proposal is not None:
        is_mine = reader.is_theirs_to_approve(meeting, proposal.proposed_by_id)
        who = f"（依頼：{proposal.proposed_by}）"
        stage.add(
            Urgency.MINE if is_mine else Urgency.WAITING,
            f"{meeting.label}の訂正が承認を待っています{who}",
            url,
        )
    remarks = reverse("admin:meetings_meeting_remarks", args=[meeting.pk])
    if count := meeting.remarks_in:  # type: ignore[attr-defined]
        stage.add(Urgency.DUE, f"{meeting.label}の発言内容に申し出が{count}件届いています", remarks)
    if (count := meeting.late) and not meeting.has_public_record:  # type: ignore[attr-defined]
        stage.add(
            Urgency.WAITING,
            f"{meeting.label}の発言の確認を期限までに回答していない団体が{count}あります",
            remarks,
        )
    elif (count := meeting.asked) and not meeting.has_public_record:  # type: ignore[attr-defined]
        told = f"{meeting.label}の発言の確認：{count}団体中{meeting.answered}団体が回答"  # type: ignore[attr-defined]
        stage.add(Urgency.WAITING, told, remarks, meeting.remarks_due)  # type: ignore[attr-defined]
