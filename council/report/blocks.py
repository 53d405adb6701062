"""What a report is made of: chapters of typed blocks, which every renderer maps to its own form.

A renderer has one table from block types to functions or templates; a test fails where one is
missing, so that no part of a report is forgotten in a format.
"""

from dataclasses import dataclass

from council.report.build import MeetingRecord, Report, Roster
from council.report.charts import TopicChart, topic_charts
from council.report.counts import FigureDetail
from council.report.trends import Trend
from council.writing.prose import Paragraph
from surveys.results.indicator_tallies import Tally


@dataclass(frozen=True, slots=True)
class Block:
    """One thing that a report says, in one form."""


@dataclass(frozen=True, slots=True)
class Figures(Block):
    """The year's figures, and what must be said of their data."""

    figures: tuple[Tally, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation(Block):
    """The grade that the council gives its year's work; ``is_explained`` where reasons follow."""

    sentence: str
    is_explained: bool


@dataclass(frozen=True, slots=True)
class Prose(Block):
    """What staff wrote, with the figures it quotes."""

    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Members(Block):
    """The year's roster."""

    roster: Roster


@dataclass(frozen=True, slots=True)
class Meetings(Block):
    """When the council met, about what, and how many took part."""

    meetings: tuple[MeetingRecord, ...]


@dataclass(frozen=True, slots=True)
class Minutes(Block):
    """What was said and decided, meeting by meeting."""

    meetings: tuple[MeetingRecord, ...]


@dataclass(frozen=True, slots=True)
class Charts(Block):
    """Topics on their scale, one chart for each grid question."""

    charts: tuple[TopicChart, ...]


@dataclass(frozen=True, slots=True)
class Counts(Block):
    """The tallies behind one figure; on the web they stand on the figure's own page."""

    name: str
    detail: FigureDetail


@dataclass(frozen=True, slots=True)
class Trends(Block):
    """The figures of a year beside those of earlier years."""

    rows: tuple[tuple[Tally, Trend], ...]
    year: int


BLOCKS: tuple[type[Block], ...] = (
    Figures,
    Evaluation,
    Prose,
    Members,
    Meetings,
    Minutes,
    Charts,
    Counts,
    Trends,
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading with what stands below it; the report's own sections are numbered."""

    anchor: str
    heading: str
    blocks: tuple[Block, ...]
    number: int | None = None


def chapters(report: Report) -> tuple[Chapter, ...]:
    """A report in the order in which it is read."""
    lead = (Chapter("figures", "主な指標", (Figures(report.figures, report.provenance_notes),)),)
    return (
        *(lead if report.figures else ()),
        *section_chapters(report),
        *(
            Chapter("charts", f"項目ごとの回答：{chart.question}", (Charts((chart,)),))
            for chart in topic_charts(report)
        ),
        *detail_chapters(report),
        *trend_chapters(report),
    )


def section_chapters(report: Report) -> tuple[Chapter, ...]:
    """The sections as staff ordered them, each with what is computed beside its prose."""
    computed: dict[str, Block] = {
        "members": Members(report.roster),
        "meetings": Meetings(report.meetings),
        "discussion": Minutes(report.meetings),
    }
    found = []
    for section in report.sections:
        blocks: list[Block] = []
        if section.kind == "self_evaluation" and report.grade_sentence:
            blocks.append(Evaluation(report.grade_sentence, is_explained=bool(section.paragraphs)))
        blocks.append(Prose(section.paragraphs))
        if section.kind in computed:
            blocks.append(computed[section.kind])
        found.append(Chapter(section.kind, section.heading, tuple(blocks), section.number))
    return tuple(found)


def trend_chapters(report: Report) -> tuple[Chapter, ...]:
    rows = tuple((figure, trend) for figure in report.figures if (trend := report.trend(figure.key)))
    return (Chapter("trends", "年度ごとの推移", (Trends(rows, report.year),)),) if rows else ()


def detail_chapters(report: Report) -> tuple[Chapter, ...]:
    found = []
    for detail in report.details:
        figure = report.figure(detail.key)
        name = figure.name if figure else detail.key
        found.append(Chapter(f"counts-{detail.key}", f"集計表：{name}", (Counts(name, detail),)))
    return tuple(found)
