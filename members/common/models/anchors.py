"""Permanent ids for parts of records."""

from django.utils.crypto import get_random_string


def new_anchor() -> str:
    """Make an id for a part of a record; it stays when items are renumbered or moved."""
    return get_random_string(8, "abcdefghjkmnpqrstuvwxyz23456789")
