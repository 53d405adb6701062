"""The report's tables, for CSV and Excel, and what each of their columns means."""

from collections.abc import Callable, Iterable
from typing import Any

from council.report.build import Report
from council.report.counts import CountTable
from council.report.imprint import Printed
from council.writing.prose import plain
from members.common.files.tables import Column, Table, columns


def section_rows(report: Report) -> Iterable[list[Any]]:
    for section in report.sections:
        yield [section.number, section.heading, "\n\n".join(map(plain, section.paragraphs))]


def member_rows(report: Report) -> Iterable[list[Any]]:
    for side, rows in report.roster.groups:
        for row in rows:
            for department in row.departments:
                yield [
                    row.code,
                    row.name,
                    row.kana,
                    side,
                    row.kind,
                    department.name,
                    department.role,
                    department.post,
                ]


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


def attendance_rows(report: Report) -> Iterable[list[Any]]:
    for meeting in report.meetings:
        for row in meeting.attendances:
            yield [meeting.number, row.code, row.name, row.status]


def agenda_rows(report: Report) -> Iterable[list[Any]]:
    for meeting in report.meetings:
        for number, item in enumerate(meeting.agenda, start=1):
            yield [meeting.number, number, item.label, item.title, item.kind, item.level]


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
            row.source,
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


def left_out_rows(report: Report) -> Iterable[list[Any]]:
    for detail in report.details:
        for row in detail.left_out:
            yield [detail.key, row.name, row.reason]


def trend_rows(report: Report) -> Iterable[list[Any]]:
    for trend in report.trends:
        for point in trend.points:
            value = [point.percent, point.percent_text, point.of_base_text]
            yield [trend.key, point.year, *value, point.edition, "、".join(point.breaks)]
        if figure := report.figure(trend.key):
            value = [figure.percent, figure.percent_text, figure.of_base_text]
            yield [trend.key, report.year, *value, None, "、".join(trend.breaks)]


def result_rows(report: Report) -> Iterable[list[Any]]:
    for table in report.results:
        for row in count_rows(table):
            yield [*row[:7], *row[8:]]


NUMBER = Column("回", "その年度の何回目の会議か", datatype="integer")
COUNTS = (
    Column("アンケート", "アンケートの名称"),
    Column("設問", "設問の識別名"),
    Column("設問文", "尋ねた文"),
    Column("項目", "表形式の設問の項目。ほかは空欄"),
    Column("選択肢", "選択肢の文言"),
    Column("数", "選んだ団体の数", datatype="integer"),
    Column("割合", "母数に占める割合（%、小数第1位を四捨五入）"),
)
BASES = (
    Column(
        "母数", "検討メンバーとして参加し、母数に入る団体の数。回答しなかった団体も含む", datatype="integer"
    ),
    Column("回答", "この設問に回答した団体の数", datatype="integer"),
    Column("対象外", "回答したが、この設問を尋ねていない団体の数", datatype="integer"),
    Column("無回答・未提出", "残りの団体の数", datatype="integer"),
)
Rows = Callable[[Report], Iterable[list[Any]]]


def of_report(rows: Rows) -> Callable[[Printed], Iterable[list[Any]]]:
    """A table that needs no more than what the report says."""
    return lambda printed: rows(printed.report)


