"""Pasting in the admin: preview, correct, save."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from meetings.agenda.pasted.splitting import split_meetings
from meetings.agenda.reading import read_agenda
from meetings.minutes.reading import read_minutes
from meetings.models import AgendaItem, Meeting
from members.common.text.eras import fiscal_year
from members.models import CouncilYear
from tests import factories

pytestmark = pytest.mark.django_db

URL = "/admin/meetings/meeting/paste/"
TEXT = "第3回検討会議 次第\n日時：令和3年2月5日 13:30～15:00\n場所：県庁（Web会議併用）\n① 報告について\n② 共有について"


def proposed(data: dict[str, Any], number: int = 0) -> dict[str, Any]:
    """What was read and corrected, as the form of the n-th meeting on the page sends it.

    ``items`` are titles, one per line, or the lines' fields.
    """
    data = {**data}
    items = data.pop("items", "")
    rows = [{"title": title} for title in items.splitlines()] if isinstance(items, str) else items
    data |= {"l-TOTAL_FORMS": len(rows), "l-INITIAL_FORMS": 0}
    data |= {f"l-{index}-{name}": value for index, row in enumerate(rows) for name, value in row.items()}
    return {name if name == "save" else f"m{number}-{name}": value for name, value in data.items()}


@pytest.fixture
def year() -> CouncilYear:
    year = factories.council_year()
    factories.membership(year)
    return year


def test_a_paste_is_previewed_corrected_and_saved(staff_client: Client, year: CouncilYear) -> None:
    page = staff_client.post(URL, {"council_year": year.pk, "text": TEXT}).content.decode()
    assert not Meeting.objects.exists()
    assert 'name="m0-number" value="3"' in page
    assert 'value="2021-02-05"' in page
    assert 'value="13:30"' in page
    assert 'value="報告について"' in page
    assert 'value="共有について"' in page
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
    data = proposed(data)
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
    assert staff_client.post(URL, proposed(data)).status_code == 422
    assert not Meeting.objects.exists()


def test_the_last_meeting_is_copied_to_the_next(staff_client: Client) -> None:
    year = factories.council_year(year=fiscal_year(timezone.localdate()))
    last = factories.meeting(year, number=4, held_on=year.date_range[0], place="県庁", start_time="10:00")
    AgendaItem.objects.create(meeting=last, title="いつもの議題")
    page = staff_client.get(f"{URL}?copy={last.pk}").content.decode()
    for words in ('name="m0-number" value="5"', "いつもの議題", 'value="県庁"', 'value="10:00"'):
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
    entries = read_minutes(MINUTES, agenda, {"d7": "津市 情報課"}).entries
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


def test_official_text_is_stored_as_it_was_pasted(staff_client: Client, year: CouncilYear) -> None:
    text = "第1回会議 次第\n日時：令和2年6月17日\n場所：（株）髙島屋　７階㈱ホール\n（１）要綱（案）～Ⅱ期～について\n（２）№３と①の㈱ﾃﾚﾜｰｸ"
    page = staff_client.post(URL, {"council_year": year.pk, "text": text}).content.decode()
    assert 'value="要綱（案）～Ⅱ期～について"' in page
    assert 'value="№３と①の㈱ﾃﾚﾜｰｸ"' in page
    assert 'value="（株）髙島屋　７階㈱ホール"' in page


def test_official_minutes_are_stored_as_they_were_pasted() -> None:
    (entry,) = read_minutes("【㈱髙﨑】　Ⅱ期計画（案）～中間～を①のとおり報告した。\n　ＤＸ①", {}, {}).entries
    assert (entry.speaker_name, entry.body) == ("㈱髙﨑", "Ⅱ期計画（案）～中間～を①のとおり報告した。\nＤＸ①")


def test_a_registered_meeting_is_offered_to_be_filled(staff_client: Client, year: CouncilYear) -> None:
    meeting = factories.meeting(year, number=3, held_on="2021-02-05")
    AgendaItem.objects.create(meeting=meeting, title="報告について")
    page = staff_client.post(URL, {"council_year": year.pk, "text": TEXT}).content.decode()
    assert "登録済みの第3回会議（令和3（2021）年2月5日）に次第を加える" in page
    assert 'name="m0-number" value="3"' in page
    data = {
        "council_year": year.pk, "number": 3, "held_on": "2021-02-06", "place": "県庁", "save": "",
        "items": "報告について\n共有について", "into": "fill",
    }  # fmt: skip
    assert staff_client.post(URL, proposed(data)).status_code == 302
    meeting.refresh_from_db()
    assert [item.title for item in meeting.agenda_items.all()] == ["報告について", "共有について"]
    assert (str(meeting.held_on), meeting.place) == ("2021-02-05", "県庁")
    # Or it is another meeting, under a number of its own.
    assert staff_client.post(URL, proposed({**data, "into": "new"})).status_code == 422
    assert staff_client.post(URL, proposed({**data, "number": 4, "into": "new"})).status_code == 302
    assert Meeting.objects.count() == 2


def test_a_public_record_is_not_filled_by_a_paste(staff_client: Client, year: CouncilYear) -> None:
    factories.meeting(year, number=3, held_on="2021-02-05", is_announced=True, record_status="published")
    data = {
        "council_year": year.pk, "number": 3, "held_on": "2021-02-05", "save": "",
        "items": "報告について", "into": "fill",
    }  # fmt: skip
    page = staff_client.post(URL, proposed(data))
    assert page.status_code == 422
    assert "訂正の理由を入力して直してください" in page.content.decode()


def test_a_text_of_several_meetings_becomes_several_meetings(staff_client: Client, year: CouncilYear) -> None:
    """The FY2020 report's own listing: three meetings with five, five and four items."""
    days = ("6月17日（水）", "10月16日（金）", "2月5日（金）")
    years = (2, 2, 3)
    text = "\n".join(
        f"第{number}回　令和{of}年{day}\n"
        + "\n".join(f"（{n}）議題{number}の{n}について" for n in range(1, count + 1))
        for number, (day, of, count) in enumerate(zip(days, years, (5, 5, 4), strict=True), start=1)
    )
    page = staff_client.post(URL, {"council_year": year.pk, "text": f"開催実績\n{text}"})
    forms = page.context["proposed"]
    assert [len(form.lines.initial) for form in forms] == [5, 5, 4]
    data = {"save": ""}
    for number, form in enumerate(forms):
        rows = [{name: value or "" for name, value in row.items()} for row in form.lines.initial]
        data |= proposed(
            {name: value or "" for name, value in form.initial.items()} | {"items": rows}, number
        )
    assert staff_client.post(URL, data).status_code == 302
    assert [meeting.agenda_items.count() for meeting in Meeting.objects.order_by("number")] == [5, 5, 4]


