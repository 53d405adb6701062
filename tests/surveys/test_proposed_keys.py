"""Nobody invents a 識別名: left empty, the next free one is given."""

from typing import Any

import pytest
from django.test import Client

from members.models import CouncilYear
from surveys.models import Choice, Indicator, Question, Scale, Section, Survey
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def year() -> CouncilYear:
    return factories.council_year()


def rows(prefix: str, *each: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(each), f"{prefix}-INITIAL_FORMS": initial}
    for number, values in enumerate(each):
        data |= {f"{prefix}-{number}-{name}": value for name, value in values.items()}
    return data


def question(text: str, **values: Any) -> dict[str, Any]:
    return {"position": 0, "kind": "single", "text": text, "disclosure": "public", "key": "", **values}


def test_a_questionnaire_is_made_without_a_single_key(year: CouncilYear, staff_client: Client) -> None:
    factories.survey(year, key="survey1")
    data = {
        "council_year": year.pk,
        "key": "",
        "title": "新しい調査",
        **rows(
            "sections",
            {"position": 0, "code": "", "title": "はじめに"},
            {"position": 0, "code": "", "title": "次"},
        ),
        **rows("files"),
    }
    answer = staff_client.post("/admin/surveys/survey/add/", data)
    assert answer.status_code == 302, answer.context["errors"]
    survey = Survey.objects.get(title="新しい調査")
    assert survey.key == "survey2"
    assert list(Section.objects.order_by("pk").values_list("code", flat=True)) == ["s1", "s2"]


def test_choices_topics_and_more_of_them_later(year: CouncilYear, staff_client: Client) -> None:
    survey = factories.survey(year, status="draft", opened_at=None)
    made = factories.question(survey, "はい", key="q1")
    choice = made.choices.get()
    data = {
        **question("問い"),
        "decimals": 0, "survey": survey.pk, "key": "q1",
        **rows(
            "choices",
            {"id": choice.pk, "position": 1, "code": "c1", "label": "はい"},
            {"position": 0, "code": "", "label": "いいえ"},
            {"position": 0, "code": "", "label": "わからない"},
            initial=1,
        ),
        **rows("topics", {"position": 0, "code": "", "label": "項目"}),
        **rows("conditions"),
    }  # fmt: skip
    answer = staff_client.post(f"/admin/surveys/question/{made.pk}/change/", data)
    assert answer.status_code == 302, answer.context["errors"]
    codes = Choice.objects.filter(question=made).order_by("pk").values_list("label", "code")
    assert list(codes) == [("はい", "c1"), ("いいえ", "c2"), ("わからない", "c3")]
    assert made.topics.get().code == "t1"


def test_a_figures_key_is_free_in_the_whole_year(year: CouncilYear, staff_client: Client) -> None:
    first, second = factories.survey(year), factories.survey(year)
    factories.indicator(first, key="figure1")
    data = {
        "survey": second.pk, "key": "", "name": "割合", "statement": "意味", "unit": "市町", "position": 0,
        **rows("counted_choices"),
    }  # fmt: skip
    answer = staff_client.post("/admin/surveys/indicator/add/", data)
    assert answer.status_code == 302, answer.context["errors"]
    assert Indicator.objects.get(survey=second).key == "figure2"


def test_a_scale_too(staff_client: Client) -> None:
    data = {
        "name": "程度",
        **rows("choices", *({"position": 0, "code": "", "label": each} for each in "多少")),
    }
    answer = staff_client.post("/admin/surveys/scale/add/", data)
    assert answer.status_code == 302, answer.context["errors"]
    assert list(Scale.objects.get().choices.order_by("pk").values_list("code", flat=True)) == ["c1", "c2"]


def test_a_wrong_one_is_said_and_not_replaced(year: CouncilYear, staff_client: Client) -> None:
    data = {
        "council_year": year.pk,
        "key": "日本語",
        "title": "調査",
        **rows("sections"),
        **rows("questions"),
    }
    answer = staff_client.post("/admin/surveys/survey/add/", data)
    assert answer.status_code == 200
    assert "半角の英小文字で始め" in answer.content.decode()
    page = staff_client.get("/admin/surveys/survey/add/").content.decode()
    assert "空欄なら自動で付けます" in page


