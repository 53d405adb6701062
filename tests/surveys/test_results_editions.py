"""Public results stay as published; the next edition never differs by a few bodies alone."""

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from surveys.models import Answer, Choice, ResultsEdition, Submission, Survey, SurveyTarget
from surveys.results.editions import changed_organizations, keep_first_editions, publish_results, renewals
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    """28 bodies: 17 yes and 11 no, and a second question that only ten answered."""
    year = factories.council_year(council=factories.council(slug="c"))
    survey = factories.survey(year, status="closed", key="s", results_public=True)
    first = factories.question(survey, "はい", "いいえ", key="first")
    second = factories.question(survey, "A", "B", key="second", is_required=False)
    yes, no = first.choices.order_by("code")
    a, b = second.choices.order_by("code")
    for number in range(28):
        body = factories.organization()
        factories.membership(year, department=factories.department(organization=body))
        submission = factories.submitted(
            factories.target(survey, organization=body), yes if number < 17 else no
        )
        if number < 10:
            Answer.objects.create(submission=submission, question=second, choice=a if number < 6 else b)
    factories.indicator(survey, yes, key="started")
    publish_results(survey, by=None)
    return survey


PATHS = (
    "/councils/c/2020/surveys/s/",
    "/councils/c/2020/surveys/s/tally.csv",
    "/councils/c/2020/figures/started/",
    "/open-data/c/2020/results.csv",
    "/open-data/c/2020/results.json",
)


def public() -> dict[str, bytes]:
    return {path: Client().get(path).content for path in PATHS}


def exclude_one(survey: Survey) -> None:
    target = SurveyTarget.objects.filter(survey=survey).earliest("pk")
    target.in_base, target.is_excluded, target.exclusion_reason = False, True, "合併"
    target.save()


def change(count: int) -> None:
    yes, no = Choice.objects.filter(question__key="first").order_by("code")
    for answer in Answer.objects.filter(choice=yes)[:count]:
        answer.choice = no
        answer.save()


@pytest.mark.parametrize("change_one", [exclude_one, lambda survey: change(1)])
def test_nothing_public_moves_when_one_body_does(survey: Survey, change_one: Any) -> None:
    before = public()
    change_one(survey)
    assert public() == before
    (renewal,) = renewals([survey])
    assert (renewal.changed, renewal.is_held_back) == (1, True)
    with pytest.raises(ValidationError, match="1団体が変わっています"):
        publish_results(survey, by=None, reason="直したため")
    assert public() == before


def test_enough_bodies_are_published_with_a_reason(survey: Survey) -> None:
    before = public()
    change(5)
    with pytest.raises(ValidationError, match="理由を入力"):
        publish_results(survey, by=None)
    edition = publish_results(survey, by=None, reason="5市町の回答を訂正したため")
    assert edition
    assert (edition.number, edition.small_change_reason) == (2, "")
    now = public()
    assert all(now[path] != before[path] for path in PATHS)
    page = now[PATHS[0]].decode()
    assert "第2版" in page
    assert "5市町の回答を訂正したため" in page


def test_a_correction_of_one_body_takes_a_reason_of_its_own(survey: Survey) -> None:
    change(1)
    edition = publish_results(survey, by=None, reason="訂正", small_change_reason="入力の誤り")
    assert edition
    assert edition.small_change_reason == "入力の誤り"
    assert "入力の誤り" not in Client().get(PATHS[0]).content.decode()


def test_a_corrected_wording_is_no_small_change(survey: Survey) -> None:
    Choice.objects.filter(label="はい").update(label="はい（訂正）")
    (renewal,) = renewals([survey])
    assert (renewal.changed, renewal.is_new, renewal.is_held_back) == (0, True, False)
    assert "はい（訂正）" not in Client().get(PATHS[0]).content.decode()
    assert publish_results(survey, by=None, reason="文言の訂正")
    assert "はい（訂正）" in Client().get(PATHS[0]).content.decode()


def test_the_same_results_are_no_new_edition(survey: Survey) -> None:
    assert publish_results(survey, by=None, reason="もう一度") is None
    assert ResultsEdition.objects.count() == 1


def test_a_lower_minimum_moves_nothing_that_is_published(survey: Survey, settings: Any) -> None:
    before = public()
    settings.SMALL_GROUP_MINIMUM = 11
    assert public() == before


