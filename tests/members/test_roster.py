import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from members.models import CouncilYear, Membership, Organization
from tests import factories

pytestmark = pytest.mark.django_db


def test_municipalities_of_a_year_leave_the_prefecture_out() -> None:
    year = factories.council_year()
    prefecture = factories.organization(kind="prefecture")
    town = factories.organization()
    factories.membership(year, department=factories.department(organization=prefecture))
    for _ in range(2):
        factories.membership(year, department=factories.department(organization=town))
    assert list(year.municipalities()) == [town]


def test_a_year_has_one_chair() -> None:
    year = factories.council_year()
    factories.membership(year, role="chair")
    second = Membership(council_year=year, department=factories.department(), role="chair")
    with pytest.raises(ValidationError, match="代表は1年度に1つです"):
        second.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()
    factories.membership(factories.council_year(), role="chair")


def test_a_department_is_on_a_roster_once() -> None:
    first = factories.membership(factories.council_year())
    with pytest.raises(ValidationError, match="すでにこの年度の検討メンバー"):
        Membership(council_year=first.council_year, department=first.department).full_clean()


def test_a_year_lies_within_the_councils_years() -> None:
    council = factories.council(established_year=2019, closed_year=2020)
    for year, words in ((2018, "設置年度"), (2021, "終了年度")):
        with pytest.raises(ValidationError, match=words):
            CouncilYear(council=council, year=year).full_clean()
    CouncilYear(council=council, year=2020).full_clean()


def test_a_council_cannot_close_before_it_was_established() -> None:
    with pytest.raises(IntegrityError):
        factories.council(established_year=2020, closed_year=2019)


def test_an_organization_on_a_roster_cannot_be_deleted() -> None:
    membership = factories.membership(factories.council_year())
    with pytest.raises(ProtectedError):
        membership.department.organization.delete()
    with pytest.raises(ProtectedError):
        membership.council_year.delete()


def test_only_bodies_of_public_years_are_public() -> None:
    public = factories.membership(factories.council_year()).department.organization
    factories.membership(factories.council_year(is_public=False))
    factories.membership(factories.council_year(council=factories.council(is_public=False)))
    factories.organization()
    assert list(Organization.objects.public()) == [public]
