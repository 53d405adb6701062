"""One screen makes a questionnaire: lines are choices, order and conditions hold, nothing typed is lost."""

import re
from typing import Any

import pytest
from django.test import Client

from surveys.models import Choice, Condition, DraftSection, Question, Scale, Survey
from surveys.running.lifecycle import flaws
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    return factories.survey(factories.council_year(), status="draft", opened_at=None)


def url(survey: Survey) -> str:
    return f"/admin/surveys/survey/{survey.pk}/build/"


def post(client: Client, survey: Survey, **data: Any) -> Any:
    given = {"disclosure": "staff", "is_required": "on", **data}
    return client.post(url(survey), {name.replace("__", "-"): value for name, value in given.items()})


def add(client: Client, survey: Survey, text: str, kind: str = "text", **data: Any) -> Question:
    response = post(client, survey, text=text, kind=kind, next="", **data)
    assert response.status_code == 302, response.context["form"].errors
    return Question.objects.get(survey=survey, text=text)


def labels(question: Question) -> list[str]:
    return list(question.choices.order_by("position").values_list("label", flat=True))


def test_a_new_survey_leads_to_its_questions(staff_client: Client) -> None:
    year = factories.council_year()
    parts = {
        f"{name}-{count}_FORMS": 0
        for name in ("sections", "questions", "files")
        for count in ("TOTAL", "INITIAL")
    }
    data = {"council_year": year.pk, "title": "新しいアンケート", "_save": "", **parts}
    response = staff_client.post("/admin/surveys/survey/add/", data)
    survey = Survey.objects.get()
    assert response["Location"] == url(survey)
    assert survey.key


def test_what_an_indicator_counts_is_marked(staff_client: Client, survey: Survey) -> None:
    question = factories.question(survey, "はい", "いいえ", key="a")
    factories.question(survey, "はい", "いいえ", key="b")
    indicator = factories.indicator(survey, *question.choices.all(), name="始めた割合")
    page = staff_client.get(url(survey)).content.decode()
    assert page.count(f"指標で使用中：{indicator.name}") == 1


def test_six_kinds_on_one_screen_without_a_code(staff_client: Client, survey: Survey) -> None:
    add(staff_client, survey, "利用していますか", "single", choice_lines="はい\r\nいいえ\n\n検討中")
    add(
        staff_client,
        survey,
        "業務",
        "multiple",
        choice_lines="税務\n福祉\nその他［内容も書く］\n該当なし［単独］",
        max_choices="2",
    )
    add(staff_client, survey, "課題")
    add(staff_client, survey, "職員数", "number", minimum="0", unit="人", choice_lines="残り\nの字")
    add(staff_client, survey, "開始日", "date", unit="人")
    add(staff_client, survey, "状況", "grid", choice_lines="済\n未", topic_lines="住民記録\n介護保険")
    questions = {question.text: question for question in survey.questions.all()}
    assert [question.key for question in survey.questions.order_by("position")] == [
        f"q{n}" for n in range(1, 7)
    ]
    assert labels(questions["利用していますか"]) == ["はい", "いいえ", "検討中"]
    assert questions["業務"].max_choices == 2
    assert list(questions["業務"].choices.values_list("asks_text", "is_exclusive"))[2:] == [
        (True, False),
        (False, True),
    ]
    assert questions["職員数"].unit == "人"
    # What another kind's box held is not kept.
    assert not labels(questions["職員数"])
    assert questions["開始日"].unit == ""
    assert [topic.label for topic in questions["状況"].topics.all()] == ["住民記録", "介護保険"]
    assert flaws(survey) == []


def test_the_next_question_starts_like_the_last(staff_client: Client, survey: Survey) -> None:
    response = post(
        staff_client, survey, text="一", kind="single", choice_lines="a\nb", next="", disclosure="public"
    )
    page = staff_client.get(response["Location"].partition("#")[0])
    form = page.context["form"]
    assert (form["kind"].value(), form["disclosure"].value(), form["text"].value()) == (
        "single",
        "public",
        "",
    )
    assert "「一」を保存しました" in page.content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "single", "choice_lines": "はい"}, "選択肢を2つ以上"),
        ({"kind": "single", "choice_lines": "はい\nいいえ\n　いいえ　"}, "「いいえ」が2回あります"),
        ({"kind": "single", "choice_lines": "はい\nはい［単独］"}, "「はい」が2回あります"),
        ({"kind": "grid", "choice_lines": "済\n未"}, "表の項目を1つ以上"),
        (
            {"kind": "grid", "choice_lines": "済\n他［内容も書く］", "topic_lines": "税"},
            "［内容も書く］を使えません",
        ),
        ({"kind": "multiple", "choice_lines": "a\nb", "min_choices": "3"}, "選択肢は2つです"),
        ({"kind": "number", "minimum": "9", "maximum": "1"}, "最大は、最小以上"),
        ({"kind": "text", "key": "taken"}, "設問「前の問」が使っています"),
        ({"kind": "text", "key": "日本語"}, "半角"),
        ({"kind": ""}, "このフィールドは必須です"),
    ],
)
def test_bad_input_is_said_and_kept(
    staff_client: Client, survey: Survey, data: dict[str, str], words: str
) -> None:
    factories.question(survey, key="taken", kind="text", text="前の問")
    response = post(staff_client, survey, text="打った設問文", save="", **data)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert "打った設問文" in page
    assert survey.questions.count() == 1


