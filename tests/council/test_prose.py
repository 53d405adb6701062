import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from council.models import AnnualReport, ReportSection
from council.prose import Segment, parse, unknown_tokens
from surveys.tally import Tally
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
    assert "".join(segment.text for segment in paragraphs[0]) == "参加28市町のうち24、86%。"
    assert [segment.figure for segment in paragraphs[0] if segment.figure] == ["progressed"] * 3
    assert paragraphs[1] == (Segment("86%（28市町中24市町）", "progressed"),)


def test_a_hidden_figure_is_neither_shown_nor_linked() -> None:
    assert parse("{secret.count}市町", {}) == ((Segment("（未公開の数値）"), Segment("市町")),)


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
