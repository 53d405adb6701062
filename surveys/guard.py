"""The small-group guard: what a public breakdown must not tell of a few bodies.

A group with fewer answers than the minimum is left out. Where the groups left out
could be worked out from the total, the next smallest group is left out with them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from surveys.results import GroupTally


@dataclass(frozen=True, slots=True)
class GuardedGroup:
    """One group of a breakdown; ``counts`` is None where it is left out."""

    kind: str
    answered: int | None
    counts: tuple[int, ...] | None


def guard(groups: Iterable[GroupTally], minimum: int) -> tuple[GuardedGroup, ...]:
    """Leave out small groups, and as many more as it takes to protect them."""
    groups = tuple(groups)
    hidden = {group.kind for group in groups if 0 < group.answered < minimum}
    while hidden:
        together = sum(group.answered for group in groups if group.kind in hidden)
        if len(hidden) > 1 and together >= minimum:
            break
        shown = [group for group in groups if group.kind not in hidden and group.answered]
        if not shown:
            break
        hidden.add(min(shown, key=lambda group: group.answered).kind)
    return tuple(
        GuardedGroup(group.kind, None, None)
        if group.kind in hidden
        else GuardedGroup(group.kind, group.answered, group.counts)
        for group in groups
    )
