"""How many came from a body, and who: the number is part of the record, names are the secretariat's."""

import io
from typing import Any

import pytest
from django.test import Client
from docx import Document

from meetings.models import Attendance, AttendanceReply, Meeting
from meetings.record.attendance import from_replies, grouped
from meetings.record.snapshot import compare, record_snapshot
from members.models import AuditEntry
from tests import factories
from tests.meetings.screens import change_form, publish, step

pytestmark = pytest.mark.django_db


def test_replies_bring_names_and_their_number(meeting: Meeting) -> None:
    row = meeting.attendances.get()
    row.status = ""
    row.save()
    AttendanceReply.objects.create(
        meeting=meeting,
        organization=row.organization,
        status="present",
        people="情報課 係長 甲\n\n市民課 乙\n",
    )
    assert from_replies(meeting).count == 1
    row.refresh_from_db()
    assert (row.status, row.people_count, row.people) == ("present", 2, "情報課 係長 甲\n市民課 乙")
    # What staff corrected since stays.
    row.people, row.people_count = "情報課 丙", 1
    row.save()
    from_replies(meeting)
    row.refresh_from_db()
    assert (row.people_count, row.people) == (1, "情報課 丙")


def test_the_number_shows_and_the_names_do_not(staff_client: Client, meeting: Meeting) -> None:
    values = {"attendances-0-status": "present", "attendances-0-people_count": 2}
    form = change_form(
        staff_client, meeting, **values, **{"attendances-0-people": "部外秘 太郎\n部外秘 花子"}
    )
    assert staff_client.post(f"/admin/meetings/meeting/{meeting.pk}/change/", form).status_code == 302
    assert Attendance.objects.get().people_count == 2
    publish(staff_client, meeting)
    step(staff_client, meeting, "publish", confirmed="on")
    page = Client().get(meeting.get_absolute_url()).content.decode()
    assert "出席（1団体・2名）" in page
    assert "（2名）</dd>" in page
    word = Client().get(f"{meeting.get_absolute_url()}record.docx")
    texts = [cell.text for row in Document(io.BytesIO(word.content)).tables[0].rows for cell in row.cells]
    assert any("出席（1団体・2名）" in text for text in texts)
    for shown in (
        page,
        "".join(texts),
        str(record_snapshot(meeting)),
        str(list(AuditEntry.objects.values())),
    ):
        assert "部外秘" not in shown
    assert "部外秘" in staff_client.get(f"/admin/meetings/meeting/{meeting.pk}/change/").content.decode()


def test_another_number_is_a_change_of_the_record(meeting: Meeting) -> None:
    row = meeting.attendances.get()
    Attendance.objects.update(status="present")
    before = record_snapshot(meeting)
    assert "count" not in before["attendance"][0]
    Attendance.objects.update(people_count=3)
    (change,) = compare(before, record_snapshot(meeting))
    assert change.after == f"{row.organization.name} 出席（3名）"


def test_people_are_added_up_only_where_each_number_is_known(meeting: Meeting) -> None:
    other = factories.organization(name="伊勢市")
    Attendance.objects.update(status="present", people_count=3)
    Attendance.objects.create(meeting=meeting, organization=other, status="present")
    rows: Any = meeting.attendances.with_names()
    assert grouped(rows)[0].title == "出席（2団体）"
    Attendance.objects.filter(organization=other).update(people_count=1)
    assert grouped(meeting.attendances.with_names())[0].title == "出席（2団体・4名）"


@pytest.mark.parametrize("number", ["0", "-1", "1000", "二"])
def test_a_number_that_is_none_is_explained(staff_client: Client, meeting: Meeting, number: str) -> None:
    form = change_form(staff_client, meeting, **{"attendances-0-people_count": number})
    response = staff_client.post(f"/admin/meetings/meeting/{meeting.pk}/change/", form)
    assert response.status_code == 200
    assert Attendance.objects.get().people_count is None
