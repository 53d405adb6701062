"""What a report draws in its files: each drawing as shapes for typst, in words, and in marks.

The shapes are those that the page draws from; a Word file takes them as pictures, or in
marks on a server that cannot draw.
"""

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docx.shared import Inches

from council.renderers.fonts import PdfUnavailable, fonts
from council.report.charts import GLYPHS, TopicBar
from council.report.counts import CountTable
from council.report.pictures import TrendLine, cell_field, share_bar, trend_line
from council.report.trends import Trend
from members.common.text.cleaning import printable
from surveys.results.disclosure import Segment
from surveys.results.indicator_tallies import Tally

TEMPLATE = Path(__file__).with_name("drawings_alone.typ")
# How fine a picture in a Word file is, in pixels per inch: sharp on paper.
FINENESS = 300
# How many marks stand for 100% in a file without pictures.
MARKS = 10


@dataclass(frozen=True)
class Drawing:
    """One drawing: which function of ``drawings.typ`` draws it from what, and how it reads."""

    kind: str
    data: dict[str, Any]
    words: str
    marks: str = ""

    @property
    def content(self) -> dict[str, Any]:
        return {"kind": self.kind, "data": self.data, "words": self.words}


def draw_share(percent: int | None, words: str) -> Drawing:
    """A share of the base as a bar."""
    filled = round((percent or 0) * MARKS / 100)
    marks = "■" * filled + "□" * (MARKS - filled)
    return Drawing("bar", {"percent": percent or 0}, words, marks)


def draw_bodies(figure: Tally) -> Drawing:
    """A mark for each body, those that count first; a bar where they are too many."""
    bodies = cell_field(figure.count, figure.base)
    if bodies is None:
        return draw_share(figure.percent, figure.of_base_text)
    data = {"columns": bodies.columns, "marks": [cell.is_counted for cell in bodies.cells]}
    return Drawing("cells", data, figure.of_base_text, "\n".join(bodies.lines))


def draw_topic(bar: TopicBar) -> Drawing:
    """A topic of a grid as a stacked bar."""
    parts = [{"width": part.width, "tone": part.tone} for part in bar.segments if part.width]
    words = "、".join(f"{part.label} {part.count}" for part in bar.segments if part.count)
    return Drawing("stack", {"parts": parts}, words or "非公表", bar.text_bar)


def draw_swatch(segment: Segment) -> Drawing:
    """A tone for a legend; its label stands beside it."""
    return Drawing("swatch", {"tone": segment.tone}, "", GLYPHS[segment.tone])


def draw_answers(table: CountTable) -> tuple[Drawing, list[Segment]] | None:
    """All answers to a question as one bar with a bracket over what counts, and the tones that are in it.

    None where a part of it is not known, or not told.
    """
    bar = share_bar(table)
    if bar is None:
        return None
    parts = [{"width": part.width, "tone": part.tone} for part in bar.segments if part.width]
    brackets = [{"start": each.start, "width": each.width} for each in bar.brackets]
    told = "、".join(f"{part.label} {part.count}" for part in bar.segments if part.count)
    counted = "と".join(str(each.count) for each in bar.brackets)
    words = f"{told}。指標で数えるのは{counted}" if counted else told
    drawing = Drawing("shares", {"parts": parts, "brackets": brackets}, words)
    return drawing, [segment for segment in bar.segments if segment.count]


def draw_years(figure: Tally, trend: Trend, year: int) -> Drawing | None:
    """A figure over the years as a line that joins only what can be compared; None of fewer than two."""
    line = trend_line(trend, figure, year)
    if line is None:
        return None
    words = "、".join(f"{mark.year}年度 {mark.percent}%" for mark in line.marks)
    return Drawing("years", years_data(line), words)


def years_data(line: TrendLine) -> dict[str, Any]:
    marks = [
        {"year": str(mark.year), "percent": mark.percent, "x": mark.x, "y": mark.y, "label": mark.label_y}
        for mark in line.marks
    ]
    joins = [[mark.x, mark.y, *mark.end] for mark in line.marks if mark.end]
    return {"width": line.width, "height": line.height, "floor": line.floor, "marks": marks, "joins": joins}


def draw_pictures(drawings: Iterable[Drawing]) -> list[bytes]:
    """Each as a PNG, all in one run; raises :class:`PdfUnavailable` without typst or a Japanese font."""
    wanted = [drawing.content for drawing in drawings]
    inputs = {"drawings": json.dumps(wanted, ensure_ascii=False), "font": ",".join(fonts())}
    if not wanted:
        return []
    import typst

    drawn = typst.compile(TEMPLATE, format="png", ppi=float(FINENESS), sys_inputs=inputs)
    return [bytes(each) for each in drawn] if isinstance(drawn, list) else [bytes(drawn)]


@dataclass
class Pictures:
    """The pictures of a Word file: asked for while it is written, drawn together at the end."""

    asked: list[tuple[Any, Drawing]] = field(default_factory=list)

    def put(self, paragraph: Any, drawing: Drawing) -> None:
        """Keep a place for a drawing at the end of what a paragraph says."""
        self.asked.append((paragraph.add_run(), drawing))

    def place(self) -> None:
        """Put each picture into its place with its words; its marks where this server cannot draw."""
        different = {json.dumps(drawing.content): drawing for _, drawing in self.asked}
        try:
            drawn = dict(zip(different, draw_pictures(different.values()), strict=True))
        except PdfUnavailable:
            for run, drawing in self.asked:
                run.text = drawing.marks
            return
        for run, drawing in self.asked:
            picture = drawn[json.dumps(drawing.content)]
            # A PNG's head tells how many pixels it is wide.
            width = Inches(int.from_bytes(picture[16:20], "big") / FINENESS)
            shape = run.add_picture(io.BytesIO(picture), width=width)
            properties = shape._inline.docPr
            properties.set("name", "図")
            properties.set("descr", printable(drawing.words))
