"""議事概要 as a Word file, in the layout that a Japanese office expects."""

import io
from collections.abc import Iterable
from logging import getLogger
from typing import Any

from django.core.exceptions import ValidationError
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RELATIONSHIP
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from meetings.agenda.printing import agenda_texts
from meetings.minutes.markup import BULLET, Paragraph, Run, paragraphs
from meetings.models import Material, Meeting, MinuteEntry
from meetings.record.attendance import grouped
from members.common.files.word_style import open_style
from members.common.text.cleaning import printable
from members.common.text.eras import format_date, format_weekday

logger = getLogger(__name__)
FONT = "游明朝"
LINK_COLOUR = RGBColor(0x00, 0x11, 0x8F)


def write_record(
    meeting: Meeting,
    *,
    entries: list[MinuteEntry],
    attendances: list[Any],
    materials: list[Material],
    excerpt_of: str = "",
) -> bytes:
    """Write a meeting's record in the council's own style; what is not given is left out.

    ``excerpt_of`` names the body whose part this is: then agenda and minutes say that they are not all.
    """
    document = own_style(meeting) or plain_document()
    title = f"{meeting.council_year.council.name} {meeting.label} 議事概要"
    title += f"（抜粋：{excerpt_of}）" if excerpt_of else ""
    tell_of(document, f"{meeting} 議事概要")
    _heading(document, printable(title), 0)
    table = document.add_table(rows=0, cols=2)
    _dress(table, "Table Grid")
    for label, value in facts(meeting, attendances):
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Cm(3.5), Cm(12.5)
        cells[0].paragraphs[0].add_run(label).bold = True
        cells[1].text = printable(value)
    _section(document, "次第")
    for line in agenda_texts(meeting.agenda_items.order_by("position", "pk")):
        document.add_paragraph(printable(line))
    if excerpt_of and not entries:
        _section(document, "議事概要")
        document.add_paragraph("この会議での発言はありません。")
    if entries:
        _section(document, "議事概要")
        for entry in entries:
            paragraph = document.add_paragraph()
            paragraph.add_run(f"【{entry.heading}】").bold = True
            if entry.speaker:
                paragraph.add_run(printable(f"（{entry.speaker}）"))
            add_paragraphs(document, paragraphs(entry.body), paragraph)
            if entry.assignment:
                document.add_paragraph(printable(f"（{entry.assignment}）"))
    if materials:
        _section(document, "資料")
        for material in materials:
            document.add_paragraph(printable(f"{material}（{material.get_kind_display()}）"))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def facts(meeting: Meeting, attendances: list[Any]) -> list[tuple[str, str]]:
    """The head of the record: which meeting, when, where, who."""
    day = f"{format_date(meeting.held_on)}（{format_weekday(meeting.held_on)}）"
    if meeting.start_time:
        day += f" {meeting.start_time:%H:%M}から"
    if meeting.end_time:
        day += f"{meeting.end_time:%H:%M}まで"
    if meeting.status == Meeting.Status.CANCELLED:
        day += "（中止）"
    rows = [
        ("会議名", f"{meeting.council_year.label} {meeting.council_year.council.name} {meeting.label}"),
        ("日時", day),
    ]
    where = "、".join(filter(None, (meeting.place, meeting.get_mode_display() if meeting.mode else "")))
    if where:
        rows.append(("場所", where))
    present = [f"{group.title}：{'、'.join(group.names)}" for group in grouped(attendances) if group.names]
    if present:
        rows.append(("出席者", "\n".join(present)))
    return rows


def own_style(meeting: Meeting) -> Any:
    """The council's own Word style, empty; None where it has none, or its file is gone."""
    stored = meeting.council_year.council.word_style
    if not stored:
        return None
    try:
        with stored.open() as file:
            return open_style(file.read())
    except (OSError, ValidationError):
        # Also one that was taken when less was known of what a file can hold.
        logger.exception("Word style of %s cannot be used", meeting.council_year.council)
        return None


def tell_of(document: Any, title: str) -> None:
    """What the file says of itself: its title and language, and nobody's name."""
    document.core_properties.title = printable(title)
    document.core_properties.language = "ja-JP"
    document.core_properties.author = ""


def plain_document() -> Any:
    """A4, a Japanese font for Japanese text, Japanese as the language."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    for name in ("Normal", "Title", "Heading 1"):
        style = document.styles[name]
        style.font.name = FONT
        properties = style.element.get_or_add_rPr()
        properties.get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
        language = properties.makeelement(qn("w:lang"), {qn("w:val"): "ja-JP", qn("w:eastAsia"): "ja-JP"})
        properties.append(language)
    document.styles["Normal"].font.size = Pt(10.5)
    document.styles["Title"].font.size = Pt(16)
    return document


def _section(document: Any, heading: str) -> None:
    _heading(document, heading, 1)


def _heading(document: Any, text: str, level: int) -> None:
    """A heading; bold where the office's style has none of this level."""
    paragraph = document.add_paragraph()
    if not _dress(paragraph, f"Heading {level}" if level else "Title"):
        paragraph.add_run(text).bold = True
        return
    paragraph.add_run(text)


def _dress(part: Any, style: str) -> bool:
    """Give a paragraph or table a style, where the document has it."""
    try:
        part.style = style
    except (KeyError, ValueError):
        return False
    return True


def add_paragraphs(document: Any, paragraphs: Iterable[Paragraph], first: Any = None) -> list[Any]:
    """Write paragraphs and lists; words that begin with a plain paragraph go into ``first``, if given."""
    written = []
    for paragraph in paragraphs:
        if paragraph.marker == BULLET:
            line = document.add_paragraph()
            if not _dress(line, "List Bullet"):
                line.add_run("・")
        elif paragraph.marker or first is None:
            # A number is written out: Word would count on from the list before.
            line = document.add_paragraph(f"{paragraph.marker} " if paragraph.marker else "")
        else:
            line = first
        first = None
        if paragraph.level:
            indent = Cm(0.74 * paragraph.level)
            line.paragraph_format.left_indent = indent
            line.paragraph_format.first_line_indent = Cm(-0.74) if paragraph.marker else None
        for run in paragraph.runs:
            add_run(line, run)
        written.append(line)
    return written


def add_run(paragraph: Any, words: Run) -> None:
    """Write words in their style, as a link where they are one."""
    run = paragraph.add_run(printable(words.text))
    run.bold, run.italic = words.style == "strong" or None, words.style == "em" or None
    if words.href.startswith(("http:", "https:", "mailto:")):
        run.font.color.rgb, run.underline = LINK_COLOUR, True
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), paragraph.part.relate_to(words.href, RELATIONSHIP.HYPERLINK, is_external=True))
        link.append(run._r)
        paragraph._p.append(link)
