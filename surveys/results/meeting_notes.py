"""What a meeting's page says of the surveys that were about it."""

from typing import Any

from meetings.models import Meeting
from meetings.signals import Note
from surveys.models import Survey


def note_of_results(meeting: Meeting, **kwargs: Any) -> Note | None:
    """The public results of the survey after a meeting; of several the newest (one query)."""
    found = (
        Survey.objects.public()
        .filter(after_meeting=meeting)
        .select_related("council_year__council")
        .order_by("-closes_at", "-pk")
        .first()
    )
    if found is None:
        return None
    return Note(
        "この会議の後のアンケートの集計結果を公開しています。",
        f"「{found.title}」の結果を見る",
        found.get_absolute_url(),
    )
