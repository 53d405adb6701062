"""What a fifth attack found, each as the request, or the order of events, that had succeeded."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from council.accounts.known_devices import MOST_FAILURES, is_known
from meetings.admin.meeting import MeetingAdmin
from meetings.models import Meeting
from members.models import Department, Membership, Organization
from surveys.answering import access
from surveys.models import Approval, Condition, Question, SectionLink, Survey, SurveyTarget
from surveys.results.editions import publish_results, renewals
from surveys.results.snapshots import compute_snapshots
from surveys.running.lifecycle import issue_links
from tests import factories
from tests.security.test_fourth_attack import filled, known_browser
from tests.surveys.test_answering import FULL, client, submit, survey, target, url
from tests.surveys.test_approval import approve
from tests.surveys.test_returns import give_back, reply

__all__ = ["client", "survey", "target"]
pytestmark = pytest.mark.django_db
CHANGED = "ほかの人が内容を変えました"


def test_an_older_page_of_a_body_brings_no_address_back(staff_client: Client) -> None:
    body = factories.organization(kana="まえ")
    department = factories.department(organization=body, email="left@example.jp")
    page = f"/admin/members/organization/{body.pk}/change/"
    older = filled(staff_client.get(page).content)
    Department.objects.update(email="right@example.jp")
    answer = staff_client.post(page, {**older, "kana": "あと"})
    assert answer.status_code == 200
    assert CHANGED in answer.content.decode()
    department.refresh_from_db()
    assert department.email == "right@example.jp"
    assert Organization.objects.get(pk=body.pk).kana == "まえ"


def test_an_older_page_of_a_question_discloses_nothing(staff_client: Client) -> None:
    survey = factories.survey(factories.council_year(), status="draft", opened_at=None)
    question = factories.question(survey, "はい", "いいえ", disclosure="public")
    page = f"/admin/surveys/question/{question.pk}/change/"
    older = filled(staff_client.get(page).content)
    Question.objects.update(disclosure="staff")
    assert staff_client.post(page, {**older, "help": "別"}).status_code == 302
    question.refresh_from_db()
    # What the older page changed is taken, and what it only showed is not brought back.
    assert (question.disclosure, question.help) == ("staff", "別")


def test_an_older_page_of_a_figure_counts_no_old_choice(staff_client: Client) -> None:
    survey = factories.survey(factories.council_year())
    yes, no = factories.question(survey, "はい", "いいえ").choices.order_by("code")
    indicator = factories.indicator(survey, yes)
    page = f"/admin/surveys/indicator/{indicator.pk}/change/"
    older = filled(staff_client.get(page).content)
    indicator.counted_choices.update(choice=no)
    assert CHANGED in staff_client.post(page, {**older, "statement": "別の説明"}).content.decode()
    assert indicator.counted_choices.get().choice == no


def grouped_survey() -> Survey:
    """Twelve towns and twelve cities that answer half and half."""
    survey = factories.survey(factories.council_year(), status="closed", results_public=True)
    yes, no = factories.question(survey, "はい", "いいえ", disclosure="public").choices.order_by("code")
    for number in range(24):
        body = factories.organization(kind="town" if number < 12 else "city")
        factories.submitted(factories.target(survey, organization=body), yes if number % 2 else no)
    publish_results(survey, by=None)
    return survey


def test_a_body_of_another_kind_is_a_change(staff_client: Client) -> None:
    survey = grouped_survey()
    target = survey.targets.first()
    assert target
    assert target.kind_at_opening == "town"
    SurveyTarget.objects.filter(pk=target.pk).update(kind_at_opening="city")
    (renewal,) = renewals([survey])
    assert renewal.is_held_back
    assert renewal.changed == 1


def test_what_changes_while_it_is_published_is_not_published_unseen() -> None:
    survey = grouped_survey()
    answers = survey.questions.get().answers.all()
    yes, no = survey.questions.get().choices.order_by("code")
    for answer in answers.filter(choice=yes)[:6]:
        answer.choice = no
        answer.save()
    (renewal,) = renewals([survey])
    last = answers.filter(choice=yes).first()
    assert last
    last.choice = no
    last.save()
    with pytest.raises(ValidationError, match="いま回答が変わりました"):
        publish_results(survey, by=None, reason="訂正", renewal=renewal)


def test_whom_a_question_was_not_asked_tells_no_answer_for_fewer_eyes() -> None:
    survey = factories.survey(factories.council_year(), status="closed", results_public=True)
    secret = factories.question(survey, "選ぶ", "選ばない", text="内緒の設問", disclosure="staff")
    shown = factories.question(survey, "はい", "いいえ", disclosure="public", is_required=False)
    chosen, other = secret.choices.order_by("code")
    Condition.objects.create(question=shown, choice=chosen)
    for number in range(12):
        factories.submitted(factories.target(survey), chosen if number < 9 else other)
    (tally,) = compute_snapshots([survey])[survey.pk].tallies
    assert (tally.not_asked, tally.rule) == (0, "")
    secret.disclosure = "public"
    secret.save()
    tallies = compute_snapshots([survey])[survey.pk].tallies
    assert any("内緒の設問" in each.rule for each in tallies)


def at_login(user: User) -> HttpRequest:
    request = RequestFactory().post(reverse("account_login"))
    request.COOKIES = known_browser(user)
    return request


def test_a_known_browser_that_guesses_is_known_no_more(staff: User) -> None:
    request, credentials = at_login(staff), {"username": staff.username}
    assert is_known(request, credentials)
    for _ in range(MOST_FAILURES):
        user_login_failed.send(sender=None, credentials=credentials, request=request)
    assert not is_known(request, credentials)


def test_a_session_is_asked_again_whatever_others_guess_at_its_address(
    staff_client: Client, staff: User
) -> None:
    request = RequestFactory().post("/accounts/confirm/")
    request.user, request.session = staff, staff_client.session
    credentials = {"username": staff.username}
    assert is_known(request, credentials)
    for _ in range(MOST_FAILURES):
        user_login_failed.send(sender=None, credentials=credentials, request=request)
    assert not is_known(request, credentials)


def links_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the office issued the links anew while a request waits for its lock."""
    lock = access.lock

    def reissued_first(found: SurveyTarget) -> SurveyTarget:
        issue_links([SurveyTarget.objects.get(pk=found.pk)])
        return lock(found)

    monkeypatch.setattr(access, "lock", reissued_first)


