"""Reminders by themselves: once, on the right days, to those who have not handed in."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from surveys.models import Mailing, OutgoingMail, Survey
from surveys.running import reminders
from surveys.running.lifecycle import issue_links
from surveys.running.reminders import queue_reminders
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def by_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "FROM", time(0, 0))


def evening(days: int) -> datetime:
    """The last minute of a day so many days from now."""
    return timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=days), time(23, 59)))


def survey_until(days: int, **values: Any) -> Survey:
    survey = factories.survey(
        factories.council_year(), closes_at=evening(days), **{"reminds": True, **values}
    )
    factories.question(survey, "はい", "いいえ")
    for number in (1, 2):
        target = factories.target(survey, emails=f"body{number}@example.lg.jp")
        issue_links([target])
    return survey


def to(outbox: Any) -> list[str]:
    return sorted(address for mail in outbox for address in mail.to)


@pytest.mark.parametrize("days", [3, 0])
def test_those_who_have_not_handed_in_are_reminded_once(days: int, mailoutbox: Any) -> None:
    survey = survey_until(days)
    first = survey.targets.order_by("pk")[0]
    factories.submitted(first, *survey.questions.get().choices.all()[:1])
    for _ in range(3):
        call_command("send_mails")
    assert to(mailoutbox) == ["body2@example.lg.jp"]
    assert "/answer/open/" in mailoutbox[0].body
    assert Mailing.objects.get().created_by is None


@pytest.mark.parametrize("days", [1, 2, 4, 10])
def test_on_other_days_nobody_is(days: int) -> None:
    survey_until(days)
    assert queue_reminders() == 0


def test_a_body_with_a_later_deadline_is_reminded_by_its_own(mailoutbox: Any) -> None:
    survey = survey_until(0)
    survey.targets.filter(emails="body1@example.lg.jp").update(
        extended_to=evening(3), extension_reason="議会のため"
    )
    survey.targets.filter(emails="body2@example.lg.jp").update(
        extended_to=evening(5), extension_reason="議会のため"
    )
    call_command("send_mails")
    assert to(mailoutbox) == ["body1@example.lg.jp"]


def test_after_the_general_deadline_a_later_one_still_counts() -> None:
    survey = survey_until(3)
    survey.targets.filter(emails="body1@example.lg.jp").update(
        extended_to=evening(3), extension_reason="議会のため"
    )
    Survey.objects.filter(pk=survey.pk).update(
        closes_at=timezone.now() - timedelta(minutes=1), opened_at=None
    )
    assert queue_reminders() == 1


@pytest.mark.parametrize("values", [{"reminds": False}, {"status": "closed"}])
def test_a_survey_that_is_closed_or_did_not_ask_for_it_reminds_nobody(values: dict[str, Any]) -> None:
    survey_until(3, **values)
    assert queue_reminders() == 0


def test_at_night_nobody_is_reminded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "FROM", time(23, 59, 59, 999999))
    survey_until(3)
    assert queue_reminders() == 0


def test_two_servers_make_one_mailing(mailoutbox: Any) -> None:
    survey = survey_until(3)
    today = timezone.localdate()
    assert reminders.remind(survey, today) == 2
    assert reminders.remind(survey, today) == 0
    assert OutgoingMail.objects.count() == 2


def test_a_survey_without_addresses_keeps_no_other_from_its_reminders(mailoutbox: Any) -> None:
    silent = survey_until(3)
    silent.targets.update(emails="")
    survey_until(3)
    assert queue_reminders() == 2
