"""What somebody who looked for ways past ``docs/security.md`` found the sixth time; each had succeeded."""

import threading
import time
from http.cookies import SimpleCookie
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from meetings.admin.meeting import MeetingAdmin
from meetings.materials.files import check_file
from meetings.models import Meeting
from members.models import AuditEntry, Department, Desk
from surveys.answering import access
from surveys.answering.attachments import MAX_BYTES
from surveys.models import (
    AnswerFile,
    DraftSection,
    Faq,
    Inquiry,
    OutgoingMail,
    Submission,
    Survey,
    SurveyFile,
    SurveyTarget,
)
from surveys.running import mailing, receipts
from surveys.running.trial import end_trial, start_trial
from tests import factories
from tests.security.test_fifth_attack import links_go_first
from tests.security.test_fourth_attack import filled
from tests.surveys.test_answering import FULL, client, seen, submit, survey, target, url
from tests.surveys.test_approval import approve
from tests.surveys.test_returns import give_back

__all__ = ["client", "survey", "target"]
pytestmark = pytest.mark.django_db
SECRET = "当市の未公表の削減案3,200万円は"
PDF = b"%PDF-1.7 "


class Browser(Client):
    """A client that, as browsers do, sends a cookie below its own path only."""

    def request(self, **request: Any) -> Any:
        kept, path = self.cookies, request["PATH_INFO"]
        self.cookies = SimpleCookie()
        for name, morsel in kept.items():
            if path.startswith(morsel["path"] or "/"):
                self.cookies[name] = morsel
        try:
            return super().request(**request)
        finally:
            both = {**kept, **self.cookies}
            self.cookies = SimpleCookie()
            self.cookies.update({name: each for name, each in both.items() if each["max-age"] != 0})


def auditor() -> Client:
    user = User.objects.create_user("kansa", password="x", is_staff=True)
    user.groups.set(Group.objects.filter(name="監査"))
    found = Client()
    found.force_login(user)
    return found


def test_leaving_a_desk_ends_what_was_opened_from_it() -> None:
    body = factories.organization()
    desk = Desk.objects.create(organization=body)
    token = desk.new_token()
    desk.save()
    target = factories.target(factories.survey(factories.council_year()), organization=body)
    SurveyTarget.objects.filter(pk=target.pk).update(token_hash="a" * 64)
    factories.question(target.survey, "はい", "いいえ")
    browser = Browser()
    browser.get(f"/desk/open/{token}/")
    browser.get(f"/desk/{desk.anchor}/surveys/{target.anchor}/")
    assert browser.get(f"/answer/{target.anchor}/").status_code == 200
    browser.post(f"/desk/{desk.anchor}/leave/")
    assert browser.get(f"/desk/{desk.anchor}/").status_code == 403
    assert browser.get(f"/answer/{target.anchor}/").status_code == 403


def test_a_question_is_not_read_in_the_heads_of_the_trail(
    client: Client, target: SurveyTarget, staff_client: Client
) -> None:
    client.post(url(target, "questions/"), {"question": f"{SECRET}どう書きますか", "asked_by": "企画課"})
    page = f"/admin/surveys/inquiry/{Inquiry.objects.get().pk}/change/"
    assert (
        staff_client.post(page, {**filled(staff_client.get(page).content), "answer": "はい"}).status_code
        == 302
    )
    assert AuditEntry.objects.filter(about_model="surveys.inquiry").exists()
    assert SECRET not in auditor().get("/admin/members/auditentry/").content.decode()


def test_a_faq_in_preparation_is_not_read_in_the_trail(staff_client: Client, survey: Survey) -> None:
    Faq.objects.create(survey=survey, question=f"{SECRET}書きますか", answer="はい")
    change = LogEntry.objects.filter(content_type__model="faq").latest("pk")
    entry = AuditEntry.objects.get(uid=change.cid)
    page = auditor().get(f"/admin/members/auditentry/{entry.pk}/change/").content.decode()
    assert str(Faq._meta.verbose_name) in page
    assert SECRET not in page


