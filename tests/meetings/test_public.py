"""Calendars, feed, Word and the list, each opened again with its own library."""

import io
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from docx import Document
from icalendar import Calendar

from meetings.minutes.markup import render
from meetings.models import AgendaItem, Attendance, Material, Meeting, MinuteEntry
from meetings.record.publication import publication
from members.common.publication.engine import Order
from members.models import CouncilYear
from tests import factories

pytestmark = pytest.mark.django_db

BASE = "/councils/smart-jichitai/2020/meetings/"


def events(path: str) -> list:
    response = Client().get(path)
    assert response["Content-Type"].startswith("text/calendar")
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


@pytest.fixture
def meeting() -> Meeting:
    year = factories.council_year(council=factories.council(slug="c"))
    return factories.meeting(
        year, number=1, start_time="13:30", end_time="15:00", place="県庁、講堂", is_announced=True
    )


def test_an_entry_of_the_calendar(meeting: Meeting) -> None:
    (event,) = events("/councils/c/2020/meetings/1/meeting.ics")
    assert str(event["uid"]) == "c-2020-1@council-portal"
    assert event["dtstart"].dt.isoformat() == "2020-06-17T13:30:00+09:00"
    assert event["dtend"].dt.isoformat() == "2020-06-17T15:00:00+09:00"
    assert str(event["location"]) == "県庁、講堂"
    assert event["status"] == "CONFIRMED"
    raw = Client().get("/councils/c/meetings.ics").content.decode()
    assert "TZID:Asia/Tokyo" in raw


def test_a_change_and_a_cancellation_reach_subscribers(meeting: Meeting) -> None:
    meeting.refresh_from_db()
    meeting.held_on = date(2020, 6, 24)
    meeting.save()
    meeting.status = "cancelled"
    meeting.save()
    meeting.save()
    (event,) = events("/councils/c/meetings.ics")
    assert str(event["uid"]) == "c-2020-1@council-portal"
    assert event["sequence"] == 2
    assert event["status"] == "CANCELLED"


def test_a_day_without_a_time_is_a_whole_day(fy2020: CouncilYear) -> None:
    assert [event["dtstart"].dt for event in events("/councils/smart-jichitai/meetings.ics")] == [
        date(2020, 6, 17),
        date(2020, 8, 20),
        date(2021, 2, 5),
    ]


def test_the_feed_lists_published_records_only(meeting: Meeting) -> None:
    path = "/councils/c/records.atom"
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert ElementTree.fromstring(Client().get(path).content).findall("a:entry", names) == []
    AgendaItem.objects.create(meeting=meeting, title="議題")
    MinuteEntry.objects.create(meeting=meeting, kind="report", body="報告した。")
    publication.publish(
        meeting, User.objects.create_user("staff"), Order(publication.candidate(meeting).state, True)
    )
    response = Client().get(path)
    assert response["Content-Type"].startswith("application/atom+xml")
    (entry,) = ElementTree.fromstring(response.content).findall("a:entry", names)
    assert entry.findtext("a:title", namespaces=names) == str(meeting)
    assert "/councils/c/2020/meetings/1/" in entry.find("a:link", names).attrib["href"]  # type: ignore[union-attr]


def test_the_word_file_holds_the_record(fy2020: CouncilYear) -> None:
    meeting = Meeting.objects.get(number=1)
    organization = fy2020.municipalities().first()
    Attendance.objects.create(meeting=meeting, organization=organization, status="online")
    response = Client().get(f"{BASE}1/record.docx")
    document = Document(io.BytesIO(response.content))
    table = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    assert table["会議名"] == "令和2（2020）年度 スマート自治体推進検討会議 第1回会議"
    assert table["日時"] == "令和2（2020）年6月17日（水）"
    assert table["場所"] == "Web会議"
    assert table["出席者"] == "オンライン（1団体）：津市"
    headings = [p.text for p in document.paragraphs if p.style and p.style.name == "Heading 1"]
    assert headings == ["次第", "議事概要", "資料"]
    text = "\n".join(p.text for p in document.paragraphs)
    assert "【報告】RPA導入マニュアルが完成したことを報告し、共有しました。" in text
    assert "RPAモデル事業の発表動画（動画）" in text
    assert document.core_properties.language == "ja-JP"


def test_markup_reaches_page_and_word(meeting: Meeting) -> None:
    MinuteEntry.objects.create(
        meeting=meeting,
        kind="report",
        body="これは**「重要」**です。\n次の行\n\n- 一\n- 二\n\n<script>alert(1)</script>[悪](javascript:x)",
    )
    Meeting.objects.update(record_status="published")
    html = Client().get(meeting.get_absolute_url()).content.decode()
    assert "これは<strong>「重要」</strong>です。<br>" in html
    assert "<li>一</li>" in html
    assert "<script>alert" not in html
    assert "javascript:" not in html
    document = Document(io.BytesIO(Client().get("/councils/c/2020/meetings/1/record.docx").content))
    bold = [run.text for p in document.paragraphs for run in p.runs if run.bold]
    assert "「重要」" in bold
    assert [p.text for p in document.paragraphs if p.style and p.style.name == "List Bullet"] == ["一", "二"]


