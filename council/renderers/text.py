"""The report as plain text, in the outline of the office's template: (1) 取組目標 …"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

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
    chapters,
)
from council.report.build import MeetingRecord, Minute, Report, Roster
from council.writing.prose import Paragraph, Segment, plain, words
from meetings.minutes import markup
from members.common.text.eras import format_date, format_fiscal_year, format_weekday


def page_address(report: Report) -> str:
    return settings.PORTAL_ADDRESS + reverse("council-year", args=[report.slug, report.year])


def linked(paragraph: Paragraph, report: Report) -> markup.Paragraph:
    """A paragraph of prose whose links, those of its figures too, work outside the portal."""

    def href(segment: Segment) -> str:
        figure = segment.figure and reverse("figure", args=[report.slug, report.year, segment.figure])
        return figure or segment.href

    runs = tuple(markup.Run(each.text, each.style, href(each)) for each in paragraph.segments)
    return outward(markup.Paragraph(runs, paragraph.marker, paragraph.level), report)


def outward(paragraph: markup.Paragraph, report: Report) -> markup.Paragraph:
    """A paragraph whose links name the portal's host."""
    page = page_address(report)
    runs = (replace(run, href=urljoin(page, run.href) if run.href else "") for run in paragraph.runs)
    return replace(paragraph, runs=tuple(runs))


def minute_paragraphs(minute: Minute, report: Report) -> tuple[markup.Paragraph, ...]:
    """What was said, for files that leave the portal."""
    return tuple(outward(paragraph, report) for paragraph in markup.paragraphs(minute.body))


def day_line(meeting: MeetingRecord) -> str:
    """「第1回　令和2（2020）年6月17日（水）　Web会議」."""
    day = f"{format_date(meeting.held_on)}（{format_weekday(meeting.held_on)}）"
    more = [meeting.mode, meeting.status if meeting.is_cancelled else ""]
    return "　".join(filter(None, [meeting.label, day, *more]))


def minute_lines(minute: Minute) -> list[str]:
    """「【報告】（発言者）内容」, one line for each of its paragraphs."""
    speaker = f"（{minute.speaker}）" if minute.speaker else ""
    first, *rest = markup.paragraphs(minute.body) or (markup.Paragraph(()),)
    lines = [words(first), *map(words, rest)]
    head = f"【{minute.kind}】{speaker}"
    return [head + lines[0], *lines[1:]] if not first.marker else [head, *lines]


def agenda_lines(meeting: MeetingRecord) -> list[str]:
    return [f"{item.label or number}　{item.title}" for number, item in enumerate(meeting.agenda, start=1)]


def roster_lines(roster: Roster) -> list[str]:
    """One line for each organization, departments after it."""
    lines = []
    for row in (*roster.municipalities, *roster.prefectures):
        departments = "、".join(
            f"{department.mark}{department.name}" + (f"（{department.role}）" if department.role else "")
            for department in row.departments
        )
        lines.append(f"{row.name}　{departments}")
    return lines


def figure_lines(block: Figures) -> list[str]:
    """Each figure with its base and its meaning, and what must be said of its data."""
    lines = [f"{figure.name}：{figure.share_text}　{figure.statement}" for figure in block.figures]
    return lines + [f"データについて：{note}" for note in block.notes]


def meeting_lines(block: Meetings) -> list[str]:
    lines = []
    for meeting in block.meetings:
        lines.append(day_line(meeting))
        lines += [f"　{line}" for line in agenda_lines(meeting)]
    return lines


def discussion_lines(block: Minutes) -> list[str]:
    lines = []
    for meeting in block.meetings:
        if meeting.minutes:
            lines.append(meeting.label)
        for minute in meeting.minutes:
            lines += [f"　{line}" for line in minute_lines(minute)]
    return lines


# What a line of text says of each block; None where it stands elsewhere (counts: in the tables).
TEXT: dict[type[Block], Callable[[Any], list[str]] | None] = {
    Figures: figure_lines,
    Evaluation: lambda block: [block.sentence],
    Prose: lambda block: [plain(paragraph) for paragraph in block.paragraphs],
    Members: lambda block: roster_lines(block.roster),
    Meetings: meeting_lines,
    Minutes: discussion_lines,
    Charts: lambda block: [bar.line for chart in block.charts for bar in chart.bars],
    Counts: None,
}


def outline(report: Report) -> dict[str, list[str]]:
    """The whole report as places and their lines, for comparing two of them."""
    found: dict[str, list[str]] = {}
    for chapter in chapters(report):
        writers = [(block, write) for block in chapter.blocks if (write := TEXT[type(block)])]
        if writers:
            place = f"({chapter.number}) {chapter.heading}" if chapter.number else chapter.heading
            found[place] = [line for block, write in writers for line in write(block)]
    return found


def write_text(report: Report) -> str:
    """The report as a text file."""
    parts = [f"{format_fiscal_year(report.year)} {report.council} 年次報告書"]
    if report.published_on:
        parts.append(f"公開日：{format_date(report.published_on)}")
    if report.notice:
        parts.append(report.notice)
    for place, lines in outline(report).items():
        parts.append("\n".join([place, *(f"　{line}" for line in lines if line)]))
    return "\n\n".join(parts) + "\n"
