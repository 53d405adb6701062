"""Who wrote what of an answer: kept by field, through transfers, corrections and other ways in."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from surveys.answering.submitting import correct
from surveys.answering.writers import Writing, read_writers
from surveys.models import (
    DraftSection,
    Question,
    Section,
    Submission,
    SubmissionRevision,
    Survey,
    SurveyTarget,
)
from surveys.questionnaire.structure import load_questionnaire
from surveys.running.lifecycle import issue_links
from tests import factories
from tests.surveys.test_answering import submit, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    survey = factories.survey(factories.council_year())
    first = Section.objects.create(survey=survey, code="first", title="第1部")
    for number in range(1, 5):
        factories.question(survey, key=f"n{number}", kind="line", section=first)
    return survey


@pytest.fixture
def target(survey: Survey) -> SurveyTarget:
    return factories.target(survey)


@pytest.fixture
def client(target: SurveyTarget) -> Client:
    client = Client()
    (link,) = issue_links([target])
    client.get(f"/answer/open/{link.token}/")
    return client


def save(client: Client, target: SurveyTarget, who: str, **values: str) -> None:
    page = client.get(url(target, "sections/first/"))
    seen = page.context["form"].initial["seen"]
    shown = {name: page.context["form"].initial.get(name, "") for name in ("q-n1", "q-n2", "q-n3", "q-n4")}
    typed = {f"q-{name}": value for name, value in values.items()}
    client.post(url(target, "sections/first/"), {**shown, **typed, "saved_by": who, "seen": seen})


def respond(client: Client, target: SurveyTarget, name: str = "中村") -> Any:
    who = {"respondent_department": "企画課", "respondent_name": name}
    client.post(url(target, "sections/respondent/"), who)
    return submit(client, target)


def written(survey: Survey) -> list[Writing]:
    revision = SubmissionRevision.objects.order_by("-number").first()
    assert revision
    return read_writers(load_questionnaire(survey).pages[0], revision.written_by)


def test_a_successor_rewrites_nothing(client: Client, survey: Survey, target: SurveyTarget) -> None:
    save(client, target, "企画課 中村", n1="a", n2="b", n3="c", n4="d")
    draft = DraftSection.objects.get()
    # As it was saved before the transfer.
    draft.written_by = {name: [who, "2026-03-25"] for name, (who, _) in draft.written_by.items()}
    draft.save()
    save(client, target, "企画政策課 加藤", n3="C")
    respond(client, target, "加藤")
    today = timezone.localdate()
    assert written(survey) == [
        Writing("企画課 中村", date(2026, 3, 25), 3), Writing("企画政策課 加藤", today, 1)
    ]  # fmt: skip
    receipt = client.get(url(target, "receipt/")).content.decode()
    assert "企画課 中村（" in receipt
    assert "3問" in receipt


def test_a_second_submission_keeps_who_wrote_the_rest(
    client: Client, survey: Survey, target: SurveyTarget
) -> None:
    save(client, target, "中村", n1="a", n2="b", n3="c", n4="d")
    respond(client, target)
    save(client, target, "加藤", n4="e")
    submit(client, target)
    assert [(each.who, each.count) for each in written(survey)] == [("中村", 3), ("加藤", 1)]


def test_a_name_typed_after_the_answers_is_theirs(
    client: Client, survey: Survey, target: SurveyTarget
) -> None:
    save(client, target, "", n1="a", n2="b")
    save(client, target, "中村", n3="c", n4="d")
    respond(client, target)
    assert [(each.who, each.count) for each in written(survey)] == [("中村", 4)]


def test_a_cleared_answer_has_no_writer(client: Client, survey: Survey, target: SurveyTarget) -> None:
    Question.objects.update(is_required=False)
    save(client, target, "中村", n1="a", n2="b")
    save(client, target, "加藤", n1="")
    respond(client, target)
    assert [(each.who, each.count) for each in written(survey)] == [("中村", 1)]


def test_a_correction_is_the_secretariats(
    client: Client, survey: Survey, target: SurveyTarget, staff: User
) -> None:
    save(client, target, "中村", n1="a", n2="b", n3="c", n4="d")
    respond(client, target)
    submission = Submission.objects.get()
    submission.answers.filter(question__key="n2").update(text="B")
    correct(submission, staff, "電話で確認")
    assert [(each.who, each.count) for each in written(survey)] == [("中村", 3), ("事務局（訂正）", 1)]
