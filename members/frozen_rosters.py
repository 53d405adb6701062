"""The years whose rosters the public reads from a published report, or not at all.

Reports stand above this app: theirs says so by :func:`register`. Without one every public year's
roster is read as it stands.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class FrozenRosters:
    """``years`` (of ``CouncilYear``) are not read as they stand; ``codes`` are of the bodies in editions."""

    years: QuerySet | None = None
    codes: frozenset[str] = frozenset()


_source: Callable[[], FrozenRosters] = FrozenRosters


def register(source: Callable[[], FrozenRosters]) -> None:
    """Tell from where frozen rosters are read."""
    global _source
    _source = source


def frozen_rosters() -> FrozenRosters:
    """Those that there are now."""
    return _source()
