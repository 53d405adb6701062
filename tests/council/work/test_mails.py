"""What is due, once a day by mail; and who asks and who can grant it learn of each other."""

from datetime import date, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from council.accounts.roles import AUDITOR, EDITOR, MANAGER
from council.work.digest import send_digests
from meetings.models import Meeting
from meetings.record.publication import publication
from members.models import CouncilYear, DailyMail, Remit
from tests import factories
from tests.council.work.test_board import asked, year
from tests.security.test_accounts import somebody

__all__ = ["year"]
pytestmark = pytest.mark.django_db
# A Thursday.
DAY = date(2026, 11, 26)


@pytest.fixture
def editor() -> User:
    """Who works here: somebody that never logged in gets no mail of the day."""
    user = somebody("tanto", EDITOR)
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    return user


@pytest.fixture
def due(editor: User) -> CouncilYear:
    """A year without members: it presses whoever edits."""
    return factories.council_year(year=2026)


def test_a_day_has_one_mail_for_whom_something_waits(due: CouncilYear, settings: Any) -> None:
    settings.PORTAL_ADDRESS = "https://portal.example.lg.jp"
    somebody("kansa", AUDITOR)
    assert send_digests(DAY) == 1
    (sent,) = mail.outbox
    assert sent.to == ["tanto@example.lg.jp"]
    assert sent.subject == "検討会議ポータル：いま、すること（1件）"
    assert "【期限】検討メンバーを登録します" in sent.body
    assert f"https://portal.example.lg.jp/admin/members/councilyear/{due.pk}/change/" in sent.body
    assert send_digests(DAY) == 0
    assert send_digests(DAY + timedelta(days=1)) == 1


@pytest.mark.parametrize("day", [date(2026, 11, 28), date(2026, 11, 23), date(2026, 12, 30)])
def test_on_days_off_nobody_is_told(due: CouncilYear, day: date) -> None:
    assert send_digests(day) == 0


def test_nobody_is_told_who_left_has_no_address_or_nothing_to_do(due: CouncilYear, editor: User) -> None:
    for values in ({"is_active": False}, {"is_active": True, "email": ""}):
        User.objects.filter(pk=editor.pk).update(**values)
        assert send_digests(DAY) == 0
    User.objects.filter(pk=editor.pk).update(email="tanto@example.lg.jp")
    Remit.objects.create(user=editor)
    assert send_digests(DAY) == 0
    assert not DailyMail.objects.exists()


def test_a_mail_that_did_not_go_out_goes_with_the_next_run(
    due: CouncilYear, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: Any) -> None:
        raise SMTPServerDisconnected

    with monkeypatch.context() as patched:
        patched.setattr("council.work.digest.send_mail", down)
        assert send_digests(DAY) == 0
    assert send_digests(DAY) == 1


def test_one_address_that_no_mail_can_have_keeps_nobody_from_theirs(
    due: CouncilYear, editor: User, django_capture_on_commit_callbacks: Any
) -> None:
    broken = somebody("a", MANAGER)
    User.objects.filter(pk=broken.pk).update(email=f"a@{'あ' * 60}.jp", last_login=timezone.now())
    later = somebody("z", MANAGER)
    User.objects.filter(pk=later.pk).update(last_login=timezone.now())
    assert send_digests(DAY) == 2
    mail.outbox.clear()
    council = due.council
    council.name = "会議\nBcc: x@evil.example"
    council.save()
    with django_capture_on_commit_callbacks(execute=True):
        asked(due, editor)
    assert [each.to for each in mail.outbox] == [["z@example.lg.jp"]]
    assert "\n" not in mail.outbox[0].subject


def test_nothing_typed_stands_on_a_line_of_its_own(due: CouncilYear, editor: User) -> None:
    soon = timezone.now() + timedelta(days=1)
    factories.survey(due, title="新\nhttps://evil.example/ を開く\u202e", closes_at=soon)
    factories.target(due.surveys.get())
    send_digests(DAY)
    assert "「新 https://evil.example/ を開く」" in mail.outbox[0].body


def test_who_never_logged_in_is_told_nothing(due: CouncilYear, editor: User) -> None:
    User.objects.filter(pk=editor.pk).update(last_login=None)
    assert send_digests(DAY) == 0


def test_the_office_may_want_none(due: CouncilYear, settings: Any) -> None:
    settings.DAILY_MAILS = False
    assert send_digests(DAY) == 0
    call_command("send_digests")
    assert mail.outbox == []


def test_who_can_approve_and_who_asked_hear_of_each_other(
    year: CouncilYear, editor: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    chief, gone = somebody("sekinin", MANAGER), somebody("moto", MANAGER)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    elsewhere = somebody("betsu", MANAGER)
    Remit.objects.create(user=elsewhere)
    with django_capture_on_commit_callbacks(execute=True):
        made = asked(year, editor)
    assert [each.to for each in mail.outbox] == [["sekinin@example.lg.jp"]]
    assert "公開を依頼しました" in mail.outbox[0].body
    assert f"/admin/meetings/meeting/{made.pk}/publication/" in mail.outbox[0].body
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        publication.send_back(made, chief)
    assert [each.to for each in mail.outbox] == [["tanto@example.lg.jp"]]
    assert "sekinin が下書きに戻しました" in mail.outbox[0].body
    mail.outbox.clear()
    settings.APPROVAL_MAILS = False
    with django_capture_on_commit_callbacks(execute=True):
        found = Meeting.objects.select_related("council_year__council").get(pk=made.pk)
        publication.ask(found, editor, seen=publication.candidate(found).state)
    assert mail.outbox == []
