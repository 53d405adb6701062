"""The municipality's way: open the link, write, check, submit, keep the receipt."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from surveys.models import Answer, Question, Submission, Survey, SurveyTarget, Topic
from surveys.opening import issue_links
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    survey = factories.survey(factories.council_year())
    factories.question(survey, "はい", "いいえ", key="one", text="始めていますか")
    factories.question(survey, "A", "B", "C", key="many", kind="multiple", is_required=False)
    grid = factories.question(survey, "進んだ", "変わらない", key="grid", kind="grid", text="進み具合")
    for code in ("t1", "t2"):
        Topic.objects.create(question=grid, code=code, label=f"項目{code}")
    factories.question(survey, key="note", kind="text", is_required=False)
    factories.question(survey, key="count", kind="number", is_required=False)
    return survey


@pytest.fixture
def target(survey: Survey) -> SurveyTarget:
    return factories.target(survey, organization=factories.organization(name="試験町"))


@pytest.fixture
def client(target: SurveyTarget) -> Client:
    """A browser that has opened the target's link."""
    client = Client()
    (link,) = issue_links([target])
    response = client.get(f"/answer/open/{link.token}/")
    assert response["Location"] == f"/answer/{target.anchor}/"
    return client


FULL: dict[str, Any] = {
    "version": "0",
    "q-one": "c1",
    "q-many": ["c1", "c3"],
    "q-grid.t1": "c1",
    "q-grid.t2": "c2",
    "q-note": "髙﨑𠮷 😀 ①\r\n=1+1",
    "q-count": "１，２３４．５",
    "respondent_department": "総務課",
    "respondent_name": "試験 花子",
}


def url(target: SurveyTarget, page: str = "") -> str:
    return f"/answer/{target.anchor}/{page}"


def submit(client: Client, target: SurveyTarget) -> Any:
    version = Submission.objects.get(target=target).version
    return client.post(url(target, "check/"), {"version": version})


def answers(target: SurveyTarget) -> set[tuple[str, str]]:
    return {
        (answer.question.key, answer.value) for answer in Answer.objects.filter(submission__target=target)
    }


def test_from_link_to_receipt(client: Client, target: SurveyTarget) -> None:
    page = client.get(url(target)).content.decode()
    assert "試験町" in page
    assert "年" in page
    assert client.post(url(target, "edit/"), FULL)["Location"] == url(target, "check/")
    assert Submission.objects.get().submitted_at is None
    assert "まだ提出していません" in client.get(url(target, "check/")).content.decode()
    assert submit(client, target)["Location"] == url(target, "receipt/")
    receipt = client.get(url(target, "receipt/")).content.decode()
    assert target.receipt_number in receipt
    assert "髙﨑𠮷 😀 ①" in receipt
    assert answers(target) == {
        ("one", "はい"),
        ("many", "A"),
        ("many", "C"),
        ("grid", "項目t1：進んだ"),
        ("grid", "項目t2：変わらない"),
        ("note", "髙﨑𠮷 😀 ①\n=1+1"),
        ("count", "1234.5"),
    }


def test_a_second_submit_changes_nothing(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "edit/"), FULL)
    submit(client, target)
    before = Submission.objects.get().submitted_at
    assert submit(client, target)["Location"] == url(target, "receipt/")
    assert Submission.objects.get().submitted_at == before

    for response in (
        client.get(url(target, "edit/")),
        client.post(url(target, "edit/"), {**FULL, "q-one": "c2"}),
    ):
        assert response.status_code == 409
        assert "もう一度提出する必要はありません" in response.content.decode()
    assert ("one", "はい") in answers(target)


def test_opening_a_link_writes_nothing(target: SurveyTarget, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    (link,) = issue_links([target])
    scanner = Client()
    with django_assert_max_num_queries(1) as queries:
        scanner.get(f"/answer/open/{link.token}/")
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)
    assert not Submission.objects.exists()


@pytest.mark.parametrize("token", ["x", "a" * 43, "あ", "../../admin"])
def test_a_wrong_token_says_what_to_do(token: str) -> None:
    response = Client().get(f"/answer/open/{token}/")
    assert response.status_code == 404
    if "/" not in token:
        assert "リンクの再発行" in response.content.decode()


def test_nobody_else_gets_in(client: Client, survey: Survey, target: SurveyTarget) -> None:
    other = factories.target(survey)
    for page in ("", "edit/", "check/", "receipt/"):
        for visitor, place in ((Client(), target), (client, other)):
            response = visitor.get(url(place, page))
            assert response.status_code == 403
            assert place.organization.name not in response.content.decode()
    assert Client().get("/answer/nothere/").status_code == 403


def test_the_cookie_of_one_answer_does_not_open_another(
    client: Client, survey: Survey, target: SurveyTarget
) -> None:
    other = factories.target(survey)
    issue_links([other])
    morsel = client.cookies[f"access-{target.anchor}"]
    assert morsel["path"] == url(target)
    assert morsel["httponly"]
    thief = Client()
    thief.cookies[f"access-{other.anchor}"] = morsel.value
    assert thief.get(url(other)).status_code == 403


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"q-one": ""}, "1つ選んでください"),
        ({"q-one": "c9"}, "この設問にない選択肢です"),
        ({"q-many": ["c1", "zz"]}, "この設問にない選択肢です"),
        ({"q-grid.t2": ""}, "1つ選んでください"),
        ({"q-count": "たくさん"}, "数で入力してください"),
        ({"q-count": "1e400"}, ""),
        ({"q-note": "x" * 4001}, "4000"),
        ({"respondent_name": ""}, "氏名を入力してください"),
    ],
)
def test_bad_input_is_explained_and_nothing_is_saved(
    client: Client, target: SurveyTarget, change: dict[str, Any], reason: str
) -> None:
    response = client.post(url(target, "edit/"), {**FULL, **change})
    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>エラー：" in page
    assert reason in page
    assert not Submission.objects.exists()
    # What was typed is still there.
    assert "総務課" in page
    # Each line of the summary leads to a control that exists.
    summary = page[page.index("error-summary") : page.index("</ul>", page.index("error-summary"))]
    links = re.findall(r'href="#([^"]+)"', summary)
    assert links
    assert all(f'id="{link}"' in page for link in links)


