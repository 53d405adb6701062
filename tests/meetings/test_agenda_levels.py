"""An agenda's lines: depth, headings, who speaks and when, printed alike everywhere."""

from datetime import time

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from meetings.agenda.printing import agenda_texts, time_words
from meetings.models import AgendaItem, Meeting
from meetings.record.snapshot import compare, record_snapshot
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting() -> Meeting:
    meeting = factories.meeting(factories.council_year(), is_announced=True)
    rows = [
        {"title": "開会", "kind": "formal", "label": "１"},
        {"title": "議題", "kind": "heading", "label": "２"},
        {
            "title": "電子申請について",
            "label": "（１）",
            "level": 1,
            "presenter": "津市情報企画課",
            "start_time": time(13, 40),
            "minutes": 15,
        },
        {"title": "手数料", "level": 2, "label": "ア"},
    ]
    for row in rows:
        AgendaItem.objects.create(meeting=meeting, **row)
    return meeting


def test_an_offices_own_numbers_are_printed_as_they_are(meeting: Meeting) -> None:
    assert agenda_texts(meeting.agenda_items.all()) == [
        "１　開会",
        "２　議題",
        "　（１）　電子申請について",
        "　　ア　手数料",
    ]


def test_an_agenda_without_numbers_counts_its_items_alone(meeting: Meeting) -> None:
    meeting.agenda_items.update(label="")
    lines = agenda_texts(meeting.agenda_items.all())
    assert lines == ["開会", "議題", "　1　電子申請について", "　　2　手数料"]


def test_the_public_sees_who_speaks_and_when(meeting: Meeting, client: Client) -> None:
    page = client.get(meeting.get_absolute_url()).content.decode()
    for words in ("（１）", "13:40から（15分）", "津市情報企画課", "agenda__level-2", "agenda__heading"):
        assert words in page


@pytest.mark.parametrize(
    ("start", "minutes", "words"),
    [(None, None, ""), (time(9), None, "09:00から"), (None, 5, "5分"), (time(9), 5, "09:00から（5分）")],
)
def test_times_are_told_as_far_as_they_are_known(start: time | None, minutes: int | None, words: str) -> None:
    assert time_words(start, minutes) == words


def test_what_changes_of_a_line_is_told_in_the_records_history(meeting: Meeting) -> None:
    before = record_snapshot(meeting)
    meeting.agenda_items.filter(title="手数料").update(presenter="伊勢市", minutes=5, level=1)
    (change,) = compare(before, record_snapshot(meeting))
    assert change.before == "ア 手数料（2字下げ）"
    assert change.after == "ア 手数料（1字下げ、伊勢市、5分）"


def test_a_state_kept_before_there_were_levels_is_still_the_same(meeting: Meeting) -> None:
    meeting.agenda_items.all().delete()
    AgendaItem.objects.create(meeting=meeting, title="電子申請について", anchor="a1")
    assert record_snapshot(meeting)["agenda"] == [{"anchor": "a1", "label": "", "title": "電子申請について"}]


def test_an_item_takes_a_minute_at_least(meeting: Meeting) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        AgendaItem.objects.create(meeting=meeting, title="短い", minutes=0)
