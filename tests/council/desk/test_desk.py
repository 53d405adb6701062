"""A body's desk: one link to what waits for it, and nothing of anybody else's."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from meetings.models import (
    Attendance,
    AttendanceReply,
    Material,
    MaterialVersion,
    Meeting,
    MinuteEntry,
    RemarkRequest,
)
from meetings.record.attendance import from_replies
from members.common.text.eras import fiscal_year
from members.models import AuditEntry, CouncilYear, Desk, Membership, Organization, RosterReply
from surveys.running.lifecycle import issue_links
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def year() -> CouncilYear:
    return factories.council_year(year=fiscal_year(TODAY()))


@pytest.fixture
def body(year: CouncilYear) -> Organization:
    return factories.membership(year, is_to_check=True).department.organization


def open_desk(body: Organization) -> tuple[Client, Desk]:
    """A browser that has opened a body's link."""
    desk, _ = Desk.objects.get_or_create(organization=body)
    token = desk.new_token()
    desk.save()
    client = Client()
    assert client.get(f"/desk/open/{token}/").status_code == 302
    return client, desk


def invite(year: CouncilYear, **values: Any) -> Meeting:
    """A meeting to come that asks who comes; the days are within the fiscal year or not, as they fall."""
    day = TODAY() + timedelta(days=7)
    defaults = {"number": 1, "held_on": day, "replies_due_on": TODAY(), "status": "planned"}
    return Meeting.objects.create(council_year=year, **{**defaults, **values})


def ask_remarks(year: CouncilYear, body: Organization) -> RemarkRequest:
    meeting = Meeting.objects.create(council_year=year, number=8, held_on=TODAY(), status="held")
    department = body.departments.get()
    MinuteEntry.objects.create(meeting=meeting, kind="report", body="報告した。", department=department)
    request = RemarkRequest(meeting=meeting, organization=body, due_on=TODAY())
    request.new_token()
    request.save()
    return request


