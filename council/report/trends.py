"""One figure over the years: an indicator is the same one wherever it has the same key.

What breaks a series is told, not smoothed: another wording, other counted choices, another base.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from council.report.counts import FigureDetail
from surveys.results.indicator_tallies import Tally


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A figure's value in one year, as the edition ``edition`` of that year's report says."""

    year: int
    percent_text: str
    of_base_text: str
    percent: int | None
    edition: int
    # What makes it hard to compare with the year before it.
    breaks: tuple[str, ...] = ()

    @property
    def share_text(self) -> str:
        return f"{self.percent_text}（{self.of_base_text}）"


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure's values of earlier years, the oldest first.

    ``breaks`` tells what makes the report's own year hard to compare with the last of them.
    """

    key: str
    points: tuple[TrendPoint, ...]
    breaks: tuple[str, ...] = ()

    def of_year(self, year: int) -> TrendPoint | None:
        return next((point for point in self.points if point.year == year), None)


@dataclass(frozen=True, slots=True)
class Observation:
    """A figure with its tables in one year's edition."""

    year: int
    edition: int
    tally: Tally
    detail: FigureDetail


def points_of(observations: Iterable[Observation]) -> tuple[TrendPoint, ...]:
    """A series, each point with what broke since the one before it."""
    found: list[TrendPoint] = []
    before: Observation | None = None
    for each in sorted(observations, key=lambda row: row.year):
        tally = each.tally
        found.append(
            TrendPoint(
                each.year,
                tally.percent_text,
                tally.of_base_text,
                tally.percent,
                each.edition,
                breaks(before, each) if before else (),
            )
        )
        before = each
    return tuple(found)


def breaks(before: Observation, after: Observation) -> tuple[str, ...]:
    """Why two years of a figure are not simply comparable."""
    found = []
    if after.year != before.year + 1:
        found.append("間の年度の値がない")
    if questions(before.detail) != questions(after.detail):
        found.append("設問の文が変わった")
    if counted(before.detail) != counted(after.detail):
        found.append("数える選択肢が変わった")
    if (before.tally.base, before.tally.unit) != (after.tally.base, after.tally.unit):
        found.append(
            f"母数が変わった（{before.tally.base}{before.tally.unit}→{after.tally.base}{after.tally.unit}）"
        )
    return tuple(found)


def questions(detail: FigureDetail) -> set[tuple[str, str]]:
    return {(table.question, table.topic) for table in detail.tables}


def counted(detail: FigureDetail) -> set[str]:
    return {row.label for table in detail.tables for row in table.rows if row.is_counted}
