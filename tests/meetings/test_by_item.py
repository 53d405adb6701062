"""The page of a meeting has its minutes below the items of its agenda."""

from typing import Any

import pytest
from django.test import Client

from meetings.minutes.by_item import by_item
from meetings.models import AgendaItem, Meeting, MinuteEntry
from members.models import CouncilYear
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting() -> Meeting:
    return factories.meeting(factories.council_year(), number=1)


def add_item(meeting: Meeting, title: str, **values: Any) -> AgendaItem:
    position = meeting.agenda_items.count() + 1
    return AgendaItem.objects.create(meeting=meeting, position=position, title=title, **values)


def add_entry(meeting: Meeting, body: str, item: AgendaItem | None = None) -> MinuteEntry:
    position = meeting.minute_entries.count() + 1
    return MinuteEntry.objects.create(
        meeting=meeting, position=position, kind="report", body=body, agenda_item=item
    )


def outline(meeting: Meeting) -> list[tuple[int, str, list[str]]]:
    parts = by_item(meeting.agenda_items.all(), meeting.minute_entries.all())
    told = [entry for part in parts for entry in part.entries]
    # Once each, and none lost.
    assert not parts or sorted(told, key=lambda each: each.pk) == list(meeting.minute_entries.order_by("pk"))
    return [
        (part.depth, f"{part.number} {part.heading}".strip(), [entry.body for entry in part.entries])
        for part in parts
    ]


def test_entries_stand_below_their_items_in_the_order_of_the_agenda(meeting: Meeting) -> None:
    add_item(meeting, "開会", kind="formal")
    first, silent, third = (add_item(meeting, title) for title in ("報告", "協議", "その他"))
    add_entry(meeting, "Web会議で開いた")
    add_entry(meeting, "三つ目の一", third)
    add_entry(meeting, "一つ目の一", first)
    add_entry(meeting, "どれとも言えない")
    add_entry(meeting, "三つ目の二", third)
    assert outline(meeting) == [
        (3, "会議全体", ["Web会議で開いた"]),
        (3, "1 報告", ["一つ目の一"]),
        (3, "議題を特定しない記録（「報告」の後）", ["どれとも言えない"]),
        (3, "2 協議", []),
        (3, "3 その他", ["三つ目の一", "三つ目の二"]),
    ]
    parts = by_item(meeting.agenda_items.all(), meeting.minute_entries.all())
    assert [part.item for part in parts if part.is_silent] == [silent]


def test_headings_stand_where_something_is_below_and_no_depth_is_left_out(meeting: Meeting) -> None:
    add_item(meeting, "報告事項", kind="heading")
    one = add_item(meeting, "電子申請", level=1)
    deep = add_item(meeting, "様式", level=3)
    add_item(meeting, "空の見出し", kind="heading")
    add_item(meeting, "休憩", kind="formal")
    add_entry(meeting, "様式を決めた", deep)
    add_entry(meeting, "始めた", one)
    assert outline(meeting) == [
        (3, "報告事項", []),
        (4, "1 電子申請", ["始めた"]),
        (5, "2 様式", ["様式を決めた"]),
    ]


def test_minutes_that_name_no_item_stay_one_list(meeting: Meeting) -> None:
    add_item(meeting, "報告")
    add_entry(meeting, "話した")
    assert outline(meeting) == []


def test_the_page_has_every_entry_once_and_says_which_item_has_none(fy2020: CouncilYear) -> None:
    for meeting in fy2020.meetings.all():
        html = Client().get(meeting.get_absolute_url()).content.decode()
        minutes = html[html.index('<h2 id="minutes">') : html.index('<h2 id="materials">')]
        entries = list(meeting.minute_entries.all())
        assert [minutes.count(f'<li id="{entry.anchor}">') for entry in entries] == [1] * len(entries)
    assert (
        '<h3 class="minutes__item" id="minutes-a2020-3-2">2　AI・RPAに関する取組状況について</h3>' in minutes
    )
    assert minutes.count("この議題に結びつけた記録はありません。") == 2


def test_queries_do_not_grow_with_entries_and_items(
    meeting: Meeting, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        add_entry(meeting, f"{number}", add_item(meeting, f"議題{number}"))
    Meeting.objects.filter(pk=meeting.pk).update(record_status="published")
    meeting.refresh_from_db()
    with django_assert_max_num_queries(16):
        Client().get(meeting.get_absolute_url())
