"""What a reader of a report sees first, and how they come to the years beside it."""

import io
from typing import Any

import pytest
from django.test import Client
from docx import Document
from pypdf import PdfReader

from council.editions.reading import find, read
from council.models import AnnualReport
from council.publishing.publication import publication
from council.renderers.pdf import write_pdf
from council.renderers.text import write_text
from council.renderers.word import write_word
from council.report.pictures import line_through
from council.report.points import points
from members.models import CouncilYear
from tests import factories
from tests.publishing import publish

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"


def page(address: str = URL) -> str:
    return Client().get(address).content.decode()


def test_three_sentences_quote_what_they_lead_to(fy2020: CouncilYear) -> None:
    publish(AnnualReport.objects.get())
    html = page()
    part = html[html.index('id="points"') :].split("</section>")[0]
    assert part.count("<li>") == 3
    assert f'<a class="quoted" href="{URL}figures/progressed/">86%（28市町中24市町）</a>です。' in part
    assert ">3回</a>開き" in part
    assert html.index('id="points"') < html.index('id="verdict"') < html.index('id="goals"')


def test_an_old_edition_s_sentences_stay_its_own(fy2020: CouncilYear) -> None:
    report = AnnualReport.objects.get()
    publish(report)
    report.sections.filter(kind="goals").update(body="直した目標です。")
    publish(report, kind="correction", reason="誤りのため")
    assert f'href="{URL}editions/1/figures/progressed/"' in page(f"{URL}editions/1/")


@pytest.fixture
def years(fy2020: CouncilYear) -> dict[int, AnnualReport]:
    """Published reports of the years beside 2020."""
    found = {2020: AnnualReport.objects.get()}
    for year in (2018, 2021, 2023):
        council_year = factories.council_year(council=fy2020.council, year=year)
        factories.membership(council_year)
        found[year] = AnnualReport.objects.create(council_year=council_year)
    for year in (2020, 2018, 2023):
        publish(found[year])
    return found


def test_the_reports_beside_it_are_those_that_are_public(
    years: dict[int, AnnualReport], staff: Any, django_assert_num_queries: Any
) -> None:
    html = page()
    assert 'rel="prev" href="/councils/smart-jichitai/2018/">前の報告書：平成30（2018）年度' in html
    assert 'rel="next" href="/councils/smart-jichitai/2023/">次の報告書：令和5（2023）年度' in html
    assert "/smart-jichitai/2021/" not in html
    publication.withdraw(years[2023], staff, "誤りのため")
    assert 'rel="next"' not in page()
    publish(years[2021])
    assert 'rel="next" href="/councils/smart-jichitai/2021/"' in page()
    client = Client()
    client.get(URL)
    with django_assert_num_queries(1):
        client.get(URL)


def test_a_report_alone_leads_nowhere(fy2020: CouncilYear) -> None:
    publish(AnnualReport.objects.get())
    assert 'class="siblings"' not in page()


def test_years_that_cannot_be_compared_are_not_joined() -> None:
    line = line_through(
        [
            (2018, 36, ()),
            (2019, 54, ()),
            (2020, None, ()),
            (2021, 68, ("間の年度の値がない",)),
            (2022, 32, ("数える選択肢が変わった",)),
            (2023, 40, ()),
        ]
    )
    assert line
    assert [mark.year for mark in line.marks if mark.end] == [2018, 2022]
    assert [mark.percent for mark in line.marks] == [36, 54, 68, 32, 40]
    assert line_through([(2019, 54, ()), (2020, None, ())]) is None


def test_the_sentences_stand_in_every_file(fy2020: CouncilYear) -> None:
    publish(AnnualReport.objects.get())
    found = find("smart-jichitai", 2020)
    assert found
    printed = read(found)
    told = [point.text for point in points(printed.report)]
    assert len(told) == 3
    paper = "".join(page.extract_text() for page in PdfReader(io.BytesIO(write_pdf(printed))).pages)
    document = Document(io.BytesIO(write_word(printed)))
    texts = {
        "pdf": "".join(paper.split()),
        "word": "\n".join(paragraph.text for paragraph in document.paragraphs),
        "text": write_text(printed),
    }
    for kind, text in texts.items():
        places = [text.find("".join(each.split()) if kind == "pdf" else each) for each in told]
        assert -1 not in places, kind
        # Before all else.
        assert max(places) < text.index("主な指標"), kind
