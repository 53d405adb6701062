import re

import pytest
from django.test import Client

from council.demo import freeze_loaded_reports
from council.search.engine import highlight
from council.search.query import Query, parse
from meetings.models import Meeting, MinuteEntry
from members.models import CouncilYear
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("電子申請", Query((("電子申請",),))),
        ("電子　申請", Query((("電子",), ("申請",)))),
        ("RPA OR AI 報告", Query((("rpa", "ai"), ("報告",)))),
        ("RPA AND AI", Query((("rpa",), ("ai",)))),
        ("RPA -動画", Query((("rpa",),), ("動画",))),
        ("ＲＰＡ －動画", Query((("rpa",),), ("動画",))),
        ('"電子 申請"', Query((("電子 申請",),))),
        ("“電子 申請", Query((("電子 申請",),))),
        ("OR", Query()),
        ("-", Query()),
        ("( [ .*", Query()),
        ("", Query()),
        ('""', Query()),
        ("令和2年", Query((("2020年",),))),
    ],
)
def test_queries_are_read_as_people_write_them(text: str, query: Query) -> None:
    assert parse(text) == query


def links(html: str) -> list[str]:
    part = html[html.index("件見つかりました") :] if "件見つかりました" in html else ""
    return [piece.split('"')[0] for piece in part.split('<a href="')[1:] if piece.startswith("/")]


def found(**params: str) -> list[str]:
    response = Client().get("/search/", params)
    assert response.status_code == 200
    return links(response.content.decode().partition("</main>")[0])


MEETING = "/councils/smart-jichitai/2020/meetings/"


@pytest.mark.parametrize(
    ("words", "link"),
    [
        ("木曾岬", "/organizations/243035/"),
        ("木曽岬", "/organizations/243035/"),
        ("きそさき", "/organizations/243035/"),
        ("講演", f"{MEETING}2/#m2020-2-3"),
        ("ｗｅｂ会議", f"{MEETING}1/#m2020-1-1"),
        ("R元年度 動画", f"{MEETING}1/#m2020-1-4"),
        ("2019年度 動画", f"{MEETING}1/#m2020-1-4"),
        ("オープンデータマニュアル", f"{MEETING}3/#d2020-3-1"),
        ("人口", "/councils/smart-jichitai/2020/#situation"),
        ("課", f"{MEETING}1/#m2020-1-2"),
        ('"株式会社Box Japan"', f"{MEETING}2/#m2020-2-4"),
    ],
)
def test_words_lead_to_the_very_place(fy2020: CouncilYear, words: str, link: str) -> None:
    freeze_loaded_reports()
    assert link in found(q=words)


def test_operators_narrow_and_widen(fy2020: CouncilYear) -> None:
    base = {"record": "minutes"}
    both = found(q="報告 マニュアル", **base)
    assert f"{MEETING}1/#m2020-1-3" in both
    assert f"{MEETING}3/#m2020-3-5" in both
    assert found(q="報告 マニュアル -オープンデータ", **base) == [f"{MEETING}1/#m2020-1-3"]
    assert len(found(q="選ぶ OR 講演", **base)) == 3
    assert found(q="存在しない言葉") == []


def test_filters(fy2020: CouncilYear) -> None:
    assert found(q="動画", kind="sharing", organization="242161") == [f"{MEETING}1/#m2020-1-4"]
    assert found(q="動画", year="2020", council="smart-jichitai", record="material") == [
        f"{MEETING}1/#d2020-1-2",
        f"{MEETING}1/#d2020-1-3",
    ]
    assert found(q="動画", year="1999") == found(q="動画")
    other = factories.council_year(council=factories.council(slug="other"), year=2021)
    assert other.is_visible
    assert found(q="動画", year="2021") == []


def test_the_words_are_marked_in_their_context() -> None:
    text = "前" * 100 + "木曾岬町と髙橋" + "後" * 200
    runs = highlight(text, ("木曽岬", "高橋"))
    assert [run for run, hit in runs if hit] == ["木曾岬", "髙橋"]
    assert runs[0] == ("…", False)
    assert runs[-1] == ("…", False)
    assert len("".join(run for run, _ in runs)) < 200
    page = Client().get("/search/", {"q": "<script>"}).content.decode()
    assert "<script>" not in page.split("</head>")[1]


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", '"', "あ" * 5000, "\x01", "( ) [", "OR OR -- -"])
def test_no_words_break_it(fy2020: CouncilYear, words: str) -> None:
    assert Client().get("/search/", {"q": words, "page": "x", "year": "x"}).status_code == 200


def test_percent_signs_are_letters() -> None:
    year = factories.council_year()
    meeting = factories.meeting(year, record_status="published")
    MinuteEntry.objects.create(meeting=meeting, kind="report", body="86%になった")
    assert len(found(q="86%")) == 1
    assert found(q="8_%") == []


def test_cost_does_not_grow_with_what_is_found(fy2020: CouncilYear) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert Client().get("/search/", {"q": "会議"}).status_code == 200
        return len(queries)

    before = cost()
    meeting = Meeting.objects.get(number=1)
    MinuteEntry.objects.bulk_create(
        MinuteEntry(meeting=meeting, position=n, kind="report", body=f"会議の記録{n}") for n in range(300)
    )
    assert cost() == before
    html = Client().get("/search/", {"q": "会議の記録", "record": "minutes", "page": "2"}).content.decode()
    assert "2／15ページ" in html
    assert "300件" in html


def page(**params: str) -> str:
    return Client().get("/search/", params).content.decode().partition("<main")[2].partition("</main>")[0]


def test_hits_of_meetings_say_their_day_and_no_two_have_the_same_words(fy2020: CouncilYear) -> None:
    html = page(q="会議 OR 講演 OR 報告")
    assert '<span class="results__when">令和2（2020）年8月20日</span>' in html
    words = re.findall(r'<a href="(/[^"]+)">([^<]+)</a>', html[html.index("件見つかりました") :])
    assert len(words) > 10
    # The same lecture was given by two bodies: the link says whose it is.
    assert len({text for _, text in words}) == len({url for url, _ in words})


def test_filters_are_folded_and_what_is_set_can_be_taken_off(fy2020: CouncilYear) -> None:
    html = page(q="意見", kind="discussion", year="2020", page="3")
    # The words come first, then what was found; nothing is open that pushes it down.
    assert "<details open" not in html
    assert "<summary>絞り込み（2つ指定しています）</summary>" in html
    assert 'href="?q=%E6%84%8F%E8%A6%8B&amp;kind=discussion"' in html
    assert 'href="?q=%E6%84%8F%E8%A6%8B&amp;year=2020"' in html
    assert "上の絞り込みを外すか" in page(q="ないことば", kind="discussion")
    assert "外す" not in page(q="意見")


def test_a_filter_that_is_none_is_told(fy2020: CouncilYear) -> None:
    html = page(q="意見", year="来年", council="secret")
    assert "絞り込みの「検討会議」「年度」は選べない値のため、使いませんでした" in html
    assert "来年" not in html
