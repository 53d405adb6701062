"""The report as a Word file that an office circulates and edits."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from council.renderers.drawings import (
    Pictures,
    draw_answers,
    draw_bodies,
    draw_share,
    draw_swatch,
    draw_topic,
    draw_years,
)
from council.renderers.text import (
    TREND_HEADERS,
    base_line,
    day_line,
    explained,
    left_out_line,
    linked,
    minute_paragraphs,
    trend_rows,
)
from council.report.blocks import (
    Block,
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
from council.report.build import MeetingRecord, Report, RosterOrganization
from council.report.charts import TopicChart
from council.report.counts import CountTable
from council.report.imprint import Imprint, Printed
from council.report.points import points
from meetings.agenda.printing import agenda_texts
from meetings.record.word import add_paragraphs
from members.common.text.cleaning import printable
from members.common.text.eras import format_date, format_fiscal_year
from surveys.results.disclosure import Segment

FONT, HEADING_FONT = "游明朝", "游ゴシック"


@dataclass(frozen=True)
class Writing:
    """What every part of the file is written with: which edition it is, and its pictures."""

    imprint: Imprint
    pictures: Pictures = field(default_factory=Pictures)


def write_word(printed: Printed) -> bytes:
    """Write the report on A4 with headings, tables whose heads repeat, page numbers, and its imprint."""
    report, imprint = printed.report, printed.imprint
    writing = Writing(imprint)
    document = Document()
    set_up(document, report)
    title = document.add_heading(level=0)
    title.add_run(printable(f"{format_fiscal_year(report.year)} {report.council}\n年次報告書"))
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if report.published_on:
        line = document.add_paragraph(f"公開日：{format_date(report.published_on)}")
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    edition = document.add_paragraph(printable(imprint.head))
    edition.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if report.notice:
        document.add_paragraph(printable(report.notice))
    if told := points(report):
        document.add_heading("要点", level=1)
        for point in told:
            document.add_paragraph(printable(point.text), style="List Bullet")
    for chapter in chapters(report):
        number = f"({chapter.number}) " if chapter.number else ""
        document.add_heading(printable(f"{number}{chapter.heading}"), level=1)
        for block in chapter.blocks:
            WORD[type(block)](document, block, writing)
    add_imprint(document, printed)
    writing.pictures.place()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def set_up(document: Any, report: Report) -> None:
    """A4, Japanese fonts and language, page numbers."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.5)
    document.core_properties.title = printable(report.title)
    document.core_properties.language = "ja-JP"
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3"):
        style = document.styles[name]
        font = FONT if name == "Normal" else HEADING_FONT
        style.font.name = font
        properties = style.element.get_or_add_rPr()
        properties.get_or_add_rFonts().set(qn("w:eastAsia"), font)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), "ja-JP")
        language.set(qn("w:eastAsia"), "ja-JP")
        properties.append(language)
    document.styles["Normal"].font.size = Pt(10.5)
    document.styles["Title"].font.size = Pt(18)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = footer.add_run()
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def add_table(document: Any, headers: list[str], widths: list[float]) -> Any:
    """A table whose head is repeated on every page."""
    table = document.add_table(rows=1, cols=len(headers))
    table.style = "Table Grid"
    table.autofit = False
    for column, cell, header, width in zip(table.columns, table.rows[0].cells, headers, widths, strict=True):
        column.width = cell.width = Cm(width)
        cell.paragraphs[0].add_run(header).bold = True
    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(head)
    return table


def add_row(table: Any, *values: Any) -> list[Any]:
    """Write a row; gives each cell's paragraph."""
    cells = table.add_row().cells
    for column, cell, value in zip(table.columns, cells, values, strict=True):
        cell.width = column.width
        cell.text = printable("" if value is None else str(value))
    return [cell.paragraphs[0] for cell in cells]


def add_figures(document: Any, block: Figures, writing: Writing) -> None:
    table = add_table(document, ["指標", "割合", "グラフ", "数と母数"], [4.7, 1.8, 5.5, 4])
    for figure in block.figures:
        _, _, graph, _ = add_row(table, figure.name, figure.percent_text, "", figure.of_base_text)
        writing.pictures.put(graph, draw_bodies(figure))
    for figure in block.figures:
        document.add_paragraph(printable(f"{figure.name}：{explained(figure)}"))
    for note in block.notes:
        document.add_paragraph(printable(f"データについて：{note}"))


def add_evaluation(document: Any, block: Evaluation, writing: Writing) -> None:
    document.add_paragraph().add_run(printable(block.sentence)).bold = True


def add_prose(document: Any, block: Prose, writing: Writing) -> None:
    prose = [linked(paragraph, writing.imprint) for paragraph in block.paragraphs]
    for source, written in zip(prose, add_paragraphs(document, prose), strict=True):
        if not source.level:
            written.paragraph_format.first_line_indent = Pt(10.5)


def add_members(document: Any, block: Members, writing: Writing) -> None:
    for title, rows in block.roster.groups:
        add_roster(document, title, rows)


def add_roster(document: Any, title: str, rows: tuple[RosterOrganization, ...]) -> None:
    document.add_heading(title, level=2)
    table = add_table(document, ["団体", "担当課", "役割"], [4, 8, 4])
    for row in rows:
        for index, department in enumerate(row.departments):
            role = " ".join(filter(None, [department.mark, department.role, department.post]))
            add_row(table, row.name if index == 0 else "", department.name, role)


