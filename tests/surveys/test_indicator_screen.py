"""A figure's screen: it counts choices of the one survey that was chosen, and needs no script."""

import pytest
from django.contrib.admin import site
from django.test import Client
from lxml import html

from members.common.admin.base import FEW
from surveys.models import Indicator, Survey
from tests import factories

pytestmark = pytest.mark.django_db
ADD = "/admin/surveys/indicator/add/"


@pytest.fixture
def survey() -> Survey:
    survey = factories.survey(factories.council_year(), title="この調査")
    factories.question(survey, "進んだ", "進まなかった", text="進みましたか。")
    other = factories.survey(factories.council_year(), title="ほかの調査")
    factories.question(other, "ほかの選択肢", "別の選択肢", text="ほかの設問")
    return survey


def options(page: bytes, name: str) -> dict[str, list[str]]:
    """The options of a box, by the head they stand below."""
    found: dict[str, list[str]] = {}
    for option in html.fromstring(page.decode()).xpath(f"//select[@name='{name}']//option[@value!='']"):
        head = option.getparent().get("label") or ""
        found.setdefault(head, []).append(option.text_content())
    return found


def test_the_survey_is_chosen_first_and_without_a_script(staff_client: Client, survey: Survey) -> None:
    page = staff_client.get(ADD)
    assert str(survey) in options(page.content, "survey")[""]
    assert b"counted_choices-0-choice" not in page.content
    sent = {"survey": survey.pk, "name": "割合", "statement": "進んだと答えた市町", "position": "1"}
    response = staff_client.post(ADD, sent)
    indicator = Indicator.objects.get()
    assert response.url == f"/admin/surveys/indicator/{indicator.pk}/change/"
    choices = options(staff_client.get(response.url).content, "counted_choices-0-choice")
    assert choices == {"進みましたか。": ["進んだ", "進まなかった"]}


def test_from_the_survey_a_figure_and_its_choices_are_made_at_once(
    staff_client: Client, survey: Survey
) -> None:
    page = staff_client.get(f"{ADD}?survey={survey.pk}")
    assert options(page.content, "counted_choices-0-choice") == {"進みましたか。": ["進んだ", "進まなかった"]}
    choice = survey.questions.get().choices.first()
    sent = {
        "survey": survey.pk, "name": "割合", "statement": "進んだと答えた市町", "position": "1",
        "counted_choices-TOTAL_FORMS": "1", "counted_choices-INITIAL_FORMS": "0",
        "counted_choices-0-choice": choice.pk,
    }  # fmt: skip
    assert staff_client.post(ADD, sent).status_code == 302
    assert [each.choice for each in Indicator.objects.get().counted_choices.all()] == [choice]


@pytest.mark.parametrize("value", ["0", "99999999", "x", "１", "9" * 40])
def test_no_such_survey_shows_the_form_without_choices(staff_client: Client, value: str) -> None:
    page = staff_client.get(f"{ADD}?survey={value}")
    assert page.status_code == 200
    assert b"counted_choices-0-choice" not in page.content


def test_boxes_of_the_survey_screen_list_what_there_is(staff_client: Client, survey: Survey) -> None:
    page = staff_client.get("/admin/surveys/survey/add/")
    assert str(survey.council_year) in options(page.content, "council_year")[""]
    assert b"admin-autocomplete" not in page.content


def test_a_long_list_is_searched(
    staff_client: Client, monkeypatch: pytest.MonkeyPatch, survey: Survey
) -> None:
    monkeypatch.setattr("members.common.admin.base.FEW", 1)
    assert FEW > 1
    assert b"admin-autocomplete" in staff_client.get("/admin/surveys/survey/add/").content


def test_every_box_that_is_searched_can_say_its_rows() -> None:
    for admin in site._registry.values():
        for name in admin.autocomplete_fields:
            related = admin.model._meta.get_field(name).related_model
            assert hasattr(site.get_model_admin(related), "named_rows"), name
