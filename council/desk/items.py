"""What stands on a body's desk: what waits for it, with the day, and what it has done."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from meetings.models import AttendanceReply, Material, Meeting, RemarkRequest
from members.common.text.eras import fiscal_year, format_date, format_time
from members.models import CouncilYear, Desk, Membership, RosterReply
from surveys.models import AnswerStatus, Survey, SurveyTarget

# A year's meetings and papers are looked up for a while; what is older is in the public record.
LATEST_MEETINGS = 20


@dataclass(frozen=True, slots=True)
class DeskItem:
    """One thing: what it is, of which council, how it stands, until when, and where it is done."""

    kind: str
    title: str
    council: str
    state: str
    url: str
    day: date | None = None
    until: str = ""
    is_waiting: bool = False
    action: str = ""


@dataclass(slots=True)
class DeskPage:
    """Everything that a desk shows."""

    waiting: list[DeskItem] = field(default_factory=list)
    others: list[DeskItem] = field(default_factory=list)
    papers: list[tuple[Meeting, list[Material]]] = field(default_factory=list)
    rosters: list["RosterEntry"] = field(default_factory=list)

    def add(self, items: list[DeskItem]) -> None:
        for item in items:
            (self.waiting if item.is_waiting else self.others).append(item)


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """A body's rows in the newest roster of a council, and what it has said of them."""

    council_year: CouncilYear
    rows: list[Membership]
    reply: RosterReply | None

    @property
    def is_waiting(self) -> bool:
        """Whether the secretariat took the entry over from the year before and nobody has checked it."""
        return self.reply is None and any(row.is_to_check for row in self.rows)


def read_desk(desk: Desk) -> DeskPage:
    """All of a desk, in a number of queries that does not grow with what stands on it."""
    page = DeskPage()
    page.add(survey_items(desk))
    page.add(remark_items(desk))
    page.add(meeting_items(desk))
    page.rosters = roster_entries(desk)
    page.add([roster_item(desk, entry) for entry in page.rosters if entry.is_waiting])
    page.papers = papers_of(desk)
    page.waiting.sort(key=lambda item: item.day or date.max)
    page.others.sort(key=lambda item: item.day or date.min, reverse=True)
    return page


def targets_of(desk: Desk) -> list[SurveyTarget]:
    """The surveys that ask this body, or have asked it."""
    targets = SurveyTarget.objects.for_answering().with_status().asked()
    return list(
        targets.filter(organization=desk.organization_id, survey__is_aggregate=False)
        .exclude(survey__status__in=Survey.NOT_ASKED)
        .order_by("-survey__closes_at", "pk")
    )


def survey_items(desk: Desk) -> list[DeskItem]:
    return [survey_item(desk, target) for target in targets_of(desk)]


def survey_item(desk: Desk, target: SurveyTarget) -> DeskItem:
    """A survey: to be answered, to be handed in again, or handed in."""
    status = AnswerStatus(target.status)  # type: ignore[attr-defined]
    is_waiting = target.is_accepting and status not in {AnswerStatus.SUBMITTED}
    submitted = getattr(target, "submission", None)
    state = str(status.label)
    if submitted is not None:
        state += f"（{format_time(submitted.submitted_at)}、受付番号 {target.receipt_number}）"
    elif not target.is_accepting:
        state = "提出しないまま受付を終了"
    return DeskItem(
        kind="アンケート",
        title=target.survey.title,
        council=str(target.survey.council_year),
        state=state,
        url=reverse("desk-survey", args=[desk.anchor, target.anchor]) if target.link_is_good else "",
        day=day_of(target.deadline),
        until=format_time(target.deadline) if target.deadline else "",
        is_waiting=is_waiting,
        action="回答する" if target.is_accepting else "受付票と回答を見る",
    )


def day_of(moment: datetime | None) -> date | None:
    return timezone.localtime(moment).date() if moment else None