# --- Pasted lines, and where saving lands ---


def added(survey: Survey, **values: Any) -> dict[str, Any]:
    return {
        **question("問い"), "survey": survey.pk, "decimals": 0,
        **rows("choices"), **rows("topics"), **values,
    }  # fmt: skip


@pytest.fixture
def draft(year: CouncilYear) -> Survey:
    return factories.survey(year, status="draft", opened_at=None)


ADD = "/admin/surveys/question/add/"


def test_choices_are_pasted_one_per_line(draft: Survey, staff_client: Client) -> None:
    lines = "はい\r\n\r\n　いいえ　\r\n3.5時間\r\n"
    answer = staff_client.post(ADD, added(draft, choice_lines=lines))
    assert answer.status_code == 302, answer.context["errors"]
    made = Question.objects.get(survey=draft)
    assert answer["Location"] == f"/admin/surveys/survey/{draft.pk}/build/#q{made.pk}"
    labels = ["はい", "いいえ", "3.5時間"]
    assert list(made.choices.order_by("position", "pk").values_list("label", flat=True)) == labels
    # Once more with one that is new.
    path = f"/admin/surveys/question/{made.pk}/change/"
    more = {**added(draft, choice_lines="ハイ\nはい\nわからない"), "key": made.key}
    more |= rows(
        "choices",
        *(
            {"id": each.pk, "position": each.position, "code": each.code, "label": each.label}
            for each in made.choices.all()
        ),
        initial=3,
    )
    assert staff_client.post(path, {**more, **rows("conditions")}).status_code == 302
    assert set(made.choices.values_list("label", flat=True)) == {*labels, "ハイ", "わからない"}
    assert made.choices.count() == len(set(made.choices.values_list("code", flat=True))) == 5


def test_topics_of_a_grid(draft: Survey, staff_client: Client) -> None:
    data = added(draft, kind="grid", choice_lines="良\n否", topic_lines="窓口\n電話")
    assert staff_client.post(ADD, data).status_code == 302
    made = Question.objects.get(survey=draft)
    assert list(made.topics.order_by("position", "pk").values_list("label", "code")) == [
        ("窓口", "t1"),
        ("電話", "t2"),
    ]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"choice_lines": "はい\nはい"}, "「はい」が2回あります"),
        ({"choice_lines": "はい\n" + "長" * 101}, "2行目が長すぎます"),
        ({"choice_lines": "\n".join(map(str, range(101)))}, "100行まで"),
        ({"kind": "text", "choice_lines": "はい"}, "この形式の設問では使いません"),
        ({"topic_lines": "窓口"}, "この形式の設問では使いません"),
    ],
)
def test_what_cannot_be_pasted_is_said(
    draft: Survey, staff_client: Client, values: dict[str, Any], told: str
) -> None:
    answer = staff_client.post(ADD, added(draft, **values))
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert not Question.objects.exists()


def test_the_next_question_belongs_to_the_same_survey(draft: Survey, staff_client: Client) -> None:
    other = factories.survey(draft.council_year)
    section = Section.objects.create(survey=other, code="x", title="よその区分")
    answer = staff_client.post(ADD, added(draft, choice_lines="はい", _addanother="1"))
    assert answer["Location"] == f"{ADD}?survey={draft.pk}"
    page = staff_client.get(answer["Location"]).content.decode()
    assert "よその区分" not in page
    refused = staff_client.post(ADD, added(draft, section=section.pk))
    assert refused.status_code == 200


def test_nothing_is_pasted_once_answers_are_in(year: CouncilYear, staff_client: Client) -> None:
    survey = factories.survey(year)
    made = factories.question(survey, "はい", "いいえ")
    factories.submitted(factories.target(survey), made.choices.get(code="c1"))
    page = staff_client.get(f"/admin/surveys/question/{made.pk}/change/").content.decode()
    assert "choice_lines" not in page
    data = {**added(survey, choice_lines="ほか"), "key": made.key, **rows("conditions")}
    staff_client.post(f"/admin/surveys/question/{made.pk}/change/", data)
    assert made.choices.count() == 2
