"""What the app asks those above it."""

from django.dispatch import Signal

# Sent with ``meeting`` when its public page is drawn; a receiver returns a note for its head, or None.
meeting_shown = Signal()