def test_lines_keep_the_choices_they_name(staff_client: Client, survey: Survey) -> None:
    question = add(staff_client, survey, "状況", "single", choice_lines="導入済み\n導入予定\n予定なし")
    before = {choice.label: (choice.pk, choice.code) for choice in question.choices.all()}
    edit = {"edit": str(question.pk), "text": "状況", "kind": "single", "save": ""}
    # Another order and one more; then one reworded.
    post(staff_client, survey, **edit, choice_lines="予定なし\n導入済み\n検討中\n導入予定")
    assert labels(question) == ["予定なし", "導入済み", "検討中", "導入予定"]
    post(staff_client, survey, **edit, choice_lines="導入の予定なし\n導入済み\n検討中\n導入予定")
    after = {choice.label: (choice.pk, choice.code) for choice in question.choices.all()}
    assert after["導入済み"] == before["導入済み"]
    assert after["導入の予定なし"] == before["予定なし"]
    page = staff_client.get(f"{url(survey)}?edit={question.pk}")
    assert page.context["form"]["choice_lines"].value() == "導入の予定なし\n導入済み\n検討中\n導入予定"


def test_a_choice_that_is_used_stays(staff_client: Client, survey: Survey) -> None:
    question = factories.question(survey, "導入済み", "導入予定", "予定なし", text="状況")
    follow = factories.question(survey, kind="text", text="理由")
    Condition.objects.create(question=follow, choice=question.choices.get(label="導入予定"))
    factories.indicator(survey, question.choices.get(label="導入済み"), name="導入率")
    edit = {"edit": str(question.pk), "text": "状況", "kind": "single", "save": ""}
    page = post(staff_client, survey, **edit, choice_lines="導入済み\n予定なし").content.decode()
    assert "設問「理由」の尋ねる条件で使っているため" in page
    page = post(staff_client, survey, **edit, choice_lines="導入予定\n予定なし").content.decode()
    assert "指標「導入率」" in page
    page = staff_client.post(url(survey), {"removed": question.pk}, follow=True).content.decode()
    assert "使っているため、消せません" in page
    assert labels(question) == ["導入済み", "導入予定", "予定なし"]


def test_no_question_comes_before_what_it_depends_on(staff_client: Client, survey: Survey) -> None:
    first = factories.question(survey, "はい", "いいえ", text="導入済みですか")
    second = factories.question(survey, kind="text", text="課題")
    third = factories.question(survey, kind="number", text="人数")
    Condition.objects.create(question=third, choice=first.choices.first())
    assert staff_client.post(url(survey), {"up": third.pk}).status_code == 302
    page = staff_client.post(url(survey), {"up": third.pk}, follow=True).content.decode()
    assert "設問「人数」は、設問「導入済みですか」の回答によって尋ねます" in page
    order = list(Question.objects.filter(survey=survey).in_order())
    assert order == [first, third, second]
    edit = {"edit": str(first.pk), "text": "導入済みですか", "kind": "single", "choice_lines": "はい\nいいえ"}
    own = [first.choices.first().pk]
    assert post(staff_client, survey, **edit, conditions=own).status_code == 422


def test_buttons_save_what_is_typed_first(staff_client: Client, survey: Survey) -> None:
    one = factories.question(survey, kind="text", text="一")
    two = factories.question(survey, kind="text", text="二")
    post(staff_client, survey, edit=str(one.pk), text="一（改）", kind="text", up=str(two.pk))
    assert [question.text for question in Question.objects.filter(survey=survey).in_order()] == [
        "二",
        "一（改）",
    ]
    # What is typed wrongly holds the button back.
    response = post(staff_client, survey, edit=str(one.pk), text="", kind="text", up=str(one.pk))
    assert response.status_code == 422
    assert [question.text for question in Question.objects.filter(survey=survey).in_order()] == [
        "二",
        "一（改）",
    ]
    # An empty new question is none.
    assert post(staff_client, survey, text="", kind="text", go__edit=str(two.pk)).status_code == 302
    assert survey.questions.count() == 2


def test_conditions_are_ticked_below_their_question(staff_client: Client, survey: Survey) -> None:
    first = factories.question(survey, "はい", "いいえ", text="導入済みですか")
    yes, no = first.choices.order_by("position")
    follow = add(staff_client, survey, "いつですか", "date", conditions=[yes.pk])
    assert [condition.choice for condition in follow.conditions.all()] == [yes]
    page = staff_client.get(url(survey)).content.decode()
    assert "「導入済みですか」で「はい」を選んだ場合だけ" in page
    post(staff_client, survey, edit=str(follow.pk), text="いつですか", kind="date", conditions=[no.pk])
    assert [condition.choice for condition in follow.conditions.all()] == [no]


