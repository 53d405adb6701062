"""The report's tables, for CSV and Excel, and what each of their columns means."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import tablib
from openpyxl import Workbook

from council.renderers.text import plain
from council.report.build import Report
from council.report.counts import CountTable
from members.common.files.spreadsheets import CSV, XLSX


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of table: its name in addresses, its title, its columns with their meaning, its rows."""

    name: str
    title: str
    columns: tuple[tuple[str, str], ...]
    rows: Callable[[Report], Iterable[list[Any]]]

    def fill(self, report: Report) -> tablib.Dataset:
        """The table of one report."""
        table = tablib.Dataset(headers=[name for name, _ in self.columns])
        for row in self.rows(report):
            table.append(["" if value is None else value for value in row])
        return table


def section_rows(report: Report) -> Iterable[list[Any]]:
    for section in report.sections:
        yield [section.number, section.heading, "\n\n".join(map(plain, section.paragraphs))]


def member_rows(report: Report) -> Iterable[list[Any]]:
    for kind, rows in (("市町", report.roster.municipalities), ("県", report.roster.prefectures)):
        for row in rows:
            for department in row.departments:
                yield [row.code, row.name, kind, department.name, department.role, department.post]


def meeting_rows(report: Report) -> Iterable[list[Any]]:
    for row in report.meetings:
        yield [
            row.number,
            row.label,
            row.held_on.isoformat(),
            row.mode,
            row.status,
            row.attended,
            row.invited,
        ]


def agenda_rows(report: Report) -> Iterable[list[Any]]:
    for meeting in report.meetings:
        for number, item in enumerate(meeting.agenda, start=1):
            yield [meeting.number, number, item.label, item.title]


def minute_rows(report: Report) -> Iterable[list[Any]]:
    for meeting in report.meetings:
        for minute in meeting.minutes:
            yield [meeting.number, minute.anchor, minute.kind, minute.speaker, minute.body]


def figure_rows(report: Report) -> Iterable[list[Any]]:
    for row in report.figures:
        yield [
            row.key,
            row.name,
            row.statement,
            row.count,
            row.base,
            row.unit,
            row.percent,
            row.answered,
            row.survey,
            row.as_of.isoformat(timespec="minutes"),
            row.provenance_note,
        ]


def count_rows(table: CountTable) -> Iterable[list[Any]]:
    head = [table.survey, table.key, table.question, table.topic]
    tail = [table.base, table.answered, table.not_asked, table.unanswered]
    for row in table.rows:
        yield [*head, row.label, row.count, row.percent, "はい" if row.is_counted else "いいえ", *tail]


def detail_rows(report: Report) -> Iterable[list[Any]]:
    for detail in report.details:
        for table in detail.tables:
            for row in count_rows(table):
                yield [detail.key, *row]


def result_rows(report: Report) -> Iterable[list[Any]]:
    for table in report.results:
        for row in count_rows(table):
            yield [*row[:7], *row[8:]]


NUMBER = ("回", "その年度の何回目の会議か")
COUNTS = (
    ("アンケート", "アンケートの名称"),
    ("設問", "設問の識別名"),
    ("設問文", "尋ねた文"),
    ("項目", "表形式の設問の項目。ほかは空欄"),
    ("選択肢", "選択肢の文言"),
    ("数", "選んだ市町の数"),
    ("割合", "母数に占める割合（%、小数第1位を四捨五入）"),
)
BASES = (
    ("母数", "検討メンバーとして参加した市町の数。回答しなかった市町も含む"),
    ("回答", "この設問に回答した市町の数"),
    ("対象外", "回答したが、この設問を尋ねていない市町の数"),
    ("無回答・未提出", "残りの市町の数"),
)
TABLES = (
    Table(
        "sections",
        "本文",
        (("番号", "節の番号"), ("節", "節の見出し"), ("本文", "本文。数値は公開した時点のもの")),
        section_rows,
    ),
    Table(
        "members",
        "検討メンバー",
        (
            ("団体コード", "全国地方公共団体コード（検査数字を含む6桁）"),
            ("団体", "団体の名称"),
            ("種別", "市町か県か"),
            ("担当課", "担当課、室、事務所の名称"),
            ("役割", "代表か副代表。ほかは空欄"),
            ("職名", "代表と副代表の職名"),
        ),
        member_rows,
    ),
    Table(
        "meetings",
        "開催実績",
        (
            NUMBER,
            ("会議", "会議の名称"),
            ("開催日", "開催した日（ISO 8601）"),
            ("方法", "開催の方法"),
            ("状態", "開催したか、中止したか"),
            ("出席団体", "出席した団体の数。記録がなければ空欄"),
            ("対象団体", "出欠を記録した団体の数。記録がなければ空欄"),
        ),
        meeting_rows,
    ),
    Table(
        "agenda",
        "次第",
        (NUMBER, ("順", "次第の順"), ("番号", "次第に印刷した番号"), ("議題", "議題の名称")),
        agenda_rows,
    ),
    Table(
        "minutes",
        "検討状況",
        (
            NUMBER,
            ("固定ID", "番号が変わっても変わらない項目の名"),
            ("種類", "報告、講演などの種類"),
            ("発言者", "発言者（当時の名称）"),
            ("内容", "内容（Markdownの一部を含む）"),
        ),
        minute_rows,
    ),
    Table(
        "figures",
        "指標",
        (
            ("識別名", "指標の識別名。本文と指標のページのアドレスに使う"),
            ("指標", "指標の名称"),
            ("意味", "何を数えるか"),
            ("数", "数えた数"),
            ("母数", "割合の母数"),
            ("単位", "数える単位"),
            ("割合", "母数に占める割合（%、小数第1位を四捨五入）"),
            ("回答数", "回答した数。出所に記載がなければ空欄"),
            ("アンケート", "元になったアンケート"),
            ("集計の時点", "計算した日時（ISO 8601）"),
            ("注記", "データの出所についての注記"),
        ),
        figure_rows,
    ),
    Table(
        "figure-tables",
        "指標の集計表",
        (
            ("識別名", "指標の識別名"),
            *COUNTS,
            ("数える", "この選択肢を選んだ市町を指標で数えるか"),
            *BASES,
        ),
        detail_rows,
    ),
    Table("results", "調査の結果", (*COUNTS, *BASES), result_rows),
)
BY_NAME = {table.name: table for table in TABLES}


def write_csv(report: Report, name: str) -> bytes:
    """One table as CSV (UTF-8 with BOM)."""
    return CSV().export_data(BY_NAME[name].fill(report))


def dictionary() -> tablib.Dataset:
    """What every column of every table means."""
    found = tablib.Dataset(headers=["表", "列", "意味"])
    for table in TABLES:
        for name, meaning in table.columns:
            found.append([table.title, name, meaning])
    return found


def write_xlsx(report: Report) -> bytes:
    """All tables in one workbook, one sheet each, the data dictionary first."""
    book = Workbook(write_only=True)
    book.properties.title = report.title
    XLSX().write_sheet(book, "データ定義", dictionary())
    for table in TABLES:
        XLSX().write_sheet(book, table.title, table.fill(report))
    out = BytesIO()
    book.save(out)
    return out.getvalue()
