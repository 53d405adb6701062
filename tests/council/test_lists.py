"""The lists of councils and of bodies: all that is public, and nothing else."""

import pytest
from django.test import Client

from members.models import Council, CouncilYear, Organization
from tests import factories

pytestmark = pytest.mark.django_db


def main(path: str) -> str:
    return Client().get(path).content.decode().partition("<main")[2].partition("</main>")[0]


def test_every_public_council_stands_with_its_years(fy2020: CouncilYear) -> None:
    factories.council(name="隠した会議", is_public=False)
    page = main("/councils/")
    assert "スマート自治体推進検討会議" in page
    assert "令和2（2020）年度" in page
    assert "隠した会議" not in page
    assert 'aria-current="page"' in Client().get("/councils/").content.decode()


def test_bodies_stand_by_kind_each_once(fy2020: CouncilYear) -> None:
    factories.organization(name="名簿にない町")
    page = main("/organizations/")
    assert page.count(">津市</a>") == 1
    assert "名簿にない町" not in page
    assert page.index(">三重県</a>") < page.index(">津市</a>") < page.index(">木曽岬町</a>")


def test_who_was_merged_stands_with_who_carries_it_on(fy2020: CouncilYear) -> None:
    heir = factories.organization(name="新しい市", kind="city")
    Organization.objects.filter(name="木曽岬町").update(merged_into=heir)
    page = main("/organizations/")
    assert "木曽岬町" not in page
    assert ">新しい市</a>" in page


def test_a_hidden_council_hides_its_bodies(fy2020: CouncilYear) -> None:
    CouncilYear.objects.update(is_public=False)
    Council.objects.update(name="隠した会議")
    assert "津市" not in main("/organizations/")
    assert "公開された参加の記録はまだありません" in main("/organizations/")


@pytest.mark.parametrize("path", ["/councils/", "/organizations/"])
def test_queries_do_not_grow(fy2020: CouncilYear, django_assert_max_num_queries, path: str) -> None:  # type: ignore[no-untyped-def]
    for number in range(2011, 2016):
        year = factories.council_year(council=fy2020.council, year=number)
        factories.membership(year, department=factories.department(organization=factories.organization()))
    with django_assert_max_num_queries(8):
        Client().get(path)
