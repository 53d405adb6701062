"""A figure as a picture: where each mark stands, for whichever renderer draws it.

Nothing is drawn that is not known: one mark is one body, and a bar has all its parts or is none.
"""

from dataclasses import dataclass

from council.report.counts import CountTable
from council.report.trends import Trend
from surveys.models import Question
from surveys.results.disclosure import Segment, stack
from surveys.results.indicator_tallies import Tally

# More marks are no picture of single bodies any more; a share is a bar then.
MOST_CELLS = 200
STEP, CELL = 12, 10
# Rows of so many marks are counted at a glance, and fit on a phone.
WIDEST, NARROWEST = 14, 7


@dataclass(frozen=True, slots=True)
class Cell:
    """One body: where its mark stands, and whether it counts."""

    x: int
    y: int
    is_counted: bool


@dataclass(frozen=True, slots=True)
class CellField:
    """All bodies of a figure's base, those that count before the others; none is named."""

    count: int
    base: int
    columns: int

    @property
    def rows(self) -> int:
        return -(-self.base // self.columns)

    @property
    def width(self) -> int:
        return self.columns * STEP - (STEP - CELL)

    @property
    def height(self) -> int:
        return self.rows * STEP - (STEP - CELL)

    @property
    def cells(self) -> list[Cell]:
        return [
            Cell(place % self.columns * STEP, place // self.columns * STEP, place < self.count)
            for place in range(self.base)
        ]

    @property
    def lines(self) -> list[str]:
        """The same in marks, row by row, for a file without pictures."""
        marks = "■" * self.count + "□" * (self.base - self.count)
        return [marks[start : start + self.columns] for start in range(0, self.base, self.columns)]


def cell_field(count: int, base: int) -> CellField | None:
    """The field of a figure; None where there are no bodies, or too many to be seen singly."""
    if not 0 < base <= MOST_CELLS or not 0 <= count <= base:
        return None
    even = [width for width in range(WIDEST, NARROWEST - 1, -1) if base % width == 0]
    return CellField(count, base, min(even[0] if even else WIDEST, base))


@dataclass(frozen=True, slots=True)
class Bracket:
    """What counts of a bar: from where to where, and how many bodies that are."""

    start: float
    width: float
    count: int

    @property
    def middle(self) -> float:
        return self.start + self.width / 2

    @property
    def end(self) -> float:
        return self.start + self.width


@dataclass(frozen=True, slots=True)
class ShareBar:
    """All answers to a question as one bar, and a bracket over each run of choices that count."""

    segments: tuple[Segment, ...]
    brackets: tuple[Bracket, ...]


def share_bar(table: CountTable) -> ShareBar | None:
    """The bar of a question with one answer each; None where a part of it is not known or not told."""
    counts = [row.count for row in table.rows]
    if table.kind != Question.Kind.SINGLE or not table.base or table.unanswered is None or None in counts:
        return None
    segments = stack([(row.label, row.count) for row in table.rows], table.base, table.not_asked)
    if sum(segment.count for segment in segments) != table.base:
        return None
    counted = {row.label for row in table.rows if row.is_counted}
    brackets: list[Bracket] = []
    is_open = False
    for segment in segments:
        if segment.label not in counted:
            is_open = False
        elif is_open:
            last = brackets.pop()
            brackets.append(Bracket(last.start, last.width + segment.width, last.count + segment.count))
        else:
            brackets.append(Bracket(segment.start, segment.width, segment.count))
            is_open = True
    return ShareBar(segments, tuple(brackets))


# A year's width in a line of years, and the height that stands for 100%.
YEAR, HIGH, EDGE = 72, 60, 28


@dataclass(frozen=True, slots=True)
class TrendMark:
    """One year's value; ``end`` is where the line to the next year's leads, None where nothing joins them."""

    year: int
    percent: int
    x: int
    y: int
    end: tuple[int, int] | None = None

    @property
    def label_y(self) -> int:
        """Above its mark, and below it where there is no room."""
        return self.y - 7 if self.y > EDGE - 8 else self.y + 17


@dataclass(frozen=True, slots=True)
class TrendLine:
    """A figure over the years; years that cannot be compared are not joined."""

    marks: tuple[TrendMark, ...]

    @property
    def width(self) -> int:
        return max(mark.x for mark in self.marks) + YEAR // 2

    @property
    def height(self) -> int:
        return HIGH + 2 * EDGE

    @property
    def floor(self) -> int:
        return HIGH + EDGE


def trend_line(trend: Trend, figure: Tally, year: int) -> TrendLine | None:
    """The line of a figure up to its own year; None of fewer than two known values."""
    rows = [(point.year, point.percent, point.breaks) for point in trend.points]
    return line_through([*rows, (year, figure.percent, trend.breaks)])


def line_through(rows: list[tuple[int, int | None, tuple[str, ...]]]) -> TrendLine | None:
    """The line through years, each with its percent and with what broke since the one before."""
    known = [(year, percent, breaks) for year, percent, breaks in rows if percent is not None]
    if len(known) < 2:
        return None
    first = known[0][0]
    places = [
        ((row[0] - first) * YEAR + YEAR // 2, EDGE + round(HIGH * (100 - row[1]) / 100)) for row in known
    ]
    marks = []
    for at, (this_year, percent, _) in enumerate(known):
        after = known[at + 1] if at + 1 < len(known) else None
        is_joined = after is not None and after[0] == this_year + 1 and not after[2]
        x, y = places[at]
        marks.append(TrendMark(this_year, percent, x, y, places[at + 1] if is_joined else None))
    return TrendLine(tuple(marks))