def test_one_bad_meeting_of_several_saves_none(staff_client: Client, year: CouncilYear) -> None:
    good = {"council_year": year.pk, "number": 1, "held_on": "2020-06-17", "items": "一"}
    data = {"save": "", **proposed(good), **proposed({**good, "number": 2, "held_on": ""}, 1)}
    assert staff_client.post(URL, data).status_code == 422
    assert not Meeting.objects.exists()


CASES = json.loads((Path(__file__).parent / "paste_cases.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_what_offices_paste(case: dict[str, Any]) -> None:
    """Texts by people who had not seen the code, with what each should become."""
    try:
        parts = split_meetings(case["text"])
    except ValueError:
        assert case["expect"] == {"refuse": True}, case["why"]
        return
    wanted = case["expect"]["meetings"]
    day = wanted[0]["date"]
    year = fiscal_year(date.fromisoformat(day)) if day else 2020
    found = [read_agenda(part, year) for part in parts]
    assert [
        {
            "number": each.number,
            "date": each.held_on and each.held_on.isoformat(),
            "items": [line.title for line in each.lines if line.kind != "heading"],
            "fills_existing": each.number in case["existing_numbers"],
        }
        for each in found
    ] == wanted, case["why"]


def test_an_empty_row_below_the_headings_of_a_pasted_table_says_nothing(
    staff_client: Client, year: CouncilYear
) -> None:
    table = "回\t開催日\t議題\n\n第3回\t令和3年2月5日\t報告について\n\t\t\n"
    page = staff_client.post(URL, {"council_year": year.pk, "text": table})
    assert page.status_code == 200
    assert "報告について" in page.content.decode()


def test_a_text_without_a_number_goes_to_the_meeting_it_was_pasted_from(
    staff_client: Client, year: CouncilYear
) -> None:
    first, meeting = factories.meeting(year, number=1), factories.meeting(year, number=2)
    page = staff_client.get(f"{URL}?into={meeting.pk}").content.decode()
    assert f'name="meeting" value="{meeting.pk}"' in page
    assert f"{URL}?into={meeting.pk}" in staff_client.get(meeting_page(meeting)).content.decode()
    data = {"council_year": year.pk, "meeting": meeting.pk}
    page = staff_client.post(URL, {**data, "text": "次第\n1 報告について\n2 共有について"}).content.decode()
    assert 'name="m0-number" value="2"' in page
    assert f"登録済みの{meeting.label}" in page
    # What a text says itself holds, and that it is another meeting's is told.
    page = staff_client.post(URL, {**data, "text": TEXT}).content.decode()
    assert 'name="m0-number" value="3"' in page
    assert f"{meeting.label}の画面から開きましたが、貼り付けた次第は第3回のものです" in page
    assert first.label not in page


def meeting_page(meeting: Meeting) -> str:
    return f"/admin/meetings/meeting/{meeting.pk}/change/"


def test_lines_that_were_there_gain_what_the_paste_says_more(staff_client: Client, year: CouncilYear) -> None:
    meeting = factories.meeting(year, number=3)
    AgendaItem.objects.create(meeting=meeting, title="報告について", presenter="津市", position=1)
    AgendaItem.objects.create(meeting=meeting, title="共有について", position=2)
    rows = [
        {"title": "報告について", "presenter": "別の市", "minutes": 10, "documents": "資料1"},
        {"title": "共有について", "presenter": "伊勢市", "documents": ""},
    ]
    rows = [{"kind": "item", "level": 0, **each} for each in rows]
    data = {"council_year": year.pk, "number": 3, "held_on": str(meeting.held_on), "save": "", "into": "fill"}
    assert staff_client.post(URL, proposed({**data, "items": rows})).status_code == 302
    first, second = meeting.agenda_items.order_by("position")
    # What somebody registered stays; what was open is filled.
    assert (first.presenter, first.minutes, second.presenter) == ("津市", 10, "伊勢市")
    assert [material.label for material in first.materials.all()] == ["資料1"]


def test_what_the_text_does_not_say_is_as_it_is_registered(staff_client: Client, year: CouncilYear) -> None:
    meeting = factories.meeting(year, number=2, held_on="2021-01-20", place="県庁講堂", mode="hybrid")
    assert f"次第を貼り付ける（{meeting}）" in staff_client.get(f"{URL}?into={meeting.pk}").content.decode()
    data = {"council_year": year.pk, "meeting": meeting.pk, "text": "次第\n1 報告について\n2 共有について"}
    form = staff_client.post(URL, data).context["proposed"][0]
    assert (str(form.initial["held_on"]), form.initial["place"]) == ("2021-01-20", "県庁講堂")


@pytest.mark.parametrize(
    ("line", "is_item"),
    [
        ("　次回の開催日程について", True),
        ("　次回は3月を予定", False),
        ("　本日の資料は後日送ります。", False),
    ],
)
def test_no_line_is_lost_silently(line: str, is_item: bool) -> None:
    found = read_agenda(f"日時 令和3年2月1日 10:00～\n1 開会\n2 その他\n{line}\n3 閉会", 2020)
    words = line.strip()
    assert (words in [each.title for each in found.lines]) is is_item
    assert any(words in each for each in found.left_out) is not is_item
    assert not any("日時" in each for each in found.left_out)
