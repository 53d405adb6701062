"""Attendance filled in at once: what is recorded stays, and who is gone is named."""

from typing import Any

import pytest
from django.test import Client

from meetings.models import AgendaItem, Meeting
from meetings.record.attendance import all_present, as_last_time
from members.models import CouncilYear
from tests import factories
from tests.meetings.screens import change_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def year() -> CouncilYear:
    year = factories.council_year()
    for name in ("甲市", "乙町", "丙村"):
        organization = factories.organization(name=name)
        factories.membership(year, department=factories.department(organization=organization))
    return year


def recorded(meeting: Meeting) -> dict[str, str]:
    return dict(meeting.attendances.values_list("organization__name", "status"))


def test_all_are_present_but_for_what_is_recorded(year: CouncilYear) -> None:
    meeting = factories.meeting(year)
    meeting.prefill_attendance()
    meeting.attendances.filter(organization__name="乙町").update(status="absent")
    assert all_present(meeting).count == 2
    assert recorded(meeting) == {"甲市": "present", "乙町": "absent", "丙村": "present"}
    assert all_present(meeting).count == 0


def test_at_a_meeting_by_screen_all_are_online(year: CouncilYear) -> None:
    meeting = factories.meeting(year, mode="online")
    all_present(meeting)
    assert set(recorded(meeting).values()) == {"online"}


def test_as_last_time_over_the_turn_of_the_year(year: CouncilYear) -> None:
    last = factories.meeting(year, held_on="2020-12-10")
    last.prefill_attendance()
    for name, status in (("甲市", "present"), ("乙町", "proxy"), ("丙村", "absent")):
        last.attendances.filter(organization__name=name).update(status=status)
    following = factories.council_year(council=year.council, year=2021)
    for name in ("甲市", "乙町", "新市"):
        membership = year.memberships.filter(department__organization__name=name).first()
        department = membership.department if membership else None
        if department is None:
            department = factories.department(organization=factories.organization(name=name))
        factories.membership(following, department=department)
    meeting = factories.meeting(following, held_on="2021-05-20")
    filled = as_last_time(meeting)
    assert (filled.count, filled.gone) == (2, ["丙村"])
    assert recorded(meeting) == {"甲市": "present", "乙町": "proxy", "新市": ""}


def test_without_a_meeting_before_there_is_nothing_to_take(year: CouncilYear) -> None:
    meeting = factories.meeting(year)
    factories.meeting(year, held_on="2020-05-01")
    assert "前の会議がありません" in as_last_time(meeting).problem


@pytest.mark.parametrize("way", ["all", "last", "odd"])
def test_the_button_saves_what_was_typed_too(staff_client: Client, way: str) -> None:
    year = factories.council_year()
    factories.membership(year)
    meeting = factories.meeting(year)
    AgendaItem.objects.create(meeting=meeting, title="議題")
    meeting.prefill_attendance()
    url = f"/admin/meetings/meeting/{meeting.pk}/change/"
    assert "全員出席" in staff_client.get(url).content.decode()
    data: dict[str, Any] = change_form(staff_client, meeting, _attendance=way)
    data["agenda_items-0-title"] = "直した議題"
    response = staff_client.post(url, data, follow=True)
    assert response.redirect_chain[-1][0] == url
    assert meeting.agenda_items.get().title == "直した議題"
    assert meeting.attendances.get().status == ("present" if way == "all" else "")