def test_a_question_that_few_answered_is_hidden_on_every_surface(survey: Survey, settings: Any) -> None:
    ResultsEdition.objects.all().delete()
    settings.SMALL_GROUP_MINIMUM = 11
    second = Choice.objects.filter(question__key="second").earliest("code")
    factories.indicator(survey, second, key="second-share")
    publish_results(survey, by=None)
    page = Client().get(PATHS[0]).content.decode()
    part = page[page.index('id="q-second"') :]
    assert "非公表" in part
    assert "回答10" in part
    assert '<td class="number">6</td>' not in part
    rows = json.loads(Client().get(PATHS[4]).content)["rows"]
    assert {(row["count"], row["percent"]) for row in rows if row["question"] == "second"} == {(None, None)}
    csv = Client().get(PATHS[1]).content.decode("utf-8-sig")
    (line,) = [line for line in csv.splitlines() if ",second," in line and ",A," in line]
    assert line.split(",")[6] == ""
    # A figure would tell it too.
    assert Client().get("/councils/c/2020/figures/second-share/").status_code == 404


def test_staff_see_what_would_change_and_publish_it(survey: Survey, staff_client: Client) -> None:
    path = f"/admin/surveys/survey/{survey.pk}/results/"
    change(1)
    page = staff_client.get(path).content.decode()
    assert "1団体が変わっています" in page
    assert "理由を入力してください" in staff_client.post(path, {"reason": " "}).content.decode()
    seen = {"seen": staff_client.get(path).context["renewal"].state}
    assert staff_client.post(path, {"reason": "訂正"} | seen).status_code == 422
    staff_client.post(path, {"reason": "訂正", "small_change_reason": "入力の誤り"} | seen)
    edition = ResultsEdition.objects.get(number=2)
    assert edition.published_by


def test_results_that_were_public_before_editions_are_kept(survey: Survey) -> None:
    ResultsEdition.objects.all().delete()
    assert keep_first_editions() == 1
    assert keep_first_editions() == 0
    before = public()
    exclude_one(survey)
    after = public()
    assert all(after[path] == before[path] for path in PATHS if path.endswith((".csv", ".json")))


def leave(survey: Survey, *numbers: int) -> None:
    """These bodies, by their order, are out of the base, and all others in it."""
    for number, target in enumerate(SurveyTarget.objects.filter(survey=survey).order_by("pk")):
        out = number in numbers
        target.in_base, target.is_excluded, target.exclusion_reason = not out, out, "合併" if out else ""
        target.save()


def test_every_former_edition_is_looked_at(survey: Survey) -> None:
    """Five leave, then four of them come back and another leaves: against the first, two differ."""
    leave(survey, 10, 11, 12, 20, 21)
    assert publish_results(survey, by=None, reason="5団体を除いたため")
    leave(survey, 21, 13)
    (renewal,) = renewals([survey])
    assert (renewal.changed, renewal.is_held_back) == (5, True)
    leave(survey, 21, 13, 14, 15, 16)
    assert not renewals([survey])[0].is_held_back


def test_each_table_is_looked_at_and_not_the_survey_as_a_whole(survey: Survey) -> None:
    change(5)
    a, b = Choice.objects.filter(question__key="second").order_by("code")
    answer = Answer.objects.filter(choice=a).earliest("pk")
    answer.choice = b
    answer.save()
    (renewal,) = renewals([survey])
    assert renewal.changed in {5, 6}
    assert list(renewal.telling) == [a.question.text]


def test_what_was_hidden_once_stays_hidden(survey: Survey, settings: Any) -> None:
    ResultsEdition.objects.all().delete()
    settings.SMALL_GROUP_MINIMUM = 11
    publish_results(survey, by=None)
    settings.SMALL_GROUP_MINIMUM = 5
    (renewal,) = renewals([survey])
    assert (renewal.snapshot.minimum, renewal.is_new) == (11, False)


def test_how_many_bodies_changed(survey: Survey) -> None:
    edition = ResultsEdition.objects.get()
    assert changed_organizations(survey, edition) == 0
    change(2)
    assert changed_organizations(survey, edition) == 2
    # Who answered, and a question that is not public, contribute nothing.
    Submission.objects.update(respondent_name="別人")
    assert changed_organizations(survey, edition) == 2
    factories.target(survey)
    assert changed_organizations(survey, edition) == 3
