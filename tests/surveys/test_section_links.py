"""A section handed to a colleague: a link that shows it alone, and ends with the answer's own."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from surveys.models import (
    Condition,
    DraftSection,
    Question,
    Section,
    SectionLink,
    Submission,
    Survey,
    SurveyTarget,
)
from surveys.running.lifecycle import issue_links
from tests import factories
from tests.surveys.test_answering import submit, url

pytestmark = pytest.mark.django_db
SECRET = "12,345千円の未公表予算"


@pytest.fixture
def survey() -> Survey:
    survey = factories.survey(factories.council_year(), title="防災アンケート")
    first = Section.objects.create(survey=survey, code="plan", title="第1部 計画")
    third = Section.objects.create(survey=survey, code="bousai", title="第3部 防災")
    one = factories.question(
        survey, "はい", "いいえ", key="has", text="計画を策定していますか", section=first
    )
    factories.question(survey, key="budget", kind="text", section=first, is_required=False)
    factories.question(survey, key="staff", kind="number", text="職員数", section=third)
    when = factories.question(survey, key="when", kind="line", text="策定の年", section=third)
    Condition.objects.create(question=when, choice=one.choices.get(code="c1"))
    return survey


@pytest.fixture
def target(survey: Survey) -> SurveyTarget:
    return factories.target(survey, organization=factories.organization(name="青葉市"))


@pytest.fixture
def body(target: SurveyTarget) -> Client:
    """A browser that has opened the answer's own link."""
    client = Client()
    (link,) = issue_links([target])
    client.get(f"/answer/open/{link.token}/")
    return client


def make(body: Client, target: SurveyTarget, **values: str) -> tuple[Client, SectionLink]:
    """A colleague's browser that has opened a fresh link to a section."""
    page = body.get(url(target, "links/"))
    sent = {"section": "bousai", "recipient": "危機管理課 山本", "issued_by": "企画課 中村"}
    made = body.post(url(target, "links/"), {**sent, **values, "known": page.context["known"]})
    found = re.search(r"/answer/parts/open/([\w-]+)/", made.content.decode())
    assert found
    colleague = Client()
    link = SectionLink.objects.latest("pk")
    opened = colleague.get(f"/answer/parts/open/{found[1]}/")
    assert opened["Location"] == f"/answer/parts/{link.anchor}/"
    return colleague, link


def part(link: SectionLink) -> str:
    return f"/answer/parts/{link.anchor}/"


def save(colleague: Client, link: SectionLink, **values: str) -> Any:
    seen = colleague.get(part(link)).context["form"].initial["seen"]
    return colleague.post(part(link), {**values, "seen": seen})


def test_a_colleague_fills_one_section_and_the_body_submits(body: Client, target: SurveyTarget) -> None:
    colleague, link = make(body, target)
    page = colleague.get(part(link)).content.decode()
    assert "第3部 防災" in page
    assert "企画課 中村" in page
    assert "危機管理課 山本" in page
    assert "提出する" not in page
    assert save(colleague, link, **{"q-staff": "12", "saved_by": "危機管理課 山本"}).status_code == 302
    assert "すべて入力されています" in colleague.get(part(link)).content.decode()
    body.post(url(target, "sections/plan/"), {"q-has": "c2"})
    body.post(
        url(target, "sections/respondent/"), {"respondent_department": "企画課", "respondent_name": "中村"}
    )
    assert submit(body, target).status_code == 302
    receipt = body.get(url(target, "receipt/")).content.decode()
    assert "危機管理課 山本（" in receipt
    assert Submission.objects.get().answers.get(question__key="staff").number == 12


def test_nothing_of_another_section_shows_or_is_written(body: Client, target: SurveyTarget) -> None:
    body.post(url(target, "sections/plan/"), {"q-has": "c1", "q-budget": SECRET, "leave": "1"})
    colleague, link = make(body, target)
    pages = [
        colleague.get(part(link)),
        colleague.post(part(link), {"q-staff": "たくさん"}),
        colleague.post(part(link), {"q-staff": "1", "q-budget": "書き換え", "q-has": "c2", "seen": ""}),
        colleague.get(part(link)),
    ]
    for page in pages:
        assert SECRET not in page.content.decode()
        assert target.anchor not in page.content.decode()
    assert DraftSection.objects.get(section="plan").values == {"q-has": "c1", "q-budget": SECRET}


