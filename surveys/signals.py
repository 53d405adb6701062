"""What the app tells those above it."""

from django.dispatch import Signal

# Sent with ``survey`` before its results are published on their own; a receiver may refuse
# with a ``ValidationError``.
results_publishing = Signal()
