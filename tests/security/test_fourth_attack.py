"""What a fourth attack found, each as the request, or the order of events, that had succeeded."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import override_settings
from django.urls import reverse
from lxml import html

from council.accounts.invitations import invitation_address
from council.accounts.known_devices import is_known, proof
from council.accounts.roles import MANAGER, SYSTEM
from meetings.admin.meeting import MeetingAdmin
from meetings.agenda.details import DOCS_BEHIND
from meetings.agenda.proposed_form import ProposedMeetingForm
from meetings.models import Attendance, Meeting
from meetings.record.publication import publication
from members.common.publication.engine import Order
from members.models import Council
from surveys.models import OutgoingMail, ResultsEdition, Submission, Survey, SurveyTarget, Topic
from surveys.results.editions import publish_results, renewals
from tests import factories

pytestmark = pytest.mark.django_db
RecordStatus = Meeting.RecordStatus


@pytest.fixture
def meeting() -> Meeting:
    year = factories.council_year(council=factories.council(slug="c"))
    return factories.meeting(year, number=1, is_announced=True)


def filled(page: bytes) -> dict[str, Any]:
    """What a browser would send of a page's form as it stands."""
    (form,) = html.fromstring(page.decode()).xpath("//form[contains(@id, '_form')]")
    return {
        name: values if len(values) > 1 else values[0]
        for name in {key for key, _ in form.form_values()}
        if (values := [value for key, value in form.form_values() if key == name])
    }


# --- A record that goes public at the same moment ---