@pytest.mark.parametrize(
    "page",
    [
        "",
        "sections/plan/",
        "sections/bousai/",
        "check/",
        "receipt/",
        "print/",
        "links/",
        "workbook.xlsx",
        "discard/",
    ],
)
def test_the_link_opens_nothing_else(body: Client, target: SurveyTarget, page: str) -> None:
    colleague, link = make(body, target)
    # The cookie's path keeps it from the browser's other requests; here it is sent all the same.
    name, value = next((name, morsel.value) for name, morsel in colleague.cookies.items())
    colleague.cookies[name]["path"] = "/"
    colleague.cookies[f"access-{target.anchor}"] = value
    assert colleague.get(url(target, page)).status_code == 403
    assert colleague.post(url(target, page)).status_code in {403, 405}
    assert colleague.get(f"{part(link)}{page}x/").status_code == 404
    assert not Submission.objects.exists()


def test_a_condition_of_another_section(body: Client, target: SurveyTarget) -> None:
    colleague, link = make(body, target)
    assert 'name="q-when"' in colleague.get(part(link)).content.decode()
    save(colleague, link, **{"q-staff": "3", "q-when": "令和元年"})
    body.post(url(target, "sections/plan/"), {"q-has": "c2", "leave": "1"})
    page = colleague.get(part(link)).content.decode()
    assert 'name="q-when"' not in page
    assert "回答不要" in page
    assert "すべて入力されています" in page
    seen = body.get(url(target, "sections/plan/")).context["form"].initial["seen"]
    body.post(url(target, "sections/plan/"), {"q-has": "c1", "leave": "1", "seen": seen})
    assert "令和元年" in colleague.get(part(link)).content.decode()


def test_an_open_condition_does_not_count_as_unfinished(body: Client, target: SurveyTarget) -> None:
    Question.objects.filter(key="staff").delete()
    page = body.get(url(target)).content.decode()
    assert "ほかの区分の回答しだい" in page
    assert f"/answer/{target.anchor}/sections/bousai/" in page
    body.post(url(target, "sections/plan/"), {"q-has": "c2", "leave": "1"})
    assert "ほかの区分の回答しだい" not in body.get(url(target)).content.decode()


def test_after_the_deadline_the_typed_is_shown_and_an_extension_opens_again(
    body: Client, target: SurveyTarget
) -> None:
    colleague, link = make(body, target)
    now = timezone.now()
    Survey.objects.update(opened_at=now - timedelta(days=9), closes_at=now - timedelta(minutes=3))
    page = colleague.post(part(link), {"q-staff": "12"})
    assert page.status_code == 403
    assert "受付は終了しました" in page.content.decode()
    assert "<dd>12</dd>" in page.content.decode()
    assert colleague.get(part(link)).status_code == 403
    SurveyTarget.objects.update(extended_to=now + timedelta(days=3), extension_reason="延長")
    assert colleague.get(part(link)).status_code == 200
    assert save(colleague, link, **{"q-staff": "12"}).status_code == 302


def test_after_submitting_a_change_waits_for_the_body(body: Client, target: SurveyTarget) -> None:
    test_a_colleague_fills_one_section_and_the_body_submits(body, target)
    link = SectionLink.objects.get()
    colleague, link = make(body, target)
    save(colleague, link, **{"q-staff": "51"})
    assert Submission.objects.get().answers.get(question__key="staff").number == 12
    assert "提出した後に変えた内容は、まだ提出していません" in body.get(url(target)).content.decode()
    assert "提出した後に変えた内容は、まだ提出していません" in colleague.get(part(link)).content.decode()


