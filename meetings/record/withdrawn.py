"""The note that stands where a meeting's withdrawn record was."""

from typing import Any

from meetings.models import Meeting
from members.models import CouncilYear


def note_of_meeting(slug: str, year: int, number: int, **parts: Any) -> tuple[str, str] | None:
    """What was withdrawn at a meeting's address, and the note; None where nothing was."""
    meeting = (
        Meeting.objects.filter(
            council_year__in=CouncilYear.objects.public(),
            council_year__council__slug=slug,
            council_year__year=year,
            number=number,
            withdrawn_at__isnull=False,
        )
        .select_related("council_year__council")
        .first()
    )
    return (str(meeting), meeting.withdrawal_note) if meeting else None
