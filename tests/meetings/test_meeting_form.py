"""The meeting's own form: what somebody else changed meanwhile is not taken back unseen."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meetings.models import Material, Meeting
from tests.meetings.screens import change_form, posted_again, publish, rows, url

pytestmark = pytest.mark.django_db

STALE = "ほかの人が内容を変えました"


def save(client: Client, meeting: Meeting, data: dict) -> str:
    """Post the form; the page's text when it was refused."""
    response = client.post(f"/admin/meetings/meeting/{meeting.pk}/change/", data)
    meeting.refresh_from_db()
    return "" if response.status_code == 302 else response.content.decode()


def test_a_hidden_material_stays_hidden(staff_client: Client, meeting: Meeting) -> None:
    Meeting.objects.update(is_announced=True)
    meeting.refresh_from_db()
    Material.objects.create(meeting=meeting, title="個人情報のある資料", is_public=True)
    old_tab = change_form(staff_client, meeting, place="県庁")
    hiding = change_form(staff_client, meeting)
    del hiding["materials-0-is_public"]
    assert save(staff_client, meeting, hiding) == ""
    assert STALE in save(staff_client, meeting, old_tab)
    assert (meeting.place, Material.objects.get().is_public) == ("", False)
    assert save(staff_client, meeting, change_form(staff_client, meeting, place="県庁")) == ""
    assert (meeting.place, Material.objects.get().is_public) == ("県庁", False)


def test_a_hidden_announcement_stays_hidden(staff_client: Client, meeting: Meeting) -> None:
    Meeting.objects.update(is_announced=True)
    meeting.refresh_from_db()
    old_tab = change_form(staff_client, meeting)
    assert save(staff_client, meeting, change_form(staff_client, meeting, is_announced="")) == ""
    # The old tab shows it as announced and did not touch that: what stands stored is taken.
    assert save(staff_client, meeting, old_tab) == ""
    assert not meeting.is_announced


def test_a_correction_is_not_taken_back(staff_client: Client, meeting: Meeting) -> None:
    publish(staff_client, meeting)
    reason = {"reason": "出欠の誤り", "corrected_on": "2020-07-01"}
    old_tab = change_form(staff_client, meeting, place="県庁", **reason)
    absent = change_form(staff_client, meeting, **reason, **{"attendances-0-status": "absent"})
    assert save(staff_client, meeting, absent) == ""
    assert STALE in save(staff_client, meeting, old_tab)
    assert meeting.attendances.get().status == "absent"


def test_minutes_saved_meanwhile_do_not_matter(staff_client: Client, meeting: Meeting) -> None:
    opened = change_form(staff_client, meeting, place="県庁")
    staff_client.post(url(meeting, "record"), rows({"body": "報告した。"}))
    assert save(staff_client, meeting, opened) == ""
    assert meeting.place == "県庁"


def test_a_correction_of_nothing_is_not_said_to_be_saved(staff_client: Client, meeting: Meeting) -> None:
    publish(staff_client, meeting)
    reason = {"reason": "誤り", "corrected_on": "2020-07-01"}
    opened = posted_again(staff_client.get(url(meeting, "record")).content.decode())
    page = staff_client.post(url(meeting, "record"), {**opened, **reason}, follow=True).content.decode()
    assert "何も加えていません" in page
    assert "保存しました" not in page
    data = change_form(staff_client, meeting, **reason)
    path = f"/admin/meetings/meeting/{meeting.pk}/change/"
    assert "何も加えていません" in staff_client.post(path, data, follow=True).content.decode()
    meeting.refresh_from_db()
    assert (meeting.record_status, meeting.revisions.count()) == ("published", 2)


def test_the_form_takes_a_constant_number_of_queries(staff_client: Client, meeting: Meeting) -> None:
    counts = []
    for more in (1, 9):
        for _ in range(more):
            material = Material.objects.create(meeting=meeting, title="資料")
            material.agenda_items.set(meeting.agenda_items.all())
        with CaptureQueriesContext(connection) as queries:
            staff_client.get(f"/admin/meetings/meeting/{meeting.pk}/change/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
