"""The secretariat changes questions while a body has their page open: nothing typed is lost silently."""

from typing import Any

import pytest
from django.test import Client

from surveys.models import DraftSection, Question, Survey, SurveyTarget
from surveys.running.lifecycle import issue_links
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    survey = factories.survey(factories.council_year())
    for number, code in enumerate(("a", "b"), start=1):
        section = survey.sections.create(code=code, title=f"区分{code}", position=number)
        factories.question(survey, "はい", "いいえ", key=f"{code}1", section=section)
        factories.question(survey, key=f"{code}2", kind="text", section=section, is_required=False)
    return survey


@pytest.fixture
def target(survey: Survey) -> SurveyTarget:
    return factories.target(survey)


@pytest.fixture
def body(target: SurveyTarget) -> Client:
    client = Client()
    (link,) = issue_links([target])
    client.get(f"/answer/open/{link.token}/")
    return client


def typed(survey: Survey) -> dict[str, Any]:
    choice = Question.objects.get(key="a1").choices.first()
    assert choice is not None
    return {"q-a1": choice.code, "q-a2": "書いておいたこと", "seen": ""}


def test_what_was_typed_for_a_question_that_is_gone_is_shown(
    body: Client, survey: Survey, target: SurveyTarget
) -> None:
    data = typed(survey)
    Question.objects.get(key="a2").delete()
    response = body.post(f"/answer/{target.anchor}/sections/a/", data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "事務局が設問を直しました" in page
    assert "書いておいたこと" in page
    # The rest is kept, and the next save goes on.
    assert DraftSection.objects.get().values == {"q-a1": data["q-a1"]}
    again = {"q-a1": data["q-a1"], "seen": ""}
    assert body.post(f"/answer/{target.anchor}/sections/a/", again).status_code == 302


def test_nor_is_it_where_the_section_is_gone(body: Client, survey: Survey, target: SurveyTarget) -> None:
    data = typed(survey)
    Question.objects.filter(key__startswith="a").delete()
    survey.sections.get(code="a").delete()
    response = body.post(f"/answer/{target.anchor}/sections/a/", data)
    assert response.status_code == 409
    assert "書いておいたこと" in response.content.decode()
    assert data["q-a1"] not in response.content.decode().split("保存できなかった入力")[1]


def test_what_was_emptied_again_holds_no_questionnaire(
    body: Client, survey: Survey, target: SurveyTarget
) -> None:
    body.post(f"/answer/{target.anchor}/sections/a/", {"q-a2": "書いた", "seen": ""})
    assert survey.is_locked
    DraftSection.objects.update(values={})
    assert not survey.is_locked
