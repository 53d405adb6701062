"""What of a meeting's minutes is one body's: what it said, what answers it, what it is to do."""

import re

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


def is_named(organization: Organization, text: str) -> bool:
    """Whether a list of names has this body's, alone or before a section's own name.

    Another body's name may begin with it: 三重県市町総合事務組合 is not 三重県.
    """
    sections = [department.name for department in organization.departments.all()]
    return any(
        part == organization.name
        or (part.startswith(organization.name) and is_section(part.removeprefix(organization.name), sections))
        for part in map(str.strip, re.split("[、,・]", text))
    )


# A section by its look, registered or not; 市町 within it is another body's name.
SECTION = re.compile(r"[^市町村区県]{1,20}(?:課|室|係|部|班|局|担当|センター)")


def is_section(rest: str, sections: list[str]) -> bool:
    """Whether what follows a body's name is one of its sections, or set apart from the name."""
    is_known = any(rest.startswith(name) for name in sections)
    return is_known or rest[:1] in {" ", "　", "（", "("} or bool(SECTION.fullmatch(rest))


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
