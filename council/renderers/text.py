"""The report as plain text, in the outline of the office's template: (1) 取組目標 …"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

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
from council.report.build import MeetingRecord, Minute, Report, Roster
from council.report.charts import TopicChart
from council.report.counts import CountTable, FigureDetail
from council.report.imprint import Imprint, Printed
from council.report.points import points
from council.report.trends import Trend
from council.writing.prose import Paragraph, Segment, plain, words
from meetings.agenda.printing import agenda_texts
from meetings.minutes import markup
from members.common.text.eras import format_date, format_fiscal_year, format_weekday
from members.common.web.addresses import public_address
from surveys.results.indicator_tallies import Tally


def linked(paragraph: Paragraph, imprint: Imprint) -> markup.Paragraph:
    """A paragraph of prose whose links work outside the portal; a figure's leads to it in this edition."""

    def href(segment: Segment) -> str:
        return f"{imprint.address}figures/{segment.figure}/" if segment.figure else segment.href

    runs = tuple(markup.Run(each.text, each.style, href(each)) for each in paragraph.segments)
    return outward(markup.Paragraph(runs, paragraph.marker, paragraph.level), imprint)


def outward(paragraph: markup.Paragraph, imprint: Imprint) -> markup.Paragraph:
    """A paragraph whose links name the public site's host; without a path they start from the report."""

    def href(link: str) -> str:
        return public_address(link) if link.startswith("/") else urljoin(imprint.page, link)

    runs = (replace(run, href=href(run.href) if run.href else "") for run in paragraph.runs)
    return replace(paragraph, runs=tuple(runs))


def minute_paragraphs(minute: Minute, imprint: Imprint) -> tuple[markup.Paragraph, ...]:
    """What was said, for files that leave the portal."""
    return tuple(outward(paragraph, imprint) for paragraph in markup.paragraphs(minute.body))


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
    return agenda_texts(meeting.agenda)


def in_brackets(*parts: str) -> str:
    """「（代表 課長）」; nothing where there is nothing to say."""
    said = " ".join(filter(None, parts))
    return f"（{said}）" if said else ""


def roster_lines(roster: Roster) -> list[str]:
    """One line for each organization, departments after it."""
    lines = []
    for title, rows in roster.groups:
        lines.append(f"［{title}］")
        for row in rows:
            departments = "、".join(
                f"{department.mark}{department.name}{in_brackets(department.role, department.post)}"
                for department in row.departments
            )
            lines.append(f"{row.name}　{departments}")
    return lines


def explained(figure: Tally) -> str:
    """What a figure counts, and where it is from."""
    answered = "" if figure.answered is None else f"。提出{figure.answered}{figure.unit}"
    source = f"。集計値の出所：{figure.source}" if figure.source else ""
    return f"{figure.statement}（{figure.survey}{answered}{source}）"


def left_out_line(detail: FigureDetail) -> str:
    """Who is outside the base, and why; empty where nobody is."""
    found = "、".join(f"{row.name}（{row.reason}）" for row in detail.left_out)
    return f"母数から除いた団体：{found}" if found else ""


def base_line(table: CountTable) -> str:
    """「母数28、回答27、対象外0、無回答・未提出1」."""
    sizes = (
        ("母数", table.base),
        ("回答", table.answered),
        ("対象外", table.not_asked),
        ("無回答・未提出", table.unanswered),
    )
    return "、".join(f"{name}{'不明' if size is None else size}" for name, size in sizes)


def figure_lines(block: Figures) -> list[str]:
    """Each figure with its base and its meaning, and what must be said of its data."""
    lines = [f"{figure.name}：{figure.share_text}　{explained(figure)}" for figure in block.figures]
    return lines + [f"データについて：{note}" for note in block.notes]


def meeting_lines(block: Meetings) -> list[str]:
    lines = []
    for meeting in block.meetings:
        lines.append(day_line(meeting))
        lines += [f"　{line}" for line in agenda_lines(meeting)]
        if meeting.attended is not None:
            lines.append(f"　出席：{meeting.invited}団体中{meeting.attended}団体")
    return lines


