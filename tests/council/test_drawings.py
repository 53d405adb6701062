"""What the files draw: the page's drawings, in words for who does not see them, and nothing unknown."""

import io
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from docx import Document
from pypdf import PdfReader

from council.models import AnnualReport
from council.renderers.drawings import draw_answers, draw_share, draw_topic, draw_years
from council.renderers.fonts import PdfUnavailable
from council.renderers.pdf import write_pdf
from council.renderers.word import write_word
from council.report.build import Report, build_report
from council.report.charts import TopicBar
from council.report.trends import Trend, TrendPoint
from members.models import CouncilYear
from surveys.results.disclosure import stack
from tests.publishing import printed

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(fy2020: CouncilYear) -> Report:
    """The real year, with made-up attendance and two made-up years before it."""
    built = build_report(AnnualReport.objects.select_related("council_year__council", "grade").get())
    figure = built.figures[0]
    points = tuple(
        TrendPoint(year, f"{percent}%", f"28市町中{count}市町", percent, 1)
        for year, percent, count in ((2018, 32, 9), (2019, 50, 14))
    )
    meetings = tuple(replace(meeting, attended=21, invited=29) for meeting in built.meetings)
    return replace(built, meetings=meetings, trends=(Trend(figure.key, points),))


def pictures_of(file: bytes) -> list[tuple[str, int]]:
    """Each picture of a Word file: its words, and how many bytes it is drawn in."""
    document: Any = Document(io.BytesIO(file))
    found = []
    for shape in document.element.body.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}blip"):
        part = document.part.related_parts[
            shape.get("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed")
        ]
        inline = next(each for each in shape.iterancestors() if each.tag.endswith("}inline"))
        found.append((inline.docPr.get("descr"), len(part.blob)))
    return found


def test_word_holds_the_drawings_as_pictures_with_words(report: Report) -> None:
    pictures = pictures_of(write_word(printed(report)))
    words = [told for told, _ in pictures]
    assert "28市町中24市町" in words
    assert "2018年度 32%、2019年度 50%、2020年度 86%" in words
    assert "29団体中21団体" in words
    assert any(told.endswith("指標で数えるのは24") for told in words)
    assert all(size > 90 for _, size in pictures)


def test_word_says_it_in_marks_where_the_server_cannot_draw(report: Report) -> None:
    with mock.patch("council.renderers.drawings.fonts", side_effect=PdfUnavailable("なし")):
        file = write_word(printed(report))
    assert pictures_of(file) == []
    document = Document(io.BytesIO(file))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "■" * 14 + "\n" + "■" * 10 + "□" * 4 in cells


def test_pdf_tells_its_drawings_in_words(report: Report) -> None:
    reader: Any = PdfReader(io.BytesIO(write_pdf(printed(report))))
    told = list(alternatives(reader.trailer["/Root"]["/StructTreeRoot"]))
    assert "2018年度 32%、2019年度 50%、2020年度 86%" in told
    assert any(words.endswith("指標で数えるのは24") for words in told)


def alternatives(node: Any) -> Any:
    """The words of every figure in a PDF's structure."""
    if isinstance(node, list):
        for each in node:
            yield from alternatives(each.get_object())
        return
    if not hasattr(node, "get"):
        return
    if "/Alt" in node:
        yield str(node["/Alt"])
    if "/K" in node:
        yield from alternatives(node["/K"])


def test_nothing_unknown_or_withheld_is_drawn(report: Report) -> None:
    table = next(table for detail in report.details for table in detail.tables if draw_answers(table))
    secret = tuple(replace(row, count=None) for row in table.rows)
    assert draw_answers(replace(table, rows=secret)) is None
    assert draw_answers(replace(table, unanswered=None)) is None
    withheld = TopicBar(table, stack([(row.label, None) for row in table.rows], table.base))
    assert draw_topic(withheld).words == "非公表"
    assert draw_topic(withheld).data == {"parts": []}
    figure = report.figures[0]
    assert draw_years(figure, Trend(figure.key, ()), report.year) is None


def test_years_that_cannot_be_compared_are_not_joined(report: Report) -> None:
    figure, (trend,) = report.figures[0], report.trends
    broken = replace(trend, points=(trend.points[0], replace(trend.points[1], breaks=("問の文言が違う",))))
    joined, apart = (draw_years(figure, each, report.year) for each in (trend, broken))
    assert joined
    assert apart
    assert (len(joined.data["joins"]), len(apart.data["joins"])) == (2, 1)


def test_a_share_in_marks_is_as_long_as_it_is() -> None:
    assert [draw_share(percent, "").marks.count("■") for percent in (None, 0, 50, 86, 100)] == [
        0,
        0,
        5,
        9,
        10,
    ]