# What a CSV file has at the end of each row.
EDITION = columns("年次報告書", "版", "版のハッシュ値")
TABLES: tuple[Table[Printed], ...] = (
    Table(
        "about",
        "報告書について",
        (Column("事項", "題名、評価、版など"), Column("内容", "その内容")),
        lambda printed: map(list, printed.facts),
    ),
    Table(
        "sections",
        "本文",
        (
            Column("番号", "節の番号"),
            Column("節", "節の見出し"),
            Column("本文", "本文。数値は公開した時点のもの"),
        ),
        of_report(section_rows),
    ),
    Table(
        "members",
        "検討メンバー",
        (
            Column("団体コード", "全国地方公共団体コード（検査数字を含む6桁）"),
            Column("団体", "団体の名称"),
            Column("よみ", "名称のよみ"),
            Column("区分", "市町、県など"),
            Column("種別", "都道府県、市、町、村など"),
            Column("担当課", "担当課、室、事務所の名称"),
            Column("役割", "代表か副代表。ほかは空欄"),
            Column("職名", "代表と副代表の職名"),
        ),
        of_report(member_rows),
    ),
    Table(
        "meetings",
        "開催実績",
        (
            NUMBER,
            Column("会議", "会議の名称"),
            Column("開催日", "開催した日（ISO 8601）", datatype="date"),
            Column("方法", "開催の方法"),
            Column("状態", "開催したか、中止したか"),
            Column("出席団体", "出席した団体の数。記録がなければ空欄", datatype="integer"),
            Column("対象団体", "出欠を記録した団体の数。記録がなければ空欄", datatype="integer"),
        ),
        of_report(meeting_rows),
    ),
    Table(
        "attendance",
        "出席状況",
        (
            NUMBER,
            Column("団体コード", "全国地方公共団体コード（検査数字を含む6桁）"),
            Column("団体", "団体の名称（当時）"),
            Column("出欠", "出席、オンライン、代理、欠席"),
        ),
        of_report(attendance_rows),
    ),
    Table(
        "agenda",
        "次第",
        (
            NUMBER,
            Column("順", "次第の順", datatype="integer"),
            Column("番号", "次第に印刷した番号"),
            Column("議題", "議題の名称"),
            Column("種類", "item（議題）、heading（見出し）、formal（開会などの進行）"),
            Column("字下げ", "0から3。1以上は上の行の下にある", datatype="integer"),
        ),
        of_report(agenda_rows),
    ),
    Table(
        "minutes",
        "検討状況",
        (
            NUMBER,
            Column("固定ID", "番号が変わっても変わらない項目の名"),
            Column("種類", "報告、講演などの種類"),
            Column("発言者", "発言者（当時の名称）"),
            Column("内容", "内容（Markdownの一部を含む）"),
        ),
        of_report(minute_rows),
    ),
    Table(
        "figures",
        "指標",
        (
            Column("識別名", "指標の識別名。本文と指標のページのアドレスに使う"),
            Column("指標", "指標の名称"),
            Column("意味", "何を数えるか"),
            Column("数", "数えた数", datatype="integer"),
            Column("母数", "割合の母数", datatype="integer"),
            Column("単位", "数える単位"),
            Column("割合", "母数に占める割合（%、小数第1位を四捨五入）"),
            Column("回答数", "回答した数。出所に記載がなければ空欄", datatype="integer"),
            Column("アンケート", "元になったアンケート"),
            Column("集計の時点", "計算した日時（ISO 8601）", datatype="dateTime"),
            Column("集計値の出所", "団体ごとの回答がなく、資料にある数から計算したときの、その資料"),
            Column("注記", "データの出所についての注記"),
        ),
        of_report(figure_rows),
    ),
    Table(
        "figure-tables",
        "指標の集計表",
        (
            Column("識別名", "指標の識別名"),
            *COUNTS,
            Column("数える", "この選択肢を選んだ団体を指標で数えるか"),
            *BASES,
        ),
        of_report(detail_rows),
    ),
    Table(
        "left-out",
        "母数から除いた団体",
        (
            Column("識別名", "指標の識別名"),
            Column("団体", "母数から除いた団体の名称"),
            Column("理由", "除いた理由"),
        ),
        of_report(left_out_rows),
    ),
    Table(
        "trends",
        "年度ごとの推移",
        (
            Column("識別名", "指標の識別名"),
            Column("年度", "会計年度（西暦）", datatype="integer"),
            Column("割合（%）", "母数に占める割合。算出できなければ空欄", datatype="integer"),
            Column("割合", "割合を文で書いたもの"),
            Column("数と母数", "母数と数"),
            Column("版", "値を読んだ、その年度の版の番号。この報告書の年度は空欄"),
            Column("注意", "前の値と比べるときの注意"),
        ),
        of_report(trend_rows),
    ),
    Table("results", "調査の結果", (*COUNTS, *BASES), of_report(result_rows)),
)
BY_NAME = {table.name: table for table in TABLES}


DICTIONARY: Table[Any] = Table(
    "dictionary",
    "データ定義",
    columns("表", "列", "意味"),
    lambda tables: ([table.title, each.label, each.meaning] for table in tables for each in table.columns),
)
