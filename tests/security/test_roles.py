"""Roles: whoever edits takes nothing to the public, whoever reads results sees no answer."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone

from council.accounts.roles import AUDITOR, EDITOR, MANAGER, READER, ROLES, SYSTEM, Role
from council.models import AnnualReport
from meetings.models import CorrectionProposal, Material, Meeting
from members.models import Council, CouncilYear
from surveys.models import Answer, Survey
from tests import factories
from tests.meetings.screens import bodies, change_form, publish, step, url
from tests.meetings.test_record import correct_in_editor, correct_in_form
from tests.pages import seen

pytestmark = pytest.mark.django_db


def client_of(*roles: Role) -> Client:
    user = User.objects.create_user(f"user-{'-'.join(role.name for role in roles)}", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=[role.name for role in roles]))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor(db: None) -> Client:
    return client_of(EDITOR)


@pytest.fixture
def manager(db: None) -> Client:
    return client_of(MANAGER)


STEPS = ["publish", "schedule", "cancel", "withdraw", "undo", "approve"]


@pytest.mark.parametrize("name", STEPS)
def test_whoever_edits_publishes_no_record(editor: Client, meeting: Meeting, name: str) -> None:
    shown = seen(editor, url(meeting, "publication"))
    data = {
        "step": name,
        "seen": shown,
        "confirmed": "on",
        "reason": "理由",
        "publish_at": "2099-01-01T09:00",
    }
    assert editor.post(url(meeting, "publication"), data).status_code == 403
    meeting.refresh_from_db()
    assert meeting.record_status == "draft"
    assert meeting.publish_at is None


def test_they_see_no_button_for_it_and_who_has_it(editor: Client, meeting: Meeting) -> None:
    page = editor.get(url(meeting, "publication")).content.decode()
    assert "今すぐ公開する" not in page
    assert "公開、予約、取り下げは、事務局責任者が行います。" in page
    assert "確認を依頼する" in page


@pytest.mark.parametrize("correct", [correct_in_editor, correct_in_form])
def test_their_correction_of_a_public_record_waits(
    editor: Client, manager: Client, meeting: Meeting, correct: Any
) -> None:
    publish(manager, meeting)
    correct(editor, meeting)
    assert bodies(meeting) == ["誤った文"]
    assert CorrectionProposal.objects.count() == 1
    assert "訂正を公開しました" in step(manager, meeting, "approve")
    # Whoever may publish corrects at once, where the office wants no second person.
    assert not CorrectionProposal.objects.exists()


def test_their_correction_of_an_announced_record_with_files_can_be_approved(
    editor: Client, manager: Client, meeting: Meeting
) -> None:
    Material.objects.create(meeting=meeting, title="資料", is_public=True, position=1)
    Meeting.objects.update(is_announced=True)
    meeting.refresh_from_db()
    publish(manager, meeting)
    form = change_form(editor, meeting, place="別の場所", reason="誤り", corrected_on=timezone.localdate())
    # The switches stand on their page as text.
    form = {name: value for name, value in form.items() if "is_public" not in name and name != "is_announced"}
    editor.post(f"/admin/meetings/meeting/{meeting.pk}/change/", form)
    assert CorrectionProposal.objects.count() == 1
    assert "訂正を公開しました" in step(manager, meeting, "approve")
    assert meeting.place == "別の場所"
    assert meeting.is_announced
    assert meeting.materials.get().is_public


def test_no_switch_is_smuggled_into_a_correction(editor: Client, manager: Client, meeting: Meeting) -> None:
    Meeting.objects.update(is_announced=False)
    meeting.refresh_from_db()
    publish(manager, meeting)
    form = change_form(editor, meeting, place="別の場所", reason="誤り", corrected_on=timezone.localdate())
    editor.post(f"/admin/meetings/meeting/{meeting.pk}/change/", {**form, "is_announced": "on"})
    step(manager, meeting, "approve")
    meeting.refresh_from_db()
    assert not meeting.is_announced


def test_switches_to_the_public_are_not_theirs(editor: Client, manager: Client, meeting: Meeting) -> None:
    path = f"/admin/meetings/meeting/{meeting.pk}/change/"
    year, council = meeting.council_year, meeting.council_year.council
    survey = factories.survey(year)
    CouncilYear.objects.update(is_public=False)
    Council.objects.update(is_public=False)
    Meeting.objects.update(is_announced=False)
    editor.post(path, change_form(editor, meeting, is_announced="on"))
    for address in (
        f"/admin/members/councilyear/{year.pk}/change/",
        f"/admin/members/council/{council.pk}/change/",
        f"/admin/surveys/survey/{survey.pk}/change/",
    ):
        page = editor.get(address).content.decode()
        for name in ("is_public", "results_public", "results_shared"):
            assert f'name="{name}"' not in page
    meeting.refresh_from_db()
    assert not meeting.is_announced
    assert 'name="is_public"' in manager.get(f"/admin/members/council/{council.pk}/change/").content.decode()
    manager.post(path, change_form(manager, meeting, is_announced="on"))
    meeting.refresh_from_db()
    assert meeting.is_announced


def test_whoever_edits_asks_for_a_report_and_publishes_none(
    editor: Client, manager: Client, fy2020: CouncilYear
) -> None:
    report = AnnualReport.objects.get()
    address = f"/admin/council/annualreport/{report.pk}/publication/"
    shown = {"seen": seen(editor, address), "warnings_known": "on", "reason": "理由", "kind": "correction"}
    for name in ("publish", "schedule", "unschedule", "undo"):
        assert editor.post(address, {**shown, name: "1"}).status_code == 403
    for name in ("withdraw", "lift"):
        assert editor.post(address, {**shown, "step": name}).status_code == 403
    assert not report.editions.exists()
    page = editor.get(address).content.decode()
    assert 'name="publish"' not in page
    assert "公開を取り下げる" not in page
    assert editor.post(address, {**shown, "request": "1"}).status_code == 302
    report.refresh_from_db()
    assert report.requested_by
    assert manager.post(address, {**shown, "seen": seen(manager, address), "publish": "1"}).status_code == 302
    assert report.editions.count() == 1


def test_whoever_reads_results_sees_counts_and_no_answer(fy2020: CouncilYear) -> None:
    reader = client_of(READER)
    survey = Survey.objects.get(key="after-meeting")
    text = Answer.objects.exclude(text="").values_list("text", flat=True).first()
    page = reader.get(f"/admin/surveys/survey/{survey.pk}/results/").content.decode()
    assert "かなり進んだ" in page
    assert text is None or text not in page
    assert "書き出し" not in page
    assert "回答の状況" not in page
    for screen in ("texts/", "export/answers.csv", "board/", "links.xlsx", "mails/"):
        assert reader.get(f"/admin/surveys/survey/{survey.pk}/{screen}").status_code == 403


def test_roles_add_up() -> None:
    both = client_of(READER, AUDITOR)
    assert both.get("/admin/members/auditentry/").status_code == 200
    assert both.get("/admin/surveys/survey/").status_code == 200
    assert both.get("/admin/auth/user/").status_code == 403


def test_what_is_added_to_a_group_by_hand_does_not_last() -> None:
    group = Group.objects.get(name=READER.name)
    before = set(group.permissions.all())
    group.permissions.add(Permission.objects.get(codename="delete_survey"))
    call_command("migrate", verbosity=0)
    assert set(group.permissions.all()) == before


def test_no_role_deletes_what_it_should_not() -> None:
    deletes = {
        role.name: set(
            Group.objects.get(name=role.name)
            .permissions.filter(codename__startswith="delete_")
            .values_list("codename", flat=True)
        )
        for role in ROLES
    }
    assert deletes[READER.name] == deletes[AUDITOR.name] == set()
    assert deletes[SYSTEM.name] <= {"delete_lockout"}
    whole = {"delete_meeting", "delete_survey", "delete_annualreport", "delete_council", "delete_submission"}
    assert not deletes[EDITOR.name] & whole
    for frozen in ("reportedition", "resultsedition", "recordrevision", "user", "logentry", "lockout"):
        assert f"delete_{frozen}" not in deletes[MANAGER.name] | deletes[EDITOR.name]


@pytest.mark.django_db(transaction=True)
def test_whoever_was_in_the_old_group_keeps_their_work_and_gains_nothing() -> None:
    before = [("council", "0015_free_numbers")]
    executor = MigrationExecutor(connection)
    executor.migrate(before)
    old = executor.loader.project_state(before).apps.get_model("auth", "Group")
    group = old.objects.create(name="事務局")
    people = [User.objects.create_user(name, is_staff=True) for name in ("a", "b")]
    group.user_set.add(people[0].pk)
    MigrationExecutor(connection).migrate(executor.loader.graph.leaf_nodes())
    call_command("migrate", verbosity=0)
    assert {each.name for each in people[0].groups.all()} == {EDITOR.name, MANAGER.name, AUDITOR.name}
    assert not people[1].groups.exists()
    assert not Group.objects.filter(name="事務局").exists()
    assert not people[0].has_perm("auth.add_user")


def test_no_list_is_narrowed_by_what_nobody_may_read(staff: User) -> None:
    staff.is_superuser = True
    staff.save()
    client = Client()
    client.force_login(staff)
    for query in ("password__startswith=argon2", "username__regex=^(a%2B)%2B$", "password=x"):
        response = client.get(f"/admin/auth/user/?{query}")
        # To the whole list, whatever the answer would be.
        assert response.status_code == 302, query
    assert client.get("/admin/auth/user/?username__startswith=j").status_code == 200
