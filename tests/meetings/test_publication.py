"""What is approved is what was seen, now and at the moment it was scheduled for."""

from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from meetings.models import Material, Meeting, MinuteEntry
from members.common.text.eras import format_date
from members.models import CouncilYear
from tests.meetings.screens import change_form, publish, rows, step, url
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
def test_what_was_not_seen_is_not_published(
    boss: Client, staff_client: Client, meeting: Meeting, edit: Any
) -> None:
    shown = seen(boss, url(meeting, "publication"))
    edit(meeting)
    assert "会議記録、資料か注意点が変わりました" in step(boss, meeting, "publish", seen=shown)
    assert meeting.record_status == "review"
    # What was asked for is not what stands there now: it is asked for anew, and by somebody else.
    assert "もう一度依頼してください" in step(boss, meeting, "publish")
    assert meeting.record_status == "review"
    step(staff_client, meeting, "review")
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
    assert "公開を予約した後に内容か注意点が変わった" in page
    Meeting.objects.update(publish_at=timezone.now())
    call_command("publish_scheduled")
    assert "予約した公開を取りやめました。予約した後に内容か注意点が変わりました" in capsys.readouterr().out
    meeting.refresh_from_db()
    assert (meeting.record_status, meeting.publish_at) == ("review", None)


def test_what_was_not_seen_is_not_scheduled(boss: Client, meeting: Meeting) -> None:
    shown = seen(boss, url(meeting, "publication"))
    edit_body(meeting)
    page = step(boss, meeting, "schedule", publish_at=in_an_hour(), seen=shown)
    assert "会議記録、資料か注意点が変わりました" in page
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
    page = step(staff_client, meeting, "withdraw", reason="　")
    assert "取り下げる理由を入力してください" in page
    assert meeting.has_public_record
    page = step(staff_client, meeting, "withdraw", reason="個人名があったため")
    assert ("開催案内と公開する資料は公開のままです" in page) is is_announced
    response = Client().get(meeting.get_absolute_url())
    assert response.status_code == (200 if is_announced else 410)
    note = "取り下げました（" + format_date(timezone.localdate()) + "・個人名があったため）"
    assert note in response.content.decode()
    word = Client().get(f"{meeting.get_absolute_url()}history/")
    assert (word.status_code, note in word.content.decode()) == (410, True)
    # A year that is not public tells nothing of it.
    CouncilYear.objects.update(is_public=False)
    assert Client().get(meeting.get_absolute_url()).status_code == 404


def test_a_withdrawal_is_undone_while_nothing_changed(staff_client: Client, meeting: Meeting) -> None:
    publish(staff_client, meeting)
    before = Client().get(meeting.get_absolute_url()).content
    step(staff_client, meeting, "withdraw", reason="確かめるため")
    assert "取り下げを取り消し" in staff_client.get(url(meeting, "publication")).content.decode()
    step(staff_client, meeting, "undo")
    assert Client().get(meeting.get_absolute_url()).content == before
    step(staff_client, meeting, "withdraw", reason="確かめるため")
    edit_body(meeting)
    assert "元には戻せません" in step(staff_client, meeting, "undo")
    assert not meeting.has_public_record
    log = LogEntry.objects.filter(object_pk=str(meeting.pk), changes__has_key="withdrawal_reason")
    assert "確かめるため" in str(log.first().changes)  # type: ignore[union-attr]


def test_the_owner_of_a_cancelled_schedule_is_told(
    boss: Client, meeting: Meeting, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    User.objects.filter(pk=boss.session["_auth_user_id"]).update(email="boss@example.lg.jp")
    step(boss, meeting, "schedule", publish_at=in_an_hour())
    edit_body(meeting)
    Meeting.objects.update(publish_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        call_command("publish_scheduled")
    (mail,) = mailoutbox
    assert mail.to == ["boss@example.lg.jp"]
    assert "予約した後に内容か注意点が変わりました" in mail.body
    assert "公開の予約を取りやめました" in boss.get(url(meeting, "publication")).content.decode()


def test_a_material_added_with_a_reason_is_a_correction(staff_client: Client, meeting: Meeting) -> None:
    publish(staff_client, meeting)
    data = change_form(staff_client, meeting, reason="資料を追加したため", corrected_on="2021-03-01")
    data |= {
        "materials-TOTAL_FORMS": 1, "materials-0-meeting": meeting.pk, "materials-0-title": "追加の資料",
        "materials-0-kind": "document", "materials-0-is_public": "on",
    }  # fmt: skip
    page = staff_client.post(f"/admin/meetings/meeting/{meeting.pk}/change/", data, follow=True)
    assert "変わったところがない" not in page.content.decode()
    meeting.refresh_from_db()
    assert meeting.record_status == "corrected"
    public = Client().get(meeting.get_absolute_url()).content.decode()
    assert "資料を追加したため" in public
    assert "追加の資料" in Client().get(f"{meeting.get_absolute_url()}history/").content.decode()
