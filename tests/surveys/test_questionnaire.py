"""Kinds of questions, what they accept, and what applies to whom."""

import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from surveys.answering.drafts import load_draft
from surveys.models import (
    Answer,
    Choice,
    Condition,
    Question,
    Scale,
    ScaleChoice,
    Section,
    Survey,
    SurveyTarget,
)
from surveys.questionnaire.structure import load_questionnaire
from surveys.running.lifecycle import flaws, issue_links
from tests import factories

pytestmark = pytest.mark.django_db
RESPONDENT = {"respondent_department": "総務課", "respondent_name": "試験 花子"}


@pytest.fixture
def survey() -> Survey:
    return factories.survey(factories.council_year())


def errors_of(survey: Survey, data: dict[str, Any]) -> dict[str, list[str]]:
    """What the whole form says of an answer; the respondent is always there."""
    target = survey.targets.first() or factories.target(survey)
    form = load_draft(SurveyTarget.objects.for_answering().get(pk=target.pk)).form(
        data={**RESPONDENT, **data}
    )
    return {name: list(errors) for name, errors in form.errors.items()}


def content_of(survey: Survey, data: dict[str, Any]) -> dict[str, Any]:
    target = survey.targets.first() or factories.target(survey)
    form = load_draft(SurveyTarget.objects.for_answering().get(pk=target.pk)).form(
        data={**RESPONDENT, **data}
    )
    assert form.is_valid(), form.errors
    return {name: value for name, value in form.content.items() if name.startswith("q-")}


def test_other_asks_for_its_text(survey: Survey) -> None:
    question = factories.question(survey, "A", "その他", key="k", kind="multiple")
    question.choices.filter(code="c2").update(asks_text=True)
    assert "内容を入力してください" in errors_of(survey, {"q-k": ["c2"]})["q-k~c2"][0]
    assert "選んでいません" in errors_of(survey, {"q-k": ["c1"], "q-k~c2": "書いた"})["q-k~c2"][0]
    assert content_of(survey, {"q-k": ["c2"], "q-k~c2": "書いた"}) == {"q-k": ["c2"], "q-k~c2": "書いた"}


def test_an_exclusive_choice_stands_alone(survey: Survey) -> None:
    question = factories.question(survey, "A", "B", "特にない", key="k", kind="multiple", min_choices=2)
    question.choices.filter(code="c3").update(is_exclusive=True)
    assert "「特にない」は、ほかの選択肢と一緒には" in errors_of(survey, {"q-k": ["c1", "c3"]})["q-k"][0]
    # The minimum is for the others.
    assert content_of(survey, {"q-k": ["c3"]}) == {"q-k": ["c3"]}
    assert "2つ以上" in errors_of(survey, {"q-k": ["c1"]})["q-k"][0]


def test_the_number_of_choices_has_bounds(survey: Survey) -> None:
    factories.question(survey, "A", "B", "C", key="k", kind="multiple", max_choices=2)
    assert "2つまで" in errors_of(survey, {"q-k": ["c1", "c2", "c3"]})["q-k"][0]
    assert not errors_of(survey, {"q-k": ["c1", "c2"]})


@pytest.mark.parametrize(
    ("typed", "kept", "error"),
    [
        ("１２", "12", ""),
        ("1,000", "1000", ""),
        ("0", "0", ""),
        ("12.5", "", "整数で入力"),
        ("-1", "", "0人以上"),
        ("100001", "", "100000人以下"),
        ("約10", "", "数で入力"),
    ],
)
def test_a_number_knows_its_range(survey: Survey, typed: str, kept: str, error: str) -> None:
    factories.question(survey, key="n", kind="number", minimum=0, maximum=100_000, unit="人")
    if error:
        assert error in errors_of(survey, {"q-n": typed})["q-n"][0]
    else:
        assert content_of(survey, {"q-n": typed}) == {"q-n": kept}


@pytest.mark.parametrize(
    "typed",
    ["2026-11-23", "2026/11/23", "2026年11月23日", "令和8年11月23日", "R8.11.23", "２０２６/１１/２３"],
)
def test_a_day_is_read_as_offices_write_it(survey: Survey, typed: str) -> None:
    factories.question(survey, key="d", kind="date")
    assert content_of(survey, {"q-d": typed}) == {"q-d": "2026-11-23"}


@pytest.mark.parametrize("typed", ["昨日", "2026-02-30", "11/23", "令和99年1月"])
def test_what_is_no_day_is_refused(survey: Survey, typed: str) -> None:
    factories.question(survey, key="d", kind="date")
    assert "日付を" in errors_of(survey, {"q-d": typed})["q-d"][0]


