"""A report's summaries: written beside it, frozen with it, each at its own address in its own language."""

import copy
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from council.editions.redaction import places, without
from council.models import AnnualReport, ReportSection
from council.numbers.english import strange_numbers
from council.publishing.publication import next_edition, publication
from council.publishing.summaries import check_summary
from council.report.build import Report
from council.writing.languages import EASY, ENGLISH, quote_in_english, quote_plainly
from council.writing.prose import parse
from members.models import CouncilYear
from tests.publishing import publish

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"
EN, EASILY = f"{URL}summary/en/", f"{URL}summary/easy/"
LOCALES = Path(__file__).parents[2] / "council/locale"


@pytest.fixture
def report(fy2020: CouncilYear) -> AnnualReport:
    return AnnualReport.objects.get()


@pytest.fixture
def built(report: AnnualReport) -> Report:
    return next_edition(report).report


def write(report: AnnualReport, kind: str, body: str, heading: str = "") -> ReportSection:
    section = report.sections.get(kind=kind)
    section.body, section.heading = body, heading
    section.save()
    return section


def page(address: str, **headers: str) -> str:
    return Client(headers=headers).get(address).content.decode()


# --- Pages ----------------------------------------------------------------------


def test_each_summary_has_an_address_of_its_own_in_its_language(report: AnnualReport) -> None:
    publish(report)
    english, easy = page(EN), page(EASILY)
    assert '<html lang="en">' in english
    assert '<html lang="ja">' in easy
    assert "86% (24 of 28 municipalities)" in english
    assert "86%（28の市と町のうち24）" in easy
    assert "Skip to main content" in english
    assert "Fiscal year 2020 (April 2020 – March 2021)" in english
    assert "2020年度（2020年4月から2021年3月まで）" in easy


def test_the_language_follows_the_address_alone(report: AnnualReport) -> None:
    publish(report)
    assert '<html lang="ja">' in page(URL, accept_language="en")
    assert page(EN, accept_language="ja") == page(EN, accept_language="fr") == page(EN)
    assert "本文へ移動" in page(URL)


def test_what_is_japanese_on_the_english_page_says_so(report: AnnualReport) -> None:
    publish(report)
    main = page(EN).split("<main", 1)[1].split("</main>")[0]
    # Every element that has Japanese in it is marked, itself or around.
    bare = re.sub(r"<(\w+)[^>]*lang=\"ja\"[^>]*>.*?</\1>", "", main, flags=re.DOTALL)
    assert not re.findall(r"[ぁ-んァ-ヶ一-龥]", re.sub(r"<[^>]+>", "", bare))


def test_the_report_leads_to_its_summaries_and_they_lead_back(report: AnnualReport) -> None:
    publish(report)
    assert f'href="{EN}" lang="en" hreflang="en"' in page(URL)
    assert f'href="{EASILY}"' in page(URL)
    for address, other in ((EN, EASILY), (EASILY, EN)):
        assert f'href="{URL}"' in page(address)
        assert f'href="{other}"' in page(address)
    assert f'rel="canonical" href="http://127.0.0.1:8000{EN}"' in page(EN) or f'{EN}">' in page(EN)
    assert '<link rel="alternate" hreflang="en"' in page(URL)
    assert 'hreflang="ja"' not in page(EASILY).split("</head>")[0]


def test_without_a_word_there_is_no_page_and_no_link(report: AnnualReport) -> None:
    write(report, ENGLISH.kind, " \u3000\u200b\n")
    publish(report)
    assert Client().get(EN).status_code == 404
    assert EN not in page(URL)
    assert EN not in page(EASILY)
    assert EN not in page("/sitemap.xml")
    assert EASILY in page("/sitemap.xml")


def test_no_language_that_there_is_not(report: AnnualReport) -> None:
    publish(report)
    for language in ("fr", "EN", "ja", "summary-en"):
        assert Client().get(f"{URL}summary/{language}/").status_code == 404


def test_one_left_out_is_no_page(report: AnnualReport) -> None:
    report.sections.filter(kind=ENGLISH.kind).update(is_included=False)
    publish(report)
    assert Client().get(EN).status_code == 404


def test_one_without_a_title_has_that_of_its_language(report: AnnualReport) -> None:
    write(report, ENGLISH.kind, "Things moved.")
    publish(report)
    assert "<h1>Annual report: summary</h1>" in page(EN)


# --- Frozen with the edition ------------------------------------------------------


