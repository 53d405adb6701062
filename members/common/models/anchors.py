"""Permanent ids for parts of records."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils.crypto import get_random_string

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # pragma: allowlist secret
SOURCE: ContextVar[random.Random | None] = ContextVar("anchor_source", default=None)


def new_anchor() -> str:
    """Make an id for a part of a record; it stays when items are renumbered or moved."""
    source = SOURCE.get()
    return "".join(source.choices(LETTERS, k=8)) if source else get_random_string(8, LETTERS)


@contextmanager
def anchors_from(seed: str) -> Iterator[None]:
    """Draw the same ids in the same order: what was tried and taken back is made again as it was shown.

    An id is a name, no secret: ``seed`` need only be another for each trial.
    """
    token = SOURCE.set(random.Random(seed))  # noqa: S311
    try:
        yield
    finally:
        SOURCE.reset(token)
