"""Pasting in the admin: preview, correct, save."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from meetings.minutes_text import read_minutes
from meetings.models import AgendaItem, Meeting
from members.eras import fiscal_year
from members.models import CouncilYear
from tests import factories

pytestmark = pytest.mark.django_db

URL = "/admin/meetings/meeting/paste/"
TEXT = "第3回検討会議 次第\n日時：令和3年2月5日 13:30～15:00\n場所：県庁（Web会議併用）\n① 報告について\n② 共有について"


@pytest.fixture
def year() -> CouncilYear:
    year = factories.council_year()
    factories.membership(year)
    return year


def test_a_paste_is_previewed_corrected_and_saved(staff_client: Client, year: CouncilYear) -> None:
    page = staff_client.post(URL, {"council_year": year.pk, "text": TEXT}).content.decode()
    assert not Meeting.objects.exists()
    assert 'name="number" value="3"' in page
    assert 'value="2021-02-05"' in page
    assert 'value="13:30"' in page
    assert "報告について\n共有について" in page
    data = {
        "council_year": year.pk,
        "number": 3,
        "held_on": "2021-02-05",
        "start_time": "13:30",
        "end_time": "15:00",
        "mode": "hybrid",
        "place": "県庁",
        "items": "報告について\r\n\r\n直した議題\r\n",
        "save": "",
    }
    assert staff_client.post(URL, data).status_code == 302
    meeting = Meeting.objects.get()
    assert [item.title for item in meeting.agenda_items.all()] == ["報告について", "直した議題"]
    assert meeting.attendances.count() == 1
    assert not meeting.is_visible
    # The same meeting again is refused, with all that was typed.
    again = staff_client.post(URL, data)
    assert again.status_code == 422
    assert "同じ回の会議がすでに登録されています" in again.content.decode()
    assert "直した議題" in again.content.decode()
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "次第が空です"), ("議題\n" * 60_000, "長すぎます"), ("令和2年6月17日", "議題を見つけられません")],
)
def test_a_paste_of_nothing_or_too_much_is_explained(
    staff_client: Client, year: CouncilYear, text: str, words: str
) -> None:
    response = staff_client.post(URL, {"council_year": year.pk, "text": text})
    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_broken_date_is_asked_for(staff_client: Client, year: CouncilYear) -> None:
    text = "日時：令和2年13月45日\n①報告について"
    page = staff_client.post(URL, {"council_year": year.pk, "text": text}).content.decode()
    assert "開催日を読み取れませんでした" in page
    data = {"council_year": year.pk, "number": 1, "held_on": "", "items": "報告について", "save": ""}
    assert staff_client.post(URL, data).status_code == 422
    assert not Meeting.objects.exists()


def test_the_last_meeting_is_copied_to_the_next(staff_client: Client) -> None:
    year = factories.council_year(year=fiscal_year(timezone.localdate()))
    last = factories.meeting(year, number=4, held_on=year.date_range[0], place="県庁", start_time="10:00")
    AgendaItem.objects.create(meeting=last, title="いつもの議題")
    page = staff_client.get(f"{URL}?copy={last.pk}").content.decode()
    for words in ('name="number" value="5"', "いつもの議題", 'value="県庁"', 'value="10:00"'):
        assert words in page
    assert Meeting.objects.count() == 1


MINUTES = """１　電子申請について
・津市 情報課：電子申請の状況を報告した。
　対象の手続は30である。
・【みほん県】来年度に予算化することを決定した。
２　その他の話題
○ 各市町が意見を交換した。
"""


def test_minutes_are_split_by_bullet_speaker_and_heading() -> None:
    agenda = {"a1": "電子申請について", "a2": "その他の話題"}
    entries = read_minutes(MINUTES, agenda, {"d7": "津市 情報課"})
    assert [(e.kind, e.speaker, e.speaker_name, e.agenda_item) for e in entries] == [
        ("report", "d7", "", "a1"),
        ("decision", "", "みほん県", "a1"),
        ("discussion", "", "", "a2"),
    ]
    assert entries[0].body == "電子申請の状況を報告した。\n対象の手続は30である。"


@pytest.mark.parametrize(("text", "words"), [(" \n", "空です"), ("・報告\n" * 50_000, "長すぎます")])
def test_minutes_of_nothing_or_too_much_are_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_minutes(text, {}, {})


def test_pasted_minutes_stand_in_the_editor_unsaved(staff_client: Client, year: CouncilYear) -> None:
    meeting = factories.meeting(year)
    url = f"/admin/meetings/meeting/{meeting.pk}/minutes-paste/"
    page = staff_client.post(url, {"text": MINUTES}).content.decode()
    assert "まだ保存していません" in page
    assert len(re.findall(r'<textarea name="e-\d+-body"', page)) >= 3
    assert not meeting.minute_entries.exists()
    empty = staff_client.post(url, {"text": ""})
    assert "議事概要が空です" in empty.content.decode()
