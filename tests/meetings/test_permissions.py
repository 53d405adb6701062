"""Staff with some permissions only: no screen tells more than they may read."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from meetings.models import Meeting, MinuteEntry
from tests.meetings.screens import url

pytestmark = pytest.mark.django_db

LIST = "/admin/meetings/meeting/"


def staff_with(*codenames: str) -> Client:
    user = User.objects.create_user("part", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="meetings", codename__in=codenames)
    )
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def draft(meeting: Meeting) -> Meeting:
    Meeting.objects.update(place="まだ秘密の場所")
    MinuteEntry.objects.create(meeting=meeting, kind="report", body="まだ秘密の発言")
    return meeting


def test_who_cannot_view_a_meeting_cannot_copy_it(draft: Meeting) -> None:
    assert staff_with("add_meeting").get(f"{LIST}paste/?copy={draft.pk}").status_code == 403


def test_who_can_view_a_meeting_copies_it(draft: Meeting) -> None:
    page = staff_with("add_meeting", "view_meeting").get(f"{LIST}paste/?copy={draft.pk}").content.decode()
    assert "まだ秘密の場所" in page


@pytest.mark.parametrize("may_read", [False, True])
def test_a_search_finds_in_minutes_what_one_may_read(draft: Meeting, may_read: bool) -> None:
    client = staff_with("view_meeting", *(["view_minuteentry"] if may_read else []))
    found = client.get(LIST, {"q": "秘密の発言"}).context["cl"].result_count
    assert found == int(may_read)


SCREENS = ("record", "history", "publication", "minutes-paste", "remarks")


def test_the_records_screens_are_for_those_who_write_minutes(draft: Meeting) -> None:
    client = staff_with("view_meeting", "change_meeting")
    for page in SCREENS:
        assert client.get(url(draft, page)).status_code == 403
    for page in (*SCREENS, "autosave"):
        assert client.post(url(draft, page), {}).status_code == 403
    form = client.get(f"{LIST}{draft.pk}/change/").content.decode()
    assert "議事概要を書く" not in form


def test_those_who_write_minutes_get_in(draft: Meeting) -> None:
    client = staff_with("view_meeting", "change_meeting", "change_minuteentry")
    for page in SCREENS:
        assert client.get(url(draft, page)).status_code == 200
    assert "議事概要を書く" in client.get(f"{LIST}{draft.pk}/change/").content.decode()


def test_a_meeting_can_be_only_viewed(draft: Meeting) -> None:
    client = staff_with("view_meeting", "view_agendaitem", "view_material", "view_attendance")
    assert client.get(f"{LIST}{draft.pk}/change/").status_code == 200
