"""試行: answered like the real thing, counted nowhere, and gone without a trace of an answer."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from members.models import Desk, Organization
from surveys.models import Answer, Faq, OutgoingMail, Submission, Survey, SurveyTarget
from surveys.results.counter import count_answers
from surveys.running.mailing import send_due, to_be_mailed
from surveys.running.reminders import queue_reminders
from tests import factories
from tests.surveys.test_answering import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    year = factories.council_year()
    survey = factories.survey(year, status="draft", opened_at=None, closes_at=None)
    factories.question(survey, "はい", "いいえ", key="one")
    for name in ("一町", "二町"):
        body = factories.organization(name=name)
        factories.membership(year, department=factories.department(organization=body))
    factories.organization(name="試験県", kind="prefecture")
    return survey


def screen(survey: Survey) -> str:
    return f"/admin/surveys/survey/{survey.pk}/trial/"


def start(staff_client: Client, survey: Survey, *names: str) -> dict[str, Client]:
    """Begin a trial; returns a browser for each body that tries."""
    page = staff_client.get(screen(survey))
    offered = {str(body): body.pk for body in page.context["form"].fields["organizations"].queryset}
    page = staff_client.post(screen(survey), {"organizations": [offered[name] for name in names]})
    browsers = {}
    for organization, _, token in page.context["rows"]:
        browsers[organization.name] = client = Client()
        client.get(f"/answer/open/{token}/")
    return browsers


def answer(client: Client, target: SurveyTarget) -> Any:
    who = {"respondent_department": "課", "respondent_name": "名"}
    client.post(url(target, "sections/main/"), {"q-one": "c1", **who})
    state = client.get(url(target, "check/")).context["state"]
    return client.post(url(target, "check/"), {"state": state, "receipt_to": "a@example.com"})


def test_everything_works_and_everything_goes(staff_client: Client, survey: Survey) -> None:
    browsers = start(staff_client, survey, "一町", "試験県")
    target = survey.targets.get(organization__name="一町")
    overview = browsers["一町"].get(url(target)).content.decode()
    assert "試行中です。" in overview
    assert answer(browsers["一町"], target).status_code == 302
    send_due()
    assert mail.outbox[0].subject.startswith("【試行】【受付】")
    browsers["試験県"].post(
        url(survey.targets.get(organization__name="試験県"), "sections/main/"), {"q-one": "c2", "leave": "1"}
    )
    page = staff_client.get(screen(survey)).content.decode()
    assert "提出 1団体、入力中 1団体" in page
    staff_client.post(screen(survey), {"end": "1"})
    survey.refresh_from_db()
    assert survey.status == Survey.Status.DRAFT
    assert not Submission.objects.exists()
    assert not Answer.objects.exists()
    assert not survey.targets.exists()
    assert not OutgoingMail.objects.exists()
    assert not survey.is_locked
    assert browsers["一町"].get(url(target)).status_code == 403


def test_nothing_of_it_is_counted(staff_client: Client, survey: Survey) -> None:
    one = survey.council_year.municipalities().get(name="一町")
    # Registered before, with an address, as a body of the base.
    SurveyTarget.objects.create(survey=survey, organization=one, emails="ichi@example.jp")
    browsers = start(staff_client, survey, "一町")
    target = survey.targets.get(organization=one)
    answer(browsers["一町"], target)
    survey.refresh_from_db()
    counter = count_answers([survey])
    assert counter.base[survey.pk].count == 0
    assert not any(group.count for group in counter.choices.values())
    staff_client.post(screen(survey), {"end": "1"})
    kept = survey.targets.get()
    assert (kept.emails, kept.in_base, kept.token_hash, kept.link_revoked_at) == (
        "ichi@example.jp",
        True,
        None,
        None,
    )
    assert not Submission.objects.exists()


def test_nobody_is_mailed_and_no_desk_shows_it(staff_client: Client, survey: Survey) -> None:
    start(staff_client, survey, "一町")
    Survey.objects.update(reminds=True, closes_at=timezone.now())
    SurveyTarget.objects.update(emails="ichi@example.jp")
    survey.refresh_from_db()
    assert to_be_mailed(survey, "invitation") == []
    assert queue_reminders() == 0
    desk = Desk.objects.create(organization=survey.targets.get().organization)
    token = desk.new_token()
    desk.save()
    client = Client()
    client.get(f"/desk/open/{token}/")
    assert survey.title not in client.get(f"/desk/{desk.anchor}/").content.decode()
    assert "試行中です" in staff_client.get("/admin/").content.decode()


def test_a_button_of_an_old_tab_throws_no_real_answer_away(staff_client: Client, survey: Survey) -> None:
    start(staff_client, survey, "一町")
    staff_client.post(screen(survey), {"end": "1"})
    Survey.objects.update(
        status="open", opened_at=timezone.now(), closes_at=timezone.now().replace(year=2100)
    )
    target = factories.target(survey)
    factories.submitted(target, survey.questions.get().choices.first())
    page = staff_client.post(screen(survey), {"end": "1"}, follow=True).content.decode()
    assert "試行中ではありません" in page
    assert Submission.objects.count() == 1
    staff_client.get(f"{screen(survey)}?end=1")
    assert Submission.objects.count() == 1


def test_it_opens_only_after_the_trial(staff_client: Client, survey: Survey) -> None:
    start(staff_client, survey, "一町")
    page = staff_client.get(f"/admin/surveys/survey/{survey.pk}/open/").content.decode()
    assert "試行を終えてから" in page


@pytest.mark.parametrize("chosen", [[], ["99999"], ["x"]])
def test_whom_it_is_tried_with_is_asked(staff_client: Client, survey: Survey, chosen: list[str]) -> None:
    assert staff_client.post(screen(survey), {"organizations": chosen}).status_code == 422
    survey.refresh_from_db()
    assert survey.status == Survey.Status.DRAFT


def test_a_questionnaire_that_cannot_be_answered_is_not_tried(staff_client: Client, survey: Survey) -> None:
    survey.questions.all().delete()
    assert "設問がありません" in staff_client.get(screen(survey)).content.decode()


def test_an_faq_of_a_trial_goes_with_it(staff_client: Client, survey: Survey) -> None:
    browsers = start(staff_client, survey, "一町")
    target = survey.targets.get()
    browsers["一町"].post(url(target, "questions/"), {"question": "試しの質問"})
    pk = target.inquiries.get().pk
    staff_client.post(f"/admin/surveys/inquiry/{pk}/change/", {"answer": "試しの回答", "_faq": "1"})
    assert Faq.objects.exists()
    staff_client.post(screen(survey), {"end": "1"})
    assert not Faq.objects.exists()


def test_the_office_is_ticked_only_where_it_takes_part(staff_client: Client, survey: Survey) -> None:
    form = staff_client.get(screen(survey)).context["form"]
    assert form["organizations"].value() == []
    office = Organization.objects.get(name="試験県")
    factories.membership(survey.council_year, department=factories.department(organization=office))
    form = staff_client.get(screen(survey)).context["form"]
    assert form["organizations"].value() == [office.pk]
