"""The municipality's way: open the link, write, check, submit, keep the receipt."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from surveys.models import Answer, DraftSection, Question, Submission, Survey, SurveyTarget, Topic
from surveys.running.lifecycle import issue_links
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
    factories.question(survey, key="count", kind="number", is_required=False, decimals=1)
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
    page = client.get(url(target, "check/")).content.decode()
    state = re.search(r'name="state" value="([^"]+)"', page)
    return client.post(url(target, "check/"), {"state": state[1] if state else ""})


def seen(client: Client, target: SurveyTarget) -> str:
    """What the page shows of each field, as its hidden field says."""
    page = client.get(url(target, "sections/main/")).content.decode()
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found
    return found[1]


def drafted(target: SurveyTarget) -> dict[str, Any]:
    return DraftSection.objects.get(target=target, section="main").values


def answers(target: SurveyTarget) -> set[tuple[str, str]]:
    return {
        (answer.question.key, answer.value) for answer in Answer.objects.filter(submission__target=target)
    }


def test_from_link_to_receipt(client: Client, target: SurveyTarget) -> None:
    page = client.get(url(target)).content.decode()
    assert "試験町" in page
    assert "年" in page
    assert client.post(url(target, "sections/main/"), FULL)["Location"] == url(target, "check/")
    assert not Submission.objects.exists()
    assert "まだ提出していません" in client.get(url(target, "check/")).content.decode()
    assert submit(client, target)["Location"] == url(target, "receipt/")
    receipt = client.get(url(target, "receipt/")).content.decode()
    assert target.receipt_number in receipt
    assert "髙﨑𠮷 😀 ①" in receipt
    assert "総務課 試験 花子" in receipt
    assert Submission.objects.get().content_hash in receipt
    assert answers(target) == {
        ("one", "はい"),
        ("many", "A"),
        ("many", "C"),
        ("grid", "項目t1：進んだ"),
        ("grid", "項目t2：変わらない"),
        ("note", "髙﨑𠮷 😀 ①\n=1+1"),
        ("count", "1,234.5"),
    }


def test_a_second_click_changes_nothing(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "sections/main/"), FULL)
    page = client.get(url(target, "check/")).content.decode()
    state = re.search(r'name="state" value="([^"]+)"', page)
    assert state
    first, second = (client.post(url(target, "check/"), {"state": state[1]}) for _ in range(2))
    assert first["Location"] == second["Location"] == url(target, "receipt/")
    submission = Submission.objects.get()
    assert submission.revision == submission.revisions.count() == 1


def test_an_answer_stays_in_force_until_it_is_handed_in_again(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "sections/main/"), FULL)
    submit(client, target)
    changed = {**FULL, "q-one": "c2", "seen": seen(client, target)}
    assert client.post(url(target, "sections/main/"), changed).status_code == 302
    assert ("one", "はい") in answers(target)
    overview = client.get(url(target)).content.decode()
    assert "提出し直すまでは" in overview
    assert submit(client, target)["Location"] == url(target, "receipt/")
    assert ("one", "いいえ") in answers(target)
    assert "第2回" in client.get(url(target, "receipt/")).content.decode()
    first, second = Submission.objects.get().revisions.order_by("number")
    assert (first.content["q-one"], second.content["q-one"]) == ("c1", "c2")


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
    for page in ("", "sections/main/", "check/", "receipt/"):
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
        ({"q-one": "c9"}, "1つ選んでください"),
        ({"q-grid.t2": ""}, "1つ選んでください"),
        ({"q-count": "たくさん"}, "数で入力してください"),
        ({"q-count": "1e400"}, ""),
        ({"q-note": "x" * 4001}, "4000"),
        ({"respondent_name": ""}, "氏名を入力してください"),
    ],
)
def test_bad_input_is_explained_and_kept(
    client: Client, target: SurveyTarget, change: dict[str, Any], reason: str
) -> None:
    response = client.post(url(target, "sections/main/"), {**FULL, **change})
    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>エラー：" in page
    assert reason in page
    assert not Submission.objects.exists()
    # What was typed is still there, on the page and on the next visit from another desk.
    assert "総務課" in page
    assert drafted(target)["respondent_department"] == "総務課"
    # Each line of the summary leads to a control that exists.
    summary = page[page.index("error-summary") : page.index("</ul>", page.index("error-summary"))]
    links = re.findall(r'href="#([^"]+)"', summary)
    assert links
    assert all(f'id="{link}"' in page for link in links)
    # It cannot be handed in, whatever is posted.
    assert submit(client, target).status_code == 422
    assert not Submission.objects.exists()


@pytest.mark.parametrize("change", [{"q-one": "c9"}, {"q-many": ["c1", "zz"]}])
def test_an_unknown_choice_is_never_stored(
    client: Client, target: SurveyTarget, change: dict[str, Any]
) -> None:
    client.post(url(target, "sections/main/"), {**FULL, **change})
    assert "c9" not in str(drafted(target))
    assert "zz" not in str(drafted(target))


def test_a_megabyte_of_text_is_refused_but_not_lost(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "sections/main/"), FULL)
    monster = "長" * 350_000
    again = {**FULL, "q-note": monster, "seen": seen(client, target)}
    response = client.post(url(target, "sections/main/"), again)
    assert response.status_code == 422
    assert "4000文字以内" in response.content.decode()
    assert monster in response.content.decode()
    assert drafted(target)["q-note"] == "髙﨑𠮷 😀 ①\n=1+1"


def test_what_nobody_sees_is_dropped(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "sections/main/"), {**FULL, "q-note": "前\x00後\x0b\t続き\ufffe"})
    submit(client, target)
    assert ("note", "前後\n\t続き") in answers(target)


def test_a_draft_may_have_gaps_but_cannot_be_submitted(client: Client, target: SurveyTarget) -> None:
    partial = {"q-many": ["c2"], "leave": "1"}
    assert client.post(url(target, "sections/main/"), partial)["Location"] == url(target)
    assert drafted(target) == {"q-many": ["c2"]}
    page = client.get(url(target, "check/")).content.decode()
    assert "始めていますか：1つ選んでください" in page
    assert "進み具合：項目t1：1つ選んでください" in page
    response = submit(client, target)
    assert response.status_code == 422
    assert "まだ提出できません" in response.content.decode()
    assert not Submission.objects.exists()
    # The link of each gap leads to the page that then marks it.
    marked = client.get(url(target, "sections/main/?check")).content.decode()
    assert 'id="field-q-grid.t1" class="field field--error"' in marked


def test_two_desks_on_different_questions_lose_nothing(client: Client, target: SurveyTarget) -> None:
    opened = seen(client, target)
    client.post(url(target, "sections/main/"), {"q-one": "c1", "seen": opened, "leave": "1"})
    response = client.post(
        url(target, "sections/main/"), {"q-note": "別の課の意見", "seen": opened, "leave": "1"}
    )
    assert response["Location"] == url(target)
    assert drafted(target) == {"q-one": "c1", "q-note": "別の課の意見"}


def test_two_desks_on_the_same_question_see_each_other(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "sections/main/"), FULL)
    opened = seen(client, target)
    client.post(url(target, "sections/main/"), {**FULL, "q-note": "総務課の意見", "seen": opened})
    mine = {**FULL, "q-one": "c2", "q-note": "別の課の意見", "seen": opened}
    response = client.post(url(target, "sections/main/"), mine)
    page = response.content.decode()
    assert response.status_code == 409
    assert "別の画面から違う回答が保存されました" in page
    assert "先に保存された回答（総務課 試験 花子、" in page
    assert "：総務課の意見" in page
    assert "別の課の意見" in page
    assert drafted(target)["q-note"] == "総務課の意見"
    # What nobody else touched is saved.
    assert drafted(target)["q-one"] == "c2"
    # Saving again, now knowing, goes through.
    now = re.search(r'name="seen" value="([^"]+)"', page)
    assert now
    assert client.post(url(target, "sections/main/"), {**mine, "seen": now[1]}).status_code == 302
    assert drafted(target)["q-note"] == "別の課の意見"


def test_what_was_checked_is_what_is_submitted(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "sections/main/"), FULL)
    page = client.get(url(target, "check/")).content.decode()
    state = re.search(r'name="state" value="([^"]+)"', page)
    assert state
    client.post(url(target, "sections/main/"), {**FULL, "q-one": "c2", "seen": seen(client, target)})
    response = client.post(url(target, "check/"), {"state": state[1]})
    assert response.status_code == 409
    assert "回答が変わっています" in response.content.decode()
    assert not Submission.objects.exists()
    assert submit(client, target).status_code == 302


@pytest.mark.parametrize(("seconds", "status"), [(5, 302), (0, 403), (-1, 403)])
def test_the_deadline_holds_on_every_write(
    client: Client, target: SurveyTarget, seconds: int, status: int
) -> None:
    client.post(url(target, "sections/main/"), FULL)
    opened = seen(client, target)
    page = client.get(url(target, "check/")).content.decode()
    state = re.search(r'name="state" value="([^"]+)"', page)
    assert state
    Survey.objects.update(closes_at=timezone.now() + timedelta(seconds=seconds))
    again = {**FULL, "seen": opened}
    for extra in ({}, {"leave": "1"}, {"take": "q-one"}):
        assert client.post(url(target, "sections/main/"), {**again, **extra}).status_code == status
    saved = client.post(url(target, "sections/main/"), {**again, "autosave": "1"}).status_code
    assert saved == (200 if status == 302 else 403)
    assert client.post(url(target, "check/"), {"state": state[1]}).status_code == status
    assert Submission.objects.exists() == (status == 302)


def test_a_closed_survey_says_so_and_shows_what_was_typed(client: Client, target: SurveyTarget) -> None:
    Survey.objects.update(status="closed")
    for page in ("", "sections/main/", "check/"):
        assert "受付は終了しました" in client.get(url(target, page)).content.decode()
    page = client.post(url(target, "sections/main/"), FULL).content.decode()
    assert "受付は終了しました" in page
    assert "髙﨑𠮷 😀 ①" in page[page.index("<main") :]


def test_an_extension_granted_meanwhile_counts(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "sections/main/"), FULL)
    Survey.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    assert submit(client, target).status_code == 403
    SurveyTarget.objects.update(
        extended_to=timezone.now() + timedelta(hours=1), extension_reason="災害対応のため"
    )
    assert submit(client, target)["Location"] == url(target, "receipt/")


def test_an_excluded_body_is_told_and_cannot_answer(client: Client, target: SurveyTarget) -> None:
    SurveyTarget.objects.update(is_excluded=True, in_base=False, exclusion_reason="合併")
    assert client.get(url(target)).status_code == 403
    assert client.post(url(target, "sections/main/"), FULL).status_code == 403
    assert not DraftSection.objects.exists()


def test_a_lost_cookie_keeps_what_was_typed(client: Client, target: SurveyTarget) -> None:
    client.cookies.clear()
    response = client.post(url(target, "sections/main/"), FULL)
    page = response.content.decode()
    assert response.status_code == 403
    assert "入力した内容は残っています" in page
    fields = re.findall(r'<textarea name="([^"]+)" readonly hidden>\n(.*?)</textarea>', page, re.S)
    (link,) = issue_links([SurveyTarget.objects.get(pk=target.pk)])
    client.get(f"/answer/open/{link.token}/")
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    assert client.post(url(target, "sections/main/"), data)["Location"] == url(target, "check/")
    assert drafted(target)["q-many"] == ["c1", "c3"]


def test_after_submission_the_indicator_moves(client: Client, survey: Survey, target: SurveyTarget) -> None:
    from surveys.results.indicator_tallies import tally_indicators

    yes = Question.objects.get(key="one").choices.get(code="c1")
    indicator = factories.indicator(survey, yes)
    client.post(url(target, "sections/main/"), FULL)
    assert tally_indicators([indicator])[0].count == 0
    submit(client, target)
    assert tally_indicators([indicator])[0].share_text == "100%（1市町中1市町）"


def test_a_form_groups_its_choices(client: Client, target: SurveyTarget) -> None:
    page = client.get(url(target, "sections/main/")).content.decode()
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
    with django_assert_max_num_queries(9):
        client.get(url(target, "sections/main/"))
    assert Question.objects.aggregate(n=Count("pk"))["n"] == 25


def test_answering_pages_are_not_cached(client: Client, target: SurveyTarget) -> None:
    response = client.get(url(target))
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "same-origin"


def test_autosave_does_not_overwrite_what_the_page_never_showed(client: Client, target: SurveyTarget) -> None:
    opened = seen(client, target)
    path = url(target, "sections/main/")
    client.post(path, {"q-note": "別の課の意見", "seen": opened, "leave": "1"})
    mine = {"q-one": "c1", "q-note": "", "autosave": "1"}
    told = client.post(path, {**mine, "seen": opened}).json()
    client.post(path, {**mine, "q-one": "c2", "seen": told["seen"]})
    assert drafted(target) == {"q-one": "c2", "q-note": "別の課の意見"}


def test_autosave_does_not_claim_to_have_kept_what_is_too_long(client: Client, target: SurveyTarget) -> None:
    response = client.post(url(target, "sections/main/"), {"q-note": "長" * 20_001, "autosave": "1"})
    assert response.status_code == 409


def test_what_nobody_sees_is_dropped_from_the_name_too(client: Client, target: SurveyTarget) -> None:
    client.post(url(target, "sections/main/"), {"saved_by": "税務課\x00", "leave": "1"})
    assert DraftSection.objects.get().saved_by == "税務課"


def test_a_late_answer_is_shown_whole(client: Client, target: SurveyTarget) -> None:
    Survey.objects.update(status="closed")
    page = client.post(url(target, "sections/main/"), FULL).content.decode()
    assert "試験 花子" in page[page.index("<main") :]


def test_a_shared_desktop_can_be_left(client: Client, target: SurveyTarget) -> None:
    assert "この端末での回答を終わる" in client.get(url(target)).content.decode()
    assert client.get(url(target) + "leave/").status_code == 405
    page = client.post(url(target) + "leave/").content.decode()
    assert "回答の画面を閉じました" in page
    for path in ("", "sections/main/", "receipt/"):
        assert client.get(url(target) + path).status_code == 403
