"""Figures over the years: one indicator by its key, as each year's edition says, breaks told."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from council.editions.trends import compare_years
from council.models import AnnualReport
from members.models import CouncilYear
from surveys.models import CountedChoice, Indicator
from tests import factories
from tests.publishing import publish, publish_with_files

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/"


def earlier(
    latest: CouncilYear, year: int, count: int, base: int, *, key: str = "progressed"
) -> AnnualReport:
    """A published year with one figure: ``count`` of ``base``."""
    made = factories.council_year(council=latest.council, year=year)
    survey = factories.survey(made, status="closed", results_public=True)
    question = factories.question(survey, "はい", "いいえ", text="進みましたか", disclosure="public")
    yes, no = question.choices.order_by("position")
    factories.indicator(survey, yes, key=key, name="進んだ市町の割合")
    for number in range(base):
        body = factories.organization()
        factories.membership(made, department=factories.department(organization=body))
        factories.submitted(factories.target(survey, organization=body), yes if number < count else no)
    report = AnnualReport.objects.create(council_year=made)
    publish(report)
    return report


def test_the_year_before_stands_beside_a_figure(fy2020: CouncilYear) -> None:
    earlier(fy2020, 2019, 22, 28)
    publish(AnnualReport.objects.get(council_year=fy2020))
    page = Client().get(f"{URL}2020/figures/progressed/").content.decode()
    assert "79%（28市町中22市町）" in page
    assert f'href="{URL}2019/editions/1/figures/progressed/"' in page
    for path in ("report.txt", "tables/trends.csv", "report.json", ""):
        assert "79%" in Client().get(f"{URL}2020/{path}").content.decode(), path
    assert "設問の文が変わった" in page


def test_breaks_are_told(fy2020: CouncilYear) -> None:
    earlier(fy2020, 2017, 5, 10, key="p")
    earlier(fy2020, 2018, 5, 10, key="p")
    report = earlier(fy2020, 2020 - 1, 9, 12, key="p")
    indicator = Indicator.objects.get(council_year=report.council_year)
    question = indicator.counted_choices.get().choice.question
    CountedChoice.objects.create(indicator=indicator, choice=question.choices.get(label="いいえ"))
    publish(report, kind="correction", reason="数える選択肢を改めた", small_change_reason="訂正")
    (row,) = compare_years("smart-jichitai").series
    assert [point.breaks for point in row.points] == [
        (),
        (),
        ("数える選択肢が変わった", "母数が変わった（10市町→12市町）"),
    ]
    AnnualReport.objects.filter(council_year__year=2018).update(status="draft")
    (row,) = compare_years("smart-jichitai").series
    assert row.points[1].breaks[0] == "間の年度の値がない"


def test_an_edition_keeps_the_year_before_as_it_was(fy2020: CouncilYear) -> None:
    old = earlier(fy2020, 2019, 22, 28)
    publish(AnnualReport.objects.get(council_year=fy2020))
    AnnualReport.objects.filter(pk=old.pk).update(status="draft")
    page = Client().get(f"{URL}2020/").content.decode()
    assert "79%（28市町中22市町）" in page
    assert "79%" not in Client().get(f"{URL}years/").content.decode()


def test_years_side_by_side(fy2020: CouncilYear, django_assert_max_num_queries: Any) -> None:
    earlier(fy2020, 2019, 22, 28)
    publish(AnnualReport.objects.get(council_year=fy2020))
    page = Client().get(f"{URL}years/").content.decode()
    assert "28市町中22市町" in page
    assert "津市" in page
    rows = list(
        csv.DictReader(
            io.StringIO(Client().get("/open-data/smart-jichitai/series.csv").content.decode("utf-8-sig"))
        )
    )
    assert [(row["年度"], row["割合"]) for row in rows if row["識別名"] == "progressed"] == [
        ("2019", "79"),
        ("2020", "86"),
    ]
    assert Client().get("/open-data/smart-jichitai/series.json").json()["rows"]
    assert Client().get("/open-data/smart-jichitai/series.exe").status_code == 404
    with django_assert_max_num_queries(3):
        Client().get(f"{URL}years/")


def test_from_86_percent_to_all_that_it_stands_on(fy2020: CouncilYear) -> None:
    earlier(fy2020, 2019, 22, 28)
    publish_with_files(AnnualReport.objects.get(council_year=fy2020))
    page = Client().get(f"{URL}2020/figures/progressed/").content.decode()
    trail = page[page.index("この数値をたどる") :].split("</nav>")[0]
    for address in (
        f"{URL}2020/surveys/after-meeting/#q-progressed",
        "#table",
        f"{URL}2020/#members",
        f"{URL}2019/editions/1/figures/progressed/",
        f"{URL}2020/editions/1/",
        f"{URL}2020/report.xlsx",
    ):
        assert f'href="{address}"' in trail
        if not address.startswith("#"):
            assert Client().get(address.partition("#")[0]).status_code == 200
