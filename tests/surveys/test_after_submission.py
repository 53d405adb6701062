"""After handing in: what equals the answer in force is no change, and a change can be taken back."""

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from surveys.models import (
    Answer,
    AnswerStatus,
    Choice,
    Condition,
    DraftSection,
    Question,
    Submission,
    Survey,
    SurveyEvent,
    SurveyTarget,
)
from surveys.results.answer_files import organization_table
from surveys.running.status_board import build_board
from tests import factories
from tests.surveys.test_answering import FULL, client, seen, submit, survey, target, url

__all__ = ["client", "survey", "target"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(client: Client, target: SurveyTarget) -> Submission:
    client.post(url(target, "sections/main/"), FULL)
    submit(client, target)
    return Submission.objects.get()


def save(client: Client, target: SurveyTarget, **changes: Any) -> None:
    shown = {**FULL, "q-count": "1234.5", "seen": seen(client, target)}
    client.post(url(target, "sections/main/"), {**shown, **changes, "leave": "1"})


def status(target: SurveyTarget) -> str:
    return SurveyTarget.objects.with_status().get(pk=target.pk).status


def test_saving_without_a_change_is_no_draft(
    client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    save(client, target)
    assert not DraftSection.objects.exists()
    assert status(target) == AnswerStatus.SUBMITTED
    assert Submission.objects.get().submitted_at == submitted.submitted_at


@pytest.mark.parametrize("number", ["１，２３４．５", "1,234.5", " 1234.5 "])
def test_the_same_number_written_otherwise_is_no_change(
    client: Client, target: SurveyTarget, submitted: Submission, number: str
) -> None:
    save(client, target, **{"q-count": number, "q-many": ["c3", "c1"]})
    assert status(target) == AnswerStatus.SUBMITTED


@pytest.mark.parametrize("change", [{"q-count": "1235"}, {"q-note": "一語"}, {"q-count": "0"}])
def test_a_real_change_is_one(
    client: Client, target: SurveyTarget, submitted: Submission, change: dict[str, str]
) -> None:
    save(client, target, **change)
    assert status(target) == AnswerStatus.CHANGING


def test_what_does_not_apply_is_no_change(
    client: Client, survey: Survey, target: SurveyTarget, submitted: Submission
) -> None:
    note = Question.objects.get(key="note")
    no = Choice.objects.get(question__key="one", code="c2")
    Submission.objects.get().answers.filter(question=note).delete()
    Condition.objects.create(question=note, choice=no)
    save(client, target, **{"q-note": "前の書きかけ"})
    assert status(target) == AnswerStatus.SUBMITTED


def test_changed_and_changed_back_is_no_draft(
    client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    save(client, target, **{"q-one": "c2"})
    assert status(target) == AnswerStatus.CHANGING
    save(client, target)
    assert status(target) == AnswerStatus.SUBMITTED


def test_a_change_after_submission_can_be_taken_back(
    client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    save(client, target, **{"q-one": "c2", "q-count": "7"})
    assert "提出後の変更を取り消す" in client.get(url(target)).content.decode()
    page = client.get(url(target, "discard/"))
    assert [(row.stored, row.new) for row, _ in page.context["differences"]] == [
        ("はい", "いいえ"),
        ("1,234.5", "7"),
    ]
    assert DraftSection.objects.exists()
    stale = client.post(url(target, "discard/"), {"state": "other"})
    assert (stale.status_code, DraftSection.objects.count()) == (409, 1)
    client.post(url(target, "discard/"), {"state": page.context["draft"].fingerprint})
    assert not DraftSection.objects.exists()
    assert Submission.objects.get().submitted_at == submitted.submitted_at
    assert Answer.objects.filter(choice__code="c1", question__key="one").exists()
    event = SurveyEvent.objects.get(kind="discarded")
    assert event.note == "試験町"


def test_a_first_draft_cannot_be_discarded(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "sections/main/"), {"q-one": "c1", "leave": "1"})
    assert "取り消す" not in client.get(url(target)).content.decode()
    client.post(url(target, "discard/"), {"state": ""})
    assert DraftSection.objects.get().values == {"q-one": "c1"}


def test_nothing_is_discarded_after_the_deadline(
    client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    save(client, target, **{"q-one": "c2"})
    Survey.objects.update(status="closed")
    assert client.post(url(target, "discard/"), {"state": ""}).status_code == 403
    assert DraftSection.objects.exists()


def test_closing_now_counts_those_who_may_still_change(survey: Survey) -> None:
    yes, no = Choice.objects.filter(question__key="one").order_by("code")
    factories.indicator(survey, yes, name="始めた割合")
    for chosen, drafts in ((yes, True), (no, True), (yes, False), (None, True), (None, False)):
        target = factories.target(survey)
        if chosen:
            factories.submitted(target, chosen)
        if drafts:
            DraftSection.objects.create(target=target, section="main", values={"q-one": "c2"})
    board = build_board(survey)
    assert (board.asked, board.submitted, board.missing, board.changing, board.drafted) == (5, 3, 2, 2, 1)
    (outlook,) = board.outlooks
    assert (outlook.now.count, outlook.worst, outlook.best) == (2, 1, 5)


def test_the_time_of_submission_leaves_in_japanese_time_to_the_second(survey: Survey) -> None:
    target = factories.target(survey)
    factories.submitted(target)
    Submission.objects.update(submitted_at=datetime(2025, 6, 30, 15, 0, 5, 123456, tzinfo=UTC))
    row = organization_table(survey, labelled=False).dict[0]
    assert row["提出日時"] == "2025-07-01 00:00:05"


def test_the_receipt_says_the_second(client: Client, target: SurveyTarget, submitted: Submission) -> None:
    Submission.objects.update(submitted_at=datetime(2025, 6, 30, 15, 0, 5, 123456, tzinfo=UTC))
    receipt = client.get(url(target, "receipt/")).content.decode()
    assert "令和7（2025）年7月1日（火）0時00分05秒" in receipt
    assert 'datetime="2025-07-01T00:00:05+09:00"' in receipt


def test_drafts_that_change_nothing_are_taken_out_once(
    client: Client, target: SurveyTarget, submitted: Submission
) -> None:
    content = submitted.revisions.get().content
    DraftSection.objects.create(target=target, section="main", values=content)
    other = factories.target(target.survey)
    DraftSection.objects.create(target=other, section="main", values=content)
    migration = import_module("surveys.migrations.0008_drafts_that_change_nothing")
    migration.drop_equal_drafts(apps, None)
    assert DraftSection.objects.get().target == other
    DraftSection.objects.create(target=target, section="main", values={**content, "q-one": "c2"})
    migration.drop_equal_drafts(apps, None)
    assert DraftSection.objects.count() == 2
