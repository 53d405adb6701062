"""Answers of many organizations in one table, as it is written out: one row each, choices as codes."""

import re
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from members.common.files.spreadsheets import CSV, MAX_BYTES, XLSX, names_sheet
from members.common.files.turns import one_at_a_time
from members.common.text.cleaning import cell_text
from members.common.text.marks import read_mark
from surveys.answering.drafts import AnswerDraft, load_draft, submission_of
from surveys.models import Survey, SurveyTarget, WorkbookUpload
from surveys.questionnaire.structure import RESPONDENT_LABELS, Item, Questionnaire, Values
from surveys.results.answer_files import CODES_SHEET, columns_of, local_second

RESPONDENT_HEADERS = {label: name for name, label in RESPONDENT_LABELS.items()}
# What the export writes in the column of a choice.
CODES = {"1": True, "0": False, "": False}


def receive_table(
    survey: Survey, name: str, content: bytes, questionnaire: Questionnaire, *, by: User | None
) -> list[WorkbookUpload]:
    """Read a table into one upload for each row that answers anything; changes no answer."""
    upload = WorkbookUpload(survey=survey, file_name=name[-200:], uploaded_by=by)
    try:
        if len(content) > MAX_BYTES:
            raise ValidationError("ファイルが大きすぎます。いくつかに分けてください。")
        table = open_table(name, content)
        check_headers(table.headers, questionnaire)
    except ValidationError as error:
        upload.problems = error.messages
        return [upload]
    targets = {
        target.organization.code: target
        for target in SurveyTarget.objects.for_answering().filter(survey=survey)
    }
    uploads = []
    for number, row in enumerate(table.dict, start=2):
        cells = {header: cell_text(value).strip() for header, value in row.items()}
        found = read_row(number, cells, targets, questionnaire)
        if found is None:
            continue
        found.survey, found.uploaded_by = survey, by
        found.fingerprint = questionnaire.fingerprint
        found.file_name = f"{name[-180:]} {number}行目"
        uploads.append(found)
    return uploads


def is_table(name: str, content: bytes) -> bool:
    """Whether a file is a table of many answers, and no answer workbook of one organization."""
    return name.lower().endswith(".csv") or names_sheet(content, CODES_SHEET)


def open_table(name: str, content: bytes) -> Any:
    """Open a table as it was exported: the CSV, or its sheet in the workbook of all answers."""
    if name.lower().endswith(".csv"):
        return CSV().create_dataset(content)
    with one_at_a_time("answer-workbook"):
        return XLSX().create_dataset(content, sheet=CODES_SHEET)


def check_headers(headers: list[str], questionnaire: Questionnaire) -> None:
    """Refuse a table that is not one of this questionnaire's."""
    known = {heading for *_, heading in columns_of(questionnaire)}
    if "団体コード" not in headers or not known & set(headers):
        raise ValidationError(
            "このアンケートの表ではありません。集計結果の画面で書き出した「団体別・コード（CSV）」の形にしてください。"
        )
    twice = {header for header in headers if headers.count(header) > 1}
    if twice:
        raise ValidationError(f"見出し「{'」「'.join(sorted(twice))}」が2つあります。")


def read_row(
    number: int, cells: dict[str, str], targets: dict[str, SurveyTarget], questionnaire: Questionnaire
) -> WorkbookUpload | None:
    """Understand one organization's row; None where it answers nothing."""
    values, problems = read_values(number, cells, questionnaire)
    if not values and not problems:
        return None
    values |= {name: cells.get(header, "") for header, name in RESPONDENT_HEADERS.items()}
    target = targets.get(cells.get("団体コード", ""))
    if target is None:
        problems.append(f"{number}行目「団体コード」：このアンケートの回答対象にない団体です。")
    upload = WorkbookUpload(target=target, values=values, problems=problems)
    if target:
        draft = load_draft(target, questionnaire)
        upload.made_from = draft.fingerprint if is_of(draft, cells.get("提出日時", "")) else ""
        check_upload(upload, draft, number)
    return upload


def read_values(number: int, cells: dict[str, str], questionnaire: Questionnaire) -> tuple[Values, list[str]]:
    """What a row answers, column by column, and what of it cannot be read."""
    values: Values = {}
    problems: list[str] = []
    for name, item, sub, heading in columns_of(questionnaire):
        text = cells.get(heading, "")
        if sub and sub != "text":
            answer = CODES.get(text, read_mark(text))
            if answer:
                values.setdefault(name, []).append(sub)
            elif answer is None:
                problems.append(
                    f"{number}行目「{heading}」：{text}は読み取れません。1か0を入力してください。"
                )
        elif text and not sub and is_unknown_code(item, text):
            problems.append(f"{number}行目「{heading}」：{text}という選択肢の識別名はありません。")
        elif text:
            values[name] = unguarded(text)
    return values, problems


def is_unknown_code(item: Item, text: str) -> bool:
    return bool(item.choices) and text not in {choice.code for choice in item.choices}


def check_upload(upload: WorkbookUpload, draft: AnswerDraft, number: int) -> None:
    """Say what a person could not have typed on the page either."""
    form = draft.form(data=upload.values)
    upload.problems += [
        f"{number}行目「{form.error_label(name)}」：{error}"
        for name, errors in form.errors.items()
        if name in upload.values and name not in form.missing
        for error in errors
    ]


def is_of(draft: AnswerDraft, submitted: str) -> bool:
    """Whether a row says the moment of the answer that still stands: nothing is replaced unseen.

    Excel writes the moment in its own way and drops the seconds.
    """
    submission = submission_of(draft.target)
    if submission is None or draft.is_changed:
        return not any(draft.values.values())
    said = [int(number) for number in re.findall("[0-9]+", submitted)]
    known = [int(number) for number in re.findall("[0-9]+", local_second(submission.submitted_at))]
    return len(said) >= 5 and said == known[: len(said)]


def unguarded(text: str) -> Any:
    """Take off the apostrophe that the export put before a text that begins like a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@＝＋－＠") else text