def test_the_message_of_a_return_is_not_the_trails_reason(
    client: Client, target: SurveyTarget, staff_client: Client
) -> None:
    client.post(url(target, "sections/main/"), FULL)
    submit(client, target)
    give_back(staff_client, target, message=SECRET)
    entry = AuditEntry.objects.get(title="回答の差し戻し")
    assert SECRET not in entry.reason


def test_an_approval_leaves_an_entry_without_its_name(client: Client, target: SurveyTarget) -> None:
    Survey.objects.update(asks_approval=True)
    client.post(url(target, "sections/main/"), FULL)
    approve(client, target, approver="庁内だけの名前")
    entry = AuditEntry.objects.get(title="庁内の確認の記録")
    assert "庁内だけの名前" not in f"{entry.who}{entry.reason}{entry.about}"


def test_an_older_page_replaces_no_newer_file(staff_client: Client, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    survey = factories.survey(factories.council_year(), status="draft", opened_at=None)
    upload = SimpleUploadedFile("irai.pdf", PDF + b"first")
    row = SurveyFile(survey=survey, title="依頼文").take(upload, check_file(upload))
    row.save()
    page = f"/admin/surveys/survey/{survey.pk}/change/"
    older = filled(staff_client.get(page).content)
    for name in ("teisei.pdf", "old.pdf"):
        staff_client.post(page, {**older, "files-0-upload": SimpleUploadedFile(name, PDF + name.encode())})
    row.refresh_from_db()
    assert row.name == "teisei.pdf"


@pytest.fixture
def attached(client: Client, target: SurveyTarget, settings: Any, tmp_path: Any) -> AnswerFile:
    """A file that a body attached after it had handed in, and did not hand in again."""
    settings.MEDIA_ROOT = tmp_path
    Survey.objects.update(asks_files="計画書")
    client.post(url(target, "sections/main/"), FULL)
    submit(client, target)
    upload = SimpleUploadedFile("内部検討中.pdf", PDF + b"draft")
    client.post(url(target, "attachments/"), {"upload": upload})
    return AnswerFile.objects.get()


def test_staff_hand_in_no_file_that_the_body_has_not(
    attached: AnswerFile, target: SurveyTarget, staff_client: Client, client: Client
) -> None:
    page = f"/admin/surveys/survey/{target.survey_id}/entry/{target.pk}/"
    state = staff_client.get(page).context["state"]
    assert staff_client.post(page, {**FULL, "state": state, "received": "電話"}).status_code == 302
    file = f"/admin/surveys/survey/{target.survey_id}/attachments/{attached.pk}/"
    assert staff_client.get(file).status_code == 404
    # It is still the body's to hand in.
    assert "内部検討中" in client.get(url(target, "attachments/")).content.decode()


def test_no_file_is_handed_in_where_none_is_asked_for_any_more(
    attached: AnswerFile, client: Client, target: SurveyTarget
) -> None:
    Survey.objects.update(asks_files="")
    changed = {**FULL, "respondent_name": "別の人", "seen": seen(client, target)}
    client.post(url(target, "sections/main/"), changed)
    submit(client, target)
    assert [row.files for row in Submission.objects.get().revisions.order_by("number")] == [[], []]


def test_what_is_taken_off_before_it_is_handed_in_is_gone(
    attached: AnswerFile, client: Client, target: SurveyTarget, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url(target, "attachments/"), {"remove": str(attached.pk)})
    assert not AnswerFile.objects.exists()
    assert not attached.file.storage.exists(attached.file.name)


def test_a_file_too_large_is_refused_unread(
    attached: AnswerFile, client: Client, target: SurveyTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*args: Any) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr("surveys.answering.attachments.check_file", read)
    upload = SimpleUploadedFile("x.docx", b"PK" + b"0" * MAX_BYTES)
    page = client.post(url(target, "attachments/"), {"upload": upload})
    assert "ファイルが大きすぎます" in page.content.decode()


def test_a_link_that_ends_meanwhile_saves_and_hands_in_nothing(
    client: Client, target: SurveyTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(url(target, "sections/main/"), FULL)
    state = client.get(url(target, "check/")).context["state"]
    before = DraftSection.objects.get().values
    links_go_first(monkeypatch)
    answer = client.post(url(target, "sections/main/"), {**FULL, "respondent_name": "退職した人"})
    assert answer.status_code == 403
    assert "退職した人" in answer.content.decode()
    assert DraftSection.objects.get().values == before
    assert client.post(url(target, "check/"), {"state": state}).status_code == 403
    assert not Submission.objects.exists()


@pytest.fixture
def trial(staff: User) -> Any:
    survey = factories.survey(factories.council_year(), status="draft", opened_at=None)
    factories.question(survey, "はい", "いいえ", key="a")
    (link,) = start_trial(survey, [factories.organization(kind="prefecture").pk], by=staff)
    return link


def test_a_trial_that_ends_under_somebodys_hands_is_said(
    trial: Any, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, lock = Client(), access.lock
    client.get(f"/answer/open/{trial.token}/")

    def ended_first(found: SurveyTarget) -> SurveyTarget:
        end_trial(found.survey, by=staff)
        return lock(found)

    monkeypatch.setattr(access, "lock", ended_first)
    assert client.post(url(trial.target, "sections/main/"), {"q-a": "c1"}).status_code == 403


def test_a_mail_that_is_thrown_away_stops_no_other(
    trial: Any, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.target(factories.survey(factories.council_year()))
    receipts.queue_one(trial.target, "receipt", "受付", "本文", ["a@example.jp"])
    receipts.queue_one(other, "receipt", "受付", "本文", ["b@example.jp"])
    send = EmailMessage.send

    def slow(mail: EmailMessage, *args: Any, **kwargs: Any) -> Any:
        if mail.to == ["a@example.jp"]:
            end_trial(trial.target.survey, by=staff)
        return send(mail, *args, **kwargs)

    monkeypatch.setattr(EmailMessage, "send", slow)
    assert mailing.send_due() == (1, 0)
    assert OutgoingMail.objects.get().address == "b@example.jp"


def test_a_list_deletes_nothing_that_was_announced_meanwhile(
    staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = factories.meeting(factories.council_year())
    lock = MeetingAdmin.lock

    def announced_first(admin: MeetingAdmin, object_id: int) -> None:
        Meeting.objects.update(is_announced=True, first_public_at=timezone.now())
        lock(admin, object_id)

    monkeypatch.setattr(MeetingAdmin, "lock", announced_first)
    data = {"action": "delete_selected", "_selected_action": [meeting.pk], "post": "yes"}
    staff_client.post("/admin/meetings/meeting/", data)
    assert Meeting.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="rows are locked on PostgreSQL alone")
@pytest.mark.django_db(transaction=True)
def test_two_screens_of_one_row_undo_nothing_of_each_other(staff: User) -> None:
    row = factories.department(organization=factories.organization())
    body, own = (
        f"/admin/members/organization/{row.organization_id}/change/",
        f"/admin/members/department/{row.pk}/change/",
    )
    staff_client = Client()
    staff_client.force_login(staff)
    stale = filled(staff_client.get(body).content)
    fresh = {**filled(staff_client.get(own).content), "email": "new@example.jp"}
    held = threading.Event()

    def first() -> None:
        with transaction.atomic():
            list(Department.objects.select_for_update().filter(pk=row.pk))
            held.set()
            time.sleep(0.5)
            Department.objects.filter(pk=row.pk).update(email=fresh["email"])
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    held.wait(5)
    staff_client.post(body, stale)
    thread.join()
    row.refresh_from_db()
    assert row.email == "new@example.jp"