def test_control_characters_break_no_word_file(meeting: Meeting) -> None:
    """As they came in through an import, or before the forms took them out."""
    odd = "一\x0b二\x1f三"
    MinuteEntry.objects.create(meeting=meeting, kind="report", body=odd, speaker_name=odd)
    AgendaItem.objects.create(meeting=meeting, title=odd)
    Material.objects.create(meeting=meeting, title=odd, is_public=True)
    Meeting.objects.update(record_status="published", place=odd)
    content = Client().get("/councils/c/2020/meetings/1/record.docx").content
    document = Document(io.BytesIO(content))
    assert "　一二三" in "\n".join(p.text for p in document.paragraphs)
    assert "一二三" in document.tables[0].rows[2].cells[1].text


@pytest.mark.parametrize("text", ["", "あ" * 20_000, "*" * 5_000, "[" * 2_000, "- " * 500])
def test_markup_survives_anything(text: str) -> None:
    assert isinstance(render(text), str)


def test_the_list_tells_what_was_decided(fy2020: CouncilYear) -> None:
    html = Client().get(BASE).content.decode()
    assert 'href="/councils/smart-jichitai/2020/meetings/1/#m2020-1-6"' in html
    assert "アンケートで選ぶことにしました" in html
    assert html.index("第1回会議</a>") < html.index("第3回会議</a>")


def test_previous_and_next(fy2020: CouncilYear) -> None:
    html = Client().get(f"{BASE}2/").content.decode()
    assert f'rel="prev" href="{BASE}1/"' in html
    assert f'rel="next" href="{BASE}3/"' in html


def test_renumbering_breaks_no_link(fy2020: CouncilYear) -> None:
    before = Client().get(f"{BASE}1/").content.decode()
    for item in AgendaItem.objects.filter(meeting__number=1):
        item.position = 10 - item.position
        item.save()
    after = Client().get(f"{BASE}1/").content.decode()
    for anchor in [f"a2020-1-{n}" for n in range(1, 6)] + [f"m2020-1-{n}" for n in range(1, 7)]:
        for html in (before, after):
            assert f'id="{anchor}"' in html
            assert f'href="#{anchor}"' in html
    assert after.index("a2020-1-5") < after.index("a2020-1-1")


def test_drafts_are_in_no_file_or_feed(meeting: Meeting) -> None:
    secret = "ひみつ"
    MinuteEntry.objects.create(meeting=meeting, kind="decision", body=secret, speaker_name=secret)
    hidden = Meeting.objects.create(
        council_year=meeting.council_year, number=2, held_on="2020-07-01", place=secret
    )
    AgendaItem.objects.create(meeting=hidden, title=secret)
    document = Document(io.BytesIO(Client().get("/councils/c/2020/meetings/1/record.docx").content))
    assert secret not in "\n".join(p.text for p in document.paragraphs)
    for path in (
        "/councils/c/meetings.ics",
        "/councils/c/records.atom",
        "/councils/c/2020/meetings/",
        "/sitemap.xml",
        "/search/?q=ひみつ",
        "/councils/c/2020/meetings/1/",
    ):
        body = Client().get(path).content.decode().replace('value="ひみつ"', "").replace("「ひみつ」", "")
        assert secret not in body, path
        assert "meetings/2/" not in body, path
    for path in ("", "record.docx", "meeting.ics", "materials.zip", "history/"):
        assert Client().get(f"/councils/c/2020/meetings/2/{path}").status_code == 404


def test_files_and_feeds_of_hidden_years_are_gone(meeting: Meeting) -> None:
    Meeting.objects.update(record_status="published", held_on=timezone.localdate() - timedelta(days=1))
    CouncilYear.objects.update(is_public=False)
    for path in ("", "record.docx", "meeting.ics", "history/"):
        assert Client().get(f"/councils/c/2020/meetings/1/{path}").status_code == 404
    assert events("/councils/c/meetings.ics") == []
    assert "meetings" not in Client().get("/sitemap.xml").content.decode()


def test_a_meeting_leads_to_the_results_after_it(client: Client, meeting: Meeting) -> None:
    survey = factories.survey(
        meeting.council_year,
        after_meeting=meeting,
        status="closed",
        results_public=False,
        title="会議後の調査",
    )
    assert "会議後の調査" not in client.get(meeting.get_absolute_url()).content.decode()
    type(survey).objects.update(results_public=True)
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert "この会議の後のアンケートの集計結果を公開しています。" in page
    assert f'href="{survey.get_absolute_url()}"' in page
