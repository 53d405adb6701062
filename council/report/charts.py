"""The charts of a report that are more than one bar: topics by scale."""

from dataclasses import dataclass
from itertools import groupby

from council.report.build import Report
from council.report.counts import CountTable
from surveys.models import Question
from surveys.results.disclosure import Segment, stack

# How many marks a bar of text has in a file without pictures, and which, by choice.
MARKS = 20
GLYPHS = "■▦▨□◇○－・"


@dataclass(frozen=True, slots=True)
class TopicBar:
    """One topic of a grid with its stacked bar; shares are of the base, as in every table."""

    table: CountTable
    segments: tuple[Segment, ...]

    @property
    def topic(self) -> str:
        return self.table.topic

    @property
    def text_bar(self) -> str:
        """The bar in marks: the largest remainders get the marks that rounding leaves over."""
        whole = sum(segment.count for segment in self.segments)
        if not whole:
            return ""
        exact = [MARKS * segment.count / whole for segment in self.segments]
        marks = [int(share) for share in exact]
        order = sorted(range(len(exact)), key=lambda index: exact[index] - marks[index], reverse=True)
        for index in order[: MARKS - sum(marks)]:
            marks[index] += 1
        tones = [segment.tone for segment in self.segments]
        return "".join(GLYPHS[tone] * count for tone, count in zip(tones, marks, strict=True))


@dataclass(frozen=True, slots=True)
class TopicChart:
    """The topics of one grid question on its scale."""

    survey: str
    question: str
    bars: tuple[TopicBar, ...]

    @property
    def scale(self) -> tuple[Segment, ...]:
        """Every kind of segment in the bars, each once, for a legend."""
        found = {segment.label: segment for bar in self.bars for segment in bar.segments}
        return tuple(found.values())

    @property
    def choices(self) -> list[str]:
        """The scale's choices in order, for a table."""
        return [row.label for row in self.bars[0].table.rows]


def topic_charts(report: Report) -> tuple[TopicChart, ...]:
    """The public grid questions of the report's year, in their order."""
    grids = (table for table in report.results if table.kind == Question.Kind.GRID)
    charts = []
    for (survey, _), tables in groupby(grids, key=lambda table: (table.survey, table.key)):
        bars = tuple(
            TopicBar(
                table, stack([(row.label, row.count) for row in table.rows], table.base, table.not_asked)
            )
            for table in tables
        )
        charts.append(TopicChart(survey, bars[0].table.question, bars))
    return tuple(charts)
