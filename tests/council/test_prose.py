import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from council.models import AnnualReport, ReportSection
from council.report.build import Section
from council.templatetags.prose import prose
from council.writing.prose import Paragraph, Segment, links, parse, unknown_tokens
from members.common.snapshot import deserialize
from surveys.results.indicator_tallies import Tally
from tests import factories


@pytest.fixture
def tally() -> Tally:
    return Tally(
        key="progressed",
        name="",
        statement="",
        unit="市町",
        survey="",
        provenance_note="",
        count=24,
        answered=27,
        base=28,
        as_of=timezone.now(),
    )


def test_tokens_become_quotations(tally: Tally) -> None:
    text = "参加{progressed.base}市町のうち{progressed.count}、{progressed.percent}。\r\n\r\n{progressed}"
    paragraphs = parse(text, {"progressed": tally})
    assert "".join(segment.text for segment in paragraphs[0].segments) == "参加28市町のうち24、86%。"
    assert [segment.figure for segment in paragraphs[0].segments if segment.figure] == ["progressed"] * 3
    assert paragraphs[1].segments == (Segment("86%（28市町中24市町）", "progressed"),)


def test_a_hidden_figure_is_neither_shown_nor_linked() -> None:
    shown = (Paragraph((Segment("（未公開の数値）"), Segment("市町"))),)
    assert parse("{secret.count}市町", {}) == shown


def test_markdown_around_figures(tally: Tally) -> None:
    text = """前文

- 一つ目は**{progressed.percent}**です
    1. 中の{progressed.count}
    2. 中の二
- [一覧](/open-data/)

後文 <b>x</b> *強調*
二行目"""
    found = parse(text, {"progressed": tally})
    assert [(each.marker, each.level) for each in found] == [
        ("", 0),
        ("・", 1),
        ("1.", 2),
        ("2.", 2),
        ("・", 1),
        ("", 0),
    ]
    assert found[1].segments[1] == Segment("86%", "progressed", style="strong")
    html = prose(found, "/councils/c/2020/")
    assert html.startswith("<p>前文</p><ul><li>一つ目は<a class=")
    assert '<strong>86%</strong></a>です<ol><li>中の<a class="quoted"' in html
    assert '</a></li><li>中の二</li></ol></li><li><a href="/open-data/">一覧</a></li></ul>' in html
    assert "<p>後文 x <em>強調</em><br>二行目</p>" in html
    assert links(text) == ["/open-data/"]


def test_a_name_with_underscores_is_no_emphasis(tally: Tally) -> None:
    text = "{_a_.count}と{_a_.base}"
    assert [segment.text for segment in parse(text, {"_a_": tally})[0].segments] == ["24", "と", "28"]


@pytest.mark.parametrize(
    "text", ["# 見出し", "<b>太字</b>", "1) 一", "> 引用", "    字下げ", "|a|b|", "***", "- "]
)
def test_what_is_not_in_the_subset_keeps_its_words(text: str) -> None:
    words = "".join(segment.text for each in parse(text, {}) for segment in each.segments)
    kept = [character for character in text if character not in "#<>/b1) >|*- "]
    assert all(character in words for character in kept)


def test_what_stands_for_tokens_is_no_token_when_typed() -> None:
    (paragraph,) = parse("\ue0007\ue001と{a}", {})
    assert "".join(segment.text for segment in paragraph.segments) == "7と（未公開の数値）"


def test_an_edition_from_before_lists_is_still_read() -> None:
    old = {"kind": "goals", "number": 1, "heading": "h", "paragraphs": [[{"text": "a", "figure": ""}]]}
    assert deserialize(Section, old).paragraphs == (Paragraph((Segment("a"),)),)


def test_unknown_tokens_are_found() -> None:
    text = "{progressed} {progressed.count} {progresed} {progressed.ratio} {}"
    assert unknown_tokens(text, ["progressed"]) == ["{progresed}", "{progressed.ratio}", "{}"]


@pytest.mark.django_db
def test_an_unknown_token_is_refused_with_the_known_ones() -> None:
    year = factories.council_year()
    factories.indicator(factories.survey(year), key="progressed")
    report = AnnualReport.objects.create(council_year=year)
    section = ReportSection(report=report, kind="outcomes", position=1, body="{progresed}でした。")
    with pytest.raises(ValidationError) as error:
        section.full_clean()
    message = error.value.message_dict["body"][0]
    assert "{progresed} という指標はありません" in message
    assert "{progressed}" in message