@pytest.fixture
def chain(survey: Survey) -> Survey:
    """A question for those who chose いいえ, and one more for those who chose A there."""
    first = factories.question(survey, "はい", "いいえ", key="first")
    why = factories.question(survey, "A", "B", key="why")
    more = factories.question(survey, key="more", kind="text")
    Condition.objects.create(question=why, choice=first.choices.get(code="c2"))
    Condition.objects.create(question=more, choice=why.choices.get(code="c1"))
    return survey


def test_conditions_decide_what_is_asked(chain: Survey) -> None:
    assert not errors_of(chain, {"q-first": "c1"})
    assert list(errors_of(chain, {"q-first": "c2"})) == ["q-why"]
    assert list(errors_of(chain, {"q-first": "c2", "q-why": "c1"})) == ["q-more"]
    assert not errors_of(chain, {"q-first": "c2", "q-why": "c2"})


def test_hidden_answers_are_never_handed_in(chain: Survey) -> None:
    # Tampered, or typed before the deciding answer was changed.
    typed = {"q-first": "c1", "q-why": "c1", "q-more": "隠れた回答"}
    assert content_of(chain, typed) == {"q-first": "c1"}


def test_a_hidden_answer_stays_in_the_draft_and_out_of_the_answer(chain: Survey) -> None:
    target = factories.target(chain)
    (link,) = issue_links([target])
    client = Client()
    client.get(f"/answer/open/{link.token}/")
    path = f"/answer/{target.anchor}/"
    client.post(f"{path}sections/main/", {"q-first": "c1", "q-more": "書きかけ", **RESPONDENT})
    page = client.get(f"{path}check/").content.decode()
    assert "この条件に当てはまらないため提出されません" in page
    assert "「いいえ」を選んだ場合だけ" in page
    assert "書きかけ" in client.get(f"{path}sections/main/").content.decode()
    state = re.search(r'name="state" value="([^"]+)"', page)
    assert state
    client.post(f"{path}check/", {"state": state[1]})
    assert [answer.question.key for answer in Answer.objects.all()] == ["first"]


def test_a_condition_hangs_on_an_earlier_question(chain: Survey) -> None:
    late = Choice.objects.get(question__key="why", code="c1")
    first = Question.objects.get(key="first")
    with pytest.raises(ValidationError, match="前にある"):
        Condition(question=first, choice=late).full_clean()
    Question.objects.filter(key="first").update(position=9)
    assert any("後ろの設問を指しています" in flaw for flaw in flaws(chain))


def test_sections_are_pages_and_carry_conditions_over(survey: Survey) -> None:
    one, two = (Section.objects.create(survey=survey, code=code, title=code) for code in ("one", "two"))
    first = factories.question(survey, "はい", "いいえ", key="first", section=one)
    why = factories.question(survey, key="why", kind="text", section=two)
    Condition.objects.create(question=why, choice=first.choices.get(code="c2"))
    target = factories.target(survey)
    (link,) = issue_links([target])
    client = Client()
    client.get(f"/answer/open/{link.token}/")
    path = f"/answer/{target.anchor}/"
    # The page with nothing to ask is skipped.
    response = client.post(f"{path}sections/one/", {"q-first": "c1"})
    assert response["Location"] == f"{path}sections/respondent/"
    assert "回答不要" in client.get(path).content.decode()
    response = client.post(f"{path}sections/one/", {"q-first": "c2", "seen": f"q-first={mark_of('c1')}"})
    assert response["Location"] == f"{path}sections/two/"
    assert client.post(f"{path}sections/two/", {"leave": "1", "saved_by": "税務課 試験"})["Location"] == path
    overview = client.get(path).content.decode()
    assert "税務課 試験" in overview
    assert client.get(f"{path}sections/nothere/").status_code == 404


def mark_of(value: str) -> str:
    from members.common.merging import short_digest

    return short_digest(value)


def test_a_scale_is_copied_not_shared(survey: Survey) -> None:
    scale = Scale.objects.create(name="進捗")
    ScaleChoice.objects.create(scale=scale, code="much", label="かなり進んだ")
    question = factories.question(survey, key="k")
    scale.copy_to(question)
    scale.choices.update(label="変えた")
    assert question.choices.get().label == "かなり進んだ"


def test_loading_a_questionnaire_takes_constant_queries(survey: Survey, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _ in range(12):
        question = factories.question(survey, "A", "B")
        Condition.objects.create(question=question, choice=question.choices.first())
    with django_assert_num_queries(4):
        found = load_questionnaire(survey)
        assert len(found.items) == 12
        assert all(item.rule and item.choices for item in found.items)


def test_structure_and_wording_are_told_apart(survey: Survey) -> None:
    question = factories.question(survey, "A", "B", key="k")
    before = load_questionnaire(survey).fingerprint
    Choice.objects.update(label="訂正")
    Question.objects.update(text="訂正した設問")
    assert load_questionnaire(survey).fingerprint == before
    Choice.objects.create(question=question, code="c3", label="C")
    assert load_questionnaire(survey).fingerprint != before