def test_a_pasted_agenda_does_not_reach_a_record_that_was_just_published(
    staff_client: Client, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = {"council_year": meeting.council_year_id, "text": "第1回会議 次第\n令和2年6月17日\n1 別の議題"}
    sent = filled_paste(staff_client.post("/admin/meetings/meeting/paste/", text).content)
    was_valid = ProposedMeetingForm.is_valid

    def published_between(form: ProposedMeetingForm) -> bool:
        found = was_valid(form)
        Meeting.objects.update(record_status=RecordStatus.PUBLISHED)
        return found

    monkeypatch.setattr(ProposedMeetingForm, "is_valid", published_between)
    page = staff_client.post("/admin/meetings/meeting/paste/", {**sent, "m0-into": "match", "save": "1"})
    assert page.status_code == 422
    assert "記録は公開されています" in page.content.decode()
    assert not meeting.agenda_items.exists()


def filled_paste(page: bytes) -> dict[str, str]:
    forms = html.fromstring(page.decode()).xpath("//form[.//*[@name='m0-number']]")
    return {key: value or "" for key, value in forms[0].form_values()}


def test_whether_a_second_person_is_wanted_is_asked_under_the_lock(
    staff_client: Client, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    monkeypatch.setattr(MeetingAdmin, "lock", lambda self, pk: order.append("lock"))
    monkeypatch.setattr(
        "meetings.admin.meeting.wants_second_person", lambda *args: bool(order.append("asked"))
    )
    staff_client.post(f"/admin/meetings/meeting/{meeting.pk}/change/", {})
    assert order[:2] == ["lock", "asked"]


def test_a_bodys_new_name_leaves_a_public_record_as_it_is(staff: User, meeting: Meeting) -> None:
    body = factories.organization(name="旧町")
    factories.membership(meeting.council_year, department=factories.department(organization=body))
    meeting.prefill_attendance()
    Attendance.objects.update(status="present")
    meeting.agenda_items.create(title="議題", position=1)
    meeting.minute_entries.create(body="概要", position=1, kind="opinion")
    meeting.record_status = RecordStatus.REVIEW
    meeting.save()
    candidate = publication.candidate(meeting)
    order = Order(seen=candidate.state, confirmed=True)
    publication.publish(meeting, by=staff, order=order)
    body.name, body.renamed_from = "新町", 2020
    body.save()
    page = Client().get(meeting.get_absolute_url()).content.decode()
    assert "旧町" in page
    assert "新町" not in page


# --- Links that leave without asking who somebody is ---


@override_settings(REQUIRE_MFA=True)
@pytest.mark.parametrize("screen", ["mail/invitation/", "mails/", "base/"])
def test_links_are_not_mailed_or_shown_from_a_session_left_open(staff_client: Client, screen: str) -> None:
    year = factories.council_year()
    survey = factories.survey(year)
    target = factories.target(survey)
    SurveyTarget.objects.update(emails="a@example.com")
    late = factories.organization(kind="town")
    factories.membership(year, department=factories.department(organization=late))
    data = {
        "subject": "件名", "body": "{リンク}", "target": target.pk, "send": "1",
        "mail": "1", "organization": late.pk, "add": "1",
    }  # fmt: skip
    response = staff_client.post(f"/admin/surveys/survey/{survey.pk}/{screen}", data)
    assert response.status_code in {302, 403}
    assert b"/answer/open/" not in response.content
    assert not OutgoingMail.objects.exists()
    assert not survey.targets.filter(organization=late).exists()


@override_settings(REQUIRE_MFA=True)
def test_the_address_that_mails_go_to_is_not_changed_from_a_session_left_open(staff_client: Client) -> None:
    target = factories.target(factories.survey(factories.council_year()))
    url = f"/admin/surveys/surveytarget/{target.pk}/change/"
    with override_settings(REQUIRE_MFA=False):
        sent = {**filled(staff_client.get(url).content), "emails": "attacker@example.com"}
    assert staff_client.post(url, sent).status_code in {302, 403}
    assert SurveyTarget.objects.get().emails == ""


@override_settings(REQUIRE_MFA=True)
@pytest.mark.parametrize("by_row", [False, True])
def test_a_departments_address_is_not_set_from_a_session_left_open(
    staff_client: Client, by_row: bool
) -> None:
    row = factories.department()
    own, body = f"department/{row.pk}", f"organization/{row.organization_id}"
    url = f"/admin/members/{body if by_row else own}/change/"
    with override_settings(REQUIRE_MFA=False):
        sent = filled(staff_client.get(url).content)
    name = "departments-0-email" if by_row else "email"
    answer = staff_client.post(url, {**sent, name: "attacker@example.com"})
    assert answer.status_code in {302, 403}
    row.refresh_from_db()
    assert row.email == ""


# --- Older pages, and two who save at once ---


@pytest.mark.parametrize("field", ["results_public", "title"])
def test_an_older_page_of_a_survey_undoes_nothing(staff_client: Client, field: str) -> None:
    survey = factories.survey(factories.council_year(), status="closed", results_public=True, title="前")
    url = f"/admin/surveys/survey/{survey.pk}/change/"
    older = filled(staff_client.get(url).content)
    Survey.objects.update(results_public=False)
    response = staff_client.post(url, {**older, "title": "後"})
    assert response.status_code == 302, html.fromstring(response.content.decode()).xpath(
        "//ul[@class='errorlist']//text()"
    )
    survey.refresh_from_db()
    assert (survey.results_public, survey.title) == (False, "後")


def test_an_older_page_of_a_council_undoes_no_hiding(staff_client: Client) -> None:
    council = factories.council(purpose="前")
    url = f"/admin/members/council/{council.pk}/change/"
    older = filled(staff_client.get(url).content)
    Council.objects.update(is_public=False)
    assert staff_client.post(url, {**older, "purpose": "後"}).status_code == 302
    council.refresh_from_db()
    assert (council.is_public, council.purpose) == (False, "後")


def test_two_who_change_the_same_thing_are_told(staff_client: Client) -> None:
    council = factories.council(purpose="前")
    url = f"/admin/members/council/{council.pk}/change/"
    older = filled(staff_client.get(url).content)
    Council.objects.update(purpose="別の人の文")
    page = staff_client.post(url, {**older, "purpose": "私の文"})
    assert page.status_code == 200
    assert "ほかの人が「別の人の文」に変えました" in page.content.decode()
    assert Council.objects.get().purpose == "別の人の文"
    again = filled(page.content)
    assert again["purpose"].strip() == "私の文"
    assert staff_client.post(url, again).status_code == 302
    assert Council.objects.get().purpose == "私の文"


def test_an_older_page_of_an_account_gives_no_role_back(staff: User) -> None:
    keeper = User.objects.create_user("keeper", is_staff=True)
    keeper.groups.add(Group.objects.get(name=SYSTEM.name))
    staff.email = "a@example.com"
    staff.save()
    client = Client()
    client.force_login(keeper)
    url = f"/admin/auth/user/{staff.pk}/change/"
    older = filled(client.get(url).content)
    staff.groups.remove(Group.objects.get(name=MANAGER.name))
    User.objects.filter(pk=staff.pk).update(is_active=False)
    response = client.post(url, {**older, "last_name": "鈴木"})
    assert response.status_code == 302
    staff.refresh_from_db()
    assert staff.last_name == "鈴木"
    assert not staff.is_active
    assert not staff.groups.filter(name=MANAGER.name).exists()


def stopped_between(monkeypatch: pytest.MonkeyPatch, form: Any, user: User) -> None:
    """Somebody stops the account after the form was found right, and before it is saved."""
    was_valid: Callable[[Any], bool] = form.is_valid

    def is_valid(self: Any) -> bool:
        found = was_valid(self)
        User.objects.filter(pk=user.pk).update(is_active=False)
        return found

    monkeypatch.setattr(form, "is_valid", is_valid)


def test_an_account_that_was_stopped_is_not_started_by_an_invitation(
    staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, password = Client(), "another-long-password-1"
    page = client.get(re.sub(r"^https?://[^/]+", "", invitation_address(staff)))
    stopped_between(monkeypatch, SetPasswordForm, staff)
    answer = client.post(page["Location"], {"new_password1": password, "new_password2": password})
    staff.refresh_from_db()
    assert answer.status_code == 200
    assert "このリンクは使えません" in answer.content.decode()
    assert not staff.is_active
    assert not staff.check_password(password)


def test_an_account_that_was_stopped_changes_no_password(
    staff_client: Client, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*args: Any, **kwargs: Any) -> None:
        User.objects.filter(pk=staff.pk).update(is_active=False)

    # Between the request's first look at the account and its change.
    monkeypatch.setattr("council.site.admin_site.ratelimit.consume_or_429", stop)
    new = "another-long-password-1"
    data = {"old_password": "a-long-password", "new_password1": new, "new_password2": new}
    assert staff_client.post("/admin/password_change/", data).status_code == 403
    staff.refresh_from_db()
    assert not staff.is_active
    assert not staff.check_password(new)


# --- What two editions tell by their difference ---


def grid_survey() -> Survey:
    """28 bodies, and a grid of five topics on which all say the same."""
    year = factories.council_year()
    survey = factories.survey(year, status="closed", results_public=True)
    grid = factories.question(survey, "良", "否", key="grid", kind="grid")
    grid.disclosure = "public"
    grid.save()
    topics = [Topic.objects.create(question=grid, code=f"t{n}", label=f"項目{n}") for n in range(5)]
    yes, no = grid.choices.order_by("code")
    for number in range(28):
        submission = Submission.objects.create(target=factories.target(survey), submitted_at=survey.opened_at)
        for topic in topics:
            choice = yes if number < 14 else no
            submission.answers.create(question=grid, topic=topic, choice=choice)
    publish_results(survey, by=None)
    return survey


def change_one_topic_each(survey: Survey) -> None:
    grid = survey.questions.get()
    no = grid.choices.get(code="c2")
    for topic, submission in zip(grid.topics.all(), Submission.objects.order_by("pk"), strict=False):
        submission.answers.filter(topic=topic).update(choice=no)


def test_five_bodies_that_change_a_topic_each_are_held_back() -> None:
    survey = grid_survey()
    change_one_topic_each(survey)
    (renewal,) = renewals([survey])
    assert renewal.is_held_back
    assert renewal.changed == 5


def test_an_edition_that_kept_no_topics_holds_a_changed_grid_back(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = grid_survey()
    monkeypatch.setattr("surveys.results.editions.fault_of", lambda edition: "")
    monkeypatch.setattr("surveys.results.editions.check", lambda edition: None)
    edition = ResultsEdition.objects.get()
    for body in edition.contributions.values():
        body["answers"] = {key: value for key, value in body["answers"].items() if "." not in key}
    edition.save()
    (same,) = renewals([survey])
    assert (same.is_held_back, same.changed) == (False, 0)
    change_one_topic_each(survey)
    (renewal,) = renewals([survey])
    assert renewal.is_held_back
    assert renewal.changed == 5


# --- Smaller things ---


def test_many_dots_in_a_line_are_read_at_once() -> None:
    begins = time.perf_counter()
    for text in ("・" * 20_000, "あ" + " ." * 10_000, "・ " * 10_000 + "資料"):
        DOCS_BEHIND.search(text)
    assert time.perf_counter() - begins < 0.5
    assert DOCS_BEHIND.search("議題について・・・資料1") or DOCS_BEHIND.search("議題について 資料1")


def test_work_on_draft_minutes_does_not_move_the_calendar(meeting: Meeting) -> None:
    before = Client().get("/councils/c/meetings.ics").content
    meeting.minute_entries.create(body="下書き", position=1, kind="opinion")
    Meeting.objects.get(pk=meeting.pk).save()
    assert Client().get("/councils/c/meetings.ics").content == before
    changed = Meeting.objects.get(pk=meeting.pk)
    changed.place = "別の場所"
    changed.save()
    assert Client().get("/councils/c/meetings.ics").content != before


def test_a_body_of_no_public_roster_is_not_named_by_its_successor() -> None:
    successor = factories.organization(name="新市")
    hidden = factories.organization(name="秘密町", merged_into=successor)
    shown = factories.organization(name="旧町", merged_into=successor)
    for body, is_public in ((successor, True), (shown, True), (hidden, False)):
        year = factories.council_year(is_public=is_public)
        factories.membership(year, department=factories.department(organization=body))
    page = Client().get(f"/organizations/{successor.code}/").content.decode()
    assert "旧町" in page
    assert "秘密町" not in page


@override_settings(REQUIRE_MFA=True, AXES_ENABLED=True)
def test_one_address_is_not_locked_out_by_one_who_guesses_there() -> None:
    for _ in range(12):
        Client().post("/accounts/second-factor/webauthn/login/", {"credential": "{}"})
    answer = Client().post("/accounts/second-factor/webauthn/login/", {"credential": "{}"})
    assert answer.status_code != 429


def test_every_form_of_the_admin_says_what_it_showed(staff_client: Client, samples: dict[str, Any]) -> None:
    told = {}
    for model, pk in samples["models"].items():
        page = staff_client.get(f"/admin/{model.replace('.', '/')}/{pk}/change/")
        if page.status_code == 200 and b'name="_save"' in page.content:
            told[model] = b'name="seen"' in page.content
    assert len(told) > 8
    assert all(told.values()), [model for model, says in told.items() if not says]


@override_settings(REQUIRE_MFA=True, AXES_ENABLED=True)
def test_a_known_browser_is_known_at_the_login_alone(staff: User) -> None:
    request = RequestFactory().post("/accounts/confirm/")
    request.COOKIES = known_browser(staff)
    credentials = {"username": staff.username}
    assert not is_known(request, credentials)
    request.path = reverse("account_login")
    assert is_known(request, credentials)


def known_browser(user: User) -> dict[str, str]:
    response = HttpResponse()
    response.set_signed_cookie("known-device", proof(user), salt="council.accounts.known_devices")
    return {"known-device": response.cookies["known-device"].value}
