"""How a meeting's agenda is printed: its numbers, its depth, who speaks and when.

One mechanism for pages, report, Word, PDF, open data and the editor, so that an item
is called the same wherever somebody cites it.
"""

from collections.abc import Iterable
from datetime import time
from typing import Protocol, TypeVar


class Printable(Protocol):
    """A line of an agenda, of the database or of a report's edition."""

    @property
    def label(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def level(self) -> int: ...


Row = TypeVar("Row", bound=Printable)


def number_agenda(rows: Iterable[Row]) -> list[tuple[str, Row]]:
    """Each line with the number printed before it.

    An office's own numbers are printed as they are. Where an agenda has none at all, its
    items are counted from 1; headings and the opening or closing have no number then.
    """
    lines = list(rows)
    if any(row.label for row in lines):
        return [(row.label, row) for row in lines]
    numbered, number = [], 0
    for row in lines:
        is_counted = row.kind == "item"
        number += is_counted
        numbered.append((str(number) if is_counted else "", row))
    return numbered


def agenda_texts(rows: Iterable[Printable]) -> list[str]:
    """The agenda as lines of text, indented by a blank for each level: 「　（1）　電子申請について」."""
    return [
        "　" * row.level + "　".join(filter(None, (number, row.title))) for number, row in number_agenda(rows)
    ]


def time_words(start: time | None, minutes: int | None) -> str:
    """When an item begins and how long it takes: 「13:40から（15分）」; empty where neither is known."""
    begins = f"{start:%H:%M}から" if start else ""
    if not minutes:
        return begins
    return f"{begins}（{minutes}分）" if begins else f"{minutes}分"
