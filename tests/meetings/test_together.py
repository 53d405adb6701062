"""Two people write one record: neither loses what the other one saved."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from meetings.models import Meeting, MinuteEntry
from tests.meetings.screens import bodies, posted_again, rows, url

pytestmark = pytest.mark.django_db


def opened(client: Client, meeting: Meeting) -> dict[str, Any]:
    return posted_again(client.get(url(meeting, "record")).content.decode())


@pytest.fixture
def colleague() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("colleague"))
    return client


def test_both_began_with_an_empty_record(staff_client: Client, colleague: Client, meeting: Meeting) -> None:
    mine = opened(staff_client, meeting)
    colleague.post(url(meeting, "record"), rows({"body": "先に保存"}))
    mine |= {"e-0-body": "後に保存", "e-0-kind": "report"}
    response = staff_client.post(url(meeting, "record"), mine)
    assert response.status_code == 409
    staff_client.post(url(meeting, "record"), posted_again(response.content.decode()))
    assert set(bodies(meeting)) == {"先に保存", "後に保存"}


def test_both_began_with_entries_that_have_no_history(
    staff_client: Client, colleague: Client, meeting: Meeting
) -> None:
    """As with a record that came from elsewhere: the state kept first is what both began with."""
    for body in ("甲", "乙"):
        MinuteEntry.objects.create(meeting=meeting, kind="report", body=body)
    mine = opened(staff_client, meeting)
    colleague.post(url(meeting, "record"), {**mine, "e-0-body": "甲（先）"})
    page = staff_client.post(url(meeting, "record"), {**mine, "e-1-body": "乙（後）"}).content.decode()
    staff_client.post(url(meeting, "record"), posted_again(page))
    assert bodies(meeting) == ["甲（先）", "乙（後）"]


@pytest.mark.parametrize("mine", ["甲", "甲（後）"])
def test_what_another_corrected_is_not_deleted_unseen(
    staff_client: Client, colleague: Client, meeting: Meeting, mine: str
) -> None:
    staff_client.post(url(meeting, "record"), rows({"body": "甲"}, {"body": "乙"}))
    data = opened(staff_client, meeting)
    colleague.post(url(meeting, "record"), {**data, "e-0-body": "甲（大事な直し）"})
    deletion = {**data, "e-0-body": mine, "e-0-DELETE": "on"}
    response = staff_client.post(url(meeting, "record"), deletion)
    page = response.content.decode()
    assert response.status_code == 409
    assert "：【報告】甲（大事な直し）" in page
    assert 'name="e-0-DELETE" id="id_e-0-DELETE" checked' not in page
    # Seen, it may go.
    staff_client.post(url(meeting, "record"), {**posted_again(page), "e-0-DELETE": "on"})
    assert bodies(meeting) == ["乙"]


def test_an_old_draft_shows_what_was_saved_since(
    staff_client: Client, colleague: Client, meeting: Meeting
) -> None:
    staff_client.post(url(meeting, "record"), rows({"body": "甲"}, {"body": "乙"}))
    data = opened(staff_client, meeting)
    staff_client.post(url(meeting, "autosave"), {**data, "e-0-body": "甲（書きかけ）"})
    total = int(data["e-TOTAL_FORMS"])
    added = {"e-TOTAL_FORMS": total + 1, f"e-{total}-body": "丙（追加）", f"e-{total}-kind": "report"}
    colleague.post(url(meeting, "record"), {**data, "e-1-body": "乙（直し）", **added})
    page = staff_client.get(url(meeting, "record") + "?restore").content.decode()
    assert "ほかの人が議事概要を保存しました" in page
    staff_client.post(url(meeting, "record"), posted_again(page))
    assert set(bodies(meeting)) == {"甲（書きかけ）", "乙（直し）", "丙（追加）"}


def test_a_speaker_alone_is_a_change_too(staff_client: Client, colleague: Client, meeting: Meeting) -> None:
    """The name shown may be the same: the department is what search and the confirmation round go by."""
    department = meeting.council_year.memberships.get().department
    staff_client.post(url(meeting, "record"), rows({"body": "甲", "speaker_name": str(department)}))
    data = opened(staff_client, meeting)
    colleague.post(url(meeting, "record"), {**data, "e-0-speaker": f"d{department.pk}"})
    response = staff_client.post(url(meeting, "record"), {**data, "e-0-position": "2"})
    assert response.status_code == 409
    staff_client.post(url(meeting, "record"), posted_again(response.content.decode()))
    assert meeting.minute_entries.get().department == department


def test_an_earlier_speaker_comes_back_with_the_state(staff_client: Client, meeting: Meeting) -> None:
    department = meeting.council_year.memberships.get().department
    staff_client.post(url(meeting, "record"), rows({"body": "甲", "speaker": f"d{department.pk}"}))
    emptied = {**opened(staff_client, meeting), "e-0-DELETE": "on"}
    staff_client.post(url(meeting, "record"), emptied)
    loaded = posted_again(staff_client.get(url(meeting, "record") + "?from=1").content.decode())
    staff_client.post(url(meeting, "record"), loaded)
    assert meeting.minute_entries.get().department == department
    # A state kept before speakers were: the name is all that is known of them.
    first = meeting.revisions.get(number=1)
    del first.content["entries"][0]["speaker"]
    first.save()
    staff_client.post(url(meeting, "record"), {**opened(staff_client, meeting), "e-0-DELETE": "on"})
    loaded = posted_again(staff_client.get(url(meeting, "record") + "?from=1").content.decode())
    staff_client.post(url(meeting, "record"), loaded)
    entry = meeting.minute_entries.get()
    assert (entry.department, entry.speaker) == (None, str(department))


def test_my_order_stands_beside_what_another_corrected(
    staff_client: Client, colleague: Client, meeting: Meeting
) -> None:
    staff_client.post(url(meeting, "record"), rows({"body": "開会"}, {"body": "報告"}, {"body": "閉会"}))
    data = opened(staff_client, meeting)
    colleague.post(url(meeting, "record"), {**data, "e-1-body": "報告（直し）"})
    mine = {**data, "e-0-position": "2", "e-1-position": "1", "e-2-position": "3"}
    page = staff_client.post(url(meeting, "record"), mine).content.decode()
    staff_client.post(url(meeting, "record"), posted_again(page))
    assert bodies(meeting) == ["報告（直し）", "開会", "閉会"]


def test_two_orders_are_told(staff_client: Client, colleague: Client, meeting: Meeting) -> None:
    staff_client.post(url(meeting, "record"), rows({"body": "甲"}, {"body": "乙"}, {"body": "丙"}))
    data = opened(staff_client, meeting)
    theirs = {"e-0-position": "2", "e-1-position": "1", "e-2-position": "3"}
    colleague.post(url(meeting, "record"), {**data, **theirs})
    mine = {"e-0-position": "1", "e-1-position": "3", "e-2-position": "2"}
    page = staff_client.post(url(meeting, "record"), {**data, **mine}).content.decode()
    assert "ほかの人も順番を変えました（保存されている順：乙 → 甲 → 丙）" in page
    staff_client.post(url(meeting, "record"), posted_again(page))
    assert bodies(meeting) == ["甲", "丙", "乙"]