def test_nothing_is_read_before_it_is_published(report: AnnualReport) -> None:
    assert Client().get(EN).status_code == 404
    publish(report)
    write(report, ENGLISH.kind, "A word that nobody approved.")
    assert "nobody approved" not in page(EN)
    assert "nobody+approved" not in page("/search/?q=approved").split("<main")[1].replace("approved", "", 2)


def test_an_older_edition_keeps_its_own(report: AnnualReport, staff: User) -> None:
    publish(report)
    write(report, ENGLISH.kind, "Second wording.")
    publish(report, kind="update", reason="英語の要約を直したため")
    assert "Second wording." in page(EN)
    old = page(f"{URL}editions/1/summary/en/")
    assert "Second wording." not in old
    assert "This is an earlier edition." in old


def test_an_older_one_leads_to_the_report_where_the_newer_has_none(report: AnnualReport) -> None:
    publish(report)
    write(report, ENGLISH.kind, "")
    publish(report, kind="correction", reason="英語の要約を外したため")
    old = page(f"{URL}editions/1/summary/en/")
    assert EN not in old.split("<main")[1]
    assert "See the report of the latest edition (in Japanese)" in old


def test_words_taken_out_take_their_reading_with_them(report: AnnualReport, staff: User) -> None:
    write(report, EASY.kind, "鈴木《すずき》さんが　話《はな》しました。")
    publish(report)
    edition = report.editions.get()
    for words in ("鈴木", "すずき"):
        content = without(copy.deepcopy(edition.content), places(edition.content, words))
        said = str(content["summaries"][0])
        assert not re.search("鈴木|すずき", said)
        assert "［墨消し］" in said
    (place, *_) = places(edition.content, "鈴木")
    assert place.part == "やさしい日本語の要約"


def test_a_withdrawn_report_withdraws_them(report: AnnualReport, staff: User) -> None:
    publish(report)
    publication.withdraw(report, staff, "誤りのため")
    response = Client().get(EN)
    assert response.status_code == 410
    assert '<html lang="en">' in response.content.decode()
    assert "This report has been withdrawn." in response.content.decode()
    assert "86%" not in response.content.decode()
    assert EN not in page("/sitemap.xml")


def test_a_summary_is_part_of_what_is_approved(report: AnnualReport) -> None:
    before = publication.candidate(report).state
    write(report, EASY.kind, "会議《かいぎ》を　開《ひら》きました。")
    assert publication.candidate(report).state != before


def test_words_are_found_through_their_ruby(report: AnnualReport) -> None:
    publish(report)
    found = page("/search/?q=役所の")
    assert EASILY in found
    assert "《" not in found
    assert EN in page("/search/?q=telework")


# --- How it is written -------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "base", "unit", "english", "plainly"),
    [
        (24, 28, "市町", "86% (24 of 28 municipalities)", "86%（28の市と町のうち24）"),
        (0, 28, "市町", "0% (0 of 28 municipalities)", "0%（28の市と町のうち0）"),
        (1, 1, "市町村", "100% (1 of 1 municipality)", "100%（1の市と町と村のうち1）"),
        (0, 0, "市町", "not available (0 of 0 municipalities)", "計算できません（0の市と町のうち0）"),
        (3, 5, "団体", "60% (3 of 5 organizations)", "60%（5の団体のうち3）"),
        (3, 5, "手続", "60% (3 of 5)", "60%（5の手続のうち3）"),
        (
            1234,
            1741,
            "市区町村",
            "71% (1,234 of 1,741 municipalities)",
            "71%（1741の市と区と町と村のうち1234）",
        ),
    ],
)
def test_a_figure_is_written_with_its_base_in_each_language(
    built: Report, count: int, base: int, unit: str, english: str, plainly: str
) -> None:
    tally = replace(built.figures[0], count=count, base=base, unit=unit)
    assert quote_in_english(tally, "share") == english
    assert quote_plainly(tally, "share") == plainly


def shown(text: str) -> list[tuple[str, str]]:
    return [(each.text, each.ruby) for row in parse(text, {}, has_ruby=True) for each in row.segments]


def test_ruby_is_read_behind_its_kanji_or_from_a_mark_on() -> None:
    assert shown("三重県《みえけん》の 取《と》り組《く》み") == [
        ("三重県", "みえけん"),
        ("の ", ""),
        ("取", "と"),
        ("り", ""),
        ("組", "く"),
        ("み", ""),
    ]
    assert shown("｜ＤＸ《ディーエックス》") == [("ＤＸ", "ディーエックス")]
    assert shown("書名《源氏物語》") == [("書名《源氏物語》", "")]
    assert shown("28市町《しちょう》") == [("28", ""), ("市町", "しちょう")]
    assert shown("かな《だけ》") == [("かな《だけ》", "")]


