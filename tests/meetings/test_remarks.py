"""The confirmation round: asked by link, answered until a day, decided by staff."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from meetings.models import Meeting, MinuteEntry, Remark, RemarkRequest
from meetings.record.publication import check_record
from meetings.remarks.lifecycle import ask
from tests import factories

pytestmark = pytest.mark.django_db

FROZEN = "津市の発言の内容"


@pytest.fixture
def meeting() -> Meeting:
    meeting = factories.meeting(factories.council_year(), number=1)
    for name, body in (("津市", FROZEN), ("松阪市", "松阪市だけの発言")):
        department = factories.department(organization=factories.organization(name=name))
        MinuteEntry.objects.create(meeting=meeting, kind="case", body=body, department=department)
    MinuteEntry.objects.create(meeting=meeting, kind="report", body="発言者のない項目")
    return meeting


@pytest.fixture
def links(meeting: Meeting) -> dict[str, str]:
    due = timezone.localdate() + timedelta(days=7)
    return {organization.name: f"/remarks/open/{token}/" for organization, token in ask(meeting, due)}


@pytest.fixture
def tsu(links: dict[str, str]) -> tuple[Client, str]:
    client = Client()
    return client, client.get(links["津市"])["Location"]


def answer(
    meeting: Meeting, choice: str, proposal: str = "", comment: str = "", *, entry: MinuteEntry | None = None
) -> dict[str, str]:
    entry = entry or meeting.minute_entries.get(department__organization__name="津市")
    anchor = entry.anchor
    return {
        f"{anchor}.seen": entry.fingerprint,
        f"{anchor}.answer": choice,
        f"{anchor}.proposal": proposal or FROZEN,
        f"{anchor}.comment": comment,
    }


def screen(client: Client, meeting: Meeting, **data: Any) -> str:
    url = f"/admin/meetings/meeting/{meeting.pk}/remarks/"
    return client.post(url, data, follow=True).content.decode()


def test_each_sees_its_own_remarks_only(links: dict[str, str]) -> None:
    for name, own, others in (("津市", FROZEN, "松阪市だけ"), ("松阪市", "松阪市だけ", FROZEN)):
        client = Client()
        page = client.get(links[name], follow=True).content.decode()
        assert own in page
        assert others not in page
        assert "発言者のない項目" not in page


def test_a_remark_is_confirmed(tsu: tuple[Client, str], meeting: Meeting) -> None:
    client, url = tsu
    response = client.post(url, answer(meeting, "confirm"), follow=True)
    assert "回答を受け付けました" in response.content.decode()
    assert Remark.objects.get().state == "confirmed"
    # Sent again: still one.
    client.post(url, answer(meeting, "confirm"))
    assert Remark.objects.count() == 1


@pytest.mark.parametrize(
    ("choice", "proposal", "words"),
    [
        ("", "", "どちらかを選んでください"),
        ("propose", "", "訂正案が今の文と同じか空です"),
        ("x", "", "正しく選択"),
    ],
)
def test_an_unclear_answer_is_explained(
    tsu: tuple[Client, str], meeting: Meeting, choice: str, proposal: str, words: str
) -> None:
    client, url = tsu
    response = client.post(url, answer(meeting, choice, proposal))
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert "<title>エラー：" in page
    assert not Remark.objects.exists()


def test_a_proposal_is_accepted_into_the_minutes(
    tsu: tuple[Client, str], meeting: Meeting, staff_client: Client
) -> None:
    client, url = tsu
    client.post(url, answer(meeting, "propose", "津市の正しい発言", "聞き違い"))
    remark = Remark.objects.get()
    page = staff_client.get(f"/admin/meetings/meeting/{meeting.pk}/remarks/").content.decode()
    assert "<ins>正しい</ins>" in page
    assert "聞き違い" in page
    assert any("1件、処理されていません" in finding.text for finding in check_record(meeting))

    assert remark.entry is not None
    seen = remark.fingerprint
    # Somebody edits the entry while the proposal is on another screen.
    MinuteEntry.objects.filter(pk=remark.entry.pk).update(body="別の直し")
    page = screen(staff_client, meeting, step="accept", remark=remark.pk, seen=seen)
    assert "項目の文か訂正案が変わっています" in page
    MinuteEntry.objects.filter(pk=remark.entry.pk).update(body=FROZEN)
    page = screen(staff_client, meeting, step="accept", remark=remark.pk, seen=seen)
    assert "申し出を反映しました" in page
    assert meeting.minute_entries.filter(body="津市の正しい発言").exists()
    assert [revision.number for revision in meeting.revisions.all()] == [1, 2]
    assert "すでに処理されています" in screen(staff_client, meeting, step="refuse", remark=remark.pk)
    # Decided is decided: the organization cannot change it any more.
    client.post(url, answer(meeting, "confirm"))
    remark.refresh_from_db()
    assert remark.state == "accepted"


def test_only_what_was_read_is_confirmed(tsu: tuple[Client, str], meeting: Meeting) -> None:
    client, url = tsu
    stale = answer(meeting, "confirm")
    meeting.minute_entries.filter(body=FROZEN).update(body="事務局が直した文")
    response = client.post(url, stale)
    page = response.content.decode()
    assert response.status_code == 422
    assert "画面を開いた後に事務局が文を直しました" in page
    assert "事務局が直した文" in page
    assert not Remark.objects.exists()
    assert client.post(url, answer(meeting, "confirm")).status_code == 302


def test_a_decided_remark_does_not_block_the_others(
    tsu: tuple[Client, str], meeting: Meeting, staff_client: Client
) -> None:
    client, url = tsu
    client.post(url, answer(meeting, "propose", "津市の正しい発言"))
    remark = Remark.objects.get()
    assert remark.entry is not None
    screen(staff_client, meeting, step="accept", remark=remark.pk, seen=remark.fingerprint)
    second = MinuteEntry.objects.create(
        meeting=meeting, kind="case", body="二つ目", department=remark.entry.department
    )
    both = answer(meeting, "propose", "津市の正しい発言", entry=remark.entry)
    both |= answer(meeting, "confirm", entry=second)
    assert client.post(url, both).status_code == 302
    assert [row.state for row in Remark.objects.order_by("pk")] == ["accepted", "confirmed"]


def test_a_proposal_is_refused(tsu: tuple[Client, str], meeting: Meeting, staff_client: Client) -> None:
    client, url = tsu
    client.post(url, answer(meeting, "propose", "津市の言い分"))
    remark = Remark.objects.get()
    screen(staff_client, meeting, step="refuse", remark=remark.pk, seen=remark.fingerprint)
    assert meeting.minute_entries.filter(body=FROZEN).exists()
    assert "申し出を見送り" in client.get(url).content.decode()


def test_the_round_ends_on_its_day_and_with_publication(tsu: tuple[Client, str], meeting: Meeting) -> None:
    client, url = tsu
    RemarkRequest.objects.update(due_on=timezone.localdate())
    assert client.post(url, answer(meeting, "confirm")).status_code == 302
    RemarkRequest.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    response = client.post(url, answer(meeting, "propose", "遅れた訂正案"))
    assert response.status_code == 403
    page = response.content.decode()
    assert "受付は終了しました" in page
    assert "遅れた訂正案" in page
    RemarkRequest.objects.update(due_on=timezone.localdate())
    Meeting.objects.update(record_status="published")
    assert client.post(url, answer(meeting, "confirm")).status_code == 403


def test_after_the_end_the_draft_is_not_shown_any_more(tsu: tuple[Client, str], meeting: Meeting) -> None:
    client, url = tsu
    client.post(url, answer(meeting, "propose", "津市の訂正案"))
    RemarkRequest.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    MinuteEntry.objects.filter(body=FROZEN).update(body="期限の後の下書き")
    for page in (client.get(url), client.post(url, answer(meeting, "confirm"))):
        html = page.content.decode()
        assert "期限の後の下書き" not in html
        assert FROZEN in html
        assert "津市の訂正案" in html
        assert "申し出あり" in html


@pytest.mark.parametrize("choice", ["confirm", "propose"])
def test_a_text_changed_after_it_was_agreed_is_warned_of(
    tsu: tuple[Client, str], meeting: Meeting, staff_client: Client, choice: str
) -> None:
    client, url = tsu
    client.post(url, answer(meeting, choice, "" if choice == "confirm" else "津市の正しい発言"))
    remark = Remark.objects.get()
    assert remark.entry is not None
    if choice == "propose":
        screen(staff_client, meeting, step="accept", remark=remark.pk, seen=remark.fingerprint)
    words = "団体が確認した後に、文か、種別、発言者、担当、期限が変わった項目が1件"
    assert not any(words in finding.text for finding in check_record(meeting))
    MinuteEntry.objects.filter(pk=remark.entry.pk).update(body="事務局が直した文")
    assert any(words in finding.text for finding in check_record(meeting))


def test_the_last_day_there_is_is_a_day(tsu: tuple[Client, str]) -> None:
    client, url = tsu
    RemarkRequest.objects.update(due_on="9999-12-31")
    assert client.get(url).status_code == 200


def test_nobody_else_gets_in(links: dict[str, str], tsu: tuple[Client, str]) -> None:
    _, url = tsu
    other = Client()
    other.get(links["松阪市"])
    for visitor in (Client(), other):
        response = visitor.get(url)
        assert response.status_code == 403
        assert FROZEN not in response.content.decode()
    assert Client().get("/remarks/open/wrong/").status_code == 404


def test_staff_ask_and_get_the_links_once(meeting: Meeting, staff_client: Client) -> None:
    assert "確認の期限を入力してください" in screen(staff_client, meeting, step="ask", due_on="")
    past = timezone.localdate() - timedelta(days=1)
    assert "今日以後の日" in screen(staff_client, meeting, step="ask", due_on=past)
    page = screen(staff_client, meeting, step="ask", due_on=timezone.localdate())
    found = re.findall(r"http://testserver(/remarks/open/[^<]+)<", page)
    assert len(found) == 2
    later = staff_client.get(f"/admin/meetings/meeting/{meeting.pk}/remarks/").content.decode()
    assert "/remarks/open/" not in later
    assert later.count("未回答") == 2
    # Asking again keeps the links that are out.
    again = screen(staff_client, meeting, step="ask", due_on=timezone.localdate())
    assert "0団体に新しく" in again
    assert Client().get(found[0]).status_code == 302
    request = RemarkRequest.objects.first()
    assert request is not None
    fresh = screen(staff_client, meeting, step="reissue", request=request.pk)
    (link,) = re.findall(r"http://testserver(/remarks/open/[^<]+)<", fresh)
    assert Client().get(link).status_code == 302
    assert sum(Client().get(old).status_code == 302 for old in found) == 1


def test_without_speakers_there_is_nobody_to_ask() -> None:
    meeting = factories.meeting(factories.council_year())
    with pytest.raises(ValidationError, match="先に発言者を入力"):
        ask(meeting, timezone.localdate())


def test_a_body_with_several_sections_is_asked_by_its_name(meeting: Meeting) -> None:
    body = factories.organization(name="伊勢市")
    for section in ("情報課", "市民課"):
        department = factories.department(organization=body, name=section)
        factories.membership(meeting.council_year, department=department)
    # Which section spoke is not told: the entry names the body alone.
    for speaker, text in (("伊勢市", "伊勢市の発言"), ("伊勢市教育委員会連合会", "連合会の発言")):
        MinuteEntry.objects.create(meeting=meeting, kind="case", body=text, speaker_name=speaker)
    issued = {each.name: token for each, token in ask(meeting, timezone.localdate())}
    assert set(issued) == {"津市", "松阪市", "伊勢市"}
    page = Client().get(f"/remarks/open/{issued['伊勢市']}/", follow=True).content.decode()
    assert "伊勢市の発言" in page
    assert "連合会の発言" not in page
    assert FROZEN not in page
