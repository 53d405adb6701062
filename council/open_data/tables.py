"""Open data: what is public, as tables with stable columns, per council and year."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import tablib
from django.conf import settings

from council.report.build import load_meetings, load_roster
from meetings.models import Attendance
from members.models import CouncilYear, Membership, Organization
from surveys.models import Survey
from surveys.results.editions import published_snapshots


@dataclass(frozen=True, slots=True)
class Dataset:
    """One table of the catalogue: its name in addresses, its title, its columns, its rows for a year."""

    name: str
    title: str
    description: str
    columns: tuple[tuple[str, str, str], ...]
    rows: Callable[[CouncilYear], Iterable[list[Any]]]

    def fill(self, year: CouncilYear) -> tablib.Dataset:
        """The table as CSV and Excel print it, with Japanese column names."""
        table = tablib.Dataset(headers=[label for _, label, _ in self.columns])
        for row in self.rows(year):
            table.append(["" if value is None else value for value in row])
        return table

    def as_json(self, year: CouncilYear) -> bytes:
        """The table as JSON, with stable English keys and what they mean."""
        names = [name for name, _, _ in self.columns]
        content = {
            "council": year.council.name,
            "year": year.year,
            "dataset": self.title,
            "license": settings.OPEN_DATA_LICENSE,
            "columns": {name: f"{label}：{meaning}" for name, label, meaning in self.columns},
            "rows": [dict(zip(names, row, strict=True)) for row in self.rows(year)],
        }
        return json.dumps(content, ensure_ascii=False, indent=1).encode()


def organization_rows(year: CouncilYear) -> Iterable[list[Any]]:
    kinds = dict(Organization.Kind.choices)
    names = ("code", "name", "kana", "kind")
    fields = [f"department__organization__{name}" for name in names]
    fields[1] = "printed_organization"
    rows = Membership.objects.filter(council_year=year).in_roster_order().values_list(*fields)
    for code, name, kana, kind in {row[0]: row for row in rows}.values():
        yield [code, name, kana, kinds[kind]]


def member_rows(year: CouncilYear) -> Iterable[list[Any]]:
    roster = load_roster(year)
    for row in (*roster.municipalities, *roster.prefectures):
        for department in row.departments:
            yield [row.code, row.name, department.name, department.role, department.post]


def meeting_rows(year: CouncilYear) -> Iterable[list[Any]]:
    for row in load_meetings(year, planned=True):
        yield [row.number, row.label, row.held_on.isoformat(), row.mode, row.status]


def agenda_rows(year: CouncilYear) -> Iterable[list[Any]]:
    for meeting in load_meetings(year, planned=True):
        for number, item in enumerate(meeting.agenda, start=1):
            yield [meeting.number, number, item.label, item.title]


def minute_rows(year: CouncilYear) -> Iterable[list[Any]]:
    for meeting in load_meetings(year):
        for minute in meeting.minutes:
            yield [meeting.number, minute.anchor, minute.kind, minute.speaker, minute.body]


def attendance_rows(year: CouncilYear) -> Iterable[list[Any]]:
    statuses = dict(Attendance.Status.choices)
    rows = Attendance.objects.public().filter(meeting__council_year=year).exclude(status="").with_names()
    for number, code, name, status in rows.order_by("meeting__number", "organization__code").values_list(
        "meeting__number", "organization__code", "printed_name", "status"
    ):
        yield [number, code, name, str(statuses[status])]


def result_rows(year: CouncilYear) -> Iterable[list[Any]]:
    surveys = list(Survey.objects.public().filter(council_year=year).order_by("pk"))
    snapshots = published_snapshots(surveys)
    for survey in surveys:
        for tally in snapshots[survey.pk].tallies:
            for choice in tally.choices:
                head = [survey.key, survey.title, tally.key, tally.text]
                head += [tally.topic, choice.code, choice.label]
                tail = [choice.percent, tally.answered, survey.provenance_note]
                yield [*head, choice.count, tally.base, *tail]


NUMBER = ("meeting", "回", "その年度の何回目の会議か")
CODE = ("code", "団体コード", "全国地方公共団体コード（検査数字を含む6桁）")
NAME = ("organization", "団体", "団体の名称")
DATASETS = (
    Dataset(
        "organizations",
        "団体",
        "検討会議に参加した団体",
        (CODE, NAME, ("kana", "よみ", "名称のよみ"), ("kind", "種別", "都道府県、市、町、村")),
        organization_rows,
    ),
    Dataset(
        "members",
        "検討メンバー",
        "参加した担当課と役割",
        (
            CODE,
            NAME,
            ("department", "担当課", "課、室、事務所の名称"),
            ("role", "役割", "代表か副代表。ほかは空"),
            ("post", "職名", "代表と副代表の職名"),
        ),
        member_rows,
    ),
    Dataset(
        "meetings",
        "会議",
        "公開した会議の日程",
        (
            NUMBER,
            ("label", "会議", "会議の名称"),
            ("held_on", "開催日", "開催した日、または開催する予定の日（ISO 8601）"),
            ("mode", "方法", "開催の方法"),
            ("status", "状態", "予定、開催、中止"),
        ),
        meeting_rows,
    ),
    Dataset(
        "agenda",
        "次第",
        "公開した会議の議題",
        (
            NUMBER,
            ("position", "順", "次第の順"),
            ("label", "番号", "印刷した番号"),
            ("title", "議題", "議題の名称"),
        ),
        agenda_rows,
    ),
    Dataset(
        "minutes",
        "議事概要",
        "公開した会議記録",
        (
            NUMBER,
            ("anchor", "固定ID", "番号が変わっても変わらない項目の名"),
            ("kind", "種類", "報告、講演など"),
            ("speaker", "発言者", "発言者（当時の名称）"),
            ("body", "内容", "内容（Markdownの一部を含む）"),
        ),
        minute_rows,
    ),
    Dataset(
        "attendance",
        "出席状況",
        "公開した会議記録の出席状況",
        (NUMBER, CODE, NAME, ("status", "出欠", "出席、オンライン、代理、欠席")),
        attendance_rows,
    ),
    Dataset(
        "results",
        "アンケートの結果",
        "公開したアンケートの集計。団体ごとの回答は含みません",
        (
            ("survey", "アンケート", "識別名"),
            ("title", "アンケート名", "名称"),
            ("question", "設問", "識別名"),
            ("text", "設問文", "尋ねた文"),
            ("topic", "項目", "表形式の設問の項目"),
            ("choice", "選択肢", "識別名"),
            ("label", "選択肢名", "文言"),
            ("count", "数", "選んだ市町の数。少数の団体の回答が分かるときは空"),
            ("base", "母数", "参加した市町の数。回答しなかった市町も含む"),
            ("percent", "割合", "母数に占める割合（%、小数第1位を四捨五入）"),
            ("answered", "回答", "この設問に回答した市町の数"),
            ("note", "注記", "データの出所についての注記"),
        ),
        result_rows,
    ),
)
BY_NAME = {dataset.name: dataset for dataset in DATASETS}


def public_years() -> list[CouncilYear]:
    """The years that the catalogue offers, newest first."""
    years = CouncilYear.objects.public().select_related("council")
    return list(years.order_by("-year", "council__name"))


def dcat(base: str, address: Callable[[CouncilYear, Dataset, str], str]) -> bytes:
    """The catalogue as DCAT in JSON-LD; ``base`` is the portal's own address."""
    types = {"csv": "text/csv", "json": "application/json"}
    content = {
        "@context": {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"},
        "@type": "dcat:Catalog",
        "@id": base,
        "dct:title": "検討会議ポータルのオープンデータ",
        "dct:language": "ja",
        "dct:license": settings.OPEN_DATA_LICENSE_URL,
        "dcat:dataset": [
            {
                "@type": "dcat:Dataset",
                "dct:identifier": f"{year.council.slug}-{year.year}-{dataset.name}",
                "dct:title": f"{year.council.name} {year.label} {dataset.title}",
                "dct:description": dataset.description,
                "dct:license": settings.OPEN_DATA_LICENSE_URL,
                "dcat:distribution": [
                    {
                        "@type": "dcat:Distribution",
                        "dcat:downloadURL": address(year, dataset, extension),
                        "dcat:mediaType": media_type,
                    }
                    for extension, media_type in types.items()
                ],
            }
            for year in public_years()
            for dataset in DATASETS
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
