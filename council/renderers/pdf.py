"""The report as a tagged PDF (PDF/UA-1), set by typst."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from council.renderers.drawings import (
    draw_answers,
    draw_bodies,
    draw_share,
    draw_swatch,
    draw_topic,
    draw_years,
)
from council.renderers.fonts import fonts
from council.renderers.phrases import phrases
from council.renderers.text import (
    TREND_HEADERS,
    agenda_lines,
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
from council.report.build import MeetingRecord, RosterOrganization
from council.report.charts import TopicChart
from council.report.counts import CountTable
from council.report.imprint import Imprint, Printed
from council.report.points import points
from members.common.snapshot import serialize
from members.common.text.cleaning import printable
from members.common.text.eras import format_date, format_fiscal_year
from surveys.results.disclosure import Segment

TEMPLATE = Path(__file__).with_name("report.typ")


def write_pdf(printed: Printed) -> bytes:
    """Set the report; raises :class:`PdfUnavailable` without typst or a Japanese font."""
    inputs = {"report": json.dumps(content(printed), ensure_ascii=False), "font": ",".join(fonts())}
    import typst

    return bytes(typst.compile(TEMPLATE, format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"]))


# A section in the template, with nothing in it.
EMPTY: dict[str, Any] = {"grade": "", "paragraphs": [], "roster": [], "meetings": [], "attendance": []}


def content(printed: Printed) -> dict[str, Any]:
    """What the template prints, all of it text and numbers that are ready."""
    report, imprint = printed.report, printed.imprint
    found: dict[str, Any] = {
        "title": report.title,
        "heading": [
            phrases(line) for line in (f"{format_fiscal_year(report.year)} {report.council}", "年次報告書")
        ],
        "council": report.council,
        "date": format_date(report.published_on) if report.published_on else "",
        "edition": imprint.head,
        "imprint": [list(line) for line in printed.facts],
        "notice": report.notice,
        "points": [point.text for point in points(report)],
        "notes": [],
        "figures": [],
        "sections": [],
        "charts": [],
        "details": [],
        "trends": [],
        "trend_headers": TREND_HEADERS,
    }
    for chapter in chapters(report):
        parts: dict[str, Any] = {}
        for block in chapter.blocks:
            parts |= PDF[type(block)](block, imprint)
        if chapter.number:
            heading = phrases(f"({chapter.number}) {chapter.heading}")
            found["sections"].append({"heading": heading, **EMPTY, **parts})
        else:
            for name, rows in parts.items():
                found[name] += rows
    return clean(found)


def figures_content(block: Figures, imprint: Imprint) -> dict[str, Any]:
    rows = [
        {
            "name": phrases(figure.name),
            "statement": f"{figure.name}：{explained(figure)}",
            "percent_text": figure.percent_text,
            "of_base": figure.of_base_text,
            "drawing": draw_bodies(figure).content,
        }
        for figure in block.figures
    ]
    return {"figures": rows, "notes": list(block.notes)}


def prose_content(block: Prose, imprint: Imprint) -> dict[str, Any]:
    return {"paragraphs": [serialize(linked(paragraph, imprint)) for paragraph in block.paragraphs]}


def members_content(block: Members, imprint: Imprint) -> dict[str, Any]:
    return {
        "roster": [
            {"title": title, "rows": [roster_row(row) for row in rows]} for title, rows in block.roster.groups
        ]
    }


def meetings_content(block: Meetings, imprint: Imprint) -> dict[str, Any]:
    return {
        "meetings": [
            {"title": phrases(day_line(meeting)), "lines": agenda_lines(meeting), "minutes": []}
            for meeting in block.meetings
        ],
        "attendance": [attendance(meeting) for meeting in block.meetings if meeting.invited],
    }


def minutes_content(block: Minutes, imprint: Imprint) -> dict[str, Any]:
    return {
        "meetings": [
            {"title": phrases(meeting.label), "lines": [], "minutes": minutes(meeting, imprint)}
            for meeting in block.meetings
            if meeting.minutes
        ]
    }


def counts_content(block: Counts, imprint: Imprint) -> dict[str, Any]:
    tables = [table_content(table) for table in block.detail.tables]
    name = phrases(f"集計表：{block.name}")
    return {"details": [{"name": name, "tables": tables, "left_out": left_out_line(block.detail)}]}


def table_content(table: CountTable) -> dict[str, Any]:
    """A tally with its bars; above it all answers as one, where every part is known."""
    rows = [
        {
            "label": phrases(row.label),
            "count": row.count,
            "percent": row.percent,
            "drawing": draw_share(row.percent, "").content,
        }
        for row in table.rows
    ]
    answers = draw_answers(table)
    return {
        "question": phrases(f"{table.question}（{table.topic}）" if table.topic else table.question),
        "survey": table.survey,
        "rows": rows,
        "line": base_line(table),
        "answers": answers and answers[0].content,
        "legend": scale_content(answers[1]) if answers else [],
    }


def scale_content(segments: Iterable[Segment]) -> list[dict[str, Any]]:
    """What the tones of a bar stand for."""
    return [{"label": part.label, "drawing": draw_swatch(part).content} for part in segments]


def trends_content(block: Trends, imprint: Imprint) -> dict[str, Any]:
    trends = []
    for figure, trend in block.rows:
        line = draw_years(figure, trend, block.year)
        trends.append(
            {"name": phrases(figure.name), "rows": trend_rows(figure, trend), "line": line and line.content}
        )
    return {"trends": trends}


def chart_content(chart: TopicChart) -> dict[str, Any]:
    return {
        "survey": chart.survey,
        "question": phrases(f"項目ごとの回答：{chart.question}"),
        "scale": scale_content(chart.scale),
        "choices": chart.choices,
        "bars": [
            {
                "topic": phrases(bar.topic),
                "drawing": draw_topic(bar).content,
                "counts": [row.count for row in bar.table.rows],
                "unanswered": bar.table.unanswered,
                "base": bar.table.base,
            }
            for bar in chart.bars
        ],
    }


def roster_row(row: RosterOrganization) -> dict[str, Any]:
    """A body once, with its departments and their parts."""
    departments = [
        [
            department.name,
            phrases(" ".join(filter(None, [department.mark, department.role, department.post]))),
        ]
        for department in row.departments
    ]
    return {"name": row.name, "departments": departments}


def minutes(meeting: MeetingRecord, imprint: Imprint) -> list[dict[str, Any]]:
    return [
        {
            "kind": minute.kind,
            "speaker": minute.speaker,
            "paragraphs": [serialize(each) for each in minute_paragraphs(minute, imprint)],
        }
        for minute in meeting.minutes
    ]


def attendance(meeting: MeetingRecord) -> dict[str, Any]:
    attended, invited = meeting.attended or 0, meeting.invited or 1
    return {
        "label": meeting.label,
        "attended": attended,
        "invited": invited,
        "drawing": draw_share(round(100 * attended / invited), "").content,
    }


def clean(value: Any) -> Any:
    """Everything printable: control characters end no PDF."""
    if isinstance(value, dict):
        return {name: clean(each) for name, each in value.items()}
    if isinstance(value, list):
        return [clean(each) for each in value]
    return printable(value) if isinstance(value, str) else value


PDF: dict[type[Block], Callable[[Any, Imprint], dict[str, Any]]] = {
    Figures: figures_content,
    Evaluation: lambda block, _: {"grade": block.sentence},
    Prose: prose_content,
    Members: members_content,
    Meetings: meetings_content,
    Minutes: minutes_content,
    Charts: lambda block, _: {"charts": [chart_content(chart) for chart in block.charts]},
    Counts: counts_content,
    Trends: trends_content,
}
