"""What of a meeting's minutes is one body's: what it said, what answers it, what it is to do."""

from meetings.minutes.naming import is_named
from meetings.models import Meeting, MinuteEntry
from meetings.record.word import write_record
from members.models import Organization


def excerpt(meeting: Meeting, organization: Organization) -> list[MinuteEntry]:
    """The body's entries in order, with the answers right behind its questions; numbers stay as they are."""
    entries = meeting.minute_entries.select_related("department").order_by("position", "pk")
    chosen: list[MinuteEntry] = []
    asks = False
    for entry in entries:
        if entry.department is None:
            is_own = is_named(organization, entry.speaker_name)
        else:
            is_own = entry.department.organization_id == organization.pk
        answers = asks and entry.kind == MinuteEntry.Kind.ANSWER
        asks = answers or (is_own and entry.kind == MinuteEntry.Kind.QUESTION)
        if is_own or answers or is_named(organization, entry.owner):
            chosen.append(entry)
    return chosen


def write_excerpt(meeting: Meeting, organization: Organization) -> bytes:
    """One body's part of the record as a Word file."""
    attendances = meeting.attendances.filter(organization=organization).exclude(status="").with_names()
    return write_record(
        meeting,
        entries=excerpt(meeting, organization),
        attendances=list(attendances.select_related("organization")),
        materials=[],
        excerpt_of=organization.name,
    )