def remark_items(desk: Desk) -> list[DeskItem]:
    """The confirmation rounds of minutes in which this body speaks."""
    requests = RemarkRequest.objects.filter(organization=desk.organization_id)
    requests = requests.select_related("meeting__council_year__council").prefetch_related("remarks")
    items = []
    for request in requests.order_by("-due_on", "pk"):
        is_answered = bool(request.remarks.all())
        state = "回答済み" if is_answered else "未回答" if request.is_open else "受付を終了"
        items.append(
            DeskItem(
                kind="発言内容の確認",
                title=request.meeting.label,
                council=str(request.meeting.council_year),
                state=state,
                url=reverse("desk-remarks", args=[desk.anchor, request.anchor])
                if request.link_is_good
                else "",
                day=request.due_on,
                until=format_date(request.due_on),
                is_waiting=request.is_open and not is_answered,
                action="確認する" if request.is_open else "見る",
            )
        )
    return items


def meeting_items(desk: Desk) -> list[DeskItem]:
    """The meetings that ask who comes."""
    replies = {
        reply.meeting_id: reply for reply in AttendanceReply.objects.filter(organization=desk.organization_id)
    }
    meetings = Meeting.objects.inviting(desk.organization).select_related("council_year__council")
    items = []
    for meeting in meetings:
        reply = replies.get(meeting.pk)
        state = f"「{reply.get_status_display()}」と回答済み" if reply else "未回答"
        items.append(
            DeskItem(
                kind="会議の出欠",
                title=f"{meeting.label}（{format_date(meeting.held_on)}）",
                council=str(meeting.council_year),
                state=state if reply or meeting.takes_replies else "回答の期限を過ぎました",
                url=reverse("desk-meeting", args=[desk.anchor, meeting.pk]),
                day=meeting.replies_due_on,
                until=format_date(meeting.replies_due_on),
                is_waiting=meeting.takes_replies and reply is None,
                action="回答する" if meeting.takes_replies else "見る",
            )
        )
    return items


def roster_entries(desk: Desk) -> list[RosterEntry]:
    """This body's rows in this year's roster of each council that it is in, and in one prepared for later.

    What is asked of this year's stays until the year is over, also where the next is made ready early.
    """
    rows = Membership.objects.filter(department__organization=desk.organization_id).in_roster_order()
    by_year: dict[int, list[Membership]] = defaultdict(list)
    years: dict[int, dict[int, CouncilYear]] = {}
    for row in rows.select_related("council_year__council", "department__organization"):
        by_year[row.council_year_id].append(row)
        years.setdefault(row.council_year.council_id, {})[row.council_year.year] = row.council_year
    replies = {
        reply.council_year_id: reply
        for reply in RosterReply.objects.filter(organization=desk.organization_id)
    }
    shown = [year for of_council in years.values() for year in current_of(of_council)]
    return [
        RosterEntry(year, by_year[year.pk], replies.get(year.pk))
        for year in sorted(shown, key=lambda year: (year.council.name, year.year))
    ]


def current_of(years: dict[int, CouncilYear]) -> list[CouncilYear]:
    """The newest year that has begun, and those to come."""
    this_year = fiscal_year(timezone.localdate())
    begun = max((year for year in years if year <= this_year), default=None)
    return [years[year] for year in years if year == begun or year > this_year]


def roster_item(desk: Desk, entry: RosterEntry) -> DeskItem:
    return DeskItem(
        kind="名簿の確認",
        title="検討メンバーの担当課と連絡先",
        council=str(entry.council_year),
        state="未確認",
        url=reverse("desk-roster", args=[desk.anchor, entry.council_year.pk]),
        is_waiting=True,
        action="確かめる",
    )


def papers_of(desk: Desk) -> list[tuple[Meeting, list[Material]]]:
    """The materials of the latest meetings that this body may see as a member."""
    materials = Material.objects.for_desks().filter(
        meeting__council_year__memberships__department__organization=desk.organization_id
    )
    materials = materials.select_related("meeting__council_year__council").prefetch_related("versions")
    found: dict[int, list[Material]] = defaultdict(list)
    meetings: dict[int, Meeting] = {}
    for material in materials.order_by("-meeting__held_on", "meeting", "position", "pk").distinct():
        found[material.meeting_id].append(material)
        meetings[material.meeting_id] = material.meeting
    return [(meeting, found[pk]) for pk, meeting in list(meetings.items())[:LATEST_MEETINGS]]
