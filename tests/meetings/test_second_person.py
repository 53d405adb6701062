"""Where the office wants a second person, a public record is corrected by two."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from council.staff_permissions import STAFF_GROUP
from meetings.models import CorrectionProposal, Meeting, MinuteEntry
from tests.meetings.screens import bodies, change_form, publish, step
from tests.meetings.test_record import correct_in_editor, correct_in_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_client() -> Client:
    user = User.objects.create_user("betsu", password="a-long-password", is_staff=True)
    user.groups.add(Group.objects.get(name=STAFF_GROUP))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def public(staff_client: Client, meeting: Meeting, settings: Any) -> Meeting:
    publish(staff_client, meeting)
    settings.APPROVAL_BY_SECOND_PERSON = True
    return meeting


def page(meeting: Meeting) -> str:
    return Client().get(meeting.get_absolute_url()).content.decode()


@pytest.mark.parametrize("correct", [correct_in_editor, correct_in_form])
def test_a_correction_waits_for_somebody_else(
    staff_client: Client, other_client: Client, public: Meeting, correct: Any
) -> None:
    correct(staff_client, public)
    assert "正しい文" not in page(public)
    assert bodies(public) == ["誤った文"]
    screen = f"/admin/meetings/meeting/{public.pk}/publication/"
    shown = other_client.get(screen).content.decode()
    assert "公開を待つ訂正" in shown
    assert "正しい文" in shown
    assert "別の職員が公開してください" in step(staff_client, public, "approve")
    assert "正しい文" not in page(public)
    assert "訂正を公開しました（依頼した職員：jimukyoku）" in step(other_client, public, "approve")
    assert "正しい文" in page(public)
    assert "文の誤り" in page(public)
    latest = public.revisions.last()
    assert latest
    assert str(latest.saved_by) == "jimukyoku"
    assert not CorrectionProposal.objects.exists()
    assert "訂正の依頼はありません" in step(other_client, public, "approve")


def test_what_changed_meanwhile_is_not_approved(
    staff_client: Client, other_client: Client, public: Meeting
) -> None:
    correct_in_editor(staff_client, public)
    MinuteEntry.objects.update(body="ほかの文")
    assert "依頼の後に記録が変わりました" in step(other_client, public, "approve")
    assert bodies(public) == ["ほかの文"]
    assert "記録は変わっていません" in step(other_client, public, "drop")
    assert not CorrectionProposal.objects.exists()


def test_a_second_proposal_waits_its_turn(
    staff_client: Client, other_client: Client, public: Meeting
) -> None:
    correct_in_editor(staff_client, public)
    correct_in_form(staff_client, public)
    assert CorrectionProposal.objects.get().screen == "meeting"
    correct_in_editor(other_client, public)
    assert CorrectionProposal.objects.get().screen == "meeting"


def test_what_is_no_correction_is_saved_at_once(staff_client: Client, public: Meeting) -> None:
    path = f"/admin/meetings/meeting/{public.pk}/change/"
    assert staff_client.post(path, change_form(staff_client, public, is_announced="on")).status_code == 302
    public.refresh_from_db()
    assert public.is_announced
    assert not CorrectionProposal.objects.exists()
    wrong = change_form(staff_client, public, place="別の場所")
    assert "訂正の理由を入力してください" in staff_client.post(path, wrong).content.decode()
