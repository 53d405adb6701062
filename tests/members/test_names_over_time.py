"""A year's roster keeps the names it was printed with; a rename asks from when."""

from typing import Any

import pytest
from django.test import Client

from council.open_data.source import PublicYear
from council.open_data.tables import member_rows, organization_rows
from council.report.build import load_roster
from meetings.models import Attendance
from members.models import CouncilYear, Department, Membership, Organization
from surveys.models import SurveyTarget
from surveys.running.lifecycle import open_survey
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def years() -> list[CouncilYear]:
    """The same department in two years."""
    council = factories.council(slug="c")
    years = [factories.council_year(council=council, year=year) for year in (2020, 2021)]
    department = factories.department(organization=factories.organization(name="旧町"), name="旧課")
    for year in years:
        factories.membership(year, department=department)
    return years


def printed(year: CouncilYear) -> list[Any]:
    (row,) = load_roster(year).municipalities
    return [row.name, row.departments[0].name]


def rename(client: Client, row: Any, **values: Any) -> str:
    data = {"name": values.pop("name"), **values}
    kind = "department" if isinstance(row, Department) else "organization"
    if kind == "department":
        data["organization"] = row.organization_id
    else:
        data |= {"code": row.code, "kana": row.kana, "kind": row.kind}
        for prefix in ("aliases", "departments"):
            data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    response = client.post(f"/admin/members/{kind}/{row.pk}/change/", data)
    return response.content.decode()


def test_a_rename_asks_from_when_and_leaves_earlier_years(
    staff_client: Client, years: list[CouncilYear]
) -> None:
    body, department = Organization.objects.get(), Department.objects.get()
    assert "何年度から変えるか" in rename(staff_client, body, name="新町")
    assert Organization.objects.get().name == "旧町"
    rename(staff_client, body, name="新町", renamed_from=2021)
    rename(staff_client, department, name="新課", renamed_from=2021)
    assert [printed(year) for year in years] == [["旧町", "旧課"], ["新町", "新課"]]
    assert [next(iter(organization_rows(PublicYear(year))))[1] for year in years] == ["旧町", "新町"]
    assert [next(iter(member_rows(PublicYear(year))))[1:3] for year in years] == [
        ["旧町", "旧課"],
        ["新町", "新課"],
    ]
    page = Client().get(f"/organizations/{body.code}/").content.decode()
    assert "旧課（当時の団体名：旧町）" in page
    assert "新課" in page


def test_a_name_that_an_import_changes_leaves_every_year(years: list[CouncilYear]) -> None:
    body = Organization.objects.get()
    body.name = "新町"
    body.save()
    assert [printed(year)[0] for year in years] == ["旧町", "旧町"]
    later = factories.council_year(council=years[0].council, year=2022)
    factories.membership(later, department=Department.objects.get())
    assert printed(later)[0] == "新町"


def test_one_year_can_be_printed_otherwise(years: list[CouncilYear]) -> None:
    Membership.objects.filter(council_year=years[0]).update(organization_name="木曾岬町")
    assert [printed(year)[0] for year in years] == ["木曾岬町", "旧町"]
    meeting = factories.meeting(years[0], record_status="published", is_announced=True)
    Attendance.objects.create(meeting=meeting, organization=Organization.objects.get(), status="present")
    assert "木曾岬町" in Client().get(meeting.get_absolute_url()).content.decode()
    survey = factories.survey(years[0], status="draft", opened_at=None)
    factories.question(survey, "はい", "いいえ")
    open_survey(survey)
    assert SurveyTarget.objects.get().name == "木曾岬町"


def test_a_correction_of_kana_asks_nothing(staff_client: Client, years: list[CouncilYear]) -> None:
    body = Organization.objects.get()
    body.kana = "しんまち"
    rename(staff_client, body, name="旧町")
    assert Organization.objects.get().kana == "しんまち"
