"""議事概要 as a Word file, in the layout that a Japanese office expects."""

import io
from html.parser import HTMLParser
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from meetings.markup import render
from meetings.models import Attendance, Material, Meeting, MinuteEntry
from members.eras import format_date, format_weekday
from members.texts import printable

FONT = "游明朝"


def write_record(
    meeting: Meeting,
    *,
    entries: list[MinuteEntry],
    attendances: list[Attendance],
    materials: list[Material],
) -> bytes:
    """Write a meeting's record; what is not given is left out."""
    document = Document()
    _set_up(document, meeting)
    document.add_heading(printable(f"{meeting.council_year.council.name} {meeting.label} 議事概要"), level=0)
    table = document.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    for label, value in facts(meeting, attendances):
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Cm(3.5), Cm(12.5)
        cells[0].paragraphs[0].add_run(label).bold = True
        cells[1].text = printable(value)
    _section(document, "議題")
    for number, item in enumerate(meeting.agenda_items.order_by("position", "pk"), start=1):
        document.add_paragraph(printable(f"{item.label or number}　{item.title}"))
    if entries:
        _section(document, "議事概要")
        for entry in entries:
            paragraph = document.add_paragraph()
            paragraph.add_run(f"【{entry.get_kind_display()}】").bold = True
            if entry.speaker:
                paragraph.add_run(printable(f"（{entry.speaker}）"))
            MarkupWriter(document, paragraph).feed(render(entry.body))
    if materials:
        _section(document, "資料")
        for material in materials:
            document.add_paragraph(printable(f"{material}（{material.get_kind_display()}）"))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def facts(meeting: Meeting, attendances: list[Attendance]) -> list[tuple[str, str]]:
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
    groups: dict[str, list[str]] = {}
    for attendance in attendances:
        groups.setdefault(attendance.get_status_display(), []).append(attendance.organization.name)
    present = [f"{label}（{len(names)}団体）：{'、'.join(names)}" for label, names in groups.items() if names]
    if present:
        rows.append(("出席者", "\n".join(present)))
    return rows


def _set_up(document: Any, meeting: Meeting) -> None:
    """A4, a Japanese font for Japanese text, Japanese as the language, title and subject."""
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
    document.core_properties.title = printable(f"{meeting} 議事概要")
    document.core_properties.language = "ja-JP"
    document.core_properties.author = ""


def _section(document: Any, heading: str) -> None:
    document.add_heading(heading, level=1)


class MarkupWriter(HTMLParser):
    """Writes the cleaned HTML of an entry as paragraphs and runs."""

    def __init__(self, document: Any, first: Any) -> None:
        super().__init__()
        self.document, self.paragraph, self.is_first = document, first, True
        self.bold = self.italic = False
        self.lists: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in {"ul", "ol"}:
            self.lists.append("List Bullet" if tag == "ul" else "List Number")
        elif tag in {"p", "li"}:
            if tag == "li":
                self.paragraph = self.document.add_paragraph(style=self.lists[-1] if self.lists else None)
            elif not self.is_first and not self.lists:
                self.paragraph = self.document.add_paragraph()
            self.is_first = False
        elif tag == "br":
            self.paragraph.add_run().add_break()
        elif tag in {"strong", "em"}:
            self.bold, self.italic = self.bold or tag == "strong", self.italic or tag == "em"

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
        elif tag == "strong":
            self.bold = False
        elif tag == "em":
            self.italic = False

    def handle_data(self, data: str) -> None:
        if data.strip():
            run = self.paragraph.add_run(printable(data.strip("\n")))
            run.bold, run.italic = self.bold or None, self.italic or None
