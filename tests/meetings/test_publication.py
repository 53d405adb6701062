"""What is approved is what was seen, now and at the moment it was scheduled for."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from meetings.models import Material, Meeting, MinuteEntry
from tests.meetings.screens import publish, rows, step, url
from tests.pages import seen

pytestmark = pytest.mark.django_db


def edit_body(meeting: Meeting) -> None:
    MinuteEntry.objects.update(body="誰も確認していない文")


def edit_speaker(meeting: Meeting) -> None:
    MinuteEntry.objects.update(department=meeting.council_year.memberships.get().department)


def show_material(meeting: Meeting) -> None:
    Material.objects.update(is_public=True)


def edit_place(meeting: Meeting) -> None:
    Meeting.objects.update(place="別の場所")


EDITS = [edit_body, edit_speaker, show_material, edit_place]


@pytest.fixture
def boss(staff_client: Client, meeting: Meeting, settings: Any) -> Client:
    """Another person, who is asked to look the record over."""
    settings.APPROVAL_BY_SECOND_PERSON = True
    Material.objects.create(meeting=meeting, title="非公開の資料")
    staff_client.post(url(meeting, "record"), rows({"body": "確認された文"}))
    step(staff_client, meeting, "review")
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.mark.parametrize("edit", EDITS)
def test_what_was_not_seen_is_not_published(boss: Client, meeting: Meeting, edit: Any) -> None:
    shown = seen(boss, url(meeting, "publication"))
    edit(meeting)
    assert "会議記録か資料が変わりました" in step(boss, meeting, "publish", seen=shown)
    assert meeting.record_status == "review"
    step(boss, meeting, "publish")
    assert meeting.record_status == "published"


def in_an_hour() -> str:
    return (timezone.localtime() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("edit", EDITS)
def test_what_changed_after_it_was_scheduled_is_not_published(
    boss: Client, meeting: Meeting, edit: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    step(boss, meeting, "schedule", publish_at=in_an_hour())
    assert meeting.publish_at
    edit(meeting)
    page = boss.get(url(meeting, "publication")).content.decode()
    assert "公開を予約した後に内容が変わった" in page
    Meeting.objects.update(publish_at=timezone.now())
    call_command("publish_scheduled")
    assert "予約した公開を取りやめました。予約した後に内容が変わりました" in capsys.readouterr().out
    meeting.refresh_from_db()
    assert (meeting.record_status, meeting.publish_at) == ("review", None)


def test_what_was_not_seen_is_not_scheduled(boss: Client, meeting: Meeting) -> None:
    shown = seen(boss, url(meeting, "publication"))
    edit_body(meeting)
    page = step(boss, meeting, "schedule", publish_at=in_an_hour(), seen=shown)
    assert "会議記録か資料が変わりました" in page
    assert meeting.publish_at is None


@pytest.mark.parametrize("moment", ["9999-12-31T23:59Z", "9999-12-31T23:59", "0001-01-01T00:00"])
def test_a_moment_beyond_the_calendar_is_asked_for_again(
    staff_client: Client, meeting: Meeting, moment: str
) -> None:
    staff_client.post(url(meeting, "record"), rows({"body": "報告した。"}))
    assert "日時を入力してください" in step(staff_client, meeting, "schedule", publish_at=moment)


@pytest.mark.parametrize("is_announced", [False, True])
def test_a_withdrawn_record_leaves_what_was_announced(
    staff_client: Client, meeting: Meeting, is_announced: bool
) -> None:
    Material.objects.create(meeting=meeting, title="公開の資料", is_public=True)
    Meeting.objects.update(is_announced=is_announced)
    publish(staff_client, meeting)
    assert "公開の資料" in Client().get(meeting.get_absolute_url()).content.decode()
    page = step(staff_client, meeting, "withdraw")
    assert ("開催案内と公開する資料は公開のままです" in page) is is_announced
    response = Client().get(meeting.get_absolute_url())
    assert response.status_code == (200 if is_announced else 404)
