"""Where the office wants a second person, a public record is corrected by two."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from council.accounts.roles import EDITOR, MANAGER
from meetings.models import CorrectionProposal, Material, Meeting, MinuteEntry
from tests.meetings.screens import (
    bodies,
    change_form,
    posted_again,
    proposal_seen,
    publish,
    step,
    url,
)
from tests.meetings.test_record import correct_in_editor, correct_in_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_client() -> Client:
    user = User.objects.create_user("betsu", password="a-long-password", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=[EDITOR.name, MANAGER.name]))
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


def correct_minutes(client: Client, meeting: Meeting, *entries: dict[str, Any], **changed: Any) -> None:
    """Post the editor as it opens, with changed fields and further entries."""
    opened = posted_again(client.get(url(meeting, "record")).content.decode())
    for index, entry in enumerate(entries, start=int(opened["e-TOTAL_FORMS"])):
        opened |= {
            f"e-{index}-{name}": value
            for name, value in {"kind": "report", "position": index + 1, **entry}.items()
        }
    opened["e-TOTAL_FORMS"] = int(opened["e-TOTAL_FORMS"]) + len(entries)
    reason = {"reason": "文の誤り", "corrected_on": timezone.localdate()}
    assert client.post(url(meeting, "record"), {**opened, **changed, **reason}).status_code == 302
    assert CorrectionProposal.objects.exists()


def test_added_entries_and_guests_can_be_approved(
    staff_client: Client, other_client: Client, public: Meeting
) -> None:
    correct_minutes(
        staff_client,
        public,
        {"body": "加えた文", "more_guests": "新しい先生"},
        {"body": "もう一つ", "more_guests": "別の先生"},
    )
    assert "新しい先生" in other_client.get(url(public, "publication")).content.decode()
    assert "訂正を公開しました" in step(other_client, public, "approve")
    assert bodies(public) == ["誤った文", "加えた文", "もう一つ"]


def test_a_removed_entry_can_be_approved(staff_client: Client, other_client: Client, public: Meeting) -> None:
    correct_minutes(staff_client, public, {"body": "残る文"}, **{"e-0-DELETE": "on"})
    assert "訂正を公開しました" in step(other_client, public, "approve")
    assert bodies(public) == ["残る文"]


def test_an_added_agenda_item_can_be_approved(
    staff_client: Client, other_client: Client, public: Meeting
) -> None:
    added = {
        "agenda_items-TOTAL_FORMS": 2,
        "agenda_items-1-position": 2,
        "agenda_items-1-title": "加えた議題",
    }
    reason = {"reason": "議題の漏れ", "corrected_on": timezone.localdate()}
    path = f"/admin/meetings/meeting/{public.pk}/change/"
    staff_client.post(path, change_form(staff_client, public, **added, **reason))
    assert public.agenda_items.count() == 1
    assert "訂正を公開しました" in step(other_client, public, "approve")
    assert public.agenda_items.last().title == "加えた議題"  # type: ignore[union-attr]


def test_what_is_approved_is_what_was_seen(
    staff_client: Client, other_client: Client, public: Meeting
) -> None:
    correct_in_editor(staff_client, public)
    shown = proposal_seen(other_client, public)
    correct_minutes(staff_client, public, **{"e-0-body": "すり替えた文"})
    assert "訂正の依頼が変わりました" in step(other_client, public, "approve", proposal=shown)
    assert "訂正の依頼が変わりました" in step(other_client, public, "drop", proposal=shown)
    assert bodies(public) == ["誤った文"]
    assert CorrectionProposal.objects.get().proposed_by.username == "jimukyoku"


def test_where_an_entry_hangs_is_shown(staff_client: Client, other_client: Client, public: Meeting) -> None:
    item = public.agenda_items.get()
    correct_minutes(staff_client, public, **{"e-0-agenda_item": item.anchor})
    shown = other_client.get(url(public, "publication")).content.decode()
    assert "「誤った文」の議題" in shown
    assert item.title in shown
    assert "訂正を公開しました" in step(other_client, public, "approve")


def test_a_correction_and_what_is_beside_it_are_saved_apart(staff_client: Client, public: Meeting) -> None:
    reason = {"reason": "場所の誤り", "corrected_on": timezone.localdate()}
    data = change_form(staff_client, public, place="別の場所", is_announced="on", **reason)
    answer = staff_client.post(f"/admin/meetings/meeting/{public.pk}/change/", data, follow=True)
    assert "別々に保存してください" in answer.content.decode()
    public.refresh_from_db()
    assert not public.is_announced
    assert not CorrectionProposal.objects.exists()


def test_withdrawal_ends_a_proposal(staff_client: Client, public: Meeting) -> None:
    correct_in_editor(staff_client, public)
    step(staff_client, public, "withdraw", reason="確認のため")
    assert public.record_status == "draft"
    assert not CorrectionProposal.objects.exists()


def test_a_file_the_public_does_not_get_is_saved_at_once(
    staff_client: Client, public: Meeting, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1
    file = SimpleUploadedFile("memo.txt", "控え".encode(), "text/plain")
    data = {
        **change_form(staff_client, public),
        "materials-TOTAL_FORMS": 1,
        "materials-0-meeting": public.pk,
        "materials-0-position": 1,
        "materials-0-title": "控え",
        "materials-0-kind": "document",
        "materials-0-upload": file,
    }
    answer = staff_client.post(f"/admin/meetings/meeting/{public.pk}/change/", data, follow=True)
    assert "変更しました" in answer.content.decode()
    assert not public.materials.get().is_public
    kept = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert [each.read_bytes() for each in kept] == ["控え".encode()]


@pytest.mark.parametrize("correct", [correct_in_editor, correct_in_form])
def test_who_proposed_it_may_have_left_the_office(
    staff_client: Client, other_client: Client, public: Meeting, correct: Any
) -> None:
    correct(staff_client, public)
    User.objects.filter(username="jimukyoku").update(is_active=False, is_staff=False)
    User.objects.get(username="jimukyoku").groups.clear()
    assert "訂正を公開しました（依頼した職員：jimukyoku）" in step(other_client, public, "approve")
    assert public.revisions.order_by("-number")[0].saved_by.username == "jimukyoku"


def test_a_material_that_came_later_is_shown_with_a_second_person(
    staff_client: Client, other_client: Client, public: Meeting
) -> None:
    material = Material.objects.create(
        meeting=public, title="後から来た資料", url="https://example.jp/a", position=1
    )
    reason = {"reason": "資料の追加", "corrected_on": timezone.localdate()}
    path = f"/admin/meetings/meeting/{public.pk}/change/"
    shown = {
        "materials-TOTAL_FORMS": 1,
        "materials-INITIAL_FORMS": 1,
        "materials-0-id": material.pk,
        "materials-0-meeting": public.pk,
        "materials-0-position": 1,
        "materials-0-title": material.title,
        "materials-0-kind": "document",
        "materials-0-url": material.url,
    }
    data = change_form(staff_client, public, **shown, **reason)
    answer = staff_client.post(path, {**data, "materials-0-is_public": "on"}, follow=True)
    assert "別々に保存" not in answer.content.decode()
    assert "後から来た資料" not in page(public)
    assert "訂正を公開しました" in step(other_client, public, "approve")
    assert "後から来た資料" in page(public)
    # A change of one that stays hidden is no part of the record.
    material.is_public = False
    material.save()
    data = change_form(staff_client, public, **shown, **reason, place="別の場所")
    answer = staff_client.post(path, {**data, "materials-0-title": "別の名"}, follow=True)
    assert "別々に保存してください" in answer.content.decode()
