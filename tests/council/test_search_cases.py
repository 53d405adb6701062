"""What people outside expected of the search before they had seen it."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from council.demo import freeze_loaded_reports
from council.models import ReportSection
from meetings.models import AgendaItem, Meeting, MinuteEntry
from members.models import CouncilYear
from tests import factories
from tests.council.test_editions import put_out
from tests.council.test_search import found

pytestmark = pytest.mark.django_db
YEAR = "/councils/smart-jichitai/2020/"


def meeting(number: int, year: int = 2020) -> str:
    return f"/councils/smart-jichitai/{year}/meetings/{number}/"


@pytest.fixture
def published(fy2020: CouncilYear) -> CouncilYear:
    freeze_loaded_reports()
    return fy2020


def of_meetings(words: str) -> list[str]:
    return found(q=words, record="meeting")


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("2020-08-20", 2),
        ("2020‐08‐20", 2),
        ("2020−08−20", 2),
        ("2020ー08ー20", 2),
        ("2020－08－20", 2),
        ("２０２０／０８／２０", 2),
        ("R2.8.20", 2),
        ("令和2年8月20日", 2),
        ("8月20日", 2),
        ("8/20", 2),
        ("20200820", 2),
        ("2020.6.17(水)", 1),
        ("令和２年６月１７日（水）", 1),
        ("令和 2 年 6 月 17 日", 1),
        ("㋿２年㋅㏰", 1),
        ("令和2年8月", 2),
        ("2020年08月", 2),
        ("2020/8", 2),
        ("2月", 3),
        ("第１回", 1),
        ("第②回", 2),
        ("第二回", 2),
    ],
)
def test_a_meeting_by_its_number_or_day(published: CouncilYear, words: str, number: int) -> None:
    assert of_meetings(words) == [meeting(number)]


@pytest.mark.parametrize("words", ["2020-02-30", "令和2年13月1日", "R0.5.1", "平成99年1月1日", "12月", "0月"])
def test_days_that_are_none_find_none(published: CouncilYear, words: str) -> None:
    assert of_meetings(words) == []


def test_parts_of_numbers_are_no_numbers(published: CouncilYear) -> None:
    Meeting.objects.get(number=3).save()
    third = Meeting.objects.get(number=3)
    third.place = "三重県庁講堂棟 131会議室"
    third.save()
    assert of_meetings("131") == [meeting(3)]
    assert of_meetings("13") == []
    every = found(q="24")
    assert f"{YEAR}figures/progressed/" in every
    assert not any(link.startswith("/organizations/") for link in every)
    assert found(q="242012") == ["/organizations/242012/"]


def test_years_by_era(published: CouncilYear) -> None:
    year = factories.council_year(council=published.council, year=2019)
    factories.meeting(year, number=12, held_on=date(2020, 3, 12))
    for words in ("令和元年度", "令和1年度", "2019年度", "R1年度"):
        assert found(q=words, record="council") == ["/councils/smart-jichitai/2019/"]
    assert of_meetings("第2回") == [meeting(2)]


@pytest.mark.parametrize("words", ["てれわーく", "ﾃﾚﾜｰｸ", "テレワ－ク", "テレワーク"])
def test_either_kana(published: CouncilYear, words: str) -> None:
    item = AgendaItem.objects.filter(title__contains="テレワーク").first()
    assert item
    assert any(item.anchor in link for link in found(q=words, record="agenda"))


def test_variants_of_letters(published: CouncilYear) -> None:
    entry = MinuteEntry.objects.filter(meeting__number=1).first()
    assert entry
    entry.body = "ネットワークの強靱化、霞ヶ浦、ハス"
    entry.save()
    for words in ("強靭化", "強靱化", "霞ケ浦", "はす"):
        assert any(entry.anchor in link for link in found(q=words, record="minutes")), words
    assert not any(entry.anchor in link for link in found(q="ばす", record="minutes"))


@pytest.mark.parametrize("blank", [" ", "\u3000", "\u00a0", "\t", "   "])
def test_departments_by_any_blank(published: CouncilYear, blank: str) -> None:
    assert found(q=f"津市{blank}情報企画課", record="department") == ["/organizations/242012/"]


def test_roles(published: CouncilYear) -> None:
    assert found(q="副代表", record="department") == ["/organizations/242039/"]
    assert found(q="代表", record="department")[0] == "/organizations/240001/"


def test_figures_grades_surveys_and_councils(published: CouncilYear) -> None:
    assert f"{YEAR}figures/progressed/" in found(q="86%")
    assert f"{YEAR}#self_evaluation" in found(q="概ね発揮")
    assert any(link.startswith(f"{YEAR}surveys/") for link in found(q="かなり進んだ"))
    assert "/councils/smart-jichitai/" in found(q="スマート自治体推進検討会議", record="council")
    assert found(q="after-meeting") == []


def test_nobody_is_told_who_answered_what(published: CouncilYear) -> None:
    assert [
        link for link in found(q="津市 かなり進んだ") if "surveys" in link or "organizations" in link
    ] == []


def test_prose_of_the_edition_and_nothing_that_is_being_written(published: CouncilYear) -> None:
    section = ReportSection.objects.get(kind="next_steps")
    section.body = "単独調達を続ける。"
    section.save()
    put_out(kind="update", reason="更新")
    section.body = "共同調達に改める。"
    section.save()
    assert found(q="単独調達") == [f"{YEAR}#next_steps"]
    assert found(q="共同調達") == []
    put_out(kind="correction", reason="訂正")
    assert found(q="単独調達") == []
    assert found(q="共同調達") == [f"{YEAR}#next_steps"]


def test_a_query_that_is_too_long_is_said_so() -> None:
    page = Client().get("/search/", {"q": "津" * 10_000}).content.decode()
    assert "言葉が長すぎるため" in page
    assert page.count("津") < 700


def test_every_source_is_found_on_both_databases(published: CouncilYear, settings: Any) -> None:
    page = Client().get("/search/", {"q": "課"}).content.decode()
    assert "担当課（" in page


@pytest.mark.parametrize(
    "words", ["テレ\u200bワーク", "\ufeffテレワーク", "テレワー\u00adク", "\u202eテレワーク"]
)
def test_what_cannot_be_seen_is_not_searched_for(published: CouncilYear, words: str) -> None:
    assert found(q=words) == found(q="テレワーク") != []


def test_the_council_itself_before_what_names_it(published: CouncilYear) -> None:
    assert found(q="すまーと自治体推進検討会議")[0] == "/councils/smart-jichitai/"


def test_ends_of_shares_and_days_are_no_hits(published: CouncilYear) -> None:
    assert found(q="6%") == found(q="8%") == found(q="8月2日") == found(q="4201") == []