def test_everything_that_waits_stands_behind_one_link(year: CouncilYear, body: Organization) -> None:
    survey = factories.survey(year, title="事後アンケート")
    target = factories.target(survey, organization=body)
    issue_links([target])
    invite(year)
    remarks = ask_remarks(year, body)
    client, desk = open_desk(body)
    page = client.get(f"/desk/{desk.anchor}/").content.decode()
    assert "お願いしていること（4件）" in page
    for words in ("事後アンケート", "会議の出欠", "発言内容の確認", "名簿の確認"):
        assert words in page
    # Each leads on without another link.
    answer = client.get(f"/desk/{desk.anchor}/surveys/{target.anchor}/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/answer/{target.anchor}/"
    assert answer.status_code == 200
    said = client.get(f"/desk/{desk.anchor}/remarks/{remarks.anchor}/", follow=True)
    assert "報告した。" in said.content.decode()


def test_nothing_of_another_body_opens(year: CouncilYear, body: Organization) -> None:
    other = factories.membership(year).department.organization
    target = factories.target(factories.survey(year, title="よそのアンケート"), organization=other)
    issue_links([target])
    remarks = ask_remarks(year, other)
    foreign = factories.council_year(council=factories.council(), year=year.year)
    factories.membership(foreign)
    meeting = invite(foreign)
    client, desk = open_desk(body)
    _, others_desk = open_desk(other)
    assert "よそのアンケート" not in client.get(f"/desk/{desk.anchor}/").content.decode()
    for path in (
        f"surveys/{target.anchor}/",
        f"remarks/{remarks.anchor}/",
        f"meetings/{meeting.pk}/",
        f"roster/{foreign.pk}/",
    ):
        assert client.get(f"/desk/{desk.anchor}/{path}").status_code == 404, path
    assert client.get(f"/desk/{others_desk.anchor}/").status_code == 403
    assert (
        client.post(f"/desk/{desk.anchor}/meetings/{meeting.pk}/", {"status": "present"}).status_code == 404
    )
    assert not AttendanceReply.objects.exists()


def test_what_is_not_asked_yet_does_not_show(year: CouncilYear, body: Organization) -> None:
    draft = factories.survey(year, title="準備中の調査", status="draft", opened_at=None)
    factories.target(draft, organization=body)
    left_out = factories.survey(year, title="除かれた調査")
    factories.target(
        left_out, organization=body, is_excluded=True, in_base=False, exclusion_reason="合併のため"
    )
    invite(year, number=5, replies_due_on=None)
    client, desk = open_desk(body)
    page = client.get(f"/desk/{desk.anchor}/").content.decode()
    for words in ("準備中の調査", "除かれた調査", "第5回会議"):
        assert words not in page


def test_opening_a_link_writes_nothing_and_a_dead_one_says_what_to_do(
    year: CouncilYear, body: Organization
) -> None:
    _, desk = open_desk(body)
    token = desk.new_token()
    desk.save()
    entries = AuditEntry.objects.count()
    for _ in range(3):
        assert Client().get(f"/desk/open/{token}/").status_code == 302
    assert AuditEntry.objects.count() == entries
    desk.revoke_link()
    dead = Client().get(f"/desk/open/{token}/")
    assert dead.status_code == 404
    assert "このリンクは使えません" in dead.content.decode()


def test_a_fresh_link_ends_visits_by_the_old_one(year: CouncilYear, body: Organization) -> None:
    client, desk = open_desk(body)
    open_desk(body)
    assert client.get(f"/desk/{desk.anchor}/").status_code == 403


def test_leaving_closes_the_answers_too(year: CouncilYear, body: Organization) -> None:
    target = factories.target(factories.survey(year), organization=body)
    issue_links([target])
    client, desk = open_desk(body)
    client.get(f"/desk/{desk.anchor}/surveys/{target.anchor}/")
    assert client.post(f"/desk/{desk.anchor}/leave/").status_code == 200
    assert client.get(f"/desk/{desk.anchor}/").status_code == 403
    assert client.get(f"/answer/{target.anchor}/").status_code == 403


def reply_to(client: Client, desk: Desk, meeting: Meeting, **values: str) -> Any:
    url = f"/desk/{desk.anchor}/meetings/{meeting.pk}/"
    return client.post(url, {"seen": shown(client, url), "status": "present", **values})


def shown(client: Client, url: str) -> str:
    """What a page says of what it showed."""
    seen = re.search(r'name="seen"(?: value="([^"]*)")?', client.get(url).content.decode())
    return (seen[1] or "") if seen else ""


def test_a_body_says_who_comes_and_may_say_it_anew(year: CouncilYear, body: Organization) -> None:
    meeting = invite(year)
    client, desk = open_desk(body)
    people = "情報課 係長 伊勢 花子\r\n\r\n 総務課 主事 津 太郎 "
    assert reply_to(client, desk, meeting, people=people).status_code == 302
    assert AttendanceReply.objects.get().people == "情報課 係長 伊勢 花子\n総務課 主事 津 太郎"
    assert reply_to(client, desk, meeting, status="absent").status_code == 302
    reply = AttendanceReply.objects.get()
    assert (reply.status, reply.people) == ("absent", "")
    assert "「欠席」と回答済み" in client.get(f"/desk/{desk.anchor}/").content.decode()
    entry = AuditEntry.objects.filter(title="出欠の回答").first()
    assert entry is not None
    assert body.name in entry.who


def test_the_trail_holds_no_hash_of_a_link(year: CouncilYear, body: Organization) -> None:
    _, desk = open_desk(body)
    assert not LogEntry.objects.filter(changes__has_key="token_hash").exists()
    assert not LogEntry.objects.filter(changes_text__contains=desk.token_hash).exists()


def test_colleagues_do_not_overwrite_each_other(year: CouncilYear, body: Organization) -> None:
    meeting = invite(year)
    client, desk = open_desk(body)
    assert reply_to(client, desk, meeting, people="津 太郎").status_code == 302
    late = client.post(f"/desk/{desk.anchor}/meetings/{meeting.pk}/", {"status": "absent", "seen": ""})
    assert late.status_code == 422
    assert "ほかの人が回答しました" in late.content.decode()
    assert AttendanceReply.objects.get().status == "present"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"status": ""}, "出欠を選んでください"),
        ({"status": "absent", "people": "津 太郎"}, "欠席のときは"),
        ({"people": "\n".join(f"{n}人目" for n in range(31))}, "30人まで"),
    ],
)
def test_a_reply_that_cannot_be_taken_says_why(
    year: CouncilYear, body: Organization, values: dict[str, str], words: str
) -> None:
    meeting = invite(year)
    client, desk = open_desk(body)
    response = reply_to(client, desk, meeting, **values)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not AttendanceReply.objects.exists()


