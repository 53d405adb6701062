"""The record's screens: writing together, history, publication and correction."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone

from meetings.models import AutosavedDraft, Guest, Material, Meeting, MinuteEntry, RecordRevision
from meetings.record.snapshot import compare
from tests.meetings.screens import bodies, change_form, posted_again, publish, rows, step, url

pytestmark = pytest.mark.django_db


def test_entries_are_written_in_order_with_speaker_and_item(staff_client: Client, meeting: Meeting) -> None:
    item = meeting.agenda_items.get()
    department = meeting.council_year.memberships.get().department
    data = rows(
        {"body": "二番目", "position": 2, "more_guests": "架空株式会社", "kind": "lecture"},
        {"body": "一番目", "position": 1, "speaker": f"d{department.pk}", "agenda_item": item.anchor},
        {"body": "", "kind": ""},
    )
    assert staff_client.post(url(meeting, "record"), data).status_code == 302
    first, second = meeting.minute_entries.all()
    assert (first.body, first.agenda_item, first.speaker) == ("一番目", item, "津市 情報課")
    assert (second.guest, second.speaker) == (Guest.objects.get(), "架空株式会社")
    revision = meeting.revisions.get()
    assert [entry["body"] for entry in revision.content["entries"]] == ["一番目", "二番目"]


def test_saving_again_keeps_anchors_and_speakers(staff_client: Client, meeting: Meeting) -> None:
    staff_client.post(url(meeting, "record"), rows({"body": "一"}, {"body": "二"}))
    anchors = [entry.anchor for entry in meeting.minute_entries.all()]
    page = staff_client.get(url(meeting, "record")).content.decode()
    data = posted_again(page)
    data["e-0-position"], data["e-1-position"] = "2", "1"
    data["e-0-body"] = "一（改）"
    assert staff_client.post(url(meeting, "record"), data).status_code == 302
    assert bodies(meeting) == ["二", "一（改）"]
    assert [entry.anchor for entry in meeting.minute_entries.all()] == anchors[::-1]
    # Nothing changed: no new state.
    page = staff_client.get(url(meeting, "record")).content.decode()
    staff_client.post(url(meeting, "record"), posted_again(page))
    assert meeting.revisions.count() == 2


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"body": "内容", "kind": ""}, "種別を選んでください"),
        ({"body": ""}, "内容を入力してください"),
        ({"body": "あ" * 20_001}, "20000"),
        ({"body": "内容", "speaker": "d999"}, "正しく選択してください"),
    ],
)
def test_a_wrong_entry_saves_nothing_and_keeps_what_was_typed(
    staff_client: Client, meeting: Meeting, entry: dict[str, str], words: str
) -> None:
    response = staff_client.post(url(meeting, "record"), rows({"body": "正しい項目"}, entry))
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert "正しい項目" in page
    assert not MinuteEntry.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"record_version": "x"},
        {"record_version": "5", "e-TOTAL_FORMS": "x"},
        rows({"body": "一"}, **{"e-TOTAL_FORMS": 10_000_000}),
        rows({"body": "一", "anchor": "nothere", "position": "-1"}),
        rows({"body": "一", "kind": "x", "agenda_item": "x", "speaker": "x"}),
    ],
)
def test_odd_posts_are_no_crash(staff_client: Client, meeting: Meeting, data: dict[str, Any]) -> None:
    assert staff_client.post(url(meeting, "record"), data).status_code < 500


def test_two_editors_see_each_other_and_lose_nothing(staff_client: Client, meeting: Meeting) -> None:
    staff_client.post(url(meeting, "record"), rows({"body": "甲"}, {"body": "乙"}, {"body": "丙"}))
    opened = posted_again(staff_client.get(url(meeting, "record")).content.decode())

    theirs = {**opened, "e-0-body": "甲（先）", "e-1-body": "乙（先）"}
    index = int(theirs["e-TOTAL_FORMS"])
    theirs |= {"e-TOTAL_FORMS": index + 1, f"e-{index}-body": "丁（先）", f"e-{index}-kind": "report"}
    assert staff_client.post(url(meeting, "record"), theirs).status_code == 302

    mine = {**opened, "e-1-body": "乙（後）", "e-2-body": "丙（後）"}
    response = staff_client.post(url(meeting, "record"), mine)
    page = response.content.decode()
    assert response.status_code == 409
    assert "ほかの人が保存した内容：【報告】乙（先）" in page
    assert bodies(meeting) == ["甲（先）", "乙（先）", "丙", "丁（先）"]

    merged = posted_again(page)
    assert staff_client.post(url(meeting, "record"), merged).status_code == 302
    # Theirs where only they wrote, mine where I wrote, and what they added.
    assert set(bodies(meeting)) == {"甲（先）", "乙（後）", "丙（後）", "丁（先）"}


def test_an_entry_that_another_deleted_is_not_lost(staff_client: Client, meeting: Meeting) -> None:
    staff_client.post(url(meeting, "record"), rows({"body": "甲"}, {"body": "乙"}))
    opened = posted_again(staff_client.get(url(meeting, "record")).content.decode())
    staff_client.post(url(meeting, "record"), {**opened, "e-0-DELETE": "on"})
    assert bodies(meeting) == ["乙"]
    page = staff_client.post(url(meeting, "record"), {**opened, "e-0-body": "甲（直し）"}).content.decode()
    assert "ほかの人がこの項目を削除しました" in page
    staff_client.post(url(meeting, "record"), posted_again(page))
    assert set(bodies(meeting)) == {"甲（直し）", "乙"}


def test_control_characters_are_taken_out(staff_client: Client, meeting: Meeting) -> None:
    row = {"body": "一行目\x0b二行目\x1f", "speaker_name": "三重\x0c県"}
    staff_client.post(url(meeting, "record"), rows(row))
    entry = meeting.minute_entries.get()
    assert (entry.body, entry.speaker_name) == ("一行目\n二行目", "三重県")


@pytest.mark.parametrize("body", ["\x0b", "\x01"])
def test_a_body_of_control_characters_is_empty(staff_client: Client, meeting: Meeting, body: str) -> None:
    response = staff_client.post(url(meeting, "record"), rows({"body": body}))
    assert "内容を入力してください" in response.content.decode()


def test_typing_is_kept_for_its_author_only(staff_client: Client, meeting: Meeting) -> None:
    data = rows({"body": "書きかけ"})
    answer = staff_client.post(url(meeting, "autosave"), data)
    assert answer.json()["saved_at"]
    assert not MinuteEntry.objects.exists()
    page = staff_client.get(url(meeting, "record")).content.decode()
    assert "保存していない入力が残っています" in page
    assert "書きかけ" not in page
    restored = staff_client.get(url(meeting, "record") + "?restore").content.decode()
    assert "書きかけ" in restored

    other = Client()
    other.force_login(User.objects.create_superuser("other"))
    assert "保存していない入力" not in other.get(url(meeting, "record")).content.decode()

    staff_client.post(url(meeting, "record"), posted_again(restored))
    assert bodies(meeting) == ["書きかけ"]
    assert not AutosavedDraft.objects.exists()


def test_a_state_is_compared_and_loaded_again(staff_client: Client, meeting: Meeting) -> None:
    staff_client.post(url(meeting, "record"), rows({"body": "はじめの文"}))
    opened = posted_again(staff_client.get(url(meeting, "record")).content.decode())
    staff_client.post(url(meeting, "record"), {**opened, "e-0-body": "あとの文"})
    page = staff_client.get(url(meeting, "history")).content.decode()
    assert "<del>はじめ</del><ins>あと</ins>の文" in page
    loaded = staff_client.get(url(meeting, "record") + "?from=1").content.decode()
    assert "はじめの文" in loaded
    assert bodies(meeting) == ["あとの文"]
    staff_client.post(url(meeting, "record"), posted_again(loaded))
    assert bodies(meeting) == ["はじめの文"]
    assert meeting.revisions.count() == 3


def test_a_record_is_checked_before_it_is_published(staff_client: Client, meeting: Meeting) -> None:
    page = step(staff_client, meeting, "publish")
    assert "議事概要がありません" in page
    assert not meeting.has_public_record

    MinuteEntry.objects.create(meeting=meeting, kind="report", body="資料1を説明した。")
    Material.objects.create(meeting=meeting, label="資料1", title="説明資料")
    page = step(staff_client, meeting, "publish")
    assert "「確かめました」に印を付けてください" in page
    assert "議事概要が触れている資料「資料1 説明資料」が非公開です" in page
    assert not meeting.has_public_record

    page = step(staff_client, meeting, "publish", confirmed="on")
    assert "会議記録を公開しました" in page
    assert meeting.record_status == "published"
    assert meeting.revisions.get().is_public
    assert "資料1を説明した。" in Client().get(meeting.get_absolute_url()).content.decode()


def test_a_second_approval_changes_nothing(staff_client: Client, meeting: Meeting) -> None:
    MinuteEntry.objects.create(meeting=meeting, kind="report", body="報告した。")
    step(staff_client, meeting, "publish")
    assert "すでに「公開」です" in step(staff_client, meeting, "publish")
    assert meeting.revisions.count() == 1


def test_the_second_person_is_another_one(staff_client: Client, meeting: Meeting, settings: Any) -> None:
    settings.APPROVAL_BY_SECOND_PERSON = True
    MinuteEntry.objects.create(meeting=meeting, kind="report", body="報告した。")
    assert "別の人が確認してください" in step(staff_client, meeting, "publish")
    step(staff_client, meeting, "review")
    assert "確認を依頼した人とは別の人" in step(staff_client, meeting, "publish")
    assert meeting.record_status == "review"
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    step(boss, meeting, "publish")
    assert meeting.record_status == "published"


def test_a_scheduled_record_appears_at_its_moment(staff_client: Client, meeting: Meeting) -> None:
    MinuteEntry.objects.create(meeting=meeting, kind="report", body="予約した記録")
    assert "先の日時" in step(staff_client, meeting, "schedule", publish_at="2020-01-01T09:00")
    assert "日時を入力してください" in step(staff_client, meeting, "schedule", publish_at="いつか")
    later = timezone.localtime() + timedelta(hours=1)
    step(staff_client, meeting, "schedule", publish_at=later.strftime("%Y-%m-%dT%H:%M"))
    call_command("publish_scheduled")
    assert Client().get(meeting.get_absolute_url()).status_code == 404
    Meeting.objects.update(publish_at=timezone.now())
    call_command("publish_scheduled")
    assert "予約した記録" in Client().get(meeting.get_absolute_url()).content.decode()
    call_command("publish_scheduled")
    assert meeting.revisions.count() == 1


def test_a_schedule_that_no_longer_fits_is_dropped(meeting: Meeting) -> None:
    Meeting.objects.update(publish_at=timezone.now())
    call_command("publish_scheduled")
    meeting.refresh_from_db()
    assert meeting.publish_at is None
    assert not meeting.has_public_record


def test_a_public_record_changes_only_as_a_correction(staff_client: Client, meeting: Meeting) -> None:
    publish(staff_client, meeting)
    opened = posted_again(staff_client.get(url(meeting, "record")).content.decode())
    changed = {**opened, "e-0-body": "正しい文"}
    response = staff_client.post(url(meeting, "record"), {**changed, "reason": "", "corrected_on": ""})
    assert "訂正の理由を入力してください" in response.content.decode()
    assert bodies(meeting) == ["誤った文"]
    tomorrow = timezone.localdate() + timedelta(days=1)
    future = {**changed, "reason": "誤り", "corrected_on": tomorrow}
    assert "今日までの日" in staff_client.post(url(meeting, "record"), future).content.decode()

    good = {**changed, "reason": "文の誤り", "corrected_on": timezone.localdate()}
    assert staff_client.post(url(meeting, "record"), good).status_code == 302
    page = Client().get(meeting.get_absolute_url()).content.decode()
    assert "正しい文" in page
    assert "誤った文" not in page
    assert "文の誤り" in page
    history = Client().get(f"{meeting.get_absolute_url()}history/").content.decode()
    assert "<del>誤った</del><ins>正しい</ins>文" in history
    assert "文の誤り" in history


def test_agenda_and_day_of_a_public_record_need_a_reason_too(staff_client: Client, meeting: Meeting) -> None:
    publish(staff_client, meeting)
    item = meeting.agenda_items.get()
    today, title = timezone.localdate(), {"agenda_items-0-title": "直した議題"}
    data = change_form(staff_client, meeting, corrected_on=today, **title)
    change = f"/admin/meetings/meeting/{meeting.pk}/change/"
    page = staff_client.post(change, data).content.decode()
    assert "理由と日付を入力してください" in page
    page = staff_client.post(change, {**data, "agenda_items-0-title": item.title, "place": "別の場所"})
    assert "訂正の理由を入力してください" in page.content.decode()
    assert staff_client.post(change, {**data, "reason": "議題名の誤り"}).status_code == 302
    meeting.refresh_from_db()
    assert meeting.record_status == "corrected"
    latest = meeting.revisions.last()
    assert latest is not None
    assert latest.reason == "議題名の誤り"


def correct_in_editor(client: Client, meeting: Meeting) -> None:
    opened = posted_again(client.get(url(meeting, "record")).content.decode())
    reason = {"reason": "文の誤り", "corrected_on": timezone.localdate()}
    assert (
        client.post(url(meeting, "record"), {**opened, "e-0-body": "正しい文", **reason}).status_code == 302
    )


def correct_in_form(client: Client, meeting: Meeting) -> None:
    reason = {"reason": "文の誤り", "corrected_on": timezone.localdate()}
    data = change_form(client, meeting, place="正しい文", **reason)
    assert client.post(f"/admin/meetings/meeting/{meeting.pk}/change/", data).status_code == 302


@pytest.mark.parametrize("correct", [correct_in_editor, correct_in_form])
def test_a_public_record_without_history_keeps_its_first_text(
    staff_client: Client, meeting: Meeting, correct: Any
) -> None:
    """As one that came with the fixtures, or from another system."""
    MinuteEntry.objects.create(meeting=meeting, kind="report", body="元の文")
    Meeting.objects.update(record_status="published", place="元の文")
    meeting.refresh_from_db()
    correct(staff_client, meeting)
    history = Client().get(f"{meeting.get_absolute_url()}history/").content.decode()
    assert "<del>元の</del><ins>正しい</ins>文" in history
    assert "文の誤り" in Client().get(meeting.get_absolute_url()).content.decode()


def test_a_withdrawn_record_is_gone_from_every_page(staff_client: Client, meeting: Meeting) -> None:
    publish(staff_client, meeting)
    step(staff_client, meeting, "withdraw", reason="誤りがあったため")
    page = Client().get(meeting.get_absolute_url()).content.decode()
    assert "誤った文" not in page
    assert Client().get(f"{meeting.get_absolute_url()}history/").status_code == 410
    assert not RecordRevision.objects.public().exists()

    # Published anew, the withdrawn text is not brought back by the history.
    opened = posted_again(staff_client.get(url(meeting, "record")).content.decode())
    staff_client.post(url(meeting, "record"), {**opened, "e-0-body": "問題のない文"})
    step(staff_client, meeting, "publish")
    for page in (meeting.get_absolute_url(), f"{meeting.get_absolute_url()}history/"):
        html = Client().get(page).content.decode()
        assert "誤った文" not in html
    assert RecordRevision.objects.public().count() == 1


def test_only_those_who_may_change_meetings_get_in(meeting: Meeting) -> None:
    client = Client()
    client.force_login(User.objects.create_user("viewer", is_staff=True))
    for page in ("record", "history", "publication", "minutes-paste", "autosave", "remarks"):
        assert client.post(url(meeting, page), {}).status_code == 403
        assert Client().get(url(meeting, page)).status_code == 302
    assert client.get("/admin/meetings/meeting/paste/").status_code == 403


def test_comparing_tells_what_moved() -> None:
    empty = dict.fromkeys(("held_on", "start_time", "end_time", "mode", "place", "status"), "")
    entries = [
        {"anchor": a, "kind": "report", "body": a, "agenda_item": "", "speaker_name": "", "speaker_post": ""}
        for a in "ab"
    ]
    before = {"meeting": empty, "agenda": [], "entries": entries, "attendance": []}
    after = {**before, "entries": entries[::-1], "meeting": {**empty, "mode": "online"}}
    assert [(c.part, c.after) for c in compare(before, after)] == [
        ("開催方法", "Web会議"),
        ("議事概要の順序", "【報告】b → 【報告】a"),
    ]


def test_a_public_record_of_a_held_meeting_is_not_emptied(staff_client: Client, meeting: Meeting) -> None:
    publish(staff_client, meeting)
    opened = posted_again(staff_client.get(url(meeting, "record")).content.decode())
    emptied = {**opened, "e-0-DELETE": "on", "reason": "誤り", "corrected_on": timezone.localdate()}
    response = staff_client.post(url(meeting, "record"), emptied)
    assert "すべて消すことはできません" in response.content.decode()
    assert bodies(meeting) == ["誤った文"]


def test_several_guests_speak_together(staff_client: Client, meeting: Meeting) -> None:
    first = {"body": "説明した", "more_guests": "井上氏、原氏，吉田氏、井上氏"}
    assert staff_client.post(url(meeting, "record"), rows(first)).status_code == 302
    entry = meeting.minute_entries.get()
    assert (entry.guest and entry.guest.name, entry.more_guests) == ("井上氏", "原氏、吉田氏")
    assert entry.speaker_name == "井上氏、原氏、吉田氏"
    data = posted_again(staff_client.get(url(meeting, "record")).content.decode())
    assert data["e-0-more_guests"] == "原氏、吉田氏"
    # Another order is another record; the name that was made of it follows.
    staff_client.post(url(meeting, "record"), data | {"e-0-more_guests": "吉田氏、原氏"})
    entry.refresh_from_db()
    assert entry.speaker_name == "井上氏、吉田氏、原氏"
    assert meeting.revisions.count() == 2
    # Who is taken off the list of guests stays in the record; who speaks alone is not taken off.
    Guest.objects.get(name="原氏").delete()
    with pytest.raises(ProtectedError):
        Guest.objects.get(name="井上氏").delete()
    assert "井上氏、吉田氏、原氏" in staff_client.get(meeting.get_absolute_url()).content.decode()
    crowd = "、".join(f"架空研究所の客員研究員{number}氏" for number in range(30))
    staff_client.post(url(meeting, "record"), rows({"body": "説明した", "more_guests": crowd}, version=2))
    name = meeting.minute_entries.get().speaker_name
    assert name.startswith("架空研究所の客員研究員0氏、架空研究所の客員研究員1氏")
    assert re.search(r"氏ほか[0-9]+名$", name)
    long = staff_client.post(
        url(meeting, "record"), data | {"e-0-more_guests": "長" * 101, "record_version": 2}
    )
    assert "1人ずつ「、」で区切って" in long.content.decode()
