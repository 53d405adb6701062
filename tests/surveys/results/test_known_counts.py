"""What a source does not tell is unknown: it is not published as nobody."""

import pytest
from django.core.exceptions import ValidationError

from surveys.models import AggregateCount, Question, Survey, Topic
from surveys.results.editions import publish_results
from surveys.results.known_counts import missing_counts
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    made: Survey = factories.survey(
        factories.council_year(),
        status="closed",
        is_aggregate=True,
        aggregate_source="資料",
        aggregate_base=28,
        results_public=False,
    )
    factories.question(made, "はい", "いいえ", key="one", text="進みましたか", disclosure="public")
    return made


def tell(question: Question, *counts: int | None, topic: Topic | None = None) -> None:
    for choice, count in zip(question.choices.order_by("position"), counts, strict=True):
        if count is not None:
            AggregateCount.objects.create(question=question, choice=choice, count=count, topic=topic)


def test_a_choice_without_a_count_is_told_and_not_published(survey: Survey) -> None:
    question = survey.questions.get()
    tell(question, 24, None)
    (sentence,) = missing_counts(survey)
    assert "設問「進みましたか」の「いいえ」の数が入力されていません。0のときは0を入力" in sentence
    survey.results_public = True
    with pytest.raises(ValidationError, match="「いいえ」の数が入力されていません"):
        survey.full_clean()
    with pytest.raises(ValidationError, match="「いいえ」の数が入力されていません"):
        publish_results(survey, by=None)
    AggregateCount.objects.create(question=question, choice=question.choices.get(label="いいえ"), count=0)
    survey.full_clean()
    assert publish_results(survey, by=None)


def test_each_topic_of_a_grid_has_its_counts(survey: Survey) -> None:
    tell(survey.questions.get(), 24, 4)
    grid = factories.question(survey, "かなり", key="grid", kind="grid", text="どこまで", disclosure="public")
    first = Topic.objects.create(question=grid, code="a", label="A", position=1)
    second = Topic.objects.create(question=grid, code="b", label="B", position=2)
    tell(grid, 3, topic=first)
    assert "「どこまで」の「かなり」" in missing_counts(survey)[0]
    tell(grid, 5, topic=second)
    assert missing_counts(survey) == []


def test_what_is_not_public_needs_none(survey: Survey) -> None:
    Question.objects.update(disclosure="staff")
    assert missing_counts(survey) == []
    Survey.objects.update(is_aggregate=False, aggregate_source="", aggregate_base=None)
    Question.objects.update(disclosure="public")
    assert missing_counts(Survey.objects.get()) == []
