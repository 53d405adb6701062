from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from meetings.models import AgendaItem, Guest, Material, Meeting, MinuteEntry
from members.common.text.eras import fiscal_year
from tests import factories

pytestmark = pytest.mark.django_db


def entry(meeting: Meeting, **values: object) -> MinuteEntry:
    return MinuteEntry(meeting=meeting, **{"kind": "report", "body": "報告した。", **values})


def test_numbers_are_unique_within_a_year() -> None:
    first = factories.meeting(factories.council_year(), number=1)
    factories.meeting(factories.council_year(), number=1)
    with pytest.raises(ValidationError, match="同じ回の会議"):
        factories.meeting(first.council_year, number=1)


@pytest.mark.parametrize("held_on", ["2020-03-31", "2021-04-01"])
def test_a_meeting_is_held_within_its_fiscal_year(held_on: str) -> None:
    with pytest.raises(ValidationError, match=r"令和2（2020）年4月1日から令和3（2021）年3月31日まで"):
        factories.meeting(factories.council_year(), held_on=held_on)


def test_a_meeting_to_come_is_not_held_yet() -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    year = factories.council_year(year=fiscal_year(tomorrow))
    with pytest.raises(ValidationError, match="「開催済み」にできません"):
        factories.meeting(year, held_on=tomorrow, status="held")
    with pytest.raises(ValidationError, match="「開催予定」に戻せません"):
        factories.meeting(year, held_on=tomorrow, status="planned", record_status="published")


def test_a_meeting_with_a_public_record_was_held() -> None:
    meeting = factories.meeting(factories.council_year(), record_status="published")
    meeting.status = "planned"
    with pytest.raises(ValidationError, match="「開催予定」に戻せません"):
        meeting.full_clean(exclude=["record_status"])


@pytest.mark.parametrize("number", [0, 1000])
def test_a_number_fits_its_address(number: int) -> None:
    with pytest.raises(ValidationError):
        factories.meeting(factories.council_year(), number=number)


def test_times_are_in_order() -> None:
    with pytest.raises(ValidationError, match="終了時刻は開始時刻より後"):
        factories.meeting(factories.council_year(), start_time="15:00", end_time="13:30")


def test_a_public_meeting_keeps_its_number() -> None:
    meeting = factories.meeting(factories.council_year(), number=1, is_announced=True)
    meeting.number = 2
    with pytest.raises(ValidationError, match="公開した会議の年度と回は変えられません"):
        meeting.full_clean()
    # Hiding it again does not free the number.
    meeting.number, meeting.is_announced = 1, False
    meeting.save()
    meeting.number = 2
    with pytest.raises(ValidationError, match="公開した会議"):
        meeting.full_clean()


def test_agenda_keeps_order_and_anchors_apart() -> None:
    meeting = factories.meeting(factories.council_year())
    items = [AgendaItem.objects.create(meeting=meeting, title=f"議題{n}") for n in range(11)]
    assert [item.position for item in items] == list(range(1, 12))
    anchors = {item.pk: item.anchor for item in items}
    for item in items:
        item.position = 20 - item.position
        item.save()
    assert list(meeting.agenda_items.all()) == items[::-1]
    assert {item.pk: item.anchor for item in meeting.agenda_items.all()} == anchors


def test_an_entry_points_into_its_own_meeting() -> None:
    year = factories.council_year()
    own, other = factories.meeting(year), factories.meeting(year)
    item = AgendaItem.objects.create(meeting=other, title="別の会議の議題")
    wrong = entry(own, agenda_item=item)
    with pytest.raises(ValidationError, match="この会議の議題を選んでください"):
        wrong.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():  # noqa: PT012 (deferred constraint)
        wrong.save()
        connection.check_constraints()


def test_a_speaker_is_a_department_or_a_guest() -> None:
    meeting = factories.meeting(factories.council_year())
    guest = Guest.objects.create(name="架空株式会社")
    both = entry(meeting, department=factories.department(), guest=guest)
    with pytest.raises(ValidationError, match="どちらか一方"):
        both.full_clean()


def test_the_speakers_name_stays_as_it_was() -> None:
    department = factories.department(name="情報課")
    department.organization.name = "旧町"
    department.organization.save()
    written = entry(factories.meeting(factories.council_year()), department=department, speaker_post="課長")
    written.save()
    department.organization.name = "新市"
    department.organization.save()
    written.refresh_from_db()
    written.save()
    assert written.speaker == "旧町 情報課 課長"


def test_a_meeting_with_minutes_cannot_be_deleted() -> None:
    meeting = factories.meeting(factories.council_year())
    AgendaItem.objects.create(meeting=meeting, title="議題")
    entry(meeting).save()
    with pytest.raises(ProtectedError):
        meeting.delete()


def test_attendance_is_prefilled_from_the_roster_once() -> None:
    year = factories.council_year()
    prefecture = factories.organization(kind="prefecture")
    factories.membership(year, department=factories.department(organization=prefecture))
    factories.membership(year)
    meeting = factories.meeting(year)
    assert meeting.prefill_attendance() == 2
    factories.membership(year)
    assert meeting.prefill_attendance() == 1
    assert meeting.attendances.count() == 3


def test_public_is_what_staff_published_in_public_years() -> None:
    year, hidden = factories.council_year(), factories.council_year(is_public=False)
    announced = factories.meeting(year, is_announced=True)
    recorded = factories.meeting(year, record_status="published")
    factories.meeting(year)
    factories.meeting(hidden, is_announced=True, record_status="published")
    assert set(Meeting.objects.public()) == {announced, recorded}
    assert list(Meeting.objects.with_public_record()) == [recorded]
    for meeting in (announced, recorded):
        entry(meeting).save()
        Material.objects.create(meeting=meeting, title="公開", is_public=True)
        Material.objects.create(meeting=meeting, title="非公開")
    assert [e.meeting for e in MinuteEntry.objects.public()] == [recorded]
    assert {m.title for m in Material.objects.public()} == {"公開"}


def test_upcoming_begins_today() -> None:
    today = timezone.localdate()
    year = factories.council_year(year=fiscal_year(today))
    now = factories.meeting(year, held_on=today, status="planned")
    Meeting.objects.create(council_year=year, number=990, held_on=today - timedelta(days=1))
    later = Meeting.objects.create(council_year=year, number=991, held_on=today + timedelta(days=1))
    assert list(Meeting.objects.upcoming()) == [now, later]
