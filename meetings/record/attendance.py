"""Filling in who took part: from what bodies said beforehand, from last time, or all at once.

What is recorded already stays; only rows that say nothing are filled.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from meetings.models import Attendance, Meeting


@dataclass
class Filled:
    """What was filled in, and whom it could not be for."""

    count: int = 0
    # Bodies that took part last time and stand in this year's roster no more.
    gone: list[str] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True)
class Group:
    """Bodies that took part in one way, as the record prints them."""

    label: str
    names: list[str]
    # Of all of them together; None where that is not known of each.
    people: int | None

    @property
    def title(self) -> str:
        """「出席（24団体・41名）」."""
        people = f"・{self.people}名" if self.people else ""
        return f"{self.label}（{len(self.names)}団体{people}）"


def grouped(attendances: Iterable[Any], *, unset: str = "") -> list[Group]:
    """The rows by how bodies took part, every way of it; ``unset`` names those nothing is known of yet."""
    labels = [*Attendance.Status.labels, *([unset] if unset else [])]
    rows: dict[str, list[Any]] = {label: [] for label in labels}
    for row in attendances:
        rows[row.get_status_display() if row.status else unset].append(row)
    return [
        Group(
            label,
            [row.shown_name for row in found],
            sum(row.people_count for row in found) if all(row.people_count for row in found) else None,
        )
        for label, found in rows.items()
    ]


def fill(meeting: Meeting, statuses: dict[int, str]) -> Filled:
    """Record how bodies took part, where nothing is recorded yet."""
    meeting.prefill_attendance()
    rows = [row for row in meeting.attendances.filter(status="") if statuses.get(row.organization_id)]
    for row in rows:
        # One by one, so that the trail has each.
        row.status = statuses[row.organization_id]
        row.save()
    return Filled(len(rows))


def from_replies(meeting: Meeting) -> Filled:
    """As bodies said beforehand at their desks."""
    replies = {reply.organization_id: reply for reply in meeting.attendance_replies.all()}
    filled = fill(meeting, {pk: reply.status for pk, reply in replies.items()})
    for row in meeting.attendances.filter(organization__in=replies, people="", people_count=None):
        names = [line.strip() for line in replies[row.organization_id].people.splitlines() if line.strip()]
        if names and row.status != Attendance.Status.ABSENT:
            row.people, row.people_count = "\n".join(names), len(names)
            row.save()
    return filled


def all_present(meeting: Meeting) -> Filled:
    """Everybody on the roster; who came by screen or not at all is changed by hand."""
    status = Attendance.Status.ONLINE if meeting.mode == Meeting.Mode.ONLINE else Attendance.Status.PRESENT
    meeting.prefill_attendance()
    return fill(meeting, dict.fromkeys(meeting.attendances.values_list("organization_id", flat=True), status))


def as_last_time(meeting: Meeting) -> Filled:
    """As at the council's meeting before, for those who are on this year's roster."""
    before = last_held(meeting)
    if before is None:
        return Filled(problem="出席状況を記録した前の会議がありません。")
    recorded = before.attendances.exclude(status="").with_names()
    statuses = dict(recorded.values_list("organization_id", "status"))
    filled = fill(meeting, statuses)
    here = set(meeting.attendances.values_list("organization_id", flat=True))
    filled.gone = [row.printed_name for row in recorded if row.organization_id not in here]
    return filled


def last_held(meeting: Meeting) -> Meeting | None:
    """The council's latest meeting before this one whose attendance is recorded."""
    earlier = Meeting.objects.filter(
        council_year__council=meeting.council_year.council_id, held_on__lte=meeting.held_on
    ).exclude(pk=meeting.pk)
    recorded = earlier.exclude(status=Meeting.Status.CANCELLED).filter(attendances__status__gt="")
    return recorded.order_by("-held_on", "-number").distinct().first()


WAYS = {"all": all_present, "last": as_last_time, "replies": from_replies}
