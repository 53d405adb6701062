"""庁内の確認: a step before submitting, of the answer as it stood, where a survey asks for it."""

from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from surveys.answering.drafts import load_draft
from surveys.answering.submitting import submit as put_into_force
from surveys.models import Approval, Channel, Submission, SubmissionRevision, Survey, SurveyTarget
from tests.surveys.test_answering import FULL, client, submit, survey, target, url

__all__ = ["client", "survey", "target"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def asked(survey: Survey) -> None:
    Survey.objects.update(asks_approval=True)


@pytest.fixture
def filled(client: Client, target: SurveyTarget) -> Client:
    client.post(url(target, "sections/main/"), FULL)
    return client


def approve(client: Client, target: SurveyTarget, **values: str) -> Any:
    state = client.get(url(target, "approval/")).context["state"]
    sent = {"approver": "総務課長 佐藤", "approved_on": timezone.localdate().isoformat(), "state": state}
    return client.post(url(target, "approval/"), {**sent, **values})


def test_it_is_submitted_after_approval_and_the_receipt_names_it(
    filled: Client, target: SurveyTarget
) -> None:
    assert "庁内の確認を受けてください" in filled.get(url(target, "check/")).content.decode()
    assert submit(filled, target).status_code == 422
    assert not Submission.objects.exists()
    assert approve(filled, target)["Location"] == url(target, "check/")
    assert submit(filled, target)["Location"] == url(target, "receipt/")
    assert "総務課長 佐藤" in filled.get(url(target, "receipt/")).content.decode()
    revision = SubmissionRevision.objects.get()
    assert (revision.approver, revision.approved_on) == ("総務課長 佐藤", timezone.localdate())
    assert not Approval.objects.exists()


def test_what_changes_after_it_is_approved_anew(filled: Client, target: SurveyTarget) -> None:
    approve(filled, target)
    seen = filled.get(url(target, "sections/main/")).context["form"].initial["seen"]
    filled.post(url(target, "sections/main/"), {**FULL, "q-note": "後で直した", "seen": seen})
    page = submit(filled, target)
    assert page.status_code == 422
    assert "確認の後に、回答の内容か設問の文言が変わりました" in page.content.decode()
    approve(filled, target)
    assert submit(filled, target).status_code == 302


def test_back_to_what_was_approved_needs_no_second_approval(filled: Client, target: SurveyTarget) -> None:
    approve(filled, target)
    for note in ("別の文", FULL["q-note"]):
        seen = filled.get(url(target, "sections/main/")).context["form"].initial["seen"]
        filled.post(url(target, "sections/main/"), {**FULL, "q-note": note, "seen": seen})
    assert submit(filled, target).status_code == 302


def test_a_page_that_is_out_of_date_approves_nothing(filled: Client, target: SurveyTarget) -> None:
    page = approve(filled, target, state="x")
    assert page.status_code == 422
    assert "もう一度確かめてください" in page.content.decode()
    assert not Approval.objects.exists()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"approver": "　"}, "職・氏名を入力してください"),
        ({"approved_on": ""}, "確認した日を入力してください"),
        ({"approved_on": (timezone.localdate() + timedelta(days=1)).isoformat()}, "今日より先"),
        ({"approved_on": "2001-01-01"}, "受付が始まる前"),
    ],
)
def test_a_slip_is_said(filled: Client, target: SurveyTarget, values: dict[str, str], sentence: str) -> None:
    page = approve(filled, target, **values)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not Approval.objects.exists()


def test_each_submission_needs_its_own(filled: Client, target: SurveyTarget) -> None:
    approve(filled, target)
    submit(filled, target)
    seen = filled.get(url(target, "sections/main/")).context["form"].initial["seen"]
    filled.post(url(target, "sections/main/"), {**FULL, "q-note": "直した", "seen": seen})
    assert submit(filled, target).status_code == 422
    approve(filled, target, approver="総務課長代理 鈴木")
    submit(filled, target)
    receipt = filled.get(url(target, "receipt/")).content.decode()
    assert "総務課長代理 鈴木" in receipt
    assert "総務課長 佐藤" in receipt


def test_switched_off_and_on_it_touches_nothing_that_was_submitted(
    filled: Client, target: SurveyTarget
) -> None:
    approve(filled, target)
    submit(filled, target)
    Survey.objects.update(asks_approval=False)
    assert "総務課長 佐藤" in filled.get(url(target, "receipt/")).content.decode()
    assert filled.get(url(target, "approval/"))["Location"] == url(target)
    seen = filled.get(url(target, "sections/main/")).context["form"].initial["seen"]
    filled.post(url(target, "sections/main/"), {**FULL, "q-note": "直した", "seen": seen})
    assert submit(filled, target).status_code == 302
    Survey.objects.update(asks_approval=True)
    assert Submission.objects.get().revision == 2
    receipt = filled.get(url(target, "receipt/")).content.decode()
    assert receipt.count("庁内の確認") == 1


def test_a_survey_that_asks_for_none_shows_none(filled: Client, target: SurveyTarget) -> None:
    Survey.objects.update(asks_approval=False)
    assert submit(filled, target).status_code == 302
    assert "庁内の確認" not in filled.get(url(target, "receipt/")).content.decode()


def test_what_the_secretariat_types_in_is_nobodys_approval(
    filled: Client, target: SurveyTarget, staff: User
) -> None:
    approve(filled, target)
    draft = load_draft(SurveyTarget.objects.for_answering().get(pk=target.pk))
    form = draft.form(data=draft.values)
    assert form.is_valid()
    put_into_force(draft, form.content, channel=Channel.STAFF, by=staff, note="電話")
    assert SubmissionRevision.objects.get().approver == ""


def test_an_approver_who_answered_is_said(filled: Client, target: SurveyTarget) -> None:
    approve(filled, target, approver="総務課 試験　花子")
    assert "回答者と確認した人が同じです" in filled.get(url(target, "check/")).content.decode()


def test_an_approval_is_no_entry_before_it_is_submitted(filled: Client, target: SurveyTarget) -> None:
    approve(filled, target, approver="庁内だけの名前")
    assert not any("庁内だけの名前" in str(entry.changes) for entry in LogEntry.objects.all())


def test_after_the_deadline_nothing_is_approved(filled: Client, target: SurveyTarget) -> None:
    now = timezone.now()
    Survey.objects.update(opened_at=now - timedelta(days=9), closes_at=now)
    assert filled.get(url(target, "approval/")).status_code == 403
    assert filled.post(url(target, "approval/"), {"approver": "課長"}).status_code == 403