def test_a_link_made_while_the_answers_own_is_issued_anew_is_none(
    client: Client, target: SurveyTarget, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    links_go_first(monkeypatch)
    client.post(url(target, "links/"), {"section": "main", "recipient": "課", "known": "0"})
    assert not SectionLink.objects.exists()


def test_a_withdrawn_return_takes_its_deadline_with_it(
    client: Client, staff_client: Client, target: SurveyTarget
) -> None:
    client.post(url(target, "sections/main/"), FULL)
    submit(client, target)
    give_back(staff_client, target)
    page = f"/admin/surveys/survey/{target.survey_id}/return/{target.pk}/"
    assert SurveyTarget.objects.get(pk=target.pk).extended_to
    staff_client.post(page, {"take_back": "1"})
    found = SurveyTarget.objects.get(pk=target.pk)
    assert (found.extended_to, found.extension_reason) == (None, "")


def test_an_approval_is_of_the_replies_too(
    client: Client, staff_client: Client, target: SurveyTarget, survey: Survey
) -> None:
    client.post(url(target, "sections/main/"), FULL)
    submit(client, target)
    give_back(staff_client, target)
    Survey.objects.update(asks_approval=True)
    reply(client, target, "確認した数です。")
    assert "確認した数です。" in client.get(url(target, "approval/")).content.decode()
    state = client.get(url(target, "approval/")).context["state"]
    approve(client, target, state=state)
    assert Approval.objects.exists()
    reply(client, target, "別の返事")
    assert submit(client, target).status_code == 422


@pytest.mark.parametrize("model", ["survey", "target"])
def test_no_deadline_lies_in_the_year_9999(survey: Survey, target: SurveyTarget, model: str) -> None:
    far = timezone.now() + timedelta(days=365 * 100)
    record: Any = survey if model == "survey" else target
    setattr(record, "closes_at" if model == "survey" else "extended_to", far)
    target.extension_reason = "x"
    with pytest.raises(ValidationError, match="5年より先"):
        record.full_clean()


def test_whether_a_meeting_may_be_deleted_is_asked_under_the_lock(
    staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = factories.meeting(factories.council_year())

    def shown_first(self: Any, pk: int) -> None:
        Meeting.objects.filter(pk=pk).update(first_public_at=timezone.now())

    monkeypatch.setattr(MeetingAdmin, "lock", shown_first)
    answer = staff_client.post(f"/admin/meetings/meeting/{meeting.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403
    assert Meeting.objects.filter(pk=meeting.pk).exists()


def test_a_wrong_name_of_a_withdrawn_record_is_put_right() -> None:
    meeting = factories.meeting(factories.council_year())
    body = factories.organization(name="誤町")
    factories.membership(meeting.council_year, department=factories.department(organization=body))
    meeting.prefill_attendance()
    meeting.attendances.keep_names()
    Membership.objects.update(organization_name="正町")
    meeting.attendances.keep_names()
    assert meeting.attendances.with_names().get().printed_name == "正町"
