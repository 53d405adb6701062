"""A record's minutes below the items of its agenda, as the page prints them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from meetings.agenda.printing import number_agenda
from meetings.models import AgendaItem, MinuteEntry

# The section's own heading is an h2.
TOP = 3
DEEPEST = 6


@dataclass(slots=True)
class Part:
    """One heading of the minutes and what stands below it; ``depth`` is that of its heading."""

    heading: str
    number: str = ""
    item: AgendaItem | None = None
    depth: int = TOP
    entries: list[MinuteEntry] = field(default_factory=list)
    # An item of business to which no entry is linked.
    is_silent: bool = False


def by_item(items: Iterable[AgendaItem], entries: Iterable[MinuteEntry]) -> list[Part]:
    """The minutes by item, in the agenda's order; empty where no entry names an item.

    Every entry stands in exactly one part. What names no item stands behind the part of the entry
    before it, as it was said then. Items without entries keep their place, so that nobody looks
    for what was never written; headings stand where something is below them.
    """
    spoken: dict[int, list[MinuteEntry]] = {}
    loose: dict[int | None, list[MinuteEntry]] = {}
    last = None
    for entry in entries:
        if entry.agenda_item_id:
            last = entry.agenda_item_id
            spoken.setdefault(last, []).append(entry)
        else:
            loose.setdefault(last, []).append(entry)
    if not spoken:
        return []
    parts = [Part("会議全体", entries=loose[None])] if None in loose else []
    for part in of_agenda(list(items), spoken):
        parts.append(part)
        if part.item and part.item.pk in loose:
            heading = f"議題を特定しない記録（「{part.heading}」の後）"
            parts.append(Part(heading, depth=part.depth, entries=loose[part.item.pk]))
    return parts


def of_agenda(items: list[AgendaItem], spoken: dict[int, list[MinuteEntry]]) -> list[Part]:
    """A part for each line of the agenda that is business, has entries, or has such lines below it."""
    parts: list[Part] = []
    level_below = 0
    # From the end: whether something stands below a line is known when it is reached.
    for number, item in reversed(number_agenda(items)):
        has_below = level_below > item.level
        entries = spoken.get(item.pk, [])
        if entries or has_below or item.kind == AgendaItem.Kind.ITEM:
            is_silent = not entries and not has_below
            parts.append(Part(item.title, number, item, item.level, entries, is_silent))
            level_below = item.level
        else:
            level_below = min(level_below, item.level)
    return with_depths(parts[::-1])


def with_depths(parts: list[Part]) -> list[Part]:
    """The same with depths of headings that leave none out, however lines were indented."""
    depth = TOP - 1
    for part in parts:
        part.depth = depth = min(TOP + part.depth, depth + 1, DEEPEST)
    return parts