def test_what_nobody_sees_is_dropped(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "edit/"), {**FULL, "q-note": "前\x00後\x0b\t続き"})
    assert ("note", "前後\t続き") in answers(target)


def test_a_draft_may_have_gaps_but_cannot_be_submitted(client: Client, target: SurveyTarget) -> None:
    partial = {"version": "0", "q-many": ["c2"], "keep": ""}
    assert client.post(url(target, "edit/"), partial)["Location"] == url(target)
    assert answers(target) == {("many", "B")}
    assert client.get(url(target, "check/"))["Location"] == url(target, "edit/?incomplete")
    response = submit(client, target)
    assert response["Location"] == url(target, "edit/?incomplete")
    page = client.get(response["Location"]).content.decode()
    assert "始めていますか：1つ選んでください" in page
    assert "進み具合：項目t1：1つ選んでください" in page
    assert not Submission.objects.get().is_submitted


def test_two_people_on_one_answer_see_each_other(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "edit/"), FULL)
    mine = {**FULL, "q-one": "c2", "q-note": "別の課の意見"}
    response = client.post(url(target, "edit/"), mine)
    page = response.content.decode()
    assert response.status_code == 422
    assert "別の画面から回答が保存されました" in page
    assert "先に保存された回答：はい" in page
    assert "別の課の意見" in page
    assert ("one", "はい") in answers(target)
    # Saving again, now knowing, goes through.
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    assert client.post(url(target, "edit/"), {**mine, "version": version[1]}).status_code == 302
    assert ("one", "いいえ") in answers(target)


def test_what_was_checked_is_what_is_submitted(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "edit/"), FULL)
    stale = Submission.objects.get().version
    client.post(url(target, "edit/"), {**FULL, "version": str(stale), "q-one": "c2"})
    response = client.post(url(target, "check/"), {"version": stale})
    assert response.status_code == 409
    assert "回答が変わっています" in response.content.decode()
    assert not Submission.objects.get().is_submitted
    assert submit(client, target).status_code == 302


@pytest.mark.parametrize(("seconds", "status"), [(5, 302), (0, 403), (-1, 403)])
def test_the_deadline_holds_on_every_write(
    client: Client, target: SurveyTarget, seconds: int, status: int
) -> None:
    client.post(url(target, "edit/"), FULL)
    Survey.objects.update(closes_at=timezone.now() + timedelta(seconds=seconds))
    again = {**FULL, "version": "1"}
    assert client.post(url(target, "edit/"), again).status_code == status
    assert client.post(url(target, "edit/"), {**again, "version": "2", "keep": ""}).status_code == status
    assert submit(client, target).status_code == status
    assert Submission.objects.get().is_submitted == (status == 302)


def test_a_closed_survey_says_so(client: Client, target: SurveyTarget) -> None:
    Survey.objects.update(status="closed")
    for page in ("", "edit/", "check/"):
        assert "受付は終了しました" in client.get(url(target, page)).content.decode()
    assert "受付は終了しました" in client.post(url(target, "edit/"), FULL).content.decode()


def test_a_lost_cookie_keeps_what_was_typed(client: Client, target: SurveyTarget) -> None:
    client.cookies.clear()
    response = client.post(url(target, "edit/"), FULL)
    page = response.content.decode()
    assert response.status_code == 403
    assert "入力した内容は残っています" in page
    fields = re.findall(r'<textarea name="([^"]+)" readonly hidden>\n(.*?)</textarea>', page, re.S)
    (link,) = issue_links([SurveyTarget.objects.get(pk=target.pk)])
    client.get(f"/answer/open/{link.token}/")
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    assert client.post(url(target, "edit/"), data)["Location"] == url(target, "check/")
    assert ("many", "C") in answers(target)


def test_after_submission_the_indicator_moves(client: Client, survey: Survey, target: SurveyTarget) -> None:
    from surveys.tally import tally_indicators

    yes = Question.objects.get(key="one").choices.get(code="c1")
    indicator = factories.indicator(survey, yes)
    client.post(url(target, "edit/"), FULL)
    assert tally_indicators([indicator])[0].count == 0
    submit(client, target)
    assert tally_indicators([indicator])[0].share_text == "100%（1市町中1市町）"


def test_a_form_groups_its_choices(client: Client, target: SurveyTarget) -> None:
    page = client.get(url(target, "edit/")).content.decode()
    # Single, multiple, the grid and its two topics.
    assert page.count("<fieldset") == page.count("<legend") == 5
    ids = set(re.findall(r' id="([^"]+)"', page))
    for described in re.findall(r'aria-describedby="([^"]+)"', page):
        assert set(described.split()) <= ids
    labels = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    assert labels <= ids
    assert "※必須" in page
    assert "※任意" in page


def test_pages_do_not_query_per_question(
    client: Client,
    survey: Survey,
    target: SurveyTarget,
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    for _ in range(20):
        factories.question(survey, "A", "B")
    with django_assert_max_num_queries(6):
        client.get(url(target, "edit/"))
    assert Question.objects.aggregate(n=Count("pk"))["n"] == 25


def test_answering_pages_are_not_cached(client: Client, target: SurveyTarget) -> None:
    response = client.get(url(target))
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "same-origin"