def test_ended_links_stay_ended(body: Client, target: SurveyTarget) -> None:
    wrong, old = make(body, target, recipient="誤送先")
    save(wrong, old, **{"q-staff": "7"})
    body.post(url(target, "links/"), {"revoke": old.pk})
    right, new = make(body, target, recipient="都市整備課")
    assert wrong.get(part(old)).status_code == 403
    assert wrong.post(part(old), {"q-staff": "8"}).status_code == 403
    assert 'value="7"' in right.get(part(new)).content.decode()
    page = body.get(url(target, "links/")).content.decode()
    assert "誤送先" in page
    assert "都市整備課" in page
    # A link to the answer that is issued anew ends those that came from the old one.
    issue_links([SurveyTarget.objects.get(pk=target.pk)])
    assert right.get(part(new)).status_code == 403


def test_another_body_ends_no_link_of_ours(body: Client, target: SurveyTarget) -> None:
    colleague, link = make(body, target)
    other = factories.target(target.survey)
    stranger = Client()
    (issued,) = issue_links([other])
    stranger.get(f"/answer/open/{issued.token}/")
    assert stranger.post(url(other, "links/"), {"revoke": link.pk}).status_code == 404
    assert colleague.get(part(link)).status_code == 200


@pytest.mark.parametrize("known", ["", "0", "x"])
def test_a_second_click_makes_no_second_link(body: Client, target: SurveyTarget, known: str) -> None:
    make(body, target)
    sent = {"section": "bousai", "recipient": "危機管理課 山本", "known": known}
    assert body.post(url(target, "links/"), sent).status_code == 422
    assert SectionLink.objects.count() == 1


@pytest.mark.parametrize(
    "sent", [{"section": "respondent"}, {"section": "x"}, {"recipient": " "}, {"recipient": "あ" * 101}]
)
def test_what_cannot_be_handed_on_is_said(body: Client, target: SurveyTarget, sent: dict[str, str]) -> None:
    whole = {"section": "bousai", "recipient": "課", "known": "0", **sent}
    assert body.post(url(target, "links/"), whole).status_code == 422
    assert not SectionLink.objects.exists()


def test_a_proof_of_another_link_admits_nobody(body: Client, target: SurveyTarget) -> None:
    colleague, _link = make(body, target)
    other = SectionLink(target=target, section="plan", recipient="課")
    other.new_token()
    other.save()
    proof = signing.get_cookie_signer(salt=f"access-{other.anchor}members.access").sign("x" * 32)
    colleague.cookies[f"access-{other.anchor}"] = proof
    assert colleague.get(part(other)).status_code == 403


def test_an_ended_link_says_so_and_keeps_what_was_typed(body: Client, target: SurveyTarget) -> None:
    colleague, link = make(body, target)
    body.post(url(target, "links/"), {"revoke": link.pk})
    page = colleague.post(part(link), {"q-staff": "12"})
    assert page.status_code == 403
    assert "このリンクは無効になりました" in page.content.decode()
    assert '<textarea name="q-staff" readonly hidden>\n12</textarea>' in page.content.decode()


def test_who_writes_under_another_name_is_known_by_the_link(body: Client, target: SurveyTarget) -> None:
    colleague, link = make(body, target)
    save(colleague, link, **{"q-staff": "12", "saved_by": "(株)みらい計画 佐藤"})
    overview = body.get(url(target)).content.decode()
    assert "(株)みらい計画 佐藤（リンク：危機管理課 山本）" in overview


def test_a_section_that_waits_for_another_is_not_said_to_be_filled(survey: Survey) -> None:
    later = Section.objects.create(survey=survey, code="later", title="第4部 時期")
    when = survey.questions.get(key="when")
    when.section = later
    when.save()
    target = factories.target(survey, organization=factories.organization(name="若葉市"))
    (issued,) = issue_links([target])
    body = Client()
    body.get(f"/answer/open/{issued.token}/")
    colleague, link = make(body, target, section="later")
    page = colleague.get(part(link)).content.decode()
    assert "すべて入力されています" not in page
    assert "今、この区分に入力する設問はありません。ほかの区分の回答しだい" in page
