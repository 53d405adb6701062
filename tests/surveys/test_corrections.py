"""Staff correct an answer in force: nothing emptied, nothing doubled, nothing left over."""

from typing import Any

import pytest
from django.test import Client

from surveys.models import Condition, Survey, SurveyTarget
from surveys.results.disclosure import STAFF, disclosed_results
from tests import factories
from tests.pages import seen
from tests.surveys.test_results import answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    return factories.survey(factories.council_year())


def corrected(client: Client, target: SurveyTarget, **changes: Any) -> Any:
    """Staff correct an answer row by row; a change is ``key__field``."""
    submission = target.submission
    rows = list(submission.answers.select_related("question"))
    data: dict[str, Any] = {
        "respondent_department": "課",
        "respondent_name": "名",
        "seen": seen(client, f"/admin/surveys/submission/{submission.pk}/change/"),
        "reason": "電話で確認",
        "revisions-TOTAL_FORMS": 0,
        "revisions-INITIAL_FORMS": 0,
        "answers-TOTAL_FORMS": len(rows),
        "answers-INITIAL_FORMS": len(rows),
    }
    for index, row in enumerate(rows):
        head = f"answers-{index}-"
        data |= {f"{head}id": row.pk, f"{head}submission": submission.pk}
        data |= {f"{head}choice": row.choice_id or "", f"{head}text": row.text}
        for name, value in changes.items():
            key, _, field = name.partition("__")
            if row.question.key == key:
                data[f"{head}{field}"] = value
    return client.post(f"/admin/surveys/submission/{submission.pk}/change/", data)


def test_a_correction_closes_what_no_longer_applies(survey: Survey, staff_client: Client) -> None:
    first = factories.question(survey, "はい", "いいえ", key="first")
    why = factories.question(survey, "A", "B", key="why")
    Condition.objects.create(question=why, choice=first.choices.get(code="c2"))
    target = answer(survey, first="c2", why="c1")
    response = corrected(staff_client, target, first__choice=first.choices.get(code="c1").pk)
    assert response.status_code == 302
    tally = disclosed_results(survey, STAFF).questions[1].topics[0].tally
    assert (tally.answered, tally.not_asked) == (0, 1)
    assert "q-why" in target.submission.revisions.get(number=1).content


def test_a_correction_empties_and_doubles_nothing(survey: Survey, staff_client: Client) -> None:
    many = factories.question(survey, "A", "B", key="many", kind="multiple")
    factories.question(survey, key="note", kind="text")
    target = answer(survey, many=["c1", "c2"], note="書いた")
    both = corrected(staff_client, target, many__choice=many.choices.get(code="c1").pk)
    assert "すでに選ばれています" in both.content.decode()
    empty = corrected(staff_client, target, note__text="")
    assert "空にはできません" in empty.content.decode()
    assert target.submission.answers.count() == 3
