"""Decisions and follow-ups: their numbers, who sees to them, until when, and what became of them."""

import re
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meetings.models import Meeting, MinuteEntry
from meetings.record.snapshot import entry_line, record_snapshot
from members.models import Remit
from tests import factories
from tests.meetings.screens import posted_again, rows, step, url

pytestmark = pytest.mark.django_db
FOLLOW_UP = {"kind": "follow_up", "body": "調査票を送る", "owner": "事務局", "due_on": "2020-07-31"}


@pytest.fixture
def meeting() -> Meeting:
    year = factories.council_year()
    meeting = factories.meeting(year, status="held")
    meeting.agenda_items.create(title="議題")
    return meeting


def numbers(meeting: Meeting) -> list[tuple[str, int | None]]:
    entries = meeting.minute_entries.order_by("position")
    return [(entry.body, entry.number) for entry in entries]


def test_a_follow_up_has_a_number_an_owner_and_a_day(staff_client: Client, meeting: Meeting) -> None:
    entries = rows({"body": "説明した"}, FOLLOW_UP, {"kind": "decision", "body": "開くことにした"}, FOLLOW_UP)
    assert staff_client.post(url(meeting, "record"), entries).status_code == 302
    assert numbers(meeting) == [
        ("説明した", None),
        ("調査票を送る", 1),
        ("開くことにした", 1),
        ("調査票を送る", 2),
    ]
    first = meeting.minute_entries.get(position=2)
    assert (first.owner, first.due_on) == ("事務局", date(2020, 7, 31))
    page = staff_client.get(meeting.get_absolute_url()).content.decode()
    assert "今後の対応1" in page
    assert "担当：事務局、期限：令和2（2020）年7月31日" in page
    line = entry_line(record_snapshot(meeting)["entries"][1])
    assert line == "【今後の対応1】調査票を送る（担当：事務局）（期限：令和2（2020）年7月31日）"


def test_another_kind_has_no_owner(staff_client: Client, meeting: Meeting) -> None:
    staff_client.post(url(meeting, "record"), rows(FOLLOW_UP))
    MinuteEntry.objects.update(done_on=date(2020, 7, 1), outcome="送付した")
    data = posted_again(staff_client.get(url(meeting, "record")).content.decode())
    assert staff_client.post(url(meeting, "record"), data | {"e-0-kind": "report"}).status_code == 302
    entry = meeting.minute_entries.get()
    assert (entry.number, entry.owner, entry.due_on, entry.done_on, entry.outcome) == (
        None,
        "",
        None,
        None,
        "",
    )
    entry.owner = "津市"
    with pytest.raises(ValidationError, match="担当、期限と結果は"):
        entry.validate_constraints()


def test_numbers_follow_the_order_until_the_record_is_public(staff_client: Client, meeting: Meeting) -> None:
    decisions = [{"kind": "decision", "body": text} for text in "あいう"]
    staff_client.post(url(meeting, "record"), rows(*decisions))
    data = posted_again(staff_client.get(url(meeting, "record")).content.decode())
    staff_client.post(url(meeting, "record"), data | {"e-0-DELETE": "on"})
    assert numbers(meeting) == [("い", 1), ("う", 2)]


def test_a_published_number_stays_and_is_not_given_again(staff_client: Client, meeting: Meeting) -> None:
    decisions = [{"kind": "decision", "body": text} for text in "あいう"]
    staff_client.post(url(meeting, "record"), rows(*decisions))
    step(staff_client, meeting, "publish", confirmed="on")
    assert meeting.has_public_record
    for gone, new in ((2, "え"), (0, "お")):
        data = posted_again(staff_client.get(url(meeting, "record")).content.decode())
        data |= {f"e-{gone}-DELETE": "on", "e-3-kind": "decision", "e-3-body": new, "reason": "誤り"}
        data |= {"e-TOTAL_FORMS": 4, "corrected_on": "2020-07-01"}
        assert staff_client.post(url(meeting, "record"), data).status_code == 302
    assert numbers(meeting) == [("い", 2), ("え", 4), ("お", 5)]


def test_who_saves_second_is_shown_another_owner(staff_client: Client, meeting: Meeting) -> None:
    staff_client.post(url(meeting, "record"), rows({"kind": "follow_up", "body": "調査票を送る"}))
    mine = posted_again(staff_client.get(url(meeting, "record")).content.decode())
    theirs = mine | {"e-0-owner": "津市"}
    assert staff_client.post(url(meeting, "record"), theirs).status_code == 302
    # Who did not touch the owner takes it over; who typed another is asked.
    merged = staff_client.post(url(meeting, "record"), mine | {"e-0-body": "調査票を郵送する"})
    assert merged.status_code == 409
    assert posted_again(merged.content.decode())["e-0-owner"] == "津市"
    other = staff_client.post(url(meeting, "record"), mine | {"e-0-owner": "事務局"})
    assert "ほかの人が保存した内容" in other.content.decode()


def test_an_owner_in_a_public_record_is_a_correction(staff_client: Client, meeting: Meeting) -> None:
    staff_client.post(url(meeting, "record"), rows({"body": "送る"}))
    step(staff_client, meeting, "publish", confirmed="on")
    data = posted_again(staff_client.get(url(meeting, "record")).content.decode())
    data |= {"e-0-kind": "follow_up", "e-0-owner": "津市"}
    assert staff_client.post(url(meeting, "record"), data | {"reason": ""}).status_code == 422
    data |= {"reason": "担当を加えた", "corrected_on": "2020-07-01"}
    assert staff_client.post(url(meeting, "record"), data).status_code == 302
    assert "（担当：津市）" in staff_client.get(f"{meeting.get_absolute_url()}history/").content.decode()


