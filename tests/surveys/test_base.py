"""The base: roster and targets name the same municipalities, and nobody leaves without a reason."""

import pytest
from django.test import Client

from members.models import CouncilYear, Membership, Organization
from surveys.models import Survey, SurveyEvent, SurveyTarget
from surveys.results.indicator_tallies import tally_indicators
from surveys.running.base import find_gap
from surveys.running.lifecycle import close_survey, issue_links, open_survey
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def year() -> CouncilYear:
    year = factories.council_year()
    for name in ("あ町", "い町"):
        member(year, name)
    return year


def member(year: CouncilYear, name: str) -> Organization:
    body = factories.organization(name=name)
    factories.membership(year, department=factories.department(organization=body))
    return body


@pytest.fixture
def survey(year: CouncilYear) -> Survey:
    survey = factories.survey(year, status="draft", opened_at=None)
    question = factories.question(survey, "はい", "いいえ")
    factories.indicator(survey, question.choices.get(code="c1"))
    open_survey(survey)
    survey.refresh_from_db()
    return survey


def decide(client: Client, survey: Survey, body: Organization, **values: str) -> str:
    path = f"/admin/surveys/survey/{survey.pk}/base/"
    return client.post(path, {"organization": body.pk, **values}, follow=True).content.decode()


def base(survey: Survey) -> int:
    (tally,) = tally_indicators(survey.indicators.select_related("survey"))
    return tally.base


def test_a_late_member_is_named_and_asked(staff_client: Client, survey: Survey, year: CouncilYear) -> None:
    late = member(year, "新町")
    board = staff_client.get(f"/admin/surveys/survey/{survey.pk}/board/").content.decode()
    assert "新町は検討メンバーですが、回答対象ではありません" in board
    assert "回答用リンク" in decide(staff_client, survey, late, ask="1")
    assert base(survey) == 3
    assert not find_gap(survey)
    assert SurveyEvent.objects.get(kind="added").note == "新町"


def test_a_late_member_is_left_out_only_with_a_reason(
    staff_client: Client, survey: Survey, year: CouncilYear
) -> None:
    late = member(year, "新町")
    for blank in ("", "   ", "　　", "\n"):
        assert "除く理由を入力してください" in decide(staff_client, survey, late, leave="1", reason=blank)
    assert find_gap(survey).unasked == (late,)
    decide(staff_client, survey, late, leave="1", reason="合併の準備のため")
    target = SurveyTarget.objects.get(organization=late)
    assert (target.is_excluded, target.exclusion_reason, base(survey)) == (True, "合併の準備のため", 2)
    assert "すでに決まっています" in decide(staff_client, survey, late, ask="1")


def test_results_wait_until_the_base_is_decided(
    staff_client: Client, survey: Survey, year: CouncilYear
) -> None:
    close_survey(survey)
    Membership.objects.filter(department__organization__name="い町").delete()
    data = {"council_year": year.pk, "key": survey.key, "title": survey.title, "results_public": "on"}
    data |= {"closes_at_0": "2030/01/01", "closes_at_1": "17:00"}
    for prefix in ("sections", "questions", "files"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    path = f"/admin/surveys/survey/{survey.pk}/change/"
    assert (
        "い町は母数に入っていますが、検討メンバーにありません"
        in staff_client.post(path, data).content.decode()
    )
    assert not Survey.objects.get().results_public
    SurveyTarget.objects.filter(organization__name="い町").update(
        is_excluded=True, in_base=False, exclusion_reason="合併"
    )
    assert staff_client.post(path, data).status_code == 302
    assert Survey.objects.get().results_public


@pytest.mark.parametrize("status", ["open", "closed"])
def test_a_target_is_never_deleted_once_asked(staff_client: Client, survey: Survey, status: str) -> None:
    Survey.objects.update(status=status)
    target = SurveyTarget.objects.earliest("pk")
    path = f"/admin/surveys/surveytarget/{target.pk}/delete/"
    assert staff_client.get(path).status_code == 403
    assert staff_client.post(path, {"post": "yes"}).status_code == 403
    staff_client.post(
        "/admin/surveys/surveytarget/",
        {"action": "delete_selected", "_selected_action": [target.pk], "post": "yes"},
    )
    body = target.organization_id
    staff_client.post(f"/admin/members/organization/{body}/delete/", {"post": "yes"})
    assert survey.targets.count() == 2


def test_before_opening_a_target_can_be_taken_off(staff_client: Client, year: CouncilYear) -> None:
    survey = factories.survey(year, status="draft", opened_at=None)
    target = factories.target(survey)
    staff_client.post(f"/admin/surveys/surveytarget/{target.pk}/delete/", {"post": "yes"})
    assert not survey.targets.exists()


def test_an_excluded_body_is_told_so_and_loses_nothing(survey: Survey) -> None:
    target = SurveyTarget.objects.select_related("survey").earliest("pk")
    (link,) = issue_links([target])
    SurveyTarget.objects.filter(pk=target.pk).update(is_excluded=True, in_base=False, exclusion_reason="合併")
    page = Client().get(f"/answer/open/{link.token}/")
    assert "対象から除かれています" in page.content.decode()
    SurveyTarget.objects.filter(pk=target.pk).update(is_excluded=False, in_base=True)
    assert Client().get(f"/answer/open/{link.token}/").status_code == 302


def test_leaving_the_base_is_on_record(staff_client: Client, survey: Survey) -> None:
    target = SurveyTarget.objects.earliest("pk")
    path = f"/admin/surveys/surveytarget/{target.pk}/change/"
    assert "理由を入力してください" in staff_client.post(path, {"exclusion_reason": "　"}).content.decode()
    staff_client.post(path, {"exclusion_reason": "今年度は参考回答のため"})
    assert "今年度は参考回答のため" in SurveyEvent.objects.get(kind="base").note
    assert base(survey) == 1