def test_ruby_carries_no_markup(report: AnnualReport) -> None:
    write(report, EASY.kind, '会議《<script>alert(1)</script>》と　漢字《" onmouseover="x》')
    publish(report)
    main = page(EASILY).split("<main")[1]
    assert "<script>" not in main
    assert "onmouseover=&quot;" in main or 'onmouseover="' not in main


# --- Numbers -----------------------------------------------------------------------


HARMLESS = """Published on 31 March 2021. FY2020 (April 2020 – March 2021; Reiwa 2). COVID-19 and SDG 11.
Open 8:30–17:15, Monday to Friday. Tel. 059-224-0000, +81 59 224 0000. 514-8570 Mie.
https://example.jp/r/2020/45. See section 3.

1. Goals
2. Findings

In 2020, work began. 24 of 28 municipalities, 86%, three meetings, twenty-four municipalities."""


def test_dates_and_addresses_are_no_figures(built: Report) -> None:
    assert strange_numbers(HARMLESS, built) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("In 2020, 45 municipalities agreed.", "45"),
        ("In all 2,020 municipalities took part.", "2,020"),
        ("FY2020: 91% agreed.", "91%"),
        ("All 29 municipalities of Mie took part.", "29"),
        ("Eighty-seven percent agreed.", "Eighty-seven percent"),
        ("It moved in 85.7% of them.", "85.7%"),
        ("Twenty three municipalities agreed.", "Twenty three"),
        ("TWENTY\u2011THREE municipalities agreed.", "TWENTY\u2010THREE"),
        ("Nineteen of the municipalities agreed.", "Nineteen"),
        ("About 86 percent, or ２５ towns.", "25"),
    ],
)
def test_a_number_that_the_report_has_not_is_pointed_out(built: Report, text: str, number: str) -> None:
    ((sentence, found),) = strange_numbers(text, built)
    assert found == number
    assert sentence


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        (
            EASY.kind,
            "28の　市《し》と　町《まち》の　うち　19が　進《すす》みました。",
            "19",
        ),
        (EASY.kind, "会議《かいぎ　を　開いた。", "ふりがなが読み取れません"),
        (ENGLISH.kind, "It moved forward in ８６％ （24 of 28）.", "日本語か全角の文字"),
        (ENGLISH.kind, "91% agreed.", "91%"),
    ],
)
def test_the_checklist_tells_in_japanese_which_summary(
    report: AnnualReport, built: Report, kind: str, body: str, told: str
) -> None:
    section = write(report, kind, body)
    texts = [finding.text for finding in check_summary(section, built)]
    assert any(told in text and section.get_kind_display() in text for text in texts), texts


def test_the_shipped_summaries_have_nothing_to_point_out(report: AnnualReport, built: Report) -> None:
    for kind in ReportSection.Summary.values:
        assert check_summary(report.sections.get(kind=kind), built) == []


def test_an_unknown_figure_stops_the_publication(report: AnnualReport) -> None:
    write(report, ENGLISH.kind, "It moved forward in {progresed}.")
    with pytest.raises(ValidationError):
        publish(report)


# --- The interface's words ----------------------------------------------------------


@pytest.mark.parametrize("locale", ["en", "ja_Easy"])
def test_what_is_compiled_is_what_is_written(locale: str) -> None:
    written = (LOCALES / locale / "LC_MESSAGES/django.po").read_text()
    pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', written, flags=re.MULTILINE)
    assert len(pairs) > 20
    with translation.override(locale.replace("_", "-").lower()):
        assert {key: gettext(key) for key, _ in pairs} == dict(pairs)


@pytest.mark.parametrize("locale", ["en", "ja_Easy"])
def test_every_word_of_the_frame_is_translated(locale: str) -> None:
    templates = LOCALES.parents[1] / "templates"
    names = ("base.html", "includes/site_nav.html", "summary.html", "summary_withdrawn.html")
    texts = "".join((templates / name).read_text() for name in names)
    used = set(re.findall(r'{% translate "([^"]+)" %}', texts))
    written = (LOCALES / locale / "LC_MESSAGES/django.po").read_text()
    assert used <= set(re.findall(r'^msgid "(.+)"$', written, flags=re.MULTILINE))
