from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from surveys.models import Survey, SurveyTarget
from surveys.running.lifecycle import close_survey, issue_links, open_survey, reasons_not_to_open
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Survey:
    """A survey that is ready, for two towns and a prefecture."""
    year = factories.council_year()
    for organization in (
        factories.organization(kind="prefecture"),
        factories.organization(),
        factories.organization(),
    ):
        factories.membership(year, department=factories.department(organization=organization))
    survey = factories.survey(year, status="draft", opened_at=None)
    factories.question(survey, "はい", "いいえ")
    return survey


def test_opening_asks_every_municipality_of_the_roster(draft: Survey) -> None:
    links = open_survey(draft)
    assert {link.target.organization for link in links} == set(draft.council_year.municipalities())
    assert len({link.token for link in links}) == 2
    stored = SurveyTarget.objects.values_list("token_hash", flat=True)
    assert not {link.token for link in links} & set(stored)
    assert all(SurveyTarget.objects.with_token(link.token).get() == link.target for link in links)


def test_opening_again_keeps_targets_and_links(draft: Survey) -> None:
    first = open_survey(draft)
    close_survey(draft)
    factories.membership(draft.council_year)
    added = open_survey(draft)
    assert len(added) == 1
    assert draft.targets.count() == 3
    assert SurveyTarget.objects.with_token(first[0].token).exists()


def test_opening_twice_at_once_is_refused(draft: Survey) -> None:
    open_survey(draft)
    with pytest.raises(ValidationError, match="すでに受付中"):
        open_survey(draft)
    assert draft.targets.count() == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"closes_at": None}, "締切が入力されていません"),
        ({"closes_at": timezone.now() - timedelta(hours=1)}, "締切が過ぎています"),
    ],
)
def test_a_survey_that_is_not_ready_says_why(draft: Survey, values: dict, words: str) -> None:
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save()
    with pytest.raises(ValidationError, match=words):
        open_survey(draft)


def test_questions_must_be_complete() -> None:
    survey = factories.survey(factories.council_year(), status="draft")
    assert any("設問がありません" in reason for reason in reasons_not_to_open(survey))
    factories.question(survey, "一つだけ", text="問い", kind="grid")
    reasons = reasons_not_to_open(survey)
    assert "設問「問い」に選択肢を2つ以上登録してください。" in reasons
    assert "設問「問い」に項目を1つ以上登録してください。" in reasons
    assert any("検討メンバーに市区町村がありません" in reason for reason in reasons)


def test_a_reissued_link_replaces_the_old_one(draft: Survey, client: Client) -> None:
    old, other = open_survey(draft)
    client.get(f"/answer/open/{old.token}/")
    (new,) = issue_links([SurveyTarget.objects.get(pk=old.target.pk)])
    assert client.get(f"/answer/open/{old.token}/").status_code == 404
    # A visit that began with the old link ends too.
    assert client.get(f"/answer/{old.target.anchor}/").status_code == 403
    assert client.get(f"/answer/open/{new.token}/").status_code == 302
    assert client.get(f"/answer/open/{other.token}/").status_code == 302
