"""A receipt by mail to who answered, and a notice to the secretariat, whenever an answer comes in."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from surveys.models import Mailing, OutgoingMail, Submission, Survey, SurveyTarget
from surveys.running.mailing import send_due
from surveys.running.status_board import build_board
from tests.surveys.test_answering import FULL, client, survey, target, url

__all__ = ["client", "survey", "target"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(client: Client, target: SurveyTarget) -> Client:
    Survey.objects.update(notify_emails="KAKARI@pref.example.lg.jp\nkakari@pref.example.lg.jp")
    client.post(url(target, "sections/main/"), FULL)
    return client


def submit(client: Client, target: SurveyTarget, receipt_to: str = "") -> Any:
    state = client.get(url(target, "check/")).context["state"]
    return client.post(url(target, "check/"), {"state": state, "receipt_to": receipt_to})


def change(client: Client, target: SurveyTarget, note: str) -> None:
    seen = client.get(url(target, "sections/main/")).context["form"].initial["seen"]
    client.post(url(target, "sections/main/"), {**FULL, "q-note": note, "seen": seen})


def test_both_go_out_and_say_which_submission_it_was(filled: Client, target: SurveyTarget) -> None:
    assert submit(filled, target, "kikaku@town.example.lg.jp").status_code == 302
    change(filled, target, "直した")
    assert (
        filled.get(url(target, "check/")).context["form"].initial["receipt_to"] == "kikaku@town.example.lg.jp"
    )
    submit(filled, target, "kikaku@town.example.lg.jp")
    send_due()
    subjects = [(message.to[0].split("@")[0], message.subject) for message in mail.outbox]
    assert subjects == [
        ("kikaku", "【受付】試験アンケート（第1回の提出）"),
        ("kakari", "【提出】試験町：試験アンケート（1/1団体）"),
        ("kikaku", "【受付】試験アンケート（第2回の提出）"),
        ("kakari", "【再提出】試験町：試験アンケート（1/1団体）"),
    ]
    receipt = mail.outbox[2].body
    assert "前の提出に代わる" in receipt
    assert target.receipt_number in receipt
    # Of short answers the hash alone tells which they were.
    assert Submission.objects.get().content_hash not in receipt
    assert re.search(r"令和\d+（\d{4}）年\d+月\d+日", receipt)


def test_a_receipt_holds_no_answer_and_no_link(filled: Client, target: SurveyTarget) -> None:
    submit(filled, target, "wrong@example.com")
    send_due()
    assert "http" not in mail.outbox[0].body
    assert "髙﨑𠮷" not in mail.outbox[0].body
    assert not OutgoingMail.objects.exclude(token_hash=None).exists()


def test_what_somebody_wrote_into_a_name_is_filled_with_nothing(filled: Client, target: SurveyTarget) -> None:
    seen = filled.get(url(target, "sections/main/")).context["form"].initial["seen"]
    filled.post(
        url(target, "sections/main/"), {**FULL, "respondent_name": "{リンク} {窓口リンク}", "seen": seen}
    )
    submit(filled, target, "wrong@example.com")
    send_due()
    for message in mail.outbox:
        assert "/answer/open/" not in message.body
        assert "/desk/open/" not in message.body
    # What somebody wrote into a name goes to the secretariat alone.
    assert "{リンク}" not in mail.outbox[0].body
    assert "{リンク}" in mail.outbox[1].body


def test_the_portal_carries_nobodys_letters(filled: Client, target: SurveyTarget) -> None:
    for number in range(8):
        change(filled, target, f"{number}回目")
        submit(filled, target, f"victim{number}@example.org")
    assert OutgoingMail.objects.filter(mailing__kind=Mailing.Kind.RECEIPT).count() == 5
    # And the page promises none that is not sent.
    assert "victim" not in filled.get(url(target, "receipt/")).content.decode()


def test_without_an_address_nothing_is_sent_to_the_body(filled: Client, target: SurveyTarget) -> None:
    submit(filled, target)
    assert [each.mailing.kind for each in OutgoingMail.objects.all()] == [Mailing.Kind.NOTICE]


@pytest.mark.parametrize(
    "address", ["kikaku", "a@b", "a@b.jp\r\nBcc: x@y.jp", "a@b.jp, c@d.jp", "あ@い.jp x"]
)
def test_a_wrong_address_submits_nothing(filled: Client, target: SurveyTarget, address: str) -> None:
    page = submit(filled, target, address)
    assert page.status_code == 422
    assert "メールアドレスとして使えません" in page.content.decode()
    assert not Submission.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_a_second_click_sends_nothing_more(filled: Client, target: SurveyTarget) -> None:
    state = filled.get(url(target, "check/")).context["state"]
    for _ in range(2):
        filled.post(url(target, "check/"), {"state": state, "receipt_to": "a@example.com"})
    assert OutgoingMail.objects.count() == 2


def test_a_survey_that_wants_no_notice_sends_none(filled: Client, target: SurveyTarget) -> None:
    Survey.objects.update(notify_emails="")
    submit(filled, target)
    assert not OutgoingMail.objects.exists()


def test_addresses_are_checked_where_they_are_typed(survey: Survey) -> None:
    survey.notify_emails = "kakari@pref.example.lg.jp\nkakari"
    with pytest.raises(ValidationError, match="「kakari」はメールアドレス"):
        survey.full_clean()


def test_the_board_names_what_its_body_was_asked(filled: Client, target: SurveyTarget) -> None:
    submit(filled, target, "a@example.com")
    assert build_board(target.survey).rows[0].last_mail == ""
