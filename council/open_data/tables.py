"""Open data: what is public, as tables with stable columns, per council and year."""

from collections.abc import Iterable
from typing import Any

from council.open_data.source import PublicYear
from members.common.files.tables import Column, Table
from members.models import CouncilYear


def organization_rows(source: PublicYear) -> Iterable[list[Any]]:
    for row in source.roster.organizations:
        yield [row.code, row.name, *source.kana_and_kind(row), source.edition]


def member_rows(source: PublicYear) -> Iterable[list[Any]]:
    for row in source.roster.organizations:
        for department in row.departments:
            yield [row.code, row.name, department.name, department.role, department.post, source.edition]


def meeting_rows(source: PublicYear) -> Iterable[list[Any]]:
    for edition, row in source.meetings:
        yield [row.number, row.label, row.held_on.isoformat(), row.mode, row.status, edition]


def agenda_rows(source: PublicYear) -> Iterable[list[Any]]:
    for edition, meeting in source.meetings:
        for number, item in enumerate(meeting.agenda, start=1):
            yield [meeting.number, number, item.label, item.title, item.kind, item.level, edition]


def minute_rows(source: PublicYear) -> Iterable[list[Any]]:
    for edition, meeting in source.meetings:
        for minute in meeting.minutes:
            yield [meeting.number, minute.anchor, minute.kind, minute.speaker, minute.body, edition]


def attendance_rows(source: PublicYear) -> Iterable[list[Any]]:
    for edition, meeting in source.attendances:
        for row in meeting.attendances:
            yield [meeting.number, row.code, row.name, row.status, edition]


def result_rows(source: PublicYear) -> Iterable[list[Any]]:
    for survey, edition, snapshot in source.results:
        for tally in snapshot.tallies:
            for choice in tally.choices:
                head = [survey.key, snapshot.title or survey.title, tally.key, tally.text]
                head += [tally.topic, choice.code, choice.label]
                tail = [choice.percent, tally.answered, snapshot.note, edition]
                yield [*head, choice.count, tally.base, *tail]


NUMBER = Column("回", "その年度の何回目の会議か", "meeting", datatype="integer")
CODE = Column("団体コード", "全国地方公共団体コード（検査数字を含む6桁）", "code")
NAME = Column("団体", "団体の名称", "organization")
EDITION = Column("版", "値を読んだ版。版を公開した後に加わったものは空", "edition")
DATASETS: tuple[Table[PublicYear], ...] = (
    Table(
        "organizations",
        "団体",
        (
            CODE,
            NAME,
            Column("よみ", "名称のよみ", "kana"),
            Column("種別", "都道府県、市、町、村など", "kind"),
            EDITION,
        ),
        organization_rows,
        "検討会議に参加した団体",
    ),
    Table(
        "members",
        "検討メンバー",
        (
            CODE,
            NAME,
            Column("担当課", "課、室、事務所の名称", "department"),
            Column("役割", "代表か副代表。ほかは空", "role"),
            Column("職名", "代表と副代表の職名", "post"),
            EDITION,
        ),
        member_rows,
        "参加した担当課と役割",
    ),
    Table(
        "meetings",
        "会議",
        (
            NUMBER,
            Column("会議", "会議の名称", "label"),
            Column("開催日", "開催した日、または開催する予定の日（ISO 8601）", "held_on", datatype="date"),
            Column("方法", "開催の方法", "mode"),
            Column("状態", "予定、開催、中止", "status"),
            EDITION,
        ),
        meeting_rows,
        "公開した会議の日程",
    ),
    Table(
        "agenda",
        "次第",
        (
            NUMBER,
            Column("順", "次第の順", "position", datatype="integer"),
            Column("番号", "印刷した番号", "label"),
            Column("議題", "議題の名称", "title"),
            Column("種類", "item（議題）、heading（見出し）、formal（開会などの進行）", "kind"),
            Column("字下げ", "0から3。1以上は上の行の下にある", "level", datatype="integer"),
            EDITION,
        ),
        agenda_rows,
        "公開した会議の議題",
    ),
    Table(
        "minutes",
        "議事概要",
        (
            NUMBER,
            Column("固定ID", "番号が変わっても変わらない項目の名", "anchor"),
            Column("種類", "報告、講演など", "kind"),
            Column("発言者", "発言者（当時の名称）", "speaker"),
            Column("内容", "内容（Markdownの一部を含む）", "body"),
            EDITION,
        ),
        minute_rows,
        "公開した会議記録",
    ),
    Table(
        "attendance",
        "出席状況",
        (NUMBER, CODE, NAME, Column("出欠", "出席、オンライン、代理、欠席", "status"), EDITION),
        attendance_rows,
        "公開した会議記録の出席状況",
    ),
    Table(
        "results",
        "アンケートの結果",
        (
            Column("アンケート", "識別名", "survey"),
            Column("アンケート名", "名称", "title"),
            Column("設問", "識別名", "question"),
            Column("設問文", "尋ねた文", "text"),
            Column("項目", "表形式の設問の項目", "topic"),
            Column("選択肢", "識別名", "choice"),
            Column("選択肢名", "文言", "label"),
            Column("数", "選んだ団体の数。少数の団体の回答が分かるときは空", "count", datatype="integer"),
            Column(
                "母数", "参加し、母数に入る団体の数。回答しなかった団体も含む", "base", datatype="integer"
            ),
            Column("割合", "母数に占める割合（%、小数第1位を四捨五入）", "percent", datatype="integer"),
            Column("回答", "この設問に回答した団体の数", "answered", datatype="integer"),
            Column("注記", "データの出所についての注記", "note"),
            EDITION,
        ),
        result_rows,
        "公開したアンケートの集計。団体ごとの回答は含みません",
    ),
)
BY_NAME = {dataset.name: dataset for dataset in DATASETS}


def public_years() -> list[CouncilYear]:
    """The years that the catalogue offers: newest first, what is made up behind all that is real."""
    years = CouncilYear.objects.public().select_related("council")
    return list(years.order_by("council__is_fictional", "-year", "council__name"))