def test_after_the_due_day_nothing_is_taken(year: CouncilYear, body: Organization) -> None:
    meeting = invite(year, replies_due_on=TODAY() - timedelta(days=1))
    client, desk = open_desk(body)
    assert reply_to(client, desk, meeting).status_code == 403
    assert not AttendanceReply.objects.exists()
    cancelled = invite(year, number=2, status="cancelled")
    assert client.get(f"/desk/{desk.anchor}/meetings/{cancelled.pk}/").status_code == 404


def test_replies_fill_what_is_not_recorded(year: CouncilYear, body: Organization) -> None:
    other = factories.membership(year).department.organization
    meeting = invite(year)
    for each, status in ((body, "online"), (other, "absent")):
        AttendanceReply.objects.create(meeting=meeting, organization=each, status=status)
    meeting.prefill_attendance()
    Attendance.objects.filter(organization=other).update(status="proxy")
    assert from_replies(meeting).count == 1
    found = dict(meeting.attendances.values_list("organization", "status"))
    assert found == {body.pk: "online", other.pk: "proxy"}


def test_names_of_those_who_come_stay_with_the_secretariat(
    year: CouncilYear, body: Organization, staff_client: Client
) -> None:
    meeting = invite(year, is_announced=True)
    AttendanceReply.objects.create(meeting=meeting, organization=body, status="present", people="秘密野 花子")
    for path in ("", "meeting.ics", "record.docx"):
        content = Client().get(f"{meeting.get_absolute_url()}{path}").content
        assert "秘密野".encode() not in content
    assert "秘密野" in staff_client.get(f"/admin/meetings/meeting/{meeting.pk}/change/").content.decode()


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def paper(meeting: Meeting, anchor: str, **values: Any) -> Material:
    material = Material.objects.create(meeting=meeting, title=f"資料{anchor}", anchor=anchor, **values)
    file = ContentFile(b"%PDF-1.4", name="a.pdf")
    MaterialVersion.objects.create(
        material=material, file=file, name="a.pdf", content_type="application/pdf", size=8, sha256="0" * 64
    )
    return material


def test_members_see_their_papers_and_nobody_else_does(year: CouncilYear, body: Organization) -> None:
    meeting = invite(year, is_announced=True)
    paper(meeting, "members1", for_members=True)
    paper(meeting, "hidden1")
    paper(meeting, "public1", is_public=True)
    client, desk = open_desk(body)
    page = client.get(f"/desk/{desk.anchor}/").content.decode()
    assert "資料members1" in page
    assert "構成員限り" in page
    assert "資料public1" in page
    assert "資料hidden1" not in page
    at_desk = f"/desk/{desk.anchor}/materials"
    assert b"".join(client.get(f"{at_desk}/members1/1/")) == b"%PDF-1.4"
    assert client.get(f"{at_desk}/hidden1/1/").status_code == 404
    stranger, strangers_desk = open_desk(factories.organization())
    assert stranger.get(f"/desk/{strangers_desk.anchor}/materials/members1/1/").status_code == 404
    assert client.get(f"{meeting.get_absolute_url()}materials/members1/1/").status_code == 404
    assert "資料members1" not in Client().get(meeting.get_absolute_url()).content.decode()