def test_a_section_is_made_with_its_question(staff_client: Client, survey: Survey) -> None:
    question = add(staff_client, survey, "計画", new_section="第1部 計画")
    assert question.section
    assert (question.section.title, question.section.code) == ("第1部 計画", "s1")
    form = staff_client.get(url(survey)).context["form"]
    assert form["section"].value() == question.section.pk


def test_a_scale_gives_its_choices(staff_client: Client, survey: Survey) -> None:
    scale = Scale.objects.create(name="進捗")
    for code, label in (("much", "かなり進んだ"), ("none", "進まなかった")):
        scale.choices.create(code=code, label=label)
    question = add(staff_client, survey, "進みましたか", "single", scale=scale.pk)
    assert list(question.choices.values_list("code", "label")) == [
        ("much", "かなり進んだ"),
        ("none", "進まなかった"),
    ]


def test_a_second_click_adds_nothing(staff_client: Client, survey: Survey) -> None:
    sent = {"text": "氏名", "kind": "line", "next": ""}
    known = staff_client.get(url(survey)).context["known"]
    post(staff_client, survey, **sent, known=known)
    assert post(staff_client, survey, **sent, known=known).status_code == 302
    assert survey.questions.count() == 1
    # Asked for once more on purpose, on a page that shows the first.
    post(staff_client, survey, **sent, known=1)
    assert survey.questions.count() == 2


def test_two_editors_lose_nothing(staff_client: Client, survey: Survey) -> None:
    question = add(staff_client, survey, "元の文", "single", choice_lines="a\nb")
    page = staff_client.get(f"{url(survey)}?edit={question.pk}")
    seen = page.context["form"]["seen"].value()
    edit = {"edit": str(question.pk), "kind": "single", "save": ""}
    post(staff_client, survey, **edit, text="相手の文", choice_lines="a\nb\nc")
    response = post(staff_client, survey, **edit, text="私の文", choice_lines="a\nb", seen=seen)
    assert response.status_code == 422
    assert "ほかの人が「相手の文」に変えました" in response.content.decode()
    question.refresh_from_db()
    assert (question.text, labels(question)) == ("相手の文", ["a", "b", "c"])
    # What only the other changed is taken.
    response = post(staff_client, survey, **edit, text="元の文", choice_lines="a\nb", help="補足", seen=seen)
    assert response.status_code == 302
    question.refresh_from_db()
    assert (question.text, question.help, labels(question)) == ("相手の文", "補足", ["a", "b", "c"])


def test_a_question_that_is_gone_is_said(staff_client: Client, survey: Survey) -> None:
    page = staff_client.post(url(survey), {"up": "999"}, follow=True).content.decode()
    assert "この設問はもうありません" in page
    assert staff_client.get(f"{url(survey)}?edit=999").status_code == 200


def test_removing_is_asked_and_says_what_went(staff_client: Client, survey: Survey) -> None:
    question = factories.question(survey, "a", "b", text="消す設問")
    page = staff_client.get(f"{url(survey)}?remove={question.pk}").content.decode()
    assert "元に戻せません" in page
    assert Question.objects.exists()
    page = staff_client.post(url(survey), {"removed": question.pk}, follow=True).content.decode()
    assert "設問「消す設問」を消しました" in page
    assert not Question.objects.exists()


def test_once_somebody_answers_only_words_change(staff_client: Client, survey: Survey) -> None:
    question = factories.question(survey, "a", "b", text="設問")
    DraftSection.objects.create(target=factories.target(survey), section="main", values={"q-x": "1"})
    page = staff_client.get(url(survey)).content.decode()
    assert "問1の文言を訂正する" in page
    assert 'name="text"' not in page
    page = post(staff_client, survey, text="新しい", kind="text", save="")
    assert "回答が入り始めたため" in page.content.decode() or page.status_code == 302
    staff_client.post(url(survey), {"removed": question.pk})
    assert [each.text for each in Question.objects.all()] == ["設問"]


def test_what_is_shown_is_what_is_answered(staff_client: Client, survey: Survey) -> None:
    factories.question(survey, "はい", "いいえ", text="導入済みですか", is_required=True)
    page = staff_client.get(url(survey)).content.decode()
    preview = page[page.index("builder-preview") :]
    assert re.search(r"導入済みですか.*必須.*はい.*いいえ", preview, re.DOTALL)
    assert '<fieldset class="builder-preview" disabled>' in page


def test_queries_do_not_grow_with_questions(
    staff_client: Client, survey: Survey, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        factories.question(survey, "a", "b")
    with django_assert_max_num_queries(60) as few:
        staff_client.get(url(survey))
    count = len(few)
    for _ in range(9):
        factories.question(survey, "a", "b")
    with django_assert_max_num_queries(count):
        staff_client.get(url(survey))


def test_who_may_not_change_questions_does_not_build(survey: Survey) -> None:
    assert Client().get(url(survey)).status_code == 302
    assert not Choice.objects.exists()
