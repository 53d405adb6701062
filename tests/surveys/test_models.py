from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from surveys.models import Answer, CountedChoice, Indicator, Submission, Survey, SurveyTarget
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    return factories.survey(factories.council_year())


def refused(answer: Answer) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():  # noqa: PT012 (deferred constraint)
        answer.save()
        connection.check_constraints()


def test_a_choice_belongs_to_its_question(survey: Survey) -> None:
    first, second = factories.question(survey, "A", "B"), factories.question(survey, "C", "D")
    submission = factories.submitted(factories.target(survey))
    wrong = Answer(submission=submission, question=first, choice=second.choices.first())
    with pytest.raises(ValidationError, match="この設問の選択肢を選んでください"):
        wrong.full_clean()
    refused(wrong)


def test_an_answer_is_one_thing(survey: Survey) -> None:
    question = factories.question(survey, "A", "B")
    choice = question.choices.first()
    submission = factories.submitted(factories.target(survey))
    refused(Answer(submission=submission, question=question))
    refused(Answer(submission=submission, question=question, choice=choice, number=Decimal(5)))
    refused(Answer(submission=submission, question=question, choice=choice, date=date(2026, 11, 23)))
    refused(Answer(submission=submission, question=question, text="5", number=Decimal(5)))


def test_an_answer_is_given_once(survey: Survey) -> None:
    question, text = factories.question(survey, "A", "B"), factories.question(survey, kind="text")
    submission = factories.submitted(factories.target(survey), question.choices.first())
    Answer.objects.create(submission=submission, question=text, text="一")
    refused(Answer(submission=submission, question=question, choice=question.choices.first()))
    refused(Answer(submission=submission, question=text, text="二"))


def test_a_target_submits_once_and_is_asked_once(survey: Survey) -> None:
    target = factories.target(survey)
    factories.submitted(target)
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(target=target)
    with pytest.raises(ValidationError, match="すでにこのアンケートの回答対象"):
        SurveyTarget(survey=survey, organization=target.organization).full_clean()


def test_an_exclusion_needs_a_reason(survey: Survey) -> None:
    target = factories.target(survey)
    target.in_base = False
    with pytest.raises(ValidationError, match="その理由を入力"):
        target.full_clean()


def test_dates_and_states_of_a_survey() -> None:
    year, now = factories.council_year(), timezone.now()
    for values, words in [
        ({"status": "open", "closes_at": None}, "締切が必要"),
        ({"opened_at": now, "closes_at": now - timedelta(hours=1)}, "締切は受付を開始した日時より後"),
        ({"status": "open", "results_public": True}, "受付を終了してから公開"),
    ]:
        survey = Survey(
            council_year=year,
            key="x",
            title="X",
            **{"opened_at": now, "closes_at": now + timedelta(days=1), **values},
        )
        with pytest.raises(ValidationError, match=words):
            survey.full_clean()


def test_the_deadline_itself_is_too_late(survey: Survey) -> None:
    assert survey.is_accepting
    survey.closes_at = timezone.now()
    assert not survey.is_accepting


def test_what_was_answered_cannot_be_deleted(survey: Survey) -> None:
    question = factories.question(survey, "A", "B")
    target = factories.target(survey)
    factories.submitted(target, question.choices.first())
    for record in (survey, question, question.choices.first(), target, target.organization):
        with pytest.raises(ProtectedError):
            record.delete()


def test_the_form_of_an_answered_question_stays(survey: Survey) -> None:
    question = factories.question(survey, "A", "B")
    question.kind = "multiple"
    question.full_clean()
    question.kind = "single"
    factories.submitted(factories.target(survey), question.choices.first())
    question.kind = "multiple"
    with pytest.raises(ValidationError, match="この欄は変えられません"):
        question.full_clean()


def test_an_indicator_counts_choices_of_its_survey(survey: Survey) -> None:
    indicator = factories.indicator(survey)
    elsewhere = factories.question(factories.survey(survey.council_year), "A", "B").choices.first()
    with pytest.raises(ValidationError, match="同じアンケートの選択肢"):
        CountedChoice(indicator=indicator, choice=elsewhere).full_clean()


def test_an_indicators_key_is_unique_within_the_year(survey: Survey) -> None:
    factories.indicator(survey, key="progressed")
    twin = Indicator(
        survey=factories.survey(survey.council_year), key="progressed", name="指標", statement="意味"
    )
    with pytest.raises(ValidationError, match="同じ識別名の指標"):
        twin.full_clean(exclude=["council_year"])
    with pytest.raises(IntegrityError):
        twin.save()
