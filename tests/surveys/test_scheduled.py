"""A survey opens at the moment that was set: once, with its invitations, or says why it did not."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from surveys.models import OutgoingMail, Question, Survey, SurveyEvent
from surveys.running.scheduled import open_scheduled
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    year = factories.council_year()
    survey = factories.survey(
        year, status="draft", opened_at=None, closes_at=timezone.now() + timedelta(days=20)
    )
    factories.question(survey, "はい", "いいえ")
    for name, email in (("一町", "ichi@example.jp"), ("二町", "ni@example.jp"), ("三町", "")):
        body = factories.organization(name=name)
        factories.membership(year, department=factories.department(organization=body, email=email))
    return survey


@pytest.fixture(autouse=True)
def addressed(staff: User) -> None:
    User.objects.update(email="staff@pref.example.jp")


def at(moment: datetime) -> dict[str, str]:
    local = timezone.localtime(moment)
    return {"opens_at_0": f"{local:%Y-%m-%d}", "opens_at_1": f"{local:%H:%M}"}


def schedule(staff_client: Client, survey: Survey, **values: Any) -> Any:
    url = f"/admin/surveys/survey/{survey.pk}/open/"
    sent = {"later": "1", "invites": "on", **at(timezone.now() + timedelta(days=2)), **values}
    return staff_client.post(url, sent)


def come(moment: timedelta = timedelta(minutes=1)) -> None:
    """The moment has come."""
    Survey.objects.exclude(opens_at=None).update(opens_at=timezone.now() - moment)


def test_it_opens_once_and_invites_who_has_an_address(staff_client: Client, survey: Survey) -> None:
    assert schedule(staff_client, survey).status_code == 302
    call_command("send_mails")
    survey.refresh_from_db()
    assert survey.status == Survey.Status.DRAFT
    come()
    for _ in range(2):
        call_command("send_mails")
    survey.refresh_from_db()
    assert (survey.status, survey.opens_at) == (Survey.Status.OPEN, None)
    assert sorted(message.to[0] for message in mail.outbox) == ["ichi@example.jp", "ni@example.jp"]
    assert all("/answer/open/" in message.body for message in mail.outbox)
    notes = list(SurveyEvent.objects.order_by("pk").values_list("kind", "note"))
    assert [kind for kind, _ in notes] == ["scheduled", "opened", "mailed"]
    assert "宛先のない団体：三町" in notes[-1][1]


def test_without_invitations_nobody_is_mailed(staff_client: Client, survey: Survey) -> None:
    schedule(staff_client, survey, invites="")
    come()
    assert open_scheduled() == 1
    assert not OutgoingMail.objects.exists()
    assert survey.targets.exclude(token_hash=None).count() == 3


def test_who_is_left_out_is_kept_until_then_and_who_came_since_is_asked(
    staff_client: Client, survey: Survey
) -> None:
    two = survey.council_year.municipalities().get(name="二町")
    schedule(staff_client, survey, **{f"excluded-{two.pk}": "対象外"})
    late = factories.organization(name="四町")
    factories.membership(survey.council_year, department=factories.department(organization=late))
    come()
    open_scheduled()
    assert set(survey.targets.asked().values_list("organization__name", flat=True)) == {
        "一町",
        "三町",
        "四町",
    }
    assert survey.targets.get(organization=two).exclusion_reason == "対象外"


def test_what_stands_in_the_way_is_said_once(
    staff_client: Client, survey: Survey, django_capture_on_commit_callbacks: Any
) -> None:
    schedule(staff_client, survey)
    Question.objects.all().delete()
    come()
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            call_command("send_mails")
    survey.refresh_from_db()
    assert survey.status == Survey.Status.DRAFT
    assert [message.to for message in mail.outbox] == [["staff@pref.example.jp"]]
    assert "設問がありません" in mail.outbox[0].body
    assert "設問がありません" in staff_client.get("/admin/").content.decode()
    factories.question(survey, "はい", "いいえ")
    schedule(staff_client, survey)
    assert "設問がありません" not in staff_client.get("/admin/").content.decode()


def test_one_that_fails_holds_no_other_up(staff_client: Client, survey: Survey) -> None:
    schedule(staff_client, survey)
    other = factories.survey(survey.council_year, status="draft", opened_at=None, closes_at=survey.closes_at)
    schedule(staff_client, other)
    factories.question(other, "はい", "いいえ")
    schedule(staff_client, other)
    Question.objects.filter(survey=survey).delete()
    come()
    assert open_scheduled() == 1
    other.refresh_from_db()
    assert other.status == Survey.Status.OPEN


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"opens_at_0": "", "opens_at_1": ""}, "受付を開始する日時を入力してください"),
        (at(timezone.now() - timedelta(days=1)), "先の日時にしてください"),
        (at(timezone.now() + timedelta(days=30)), "締切より前"),
    ],
)
def test_a_slip_is_said(staff_client: Client, survey: Survey, values: dict[str, str], sentence: str) -> None:
    page = schedule(staff_client, survey, **values)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    survey.refresh_from_db()
    assert survey.opens_at is None


def test_it_is_cancelled(staff_client: Client, survey: Survey) -> None:
    schedule(staff_client, survey)
    assert "予約を取り消す" in staff_client.get(f"/admin/surveys/survey/{survey.pk}/open/").content.decode()
    staff_client.post(f"/admin/surveys/survey/{survey.pk}/open/", {"cancel": "1"})
    come()
    assert open_scheduled() == 0


def test_the_deadline_stays_after_the_opening(staff_client: Client, survey: Survey) -> None:
    schedule(staff_client, survey)
    survey.refresh_from_db()
    survey.closes_at = timezone.now() + timedelta(days=1)
    with pytest.raises(Exception, match="予約した受付の開始より後"):
        survey.full_clean()