def test_a_body_confirms_its_entry_in_the_roster(year: CouncilYear, body: Organization) -> None:
    client, desk = open_desk(body)
    url = f"/desk/{desk.anchor}/roster/{year.pk}/"
    assert client.post(url, {"is_right": "yes", "seen": shown(client, url)}).status_code == 302
    assert not Membership.objects.get().is_to_check
    assert RosterReply.objects.get().is_handled


def test_a_wish_to_change_the_roster_reaches_the_start_page(
    year: CouncilYear, body: Organization, staff_client: Client
) -> None:
    client, desk = open_desk(body)
    url = f"/desk/{desk.anchor}/roster/{year.pk}/"
    empty = client.post(url, {"is_right": "no", "comment": " ", "seen": shown(client, url)})
    assert empty.status_code == 422
    assert "直すところを入力してください" in empty.content.decode()
    data = {"is_right": "no", "comment": "課名がデジタル課に変わりました。", "seen": shown(client, url)}
    assert client.post(url, data).status_code == 302
    assert Membership.objects.get().is_to_check
    assert "1団体から、名簿を直すよう申し出" in staff_client.get("/admin/").content.decode()
    listed = staff_client.get("/admin/members/rosterreply/?is_handled__exact=0").content.decode()
    assert "課名がデジタル課に変わりました。" in listed


def test_a_desk_takes_the_same_queries_for_many_things(
    year: CouncilYear, body: Organization, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def count() -> int:
        client, desk = open_desk(body)
        with django_assert_num_queries(9) as found:
            client.get(f"/desk/{desk.anchor}/")
        return len(found)

    for _ in range(2):
        for each in range(3):
            number = 1 + Meeting.objects.count()
            meeting = invite(year, number=number)
            paper(meeting, f"p{number}x{each}", for_members=True)
            issue_links([factories.target(factories.survey(year), organization=body)])
        count()


def test_links_are_issued_and_ended_by_who_takes_care_of_all(
    year: CouncilYear, body: Organization, staff_client: Client
) -> None:
    data = {"action": "issue_desks", "_selected_action": [body.pk]}
    page = staff_client.post("/admin/members/organization/", data).content.decode()
    (token,) = re.findall(r"/desk/open/([\w-]+)/", page)
    assert Client().get(f"/desk/open/{token}/").status_code == 302
    staff_client.post("/admin/members/organization/", {**data, "action": "revoke_desks"})
    assert Client().get(f"/desk/open/{token}/").status_code == 404


def test_what_a_desk_opened_ends_with_its_link(year: CouncilYear, body: Organization) -> None:
    target = factories.target(factories.survey(year), organization=body)
    (own,) = issue_links([target])
    remarks = ask_remarks(year, body)
    client, desk = open_desk(body)
    # Whoever opened the answer by its own link goes on.
    answering = Client()
    answering.get(f"/answer/open/{own.token}/")
    for part in (f"surveys/{target.anchor}", f"remarks/{remarks.anchor}"):
        assert client.get(f"/desk/{desk.anchor}/{part}/", follow=True).status_code == 200
    desk.refresh_from_db()
    desk.new_token()
    desk.save()
    for path in (f"/answer/{target.anchor}/", f"/remarks/{remarks.anchor}/"):
        assert client.get(path).status_code == 403
    assert answering.get(f"/answer/{target.anchor}/").status_code == 200


def test_a_year_made_ready_early_takes_nothing_off_the_desk(year: CouncilYear, body: Organization) -> None:
    later = CouncilYear.objects.create(council=year.council, year=year.year + 1)
    department = body.departments.get()
    Membership.objects.create(council_year=later, department=department, is_to_check=True)
    earlier = CouncilYear.objects.create(council=year.council, year=year.year - 1)
    Membership.objects.create(council_year=earlier, department=department)
    client, desk = open_desk(body)
    page = client.get(f"/desk/{desk.anchor}/").content.decode()
    assert page.count("名簿の確認／") == 2
    for each, status in ((year, 200), (later, 200), (earlier, 404)):
        assert client.get(f"/desk/{desk.anchor}/roster/{each.pk}/").status_code == status