def discussion_lines(block: Minutes) -> list[str]:
    lines = []
    for meeting in block.meetings:
        if meeting.minutes:
            lines.append(meeting.label)
        for minute in meeting.minutes:
            lines += [f"　{line}" for line in minute_lines(minute)]
    return lines


def chart_lines(chart: TopicChart) -> list[str]:
    """「テレワーク：かなり進んだ 3、少し進んだ 1（母数5、回答4、…）」, a line for each topic."""
    lines = [chart.survey]
    for bar in chart.bars:
        counts = "、".join(
            f"{row.label} {'非公表' if row.count is None else row.count}" for row in bar.table.rows
        )
        lines.append(f"{bar.topic}：{counts}（{base_line(bar.table)}）")
    return lines


def count_lines(block: Counts) -> list[str]:
    """The tallies behind a figure, one line for each choice."""
    lines = [line for table in block.detail.tables for line in table_lines(table)]
    return [*lines, left_out_line(block.detail)]


def table_lines(table: CountTable) -> list[str]:
    lines = [f"{table.question}{in_brackets(table.topic)}（{table.survey}）"]
    for row in table.rows:
        count = "非公表" if row.count is None else f"{row.count}（{row.percent}%）"
        lines.append(f"　{row.label}：{count}{'　※指標で数える' if row.is_counted else ''}")
    return [*lines, f"　{base_line(table)}"]


def trend_lines(block: Trends) -> list[str]:
    """The figures year by year, the report's own last, with what broke a series."""
    lines = []
    for figure, trend in block.rows:
        lines.append(f"{figure.name}（{trend.key}）")
        lines += [f"　{' '.join(cells)}" for cells in trend_rows(figure, trend)]
    return lines


TREND_HEADERS = ["年度", "割合", "数と母数", "版", "前の値と比べるときの注意"]


def trend_rows(figure: Tally, trend: Trend) -> list[list[str]]:
    """Year, share, count and base, edition, and what must be thought of when comparing."""
    rows = [
        [
            format_fiscal_year(point.year),
            point.percent_text,
            point.of_base_text,
            f"第{point.edition}版",
            "、".join(point.breaks),
        ]
        for point in trend.points
    ]
    own = ["この年度", figure.percent_text, figure.of_base_text, "この版", "、".join(trend.breaks)]
    return [*rows, own]


# What lines of text say of each block.
TEXT: dict[type[Block], Callable[[Any], list[str]]] = {
    Figures: figure_lines,
    Evaluation: lambda block: [block.sentence],
    Prose: lambda block: [plain(paragraph) for paragraph in block.paragraphs],
    Members: lambda block: roster_lines(block.roster),
    Meetings: meeting_lines,
    Minutes: discussion_lines,
    Charts: lambda block: [line for chart in block.charts for line in chart_lines(chart)],
    Counts: count_lines,
    Trends: trend_lines,
}


def outline(report: Report) -> list[tuple[str, list[str]]]:
    """The whole report as places and their lines; two places may have the same name."""
    found = []
    for chapter in chapters(report):
        place = f"({chapter.number}) {chapter.heading}" if chapter.number else chapter.heading
        found.append((place, [line for block in chapter.blocks for line in TEXT[type(block)](block)]))
    return found


def write_text(printed: Printed) -> str:
    """The report as a text file, its imprint at the end."""
    report = printed.report
    parts = [f"{format_fiscal_year(report.year)} {report.council} 年次報告書\n{printed.imprint.head}"]
    if report.published_on:
        parts.append(f"公開日：{format_date(report.published_on)}")
    if report.notice:
        parts.append(report.notice)
    if told := points(report):
        parts.append("\n".join(["要点", *(f"　・{point.text}" for point in told)]))
    for place, lines in outline(report):
        parts.append("\n".join([place, *(f"　{line}" for line in lines if line)]))
    facts = [f"　{label}：{text}" for label, text in printed.facts]
    parts.append("\n".join(["この版について", *facts]))
    return "\n\n".join(parts) + "\n"
