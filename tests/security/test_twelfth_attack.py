"""What a twelfth attack found: names and places of what is public were anybody's to change."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from members.models import CouncilYear
from surveys.models import Survey
from tests import factories

pytestmark = pytest.mark.django_db


def moved(record: CouncilYear, **changes: object) -> None:
    for name, value in changes.items():
        setattr(record, name, value)
    record.full_clean()


def test_a_public_year_stays_in_its_council_and_its_year(fy2020: CouncilYear) -> None:
    other = factories.council_year(year=2026).council
    for changes in ({"council": other}, {"year": 2021}):
        with pytest.raises(ValidationError, match=r"検討会議と年度.*は変えられません"):
            moved(CouncilYear.objects.get(pk=fy2020.pk), **changes)


def test_a_year_with_records_stays_though_it_is_not_public(fy2020: CouncilYear) -> None:
    CouncilYear.objects.filter(pk=fy2020.pk).update(is_public=False)
    with pytest.raises(ValidationError, match="変えられません"):
        moved(CouncilYear.objects.get(pk=fy2020.pk), year=2021)


def test_a_year_that_has_only_its_roster_can_be_put_right() -> None:
    year = factories.council_year(year=2026, is_public=False)
    moved(year, year=2027)
    assert year.label.startswith("令和9")


def test_an_editor_cannot_take_a_report_off_the_public_by_its_year(
    fy2020: CouncilYear, staff_client: Client
) -> None:
    hidden = factories.council_year(year=2026).council
    hidden.is_public = False
    hidden.save()
    address = f"/admin/members/councilyear/{fy2020.pk}/change/"
    form = staff_client.get(address).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    page = staff_client.post(address, {**data, "council": hidden.pk})
    assert page.status_code == 200
    assert Client().get("/councils/smart-jichitai/2020/").status_code == 200


def test_a_name_in_addresses_stays(fy2020: CouncilYear) -> None:
    council = fy2020.council
    council.slug = "smartx"
    with pytest.raises(ValidationError, match="識別名（smart-jichitai）は変えられません"):
        council.full_clean()
    survey = Survey.objects.exclude(status=Survey.Status.DRAFT).first()
    assert survey
    survey.key = "zz"
    with pytest.raises(ValidationError, match="受付番号と公開ページのアドレス"):
        survey.full_clean()


@pytest.mark.parametrize("lookup", ["email__startswith", "email__contains", "email"])
def test_no_list_spells_an_address_out(staff: User, staff_client: Client, lookup: str) -> None:
    factories.department(email="secret@example.lg.jp")
    answers = [
        staff_client.get("/admin/members/department/", {lookup: value}).status_code
        for value in ("secret@example.lg.jp", "nobody@example.lg.jp")
    ]
    assert answers == [302, 302]
