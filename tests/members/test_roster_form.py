"""A year's form with its roster: nobody's change is taken back, and the chair changes hands."""

from typing import Any

import pytest
from django.test import Client

from members.models import CouncilYear
from tests import factories
from tests.pages import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def year() -> CouncilYear:
    year = factories.council_year()
    for _ in range(2):
        factories.membership(year)
    return year


def path(year: CouncilYear) -> str:
    return f"/admin/members/councilyear/{year.pk}/change/"


def form(client: Client, year: CouncilYear, *roles: str, **values: Any) -> dict[str, Any]:
    """What the form posts as it was opened, with these roles."""
    data = {"seen": seen(client, path(year)), "council": year.council.pk, "year": year.year}
    rows = year.memberships.in_roster_order()  # type: ignore[attr-defined]
    data |= {"memberships-TOTAL_FORMS": len(roles), "memberships-INITIAL_FORMS": len(roles)}
    data |= {"memberships-2-TOTAL_FORMS": 0, "memberships-2-INITIAL_FORMS": 0}
    for index, (row, role) in enumerate(zip(rows, roles, strict=True)):
        shown = {"id": row.pk, "council_year": year.pk, "role": role, "post": row.post}
        data |= {f"memberships-{index}-{name}": value for name, value in shown.items()}
    return data | values


def roles(year: CouncilYear) -> list[str]:
    return [row.role for row in year.memberships.in_roster_order()]  # type: ignore[attr-defined]


def test_an_old_tab_takes_nothing_back(staff_client: Client, year: CouncilYear) -> None:
    old_tab = form(staff_client, year, "member", "member", is_public="on")
    changed = form(staff_client, year, "vice_chair", "member")
    assert staff_client.post(path(year), changed).status_code == 302
    page = staff_client.post(path(year), old_tab).content.decode()
    assert "ほかの人が内容を変えました" in page
    year.refresh_from_db()
    assert (year.is_public, roles(year)) == (False, ["vice_chair", "member"])


@pytest.mark.parametrize("before", [("chair", "member"), ("member", "chair")])
def test_the_chair_changes_hands(staff_client: Client, year: CouncilYear, before: tuple[str, str]) -> None:
    for row, role in zip(year.memberships.in_roster_order(), before, strict=True):  # type: ignore[attr-defined]
        row.role = role
        row.save()
    data = form(staff_client, year, *before[::-1])
    assert staff_client.post(path(year), data).status_code == 302
    assert roles(year) == list(before[::-1])


def test_a_chair_leaves_and_another_takes_over(staff_client: Client, year: CouncilYear) -> None:
    _, last = year.memberships.in_roster_order()  # type: ignore[attr-defined]
    last.role = "chair"
    last.save()
    data = form(staff_client, year, "chair", "chair", **{"memberships-1-DELETE": "on"})
    assert staff_client.post(path(year), data).status_code == 302
    assert roles(year) == ["chair"]
