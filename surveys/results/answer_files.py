"""Answers as files: one row per answer, one row per organization, and what each column means."""

import io
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import tablib
from django.utils import timezone
from openpyxl import Workbook

from members.common.files.spreadsheets import XLSX
from members.common.files.tables import Table, columns
from members.models import Organization
from surveys.answering.drafts import submission_of
from surveys.models import Answer, AnswerStatus, Question, Survey, SurveyTarget
from surveys.questionnaire.field_names import column_name, field_name, text_field_name
from surveys.questionnaire.structure import Item, Questionnaire, load_questionnaire

# The sheet that can be read in again.
CODES_SHEET = "団体別（コード）"
ORGANIZATION_HEADERS = [
    "団体コード",
    "団体",
    "種別",
    "母数に含める",
    "状態",
    "提出日時",
    "提出の方法",
    "担当課名",
    "回答者の氏名",
]
ANSWER_HEADERS = [
    *ORGANIZATION_HEADERS[:4],
    "設問",
    "設問文",
    "項目",
    "項目名",
    "選択肢",
    "選択肢名",
    "記述",
    "数値",
    "日付",
]


def table(headers: list[str], rows: Iterable[list[Any]]) -> tablib.Dataset:
    """A table whose columns a questionnaire decides."""
    return Table("answers", "回答", columns(*headers), lambda found: found).fill(rows)


def local_second(moment: datetime) -> str:
    """A moment as offices read and Excel sorts it: Japanese time, to the second."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"


def organization_columns(target: Any) -> list[Any]:
    submission = submission_of(target)
    kind = target.kind_at_opening or target.organization.kind
    known = [
        target.organization.code,
        target.name,
        Organization.Kind(kind).label,
        "はい" if target.in_base else "いいえ",
    ]
    status = AnswerStatus(target.status).label
    if submission is None:
        return [*known, status, "", "", "", ""]
    return [
        *known,
        status,
        local_second(submission.submitted_at),
        submission.get_channel_display(),
        submission.respondent_department,
        submission.respondent_name,
    ]


def targets_of(survey: Survey) -> list[SurveyTarget]:
    targets = (
        SurveyTarget.objects.filter(survey=survey).with_status().select_related("organization", "submission")
    )
    return list(targets.order_by("organization__code"))


def answer_table(survey: Survey) -> tablib.Dataset:
    """One row per selected choice, text, number or day (three queries)."""
    organizations = {target.pk: organization_columns(target)[:4] for target in targets_of(survey)}
    answers = (
        Answer.objects.filter(submission__target__survey=survey)
        .order_by(
            "submission__target__organization__code", "question__position", "question",
            "topic__position", "choice__position", "pk",
        )
        .values_list(
            "submission__target", "question__key", "question__text", "topic__code", "topic__label",
            "choice__code", "choice__label", "text", "number", "date",
        )
    )  # fmt: skip
    return table(
        ANSWER_HEADERS,
        (
            [
                *organizations[target],
                *("" if value is None else value for value in row),
                number_cell(number),
                day(date),
            ]
            for target, *row, number, date in answers
        ),
    )


def number_cell(number: Any) -> Any:
    """A number as a number, so that Excel can count with it."""
    return "" if number is None else (int(number) if number == number.to_integral() else float(number))


def day(date: Any) -> str:
    return date.isoformat() if date else ""


def columns_of(questionnaire: Questionnaire) -> list[tuple[str, Item, str, str]]:
    """Field name, item, sub-column and heading of every column of the wide table."""
    columns = []
    for item in questionnaire.items:
        if item.question.kind == Question.Kind.MULTIPLE:
            columns += [
                (item.name(), item, choice.code, column_name(item.name(), choice.code))
                for choice in item.choices
            ]
        else:
            columns += [(name, item, "", column_name(name)) for name in item.cells]
        columns += [(name, item, "text", column_name(name)) for name in item.texts]
    return columns


def organization_table(survey: Survey, *, labelled: bool) -> tablib.Dataset:
    """One row per organization, one column per field; codes, or with ``labelled`` the wording."""
    questionnaire = load_questionnaire(survey)
    columns = columns_of(questionnaire)
    values: dict[int, dict[str, Any]] = defaultdict(dict)
    rows = Answer.objects.filter(submission__target__survey=survey).values_list(
        "submission__target", "question__key", "topic__code", "choice__code", "text", "number", "date"
    )
    for target, question, topic, choice, text, number, date in rows.order_by("pk"):
        name = field_name(question, topic)
        if choice is None:
            values[target][name] = text or day(date) or number_cell(number)
        else:
            values[target].setdefault(name, []).append(choice)
            if text:
                values[target][text_field_name(question, choice)] = text
    return table(
        [*ORGANIZATION_HEADERS, *(heading for *_, heading in columns)],
        (
            [
                *organization_columns(target),
                *(cell(values[target.pk], column, labelled) for column in columns),
            ]
            for target in targets_of(survey)
        ),
    )


def cell(values: dict[str, Any], column: tuple[str, Item, str, str], labelled: bool) -> Any:
    name, item, sub, _ = column
    value = values.get(name, "")
    if not isinstance(value, list):
        return value
    if sub:
        return ("○" if labelled else 1) if sub in value else ("" if labelled else 0)
    if not labelled:
        return value[0]
    return next(choice.label for choice in item.choices if choice.code == value[0])


def definition_table(survey: Survey) -> tablib.Dataset:
    """設問定義: what every column and code of the other sheets means."""
    headers = [
        "列",
        "設問",
        "設問文",
        "項目名",
        "番号",
        "形式",
        "必須",
        "開示範囲",
        "尋ねる条件",
        "選択肢",
        "選択肢名",
        "単位",
    ]
    rows = []
    for item in load_questionnaire(survey).items:
        question = item.question
        meta = [
            f"問{item.number}",
            question.get_kind_display(),
            "必須" if question.is_required else "任意",
            question.get_disclosure_display(),
            item.rule,
        ]
        for name, topic in item.cells.items():
            head = [
                column_name(name),
                item.key,
                question.text,
                topic.label if topic else "",
                *meta,
            ]
            rows += [[*head, choice.code, choice.label, ""] for choice in item.choices] or [
                [*head, "", "", question.unit]
            ]
        rows += [
            [
                column_name(name),
                item.key,
                question.text,
                f"「{choice.label}」の内容",
                *meta,
                "",
                "",
                "",
            ]
            for name, choice in item.texts.items()
        ]
    return table(headers, rows)


def answers_workbook(survey: Survey) -> bytes:
    """Everything of a survey's answers in one workbook, its definitions first."""
    sheets = [
        ("設問定義", definition_table(survey)),
        ("回答（1行1件）", answer_table(survey)),
        (CODES_SHEET, organization_table(survey, labelled=False)),
        ("団体別（表示）", organization_table(survey, labelled=True)),
    ]
    book = Workbook(write_only=True)
    for title, dataset in sheets:
        XLSX().write_sheet(book, title, dataset)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
