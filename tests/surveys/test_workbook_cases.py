"""What offices really type into an answer workbook, judged by people who had not seen the code."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from surveys.answering.drafts import load_draft
from surveys.models import Question, SurveyTarget, Topic
from surveys.workbook.intake import receive
from surveys.workbook.write import write_workbook
from tests import factories

pytestmark = pytest.mark.django_db
CASES = json.loads((Path(__file__).parent / "workbook_cases.json").read_text())
HEADER_ROW = 5


def make_question(case: dict[str, Any], kind: str) -> Question:
    survey = factories.survey(factories.council_year(), title="事例")
    labels = {
        "multiple": ["防災訓練", "避難所"],
        "single": case.get("choices", []),
        "grid": case.get("scale", []),
    }
    values = {
        "unit": case.get("unit", ""),
        "decimals": 2 if case.get("decimals") else 0,
        "minimum": case.get("min"),
        "maximum": case.get("max"),
    }
    question = factories.question(
        survey, *labels.get(kind, []), key="q", kind=kind, is_required=False, text="設問", **values
    )
    for number, label in enumerate(case.get("topics", [])):
        Topic.objects.create(question=question, code=f"t{number}", label=label)
    return question


def read(question: Question, change: Any) -> Any:
    """Send the question's workbook back after a change to its answer sheet."""
    target = SurveyTarget.objects.for_answering().get(pk=factories.target(question.survey).pk)
    book = load_workbook(io.BytesIO(write_workbook(load_draft(target))))
    change(book["回答"])
    out = io.BytesIO()
    book.save(out)
    (upload,) = receive(question.survey, [("回答.xlsx", out.getvalue())], target=target)
    return upload


def put(sheet: Any, value: Any) -> None:
    cell = sheet.cell(HEADER_ROW + 1, 4)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    else:
        # A number that somebody typed or pasted has a format of its own.
        cell.number_format = "General"


def judged(case: dict[str, Any]) -> Any:
    """What the portal makes of a case, in the words of the cases."""
    kinds = {"tick": "multiple", "sorted": "grid"}
    question = make_question(case, kinds.get(case["kind"], case["kind"]))
    if case["kind"] == "sorted":
        return judged_rows(question, case)
    upload = read(question, lambda sheet: put(sheet, case["cell"]))
    if upload.problems:
        return "refuse"
    value = upload.values.get("q-q")
    if case["kind"] == "tick":
        return "yes" if value == ["c1"] else "no"
    if case["kind"] == "single":
        return next((c.label for c in question.choices.all() if c.code == value), None)
    form = load_draft(upload.target).form(data=upload.values)
    form.full_clean()
    content = form.content.get("q-q")
    return float(content) if case["kind"] == "number" and content else content


def judged_rows(question: Question, case: dict[str, Any]) -> Any:
    topics = list(question.topics.order_by("position"))

    def change(sheet: Any) -> None:
        hidden: dict[str, list[str]] = {}
        for topic in topics:
            hidden.setdefault(topic.label, []).append(f"q-q.{topic.code}")
        tail = [
            [sheet.cell(row, column).value for column in range(1, 7)]
            for row in range(HEADER_ROW + 1 + len(topics), sheet.max_row + 1)
        ]
        sheet.delete_rows(HEADER_ROW + 1, sheet.max_row)
        number = HEADER_ROW
        for name, label, answer in case["rows"]:
            number += 1
            known = hidden.get(name, [])
            sheet.cell(number, 2).value = "設問" if label else None
            sheet.cell(number, 3).value = label or None
            sheet.cell(number, 4).value = answer or None
            sheet.cell(number, 6).value = known.pop(0) if known else name or None
        for values in tail:
            number += 1
            for column, value in enumerate(values, start=1):
                sheet.cell(number, column).value = value

    upload = read(question, change)
    if upload.problems:
        return "refuse"
    labels = {choice.code: choice.label for choice in question.choices.all()}
    return {topic.label: labels[upload.values[f"q-q.{topic.code}"]] for topic in topics}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_what_offices_type(case: dict[str, Any]) -> None:
    expected = "no" if case["expect"] == "empty" else case["expect"]
    assert judged(case) == expected, case["why"]
