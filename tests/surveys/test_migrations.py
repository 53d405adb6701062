"""What stood in a portal before drafts and answers were kept apart."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import factories

BEFORE = [("surveys", "0001_initial"), ("members", "0001_initial")]


@pytest.mark.django_db(transaction=True)
def test_a_saved_draft_becomes_a_draft_and_an_answer_stays_one() -> None:
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate(BEFORE)
    fill(executor.loader.project_state(BEFORE).apps)
    executor = MigrationExecutor(connection)
    executor.migrate(latest)

    from surveys.models import DraftSection, Question, Submission

    drafts = {draft.section: draft.values for draft in DraftSection.objects.all()}
    assert drafts == {
        "main": {"q-one": "c1", "q-many": ["c2"], "q-note": "途中"},
        "respondent": {"respondent_department": "総務課", "respondent_name": "試験"},
    }
    assert [row.target.organization.name for row in Submission.objects.all()] == ["提出した町"]
    assert {question.key: question.disclosure for question in Question.objects.all()} == {
        "one": "public",
        "many": "staff",
        "note": "staff",
    }


def fill(apps: Any) -> None:
    """A survey with one answer that was handed in and one that was only saved."""

    def make(model: str, app: str = "surveys", /, **values: Any) -> Any:
        return apps.get_model(app, model).objects.create(**values)

    council = make("Council", "members", name="会議", slug="c", established_year=2019)
    year = make("CouncilYear", "members", council=council, year=2020)
    survey = make("Survey", council_year=year, key="s", title="題", status="closed")
    questions = {
        key: make("Question", survey=survey, key=key, kind=kind, text=key, position=number)
        for number, (key, kind) in enumerate((("one", "single"), ("many", "multiple"), ("note", "text")))
    }
    choices = {
        (key, code): make("Choice", question=questions[key], code=code, label=code, position=1)
        for key in ("one", "many")
        for code in ("c1", "c2")
    }
    indicator = make(
        "Indicator", survey=survey, council_year=year, key="i", name="i", statement="i", position=1
    )
    make("CountedChoice", indicator=indicator, choice=choices["one", "c1"])
    for number, (name, submitted_at) in enumerate(
        (("提出した町", "2021-02-12T10:00:00+09:00"), ("途中の町", None))
    ):
        code = factories.code(number)
        body = make("Organization", "members", code=code, name=name, kana="まち", kind="town")
        target = make("SurveyTarget", survey=survey, organization=body, anchor=f"a{number}")
        submission = make(
            "Submission",
            target=target,
            respondent_department="総務課",
            respondent_name="試験",
            submitted_at=submitted_at,
        )
        make("Answer", submission=submission, question=questions["one"], choice=choices["one", "c1"])
        make("Answer", submission=submission, question=questions["many"], choice=choices["many", "c2"])
        make("Answer", submission=submission, question=questions["note"], text="途中")