def add_meetings(document: Any, block: Meetings, writing: Writing) -> None:
    meetings = block.meetings
    for meeting in meetings:
        document.add_heading(printable(day_line(meeting)), level=2)
        for line in agenda_texts(meeting.agenda):
            document.add_paragraph(printable(line))
    if any(meeting.attended is not None for meeting in meetings):
        table = add_table(document, ["会議", "出席した団体", "グラフ", "対象の団体"], [4, 3, 6, 3])
        for meeting in meetings:
            if meeting.attended is not None and meeting.invited:
                share = round(100 * meeting.attended / meeting.invited)
                _, _, graph, _ = add_row(table, meeting.label, meeting.attended, "", meeting.invited)
                words = f"{meeting.invited}団体中{meeting.attended}団体"
                writing.pictures.put(graph, draw_share(share, words))


def add_discussion(document: Any, block: Minutes, writing: Writing) -> None:
    for meeting in block.meetings:
        add_minutes(document, meeting, writing)


def add_minutes(document: Any, meeting: MeetingRecord, writing: Writing) -> None:
    if not meeting.minutes:
        return
    document.add_heading(printable(meeting.label), level=2)
    for minute in meeting.minutes:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"【{minute.kind}】").bold = True
        if minute.speaker:
            paragraph.add_run(printable(f"（{minute.speaker}）"))
        add_paragraphs(document, minute_paragraphs(minute, writing.imprint), paragraph)


def add_charts(document: Any, block: Charts, writing: Writing) -> None:
    for chart in block.charts:
        add_topics(document, chart, writing.pictures)


def add_topics(document: Any, chart: TopicChart, pictures: Pictures) -> None:
    """A grid's topics: their bars, then their numbers."""
    add_legend(document.add_paragraph(printable(chart.survey)), chart.scale, pictures)
    bars = add_table(document, ["項目", "グラフ（母数に占める割合）"], [5, 11])
    for row in chart.bars:
        _, graph = add_row(bars, row.topic, "")
        pictures.put(graph, draw_topic(row))
    document.add_paragraph()
    headers = ["項目", *chart.choices, "無回答・未提出", "母数"]
    width = 12 / (len(headers) - 1)
    numbers = add_table(document, headers, [4, *([width] * (len(headers) - 1))])
    for row in chart.bars:
        counts = [disclosed_number(each.count) for each in row.table.rows]
        add_row(numbers, row.topic, *counts, known_number(row.table.unanswered), row.table.base)


def add_legend(paragraph: Any, scale: Iterable[Segment], pictures: Pictures) -> None:
    """What the tones of a bar stand for, at the end of a paragraph."""
    for segment in scale:
        paragraph.add_run("　" if paragraph.text else "")
        pictures.put(paragraph, draw_swatch(segment))
        paragraph.add_run(printable(f" {segment.label}"))


def disclosed_number(number: int | None) -> str:
    return "非公表" if number is None else str(number)


def known_number(number: int | None) -> str:
    return "不明" if number is None else str(number)


def add_counts(document: Any, counts: CountTable, pictures: Pictures) -> None:
    """A tally with its bars; above it all answers as one, where every part is known."""
    topic = f"（{counts.topic}）" if counts.topic else ""
    document.add_heading(printable(f"{counts.question}{topic}"), level=2)
    document.add_paragraph(printable(counts.survey))
    if answers := draw_answers(counts):
        drawing, scale = answers
        add_legend(document.add_paragraph(), scale, pictures)
        pictures.put(document.add_paragraph(), drawing)
    table = add_table(document, ["選択肢", "数", "割合", "グラフ"], [5.5, 2, 2.5, 6])
    for row in counts.rows:
        percent = "-" if row.percent is None else f"{row.percent}%"
        *_, graph = add_row(table, row.label, disclosed_number(row.count), percent, "")
        pictures.put(graph, draw_share(row.percent, percent))
    document.add_paragraph(f"{base_line(counts)}。割合は母数に占めるもの。")


def add_imprint(document: Any, printed: Printed) -> None:
    document.add_heading("この版について", level=1)
    table = add_table(document, ["項目", "内容"], [4, 12])
    for label, text in printed.facts:
        add_row(table, label, text)


def add_details(document: Any, block: Counts, writing: Writing) -> None:
    for table in block.detail.tables:
        add_counts(document, table, writing.pictures)
    if line := left_out_line(block.detail):
        document.add_paragraph(printable(line))


def add_trends(document: Any, block: Trends, writing: Writing) -> None:
    for figure, trend in block.rows:
        document.add_heading(printable(figure.name), level=2)
        if line := draw_years(figure, trend, block.year):
            writing.pictures.put(document.add_paragraph(), line)
        table = add_table(document, TREND_HEADERS, [3.5, 2, 4, 2, 4.5])
        for cells in trend_rows(figure, trend):
            add_row(table, *cells)


WORD: dict[type[Block], Callable[[Any, Any, Writing], None]] = {
    Figures: add_figures,
    Evaluation: add_evaluation,
    Prose: add_prose,
    Members: add_members,
    Meetings: add_meetings,
    Minutes: add_discussion,
    Charts: add_charts,
    Counts: add_details,
    Trends: add_trends,
}
