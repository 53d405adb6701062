"""Kinds of organizations and what they count for; mergers that keep every address and its history."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from council.report.build import load_roster
from council.site.internal import render_internally
from members.models import Organization, base_unit
from surveys.models import SurveyTarget
from surveys.results.indicator_tallies import tally_indicators
from surveys.running.lifecycle import open_survey
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kinds", "unit"),
    [
        ({"city", "town"}, "市町"),
        ({"city", "town", "village"}, "市町村"),
        ({"city", "ward", "town", "village"}, "市区町村"),
        ({"city"}, "市"),
        ({"ward", "prefecture"}, "区"),
        ({"wide_area", "assoc", "other", "prefecture"}, "団体"),
        (set(), "団体"),
    ],
)
def test_the_unit_follows_the_kinds(kinds: set[str], unit: str) -> None:
    assert base_unit(kinds) == unit


def test_only_municipalities_count_and_the_unit_is_typed_nowhere() -> None:
    year = factories.council_year()
    for kind in ("city", "village", "ward", "wide_area", "assoc", "other", "prefecture"):
        body = factories.organization(kind=kind, name=f"{kind}の団体")
        factories.membership(year, department=factories.department(organization=body))
    roster = load_roster(year)
    assert roster.unit == "市区村"
    assert [row.name for row in roster.municipalities] == ["cityの団体", "villageの団体", "wardの団体"]
    assert [row.kind for row in roster.others] == ["広域連合", "一部事務組合", "その他"]
    survey = factories.survey(year, status="draft", opened_at=None)
    question = factories.question(survey, "はい", "いいえ")
    indicator = factories.indicator(survey, question.choices.first(), unit="")
    open_survey(survey)
    assert SurveyTarget.objects.in_base().filter(survey=survey).count() == 3
    (tally,) = tally_indicators([indicator])
    assert tally.of_base_text == "3市区村中0市区村"
    page = Client().get(year.get_absolute_url()).content.decode()
    assert "その他の団体の検討メンバー" in page
    assert "3市区村（3の担当課）が参加しました" in page


def test_a_merged_towns_address_leads_to_who_carries_it_on() -> None:
    year = factories.council_year()
    old = factories.organization(kind="town", name="旧町")
    factories.membership(year, department=factories.department(organization=old, name="旧町の課"))
    new = factories.organization(kind="city", name="新市")
    assert Client().get(new.get_absolute_url()).status_code == 404
    old.merged_into, old.merged_on = new, date(2022, 1, 1)
    old.full_clean()
    old.save()
    response = Client().get(old.get_absolute_url())
    assert (response.status_code, response["Location"]) == (302, new.get_absolute_url())
    page = Client().get(new.get_absolute_url()).content.decode()
    assert "引き継いだ団体" in page
    assert "旧町の課（当時の団体名：旧町）" in page
    # The roster of that year keeps the old name, and a copy without a server the old address.
    assert load_roster(year).municipalities[0].name == "旧町"
    assert render_internally(old.get_absolute_url(), is_static=True).status_code == 200


def test_no_circle_of_mergers() -> None:
    first, second = factories.organization(), factories.organization()
    first.merged_into = second
    first.save()
    second.merged_into = first
    with pytest.raises(ValidationError, match="輪になっています"):
        second.full_clean()
    with pytest.raises(IntegrityError):
        Organization.objects.filter(pk=second.pk).update(merged_into=second.pk)


def test_a_merger_takes_effect_on_its_day() -> None:
    year = factories.council_year()
    old, new = factories.organization(kind="town", name="合併する町"), factories.organization(name="受ける市")
    factories.membership(year, department=factories.department(organization=old))
    old.merged_into, old.merged_on = new, timezone.localdate() + timedelta(days=1)
    old.save()
    page = Client().get(old.get_absolute_url())
    assert page.status_code == 200
    assert "合併の予定" in page.content.decode()
    assert Client().get(new.get_absolute_url()).status_code == 404
    Organization.objects.filter(pk=old.pk).update(merged_on=timezone.localdate())
    assert Client().get(old.get_absolute_url())["Location"] == new.get_absolute_url()
    assert Client().get(new.get_absolute_url()).status_code == 200


def test_a_ring_that_came_past_the_forms_ends() -> None:
    year = factories.council_year()
    ring = [factories.organization() for _ in range(3)]
    factories.membership(year, department=factories.department(organization=ring[0]))
    for each, following in zip(ring, [*ring[1:], ring[0]], strict=True):
        Organization.objects.filter(pk=each.pk).update(merged_into=following)
    assert Client().get(ring[0].get_absolute_url()).status_code == 200
