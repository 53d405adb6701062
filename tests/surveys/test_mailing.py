"""The outbox, with a real mail server that can refuse."""

import re
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from surveys.models import Mailing, OutgoingMail, Survey, SurveyTarget
from surveys.running.lifecycle import issue_links
from surveys.running.mailing import addresses_of, claim, queue_mailing, send_due, send_one
from tests import factories

pytestmark = pytest.mark.django_db


class Postbox:
    """Keeps what arrives; answers with ``refusal`` where one is set for an address."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.refusals: dict[str, str] = {}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    box = Postbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.PORTAL_ADDRESS = "https://portal.example.lg.jp"
    yield box
    controller.stop()


@pytest.fixture
def survey() -> Survey:
    survey = factories.survey(factories.council_year(), title="試験アンケート")
    factories.question(survey, "はい", "いいえ", key="one")
    for number in (1, 2, 3):
        body = factories.organization(name=f"第{number}の町")
        factories.target(survey, organization=body, emails=f"machi{number}@example.jp")
    return survey


def queue(survey: Survey, staff: User, kind: str = "invitation", **values: Any) -> Mailing:
    chosen = {target.pk for target in survey.targets.all()}
    text = {"subject": "【お願い】{アンケート名}", "body": "{団体名}様\n{リンク}\n締切 {締切}"}
    return queue_mailing(survey, kind, **{**text, **values}, chosen=chosen, by=staff)


def body_of(mail: Any) -> str:
    return str(mail.get_body().get_content())


def test_every_body_gets_a_mail_of_its_own_whose_link_opens(
    postbox: Postbox, survey: Survey, staff: User
) -> None:
    handed_out = issue_links(list(survey.targets.all()))
    queue(survey, staff)
    assert send_due() == (3, 0)
    assert send_due() == (0, 0)
    assert sorted(str(mail["To"]) for mail in postbox.mails) == [f"machi{n}@example.jp" for n in (1, 2, 3)]
    mail = next(mail for mail in postbox.mails if mail["To"] == "machi2@example.jp")
    assert mail["Subject"] == "【お願い】試験アンケート"
    assert "第2の町様" in body_of(mail)
    link = re.search(r"https://portal\.example\.lg\.jp(/answer/open/\S+/)", body_of(mail))
    assert link
    response = Client().get(link[1])
    target = SurveyTarget.objects.get(organization__name="第2の町")
    assert response["Location"] == f"/answer/{target.anchor}/"
    # The link handed out before still opens, and neither token is stored.
    assert Client().get(f"/answer/open/{handed_out[0].token}/").status_code == 302
    token = link[1].split("/")[3]
    assert not OutgoingMail.objects.filter(token_hash=token).exists()
    # A fresh link ends both.
    issue_links(list(survey.targets.all()))
    assert Client().get(link[1]).status_code == 404


def test_a_mailed_link_is_enough_where_none_was_handed_out(
    postbox: Postbox, survey: Survey, staff: User
) -> None:
    queue(survey, staff)
    send_due()
    link = re.search(r"(/answer/open/\S+/)", body_of(postbox.mails[0]))
    assert link
    client = Client()
    assert client.get(client.get(link[1])["Location"]).status_code == 200


def test_refusals_are_final_or_tried_again(postbox: Postbox, survey: Survey, staff: User) -> None:
    postbox.refusals = {"machi1@example.jp": "550 No such user", "machi2@example.jp": "451 Try again"}
    queue(survey, staff)
    assert send_due() == (1, 2)
    first, second, third = OutgoingMail.objects.order_by("address")
    assert (first.state, second.state, third.state) == ("failed", "queued", "sent")
    assert "No such user" in first.last_error
    assert second.next_try_at > timezone.now() + timedelta(minutes=4)
    assert send_due() == (0, 0)
    postbox.refusals = {}
    OutgoingMail.objects.update(next_try_at=timezone.now())
    assert send_due() == (1, 0)
    assert len(postbox.mails) == 2


def test_without_a_server_mails_wait_ever_longer_and_then_fail(
    settings: Any, survey: Survey, staff: User
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    queue(survey, staff)
    waits = []
    for _ in range(6):
        send_due()
        mail = OutgoingMail.objects.earliest("pk")
        waits.append(mail.next_try_at)
        OutgoingMail.objects.update(next_try_at=timezone.now())
    assert mail.state == "failed"
    assert mail.attempts == 6


def test_a_run_that_died_is_not_repeated_blindly(postbox: Postbox, survey: Survey, staff: User) -> None:
    queue(survey, staff)
    pk = OutgoingMail.objects.earliest("pk").pk
    # Claimed, and then the process was killed.
    assert claim(pk, "token")
    assert claim(pk, "token") is None
    assert send_due() == (2, 0)
    assert OutgoingMail.objects.get(pk=pk).state == "sending"
    OutgoingMail.objects.filter(pk=pk).update(claimed_at=timezone.now() - timedelta(hours=1))
    send_due()
    mail = OutgoingMail.objects.get(pk=pk)
    assert mail.state == "failed"
    assert "届いているか" in mail.last_error
    assert len(postbox.mails) == 2


def test_reminders_go_only_to_those_missing(postbox: Postbox, survey: Survey, staff: User) -> None:
    one, two, _ = survey.targets.order_by("organization__name")
    factories.submitted(one)
    queue(survey, staff, "reminder")
    # Handed in between queueing and sending.
    factories.submitted(two)
    call_command("send_mails")
    assert [str(mail["To"]) for mail in postbox.mails] == ["machi3@example.jp"]
    assert OutgoingMail.objects.get(target=two).state == "skipped"


def test_an_address_gets_one_mail_however_often_it_is_written(survey: Survey, staff: User) -> None:
    target = survey.targets.first()
    assert target
    target.emails = "A@example.jp\na@example.jp\nb@example.jp"
    target.save()
    assert addresses_of(survey, [target])[target.pk] == ["a@example.jp", "b@example.jp"]


def test_addresses_come_from_the_roster(survey: Survey) -> None:
    department = factories.department(email="kacho@example.jp")
    factories.membership(survey.council_year, department=department)
    target = factories.target(survey, organization=department.organization)
    assert addresses_of(survey, [target])[target.pk] == ["kacho@example.jp"]


def test_a_text_without_a_link_and_a_second_queue_are_refused(survey: Survey, staff: User) -> None:
    with pytest.raises(ValidationError, match="リンク"):
        queue(survey, staff, body="本文だけ")
    queue(survey, staff)
    with pytest.raises(ValidationError, match="まだ送信待ち"):
        queue(survey, staff)


def test_the_other_host_name_stands_beside_the_first(
    postbox: Postbox, survey: Survey, staff: User, settings: Any
) -> None:
    settings.LGWAN_ADDRESS = "https://portal.lgwan.example"
    settings.ALLOWED_HOSTS = ["portal.lgwan.example", "testserver"]
    queue(survey, staff)
    send_due()
    link = re.search(r"https://portal\.lgwan\.example(/answer/open/\S+/)", body_of(postbox.mails[0]))
    assert link
    assert Client().get(link[1], headers={"host": "portal.lgwan.example"}).status_code == 302


def test_a_link_reissued_while_a_mail_is_on_its_way_stays_dead(
    survey: Survey, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(survey, staff)
    mail = OutgoingMail.objects.earliest("pk")
    sent: list[str] = []

    def send(message: EmailMessage) -> int:
        sent.append(message.body)
        issue_links([SurveyTarget.objects.get(pk=mail.target_id)])
        return 1

    monkeypatch.setattr(EmailMessage, "send", send)
    assert send_one(mail.pk)
    link = re.search(r"(/answer/open/\S+/)", sent[0])
    assert link
    assert Client().get(link[1]).status_code == 404


def test_odd_numbers_choose_nothing(staff_client: Client, survey: Survey) -> None:
    for value in ("9" * 20, "9" * 5000, "²", "-1"):
        for screen, name in (("mails", "mail"), ("mail/reminder", "target")):
            path = f"/admin/surveys/survey/{survey.pk}/{screen}/"
            assert staff_client.post(path, {name: value}).status_code < 500
        path = f"/admin/surveys/survey/{survey.pk}/workbooks/"
        assert staff_client.post(path, {"decide": "accept", "upload": value}).status_code < 500


def test_a_subject_cannot_smuggle_headers(postbox: Postbox, survey: Survey, staff: User) -> None:
    Survey.objects.update(title="件名\nBcc: someone@example.jp")
    queue(survey, staff)
    send_due()
    assert all(mail["Bcc"] is None for mail in postbox.mails)


def test_staff_see_the_mail_before_it_is_queued(staff_client: Client, survey: Survey) -> None:
    path = f"/admin/surveys/survey/{survey.pk}/mail/reminder/"
    page = staff_client.get(path).content.decode()
    assert "第1の町に届くメール" in page
    target = survey.targets.first()
    assert target
    data = {"subject": "件名", "body": "本文 {リンク}", "target": [target.pk], "send": "1"}
    page = staff_client.post(path, data, follow=True).content.decode()
    assert "1通を送信待ちに登録しました" in page
    assert OutgoingMail.objects.count() == 1
    OutgoingMail.objects.update(state="failed", attempts=6)
    mails = f"/admin/surveys/survey/{survey.pk}/mails/"
    staff_client.post(mails, {"mail": [OutgoingMail.objects.get().pk]})
    assert OutgoingMail.objects.get().state == "queued"


# SQLite in memory shares one cache between threads; tests/test_load.py has it with processes.
@pytest.mark.skipif(connection.vendor == "sqlite", reason="needs two connections")
@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_each_mail_once(postbox: Postbox, staff: User) -> None:
    survey = factories.survey(factories.council_year())
    factories.question(survey, "はい", "いいえ", key="one")
    for number in range(12):
        factories.target(survey, emails=f"m{number}@example.jp")
    queue(survey, staff)

    def run() -> None:
        send_due()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(mail["To"]) for mail in postbox.mails) == sorted(f"m{n}@example.jp" for n in range(12))
