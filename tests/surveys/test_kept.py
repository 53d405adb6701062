"""A questionnaire is read once in a process, and never answered as it was before a change."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from surveys.models import Choice, Condition, Question, QuestionnaireVersion, Section, Survey, Topic
from surveys.questionnaire.kept import kept_questionnaire, pages_of
from surveys.questionnaire.structure import load_questionnaire
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    """Two questions with choices in a section, one of them a grid, and a condition."""
    survey: Survey = factories.survey(factories.council_year())
    section = Section.objects.create(survey=survey, code="one", title="区分", position=1)
    first = factories.question(survey, "はい", "いいえ", key="first", text="進みましたか", section=section)
    grid = factories.question(survey, "かなり", "少し", key="grid", kind="grid", text="どこまで")
    Topic.objects.create(question=grid, code="t", label="テレワーク", position=1)
    Condition.objects.create(question=grid, choice=first.choices.first())
    return survey


def told(survey: Survey) -> Any:
    """All that a questionnaire says."""
    fresh = kept_questionnaire(Survey.objects.get(pk=survey.pk))
    return said(fresh)


def said(questionnaire: Any) -> Any:
    return [
        [page.title, page.description]
        + [
            [item.question.text, item.question.help, item.question.kind, item.rule]
            + [[choice.code, choice.label] for choice in item.choices]
            + [topic.label for topic in item.topics]
            for item in page.items
        ]
        for page in questionnaire.pages
    ]


WRITES: dict[str, Callable[[], Any]] = {
    "a question's text": lambda: save(Question.objects.get(key="first"), text="進んだか"),
    "a choice's label": lambda: save(Choice.objects.filter(question__key="first").latest("pk"), label="否"),
    "a topic": lambda: save(Topic.objects.get(), label="RPA"),
    "a section's title": lambda: save(Section.objects.get(), title="別の区分"),
    "a condition": lambda: Condition.objects.get().delete(),
    "a choice added": lambda: Choice.objects.create(question=Question.objects.get(key="first"), code="x"),
    "a question moved": lambda: save(Question.objects.get(key="grid"), section=Section.objects.get()),
    "many at once": lambda: Question.objects.filter(key="first").update(text="一括"),
    "many by rows": lambda: Choice.objects.bulk_update(relabelled(), ["label"]),
    "many added": lambda: Topic.objects.bulk_create(
        [Topic(question=Question.objects.get(key="grid"), code="n", label="新", position=9)]
    ),
    "choices deleted": lambda: Choice.objects.filter(question__key="grid").delete(),
    "a question deleted": lambda: Question.objects.get(key="grid").delete(),
}


def save(part: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(part, name, value)
    part.save()


def relabelled() -> list[Choice]:
    choices = list(Choice.objects.all())
    for choice in choices:
        choice.label += "！"
    return choices


@pytest.mark.parametrize("name", WRITES)
def test_every_write_is_seen_at_once(survey: Survey, name: str) -> None:
    before = told(survey)
    WRITES[name]()
    now = said(load_questionnaire(survey))
    assert now != before
    assert told(survey) == now


def test_one_query_tells_that_it_holds(survey: Survey) -> None:
    told(survey)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = kept_questionnaire(survey)
        assert found.wording
        assert found.survey is survey
    assert len(queries) == 1


def test_what_was_rolled_back_is_met_by_nobody(survey: Survey) -> None:
    before = told(survey)
    with transaction.atomic():
        Question.objects.filter(key="first").update(text="取り消された文言")
        assert told(survey) != before
        transaction.set_rollback(True)
    assert told(survey) == before
    Question.objects.filter(key="first").update(text="次の文言")
    assert told(survey) == said(load_questionnaire(survey))


def test_a_survey_without_a_version_is_read_each_time(survey: Survey) -> None:
    QuestionnaireVersion.objects.all().delete()
    kept = pages_of.cache_info().currsize
    assert said(kept_questionnaire(survey)) == said(load_questionnaire(survey))
    assert pages_of.cache_info().currsize == kept


def test_a_survey_is_deleted_with_its_version(survey: Survey) -> None:
    Condition.objects.all().delete()
    Question.objects.all().delete()
    survey.delete()
    assert not QuestionnaireVersion.objects.exists()