def test_an_earlier_state_without_an_owner_is_restored_without(
    staff_client: Client, meeting: Meeting
) -> None:
    staff_client.post(url(meeting, "record"), rows({"kind": "follow_up", "body": "送る"}))
    data = posted_again(staff_client.get(url(meeting, "record")).content.decode())
    staff_client.post(url(meeting, "record"), data | {"e-0-owner": "津市", "e-0-due_on": "2020-08-01"})
    html = staff_client.get(f"{url(meeting, 'record')}?from=1").content.decode()
    restored = posted_again(html)
    assert (restored["e-0-owner"], restored["e-0-due_on"]) == ("", "")


LIST = "/admin/meetings/meeting/to-do/"


@pytest.fixture
def entry(meeting: Meeting) -> MinuteEntry:
    return meeting.minute_entries.create(
        kind="follow_up", body="調査票を送る", number=1, owner="津市", due_on=date(2020, 7, 31)
    )


def posted(html: str, entry: MinuteEntry, **values: str) -> dict[str, str]:
    seen = re.search(r'name="seen" value="([^"]*)"', html[html.index(f'id="{entry.anchor}"') :])
    assert seen
    names = {f"{entry.anchor}-{name}": value for name, value in values.items()}
    return {"entry": entry.anchor, "seen": seen[1], **names}


def test_the_list_holds_what_is_open_across_meetings(
    staff_client: Client, meeting: Meeting, entry: MinuteEntry
) -> None:
    other = factories.meeting(factories.council_year(year=2021), status="held")
    other.minute_entries.create(kind="decision", body="決めただけのこと", number=1)
    other.minute_entries.create(kind="decision", body="期限のある決定", number=2, due_on=date(2020, 1, 1))
    meeting.minute_entries.create(kind="follow_up", body="済んだこと", number=2, done_on=date(2020, 7, 1))
    cancelled = factories.meeting(meeting.council_year, number=9, status="cancelled")
    cancelled.minute_entries.create(kind="follow_up", body="中止した会議のこと", number=1)
    html = staff_client.get(LIST).content.decode()
    assert html.index("期限のある決定") < html.index("調査票を送る")
    assert "期限を過ぎています" in html
    for words in ("決めただけのこと", "済んだこと", "中止した会議のこと"):
        assert words not in html
    assert "済んだこと" in staff_client.get(f"{LIST}?state=all").content.decode()
    of_other = staff_client.get(f"{LIST}?council={other.council_year.council_id}").content.decode()
    assert "調査票を送る" not in of_other
    assert "期限のある決定" in of_other
    start = staff_client.get("/admin/").content.decode()
    assert "期限を過ぎた決定・今後の対応が1件あります" in start


def test_what_became_of_it_is_no_correction(
    staff_client: Client, meeting: Meeting, entry: MinuteEntry
) -> None:
    before = record_snapshot(meeting)
    data = posted(staff_client.get(LIST).content.decode(), entry, done_on="2020-07-20", outcome="送付した")
    assert staff_client.post(LIST, data).status_code == 302
    entry.refresh_from_db()
    assert (entry.done_on, entry.outcome) == (date(2020, 7, 20), "送付した")
    assert record_snapshot(meeting) == before
    assert "送付した" not in staff_client.get(meeting.get_absolute_url()).content.decode()
    # The editor of the record leaves it alone.
    minutes = posted_again(staff_client.get(url(meeting, "record")).content.decode())
    staff_client.post(url(meeting, "record"), minutes | {"e-0-body": "調査票を郵送する"})
    entry.refresh_from_db()
    assert (entry.body, entry.outcome) == ("調査票を郵送する", "送付した")
    # It is opened again by taking the day out.
    data = posted(
        staff_client.get(f"{LIST}?state=all").content.decode(), entry, done_on="", outcome="差し戻し"
    )
    staff_client.post(f"{LIST}?state=all", data)
    assert "差し戻し" in staff_client.get(LIST).content.decode()


def test_a_wrong_day_and_another_persons_change_are_told(staff_client: Client, entry: MinuteEntry) -> None:
    page = staff_client.get(LIST).content.decode()
    wrong = staff_client.post(LIST, posted(page, entry, done_on="2999-01-01", outcome="済み"))
    assert wrong.status_code == 422
    assert "済んだ日は今日までの日にしてください" in wrong.content.decode()
    assert 'value="済み"' in wrong.content.decode()
    MinuteEntry.objects.update(outcome="照会中")
    late = staff_client.post(LIST, posted(page, entry, done_on="2020-07-01", outcome="済み"))
    assert late.status_code == 422
    assert "（未了、照会中）" in late.content.decode()
    entry.refresh_from_db()
    assert entry.outcome == "照会中"
    again = posted(late.content.decode(), entry, done_on="2020-07-01", outcome="済み")
    assert staff_client.post(LIST, again).status_code == 302


def test_another_councils_entries_are_nobodys_business(
    staff_client: Client, staff: User, entry: MinuteEntry
) -> None:
    Remit.objects.create(user=staff).councils.set([factories.council(slug="own", name="担当の検討会議")])
    assert "調査票を送る" not in staff_client.get(f"{LIST}?state=all").content.decode()
    assert staff_client.post(LIST, {"entry": entry.anchor}).status_code == 404


def test_the_list_costs_the_same_however_long_it_is(
    staff_client: Client, meeting: Meeting, entry: MinuteEntry
) -> None:
    with CaptureQueriesContext(connection) as few:
        staff_client.get(LIST)
    for number in range(2, 32):
        meeting.minute_entries.create(
            kind="follow_up", body=f"こと{number}", number=number, due_on=date(2020, 7, 31)
        )
    with CaptureQueriesContext(connection) as many:
        staff_client.get(LIST)
    assert len(many) == len(few)
