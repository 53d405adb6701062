"""Plain admin forms that two people have open: merged field by field, refused where rows changed."""

import pytest
from django.test import Client

from meetings.models import AgendaItem, Attendance, Meeting
from tests import factories
from tests.meetings.screens import change_form
from tests.pages import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting() -> Meeting:
    made = factories.meeting(factories.council_year(), place="本庁舎", held_on="2020-06-17")
    AgendaItem.objects.create(meeting=made, title="議題")
    Attendance.objects.create(meeting=made, organization=factories.organization())
    return made


def path(meeting: Meeting) -> str:
    return f"/admin/meetings/meeting/{meeting.pk}/change/"


def test_what_only_somebody_else_changed_is_taken(staff_client: Client, meeting: Meeting) -> None:
    data = change_form(staff_client, meeting, place="本庁舎")
    Meeting.objects.update(place="別館", mode="hybrid")
    response = staff_client.post(path(meeting), {**data, "status": "cancelled"})
    assert response.status_code == 302
    meeting.refresh_from_db()
    assert (meeting.place, meeting.mode, meeting.status) == ("別館", "hybrid", "cancelled")


def test_what_both_changed_is_shown_with_both_values(staff_client: Client, meeting: Meeting) -> None:
    data = change_form(staff_client, meeting, place="本庁舎")
    Meeting.objects.update(place="別館")
    page = staff_client.post(path(meeting), {**data, "place": "文化会館"}).content.decode()
    assert "ほかの人が「別館」に変えました" in page
    assert 'value="文化会館"' in page
    meeting.refresh_from_db()
    assert meeting.place == "別館"
    decided = {**data, "place": "文化会館", "seen": seen(staff_client, path(meeting))}
    assert staff_client.post(path(meeting), decided).status_code == 302
    meeting.refresh_from_db()
    assert meeting.place == "文化会館"


def test_changed_rows_stop_the_page(staff_client: Client, meeting: Meeting) -> None:
    data = change_form(staff_client, meeting, place="本庁舎")
    AgendaItem.objects.create(meeting=meeting, title="ほかの人の議題")
    page = staff_client.post(path(meeting), {**data, "place": "文化会館"}).content.decode()
    assert "ほかの人が内容を変えました" in page
    meeting.refresh_from_db()
    assert meeting.place == "本庁舎"
