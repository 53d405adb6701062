"""What the app asks those above it."""

from dataclasses import dataclass

from django.dispatch import Signal


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence at the head of a meeting's page, with the page that it speaks of."""

    text: str
    link: str
    address: str


# Sent with ``meeting`` when its public page is drawn; a receiver returns a note for its head, or None.
meeting_shown = Signal()
