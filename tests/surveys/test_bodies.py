"""Many bodies at once: extension, exclusion and addresses, all that was asked for or nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from members.models import Organization
from surveys.models import AnswerStatus, Submission, Survey, SurveyEvent, SurveyTarget
from surveys.running.lifecycle import issue_links
from surveys.running.status_board import build_board
from tests import factories

pytestmark = pytest.mark.django_db
NAMES = ("白鷺市", "海老町", "北浦町", "東川町")


@pytest.fixture
def survey() -> Survey:
    year = factories.council_year()
    survey = factories.survey(year)
    question = factories.question(survey, "はい", "いいえ")
    for name in NAMES:
        body = factories.organization(name=name)
        factories.membership(year, department=factories.department(organization=body))
        factories.target(survey, organization=body)
    factories.submitted(survey.targets.get(organization__name="白鷺市"), question.choices.first())
    survey.targets.get(organization__name="海老町").drafts.create(section="main", values={"q-x": "c1"})
    return survey


def ids(survey: Survey, *names: str) -> list[int]:
    return list(survey.targets.filter(organization__name__in=names).values_list("pk", flat=True))


def post(staff_client: Client, survey: Survey, do: str, *names: str, **values: Any) -> Any:
    url = f"/admin/surveys/survey/{survey.pk}/bodies/"
    return staff_client.post(url, {"do": do, "target": ids(survey, *names), **values})


def until(days: int) -> dict[str, str]:
    local = timezone.localtime() + timedelta(days=days)
    return {"until_0": f"{local:%Y-%m-%d}", "until_1": "17:00"}


def test_several_are_extended_at_once(staff_client: Client, survey: Survey) -> None:
    response = post(staff_client, survey, "extend", "海老町", "北浦町", reason="議会のため", **until(9))
    assert response.status_code == 302
    extended = survey.targets.exclude(extended_to=None)
    assert {each.organization.name for each in extended} == {"海老町", "北浦町"}
    assert {each.extension_reason for each in extended} == {"議会のため"}
    assert SurveyEvent.objects.filter(kind="extended").count() == 2


@pytest.mark.parametrize(
    ("names", "values", "sentence"),
    [
        ((), {"reason": "x", **until(9)}, "1つ以上選んで"),
        (("海老町",), {"reason": "x"}, "新しい締切"),
        (("海老町",), until(9), "理由を入力"),
        (("海老町",), {"reason": "x", **until(-2)}, "先の日時"),
        (("海老町", "東川町"), {"reason": "x", **until(9)}, "東川町：対象から除いて"),
    ],
)
def test_one_that_cannot_be_extended_extends_none(
    staff_client: Client, survey: Survey, names: tuple[str, ...], values: dict[str, str], sentence: str
) -> None:
    survey.targets.filter(organization__name="東川町").update(
        is_excluded=True, in_base=False, exclusion_reason="合併"
    )
    page = post(staff_client, survey, "extend", *names, **values)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not survey.targets.exclude(extended_to=None).exists()
    assert page.content.decode().count("checked") >= len(names)


def test_bodies_with_answers_are_named_before_they_are_left_out(staff_client: Client, survey: Survey) -> None:
    names = ("白鷺市", "海老町", "北浦町")
    page = post(staff_client, survey, "exclude", *names, reason="離島対象外")
    assert "白鷺市：提出済みの回答があります" in page.content.decode()
    assert "海老町：入力中の回答があります" in page.content.decode()
    assert not survey.targets.filter(is_excluded=True).exists()
    assert post(staff_client, survey, "exclude", *names, reason="離島対象外", knows="on").status_code == 302
    board = build_board(survey)
    assert (board.asked, board.submitted) == (1, 0)
    assert Submission.objects.count() == 1


def test_back_again_everything_is_as_it_was(staff_client: Client, survey: Survey) -> None:
    target = survey.targets.get(organization__name="白鷺市")
    (link,) = issue_links([target])
    post(staff_client, survey, "exclude", "白鷺市", reason="対象外", knows="on")
    assert Client().get(f"/answer/open/{link.token}/").status_code == 404
    assert post(staff_client, survey, "include", "白鷺市").status_code == 302
    assert Client().get(f"/answer/open/{link.token}/").status_code == 302
    found = SurveyTarget.objects.with_status().get(pk=target.pk)
    assert found.status == AnswerStatus.SUBMITTED
    assert found.in_base
    assert "対象から除いていません" in post(staff_client, survey, "include", "北浦町").content.decode()


def test_addresses_are_pasted_as_they_come(staff_client: Client, survey: Survey) -> None:
    code = Organization.objects.get(name="海老町").code
    lines = ("白鷺市\tkikaku@example.jp", "", f"{code}　ebi@example.jp,soumu@example.jp")
    text = "\n".join([*lines, "北浦町, Kita@example.jp;kita@example.jp\r\n"])
    response = post(staff_client, survey, "addresses", addresses=text)
    assert response.status_code == 302
    found = dict(survey.targets.values_list("organization__name", "emails"))
    assert found == {
        "白鷺市": "kikaku@example.jp",
        "海老町": "ebi@example.jp\nsoumu@example.jp",
        "北浦町": "Kita@example.jp\nkita@example.jp",
        "東川町": "",
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "1行に1団体ずつ"),
        ("白鷺市 a@example.jp\n西町 b@example.jp", "2行目：「西町」は"),
        ("白鷺市", "1行目：白鷺市のメールアドレスがありません"),
        ("白鷺市 a@example.jp\n海老町 b@", "海老町：「b@」はメールアドレス"),
    ],
)
def test_a_line_that_cannot_be_read_saves_none(
    staff_client: Client, survey: Survey, text: str, sentence: str
) -> None:
    page = post(staff_client, survey, "addresses", addresses=text)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert set(survey.targets.values_list("emails", flat=True)) == {""}


@override_settings(REQUIRE_MFA=True)
def test_addresses_are_not_changed_from_a_session_left_open(staff_client: Client, survey: Survey) -> None:
    response = post(staff_client, survey, "addresses", addresses="白鷺市 attacker@example.com")
    assert response.status_code in {302, 403}
    assert set(survey.targets.values_list("emails", flat=True)) == {""}


def test_a_body_of_another_survey_is_not_touched(staff_client: Client, survey: Survey) -> None:
    other = factories.target(factories.survey(survey.council_year))
    url = f"/admin/surveys/survey/{survey.pk}/bodies/"
    staff_client.post(url, {"do": "extend", "target": [other.pk], "reason": "x", **until(9)})
    other.refresh_from_db()
    assert other.extended_to is None


def test_the_screen_asks_the_database_no_more_for_more_bodies(
    staff_client: Client, survey: Survey, django_assert_max_num_queries: Any
) -> None:
    url = f"/admin/surveys/survey/{survey.pk}/bodies/"
    for _ in range(20):
        factories.target(survey)
    with django_assert_max_num_queries(14):
        staff_client.get(url)


def test_an_extension_is_never_shortened_unseen(staff_client: Client, survey: Survey) -> None:
    post(staff_client, survey, "extend", "海老町", reason="議会のため", **until(12))
    page = post(staff_client, survey, "extend", "海老町", "北浦町", reason="x", **until(9))
    assert page.status_code == 422
    assert "海老町：すでに" in page.content.decode()
    assert survey.targets.exclude(extended_to=None).count() == 1
