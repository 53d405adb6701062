"""Decisions and follow-ups are counted: 決定1, 決定2, 今後の対応1."""

from collections import Counter

from meetings.models import Meeting, MinuteEntry


def give_numbers(meeting: Meeting) -> None:
    """Count a meeting's decisions and follow-ups; the caller holds its lock.

    In order, until the record was public: from then on each keeps the number under which
    others may speak of it, a new one gets the next, and that of one taken out is not used again.
    """
    entries = list(meeting.minute_entries.filter(kind__in=MinuteEntry.NUMBERED).order_by("position", "pk"))
    was_public = meeting.record_published_at is not None
    last = used_numbers(meeting) if was_public else Counter[str]()
    for entry in entries:
        if was_public and entry.number:
            continue
        last[entry.kind] += 1
        if entry.number != last[entry.kind]:
            entry.number = last[entry.kind]
            entry.save(update_fields=["number"])


def used_numbers(meeting: Meeting) -> Counter[str]:
    """The highest number of each kind that this record has ever shown."""
    last: Counter[str] = Counter()
    for content in meeting.revisions.values_list("content", flat=True):
        for row in content["entries"]:
            last[row["kind"]] = max(last[row["kind"]], row.get("number", 0))
    return last
