"""The report as a web page: a template for each kind of block."""

from dataclasses import dataclass
from itertools import groupby

from council.report.blocks import (
    Block,
    Chapter,
    Charts,
    Counts,
    Evaluation,
    Figures,
    Meetings,
    Members,
    Minutes,
    Prose,
    Trends,
    chapters,
)
from council.report.build import Report
from council.report.charts import TopicChart
from council.report.points import Point, points

# Counts stand on their figure's own page, which each figure links to.
PAGE: dict[type[Block], str | None] = {
    Figures: "report/figures.html",
    Evaluation: "report/evaluation.html",
    Prose: "report/prose.html",
    Members: "report/members.html",
    Meetings: "report/meetings.html",
    Minutes: "report/minutes.html",
    Charts: "report/charts.html",
    Counts: None,
    Trends: "report/trends.html",
}


@dataclass(frozen=True, slots=True)
class ShownChapter:
    """A chapter with the template of each of its blocks."""

    anchor: str
    heading: str
    number: int | None
    parts: tuple[tuple[str, Block], ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The figures and the verdict before all else, then the chapters that the contents list."""

    lead: tuple[ShownChapter, ...]
    chapters: tuple[ShownChapter, ...]
    # The year's grade in a sentence, and the chapter that says why.
    verdict: str = ""
    verdict_anchor: str = ""
    # The report in three sentences.
    points: tuple[Point, ...] = ()


def report_page(report: Report) -> ReportPage:
    """A report as its template reads it."""
    shown = []
    for anchor, found in groupby(chapters(report), key=lambda chapter: chapter.anchor):
        chapter = together(list(found))
        parts = tuple((template, block) for block in chapter.blocks if (template := PAGE[type(block)]))
        if parts:
            shown.append(ShownChapter(anchor, chapter.heading, chapter.number, parts))
    graded = [
        (block.sentence, chapter.anchor)
        for chapter in shown
        for _, block in chapter.parts
        if isinstance(block, Evaluation)
    ]
    verdict, anchor = next(iter(graded), ("", ""))
    return ReportPage(
        tuple(chapter for chapter in shown if chapter.anchor == "figures"),
        tuple(chapter for chapter in shown if chapter.anchor != "figures"),
        verdict,
        anchor,
        points(report),
    )


def together(found: list[Chapter]) -> Chapter:
    """On the page all charts stand below one heading."""
    if found[0].anchor != "charts":
        return found[0]
    charts = [chart for chapter in found for block in chapter.blocks for chart in charts_of(block)]
    return Chapter("charts", "項目ごとの回答", (Charts(tuple(charts)),))


def charts_of(block: Block) -> tuple[TopicChart, ...]:
    return block.charts if isinstance(block, Charts) else ()
