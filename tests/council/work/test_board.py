"""The start page: what is due, for whom, and what is none of their business."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from council.accounts.roles import AUDITOR, EDITOR, MANAGER, READER, SYSTEM
from council.models import AnnualReport, EditionFile, ReportSection
from council.publishing.publication import publication as reports
from council.work.board import Board, board_for
from council.work.first_steps import first_steps
from meetings.models import AttendanceReply, CorrectionProposal, Meeting, MinuteEntry, Remark, RemarkRequest
from meetings.record.publication import publication
from members.common.acts import begin_act
from members.common.text.eras import fiscal_year
from members.models import Council, CouncilYear, Remit
from surveys.models import Mailing, OutgoingMail, Survey, WorkbookUpload
from tests import factories
from tests.growth import earlier_years
from tests.publishing import publish, seen_of
from tests.security.test_accounts import somebody

pytestmark = pytest.mark.django_db
START = "/admin/"


@pytest.fixture
def year() -> CouncilYear:
    """This year's, with a chair on the roster: nothing of it presses."""
    found = factories.council_year(year=fiscal_year(timezone.localdate()))
    factories.membership(found, role="chair")
    return found


@pytest.fixture
def editor() -> User:
    return somebody("tanto", EDITOR)


@pytest.fixture
def manager() -> User:
    return somebody("sekinin", MANAGER)


def told(user: User, *urgencies: str) -> list[str]:
    """What somebody is told, of these urgencies; without any, what presses."""
    board = board_for(User.objects.get(pk=user.pk))
    if not urgencies:
        return [item.text for _, item in board.pressing]
    return [
        item.text
        for work in (*board.years, *board.quiet)
        for stage in work.stages
        for item in stage.items
        if item.urgency.name in urgencies
    ]


def days(count: int) -> Any:
    return timezone.localdate() + timedelta(days=count)


def meeting(year: CouncilYear, day: Any, **values: Any) -> Meeting:
    return Meeting.objects.create(
        council_year=year, held_on=day, **{"number": 1, "status": Meeting.Status.HELD, **values}
    )


def asked(year: CouncilYear, by: User, **values: Any) -> Meeting:
    """A meeting whose record somebody asks to have published."""
    made = meeting(year, days(-9), **values)
    MinuteEntry.objects.create(meeting=made, kind="report", body="報告した。")
    found = Meeting.objects.select_related("council_year__council").get(pk=made.pk)
    publication.ask(found, by, seen=publication.candidate(found).state)
    return found


# --- 名簿 ---


def test_a_year_without_members_begins_with_them(editor: User) -> None:
    factories.council_year(year=fiscal_year(timezone.localdate()))
    assert told(editor) == ["検討メンバーを登録します（名簿のファイルからも取り込めます）"]


def test_a_roster_is_counted_as_the_report_counts_it(fy2020: CouncilYear, editor: User) -> None:
    board = board_for(editor)
    (stage, *_) = board.quiet[0].stages
    assert stage.summary == "28市町・41課、県など2課"


# --- 会議 ---


def test_a_meeting_from_its_plan_to_its_record(year: CouncilYear, editor: User) -> None:
    made = meeting(year, days(3), status=Meeting.Status.PLANNED)
    assert told(editor) == []
    assert "の開催案内を公開していません" in told(editor, "NEXT")[0]
    Meeting.objects.update(held_on=days(0))
    assert told(editor) == []
    Meeting.objects.update(held_on=days(-1))
    assert "「開催予定」のままです" in told(editor)[0]
    Meeting.objects.update(status=Meeting.Status.HELD)
    assert told(editor) == ["第1回会議の議事概要がありません"]
    MinuteEntry.objects.create(meeting=made, kind="report", body="報告した。")
    assert told(editor) == []
    assert "第1回会議の記録は下書きです" in told(editor, "NEXT")


def test_who_comes_and_who_has_looked_at_their_words_is_counted(year: CouncilYear, editor: User) -> None:
    made = meeting(year, days(9), status=Meeting.Status.PLANNED, is_announced=True, replies_due_on=days(3))
    body = factories.membership(year).department.organization
    AttendanceReply.objects.create(meeting=made, organization=body, status="present")
    assert "第1回会議の出欠：2団体中1団体が回答" in told(editor, "WAITING")
    Meeting.objects.update(replies_due_on=days(-1))
    assert "第1回会議の出欠：2団体中1団体が回答" in told(editor)
    held = meeting(year, days(-3), number=2, status=Meeting.Status.HELD)
    MinuteEntry.objects.create(meeting=held, kind="report", body="報告した。")
    for _ in range(3):
        RemarkRequest.objects.create(meeting=held, organization=factories.organization(), due_on=days(3))
    assert "第2回会議の発言の確認：3団体中0団体が回答" in told(editor, "WAITING")


def test_a_cancelled_meeting_asks_for_nothing(year: CouncilYear, editor: User) -> None:
    meeting(year, days(-1), status=Meeting.Status.CANCELLED)
    assert told(editor) == []
    assert board_for(editor).years[0].stages[1].summary == "開催0回・記録の公開0回・中止1回"


def test_what_waits_is_mine_where_i_may_approve_it(year: CouncilYear, editor: User, manager: User) -> None:
    other = somebody("sekinin2", MANAGER)
    asked(year, manager)
    assert told(other) == ["第1回会議の記録：承認を待っています（依頼：sekinin）"]
    assert board_for(other).pressing[0][1].urgency.name == "MINE"
    # Neither whoever asked nor whoever only edits.
    assert told(manager) == told(editor) == []
    assert len(told(manager, "WAITING")) == len(told(editor, "WAITING")) == 1
    other.is_active = False
    other.save()
    assert "ほかに公開できる職員がいません" in told(manager)[0]


def test_what_changed_after_it_was_asked_for_is_asked_for_again(
    year: CouncilYear, editor: User, manager: User
) -> None:
    made = asked(year, editor)
    MinuteEntry.objects.create(meeting=made, kind="report", body="後から。")
    assert told(manager) == ["第1回会議の記録：依頼（tanto）の後に変わりました。もう一度依頼します"]


def test_a_schedule_that_was_given_up_or_whose_moment_passed(year: CouncilYear, editor: User) -> None:
    made = asked(year, editor)
    Meeting.objects.update(publish_at=timezone.now() + timedelta(days=1))
    assert told(editor) == []
    Meeting.objects.update(publish_at=timezone.now() - timedelta(hours=2))
    assert "公開されていません" in told(editor)[0]
    Meeting.objects.update(publish_at=None, requested_by=None, schedule_note="内容が変わったため")
    assert told(editor) == ["第1回会議の公開の予約が取りやめになりました"]
    assert made.pk


def test_remarks_and_corrections(year: CouncilYear, editor: User, manager: User) -> None:
    made = meeting(year, days(-30), record_status=Meeting.RecordStatus.PUBLISHED)
    request = RemarkRequest.objects.create(
        meeting=made, organization=factories.organization(), due_on=days(-1)
    )
    Remark.objects.create(request=request, original="前", proposal="後", state=Remark.State.PENDING)
    CorrectionProposal.objects.create(
        meeting=made,
        screen="record",
        posted={},
        before={},
        content={},
        seed="x",
        reason="誤字",
        proposed_by=editor,
    )
    assert told(manager) == [
        "第1回会議の訂正が承認を待っています（依頼：tanto）",
        "第1回会議の発言内容に申し出が1件届いています",
    ]
    assert told(editor) == ["第1回会議の発言内容に申し出が1件届いています"]


# --- アンケート ---


def test_a_survey_until_its_deadline_and_after(year: CouncilYear, editor: User) -> None:
    survey = factories.survey(year, status="draft", opened_at=None, closes_at=None)
    assert "に設問がありません" in told(editor, "NEXT")[-2]
    factories.question(survey, "はい", "いいえ")
    assert "の受付を始めていません" in told(editor, "NEXT")[-2]
    Survey.objects.update(
        status="open",
        opened_at=timezone.now() - timedelta(days=9),
        closes_at=timezone.now() + timedelta(days=9),
    )
    targets = [factories.target(survey) for _ in range(4)]
    factories.submitted(targets[0])
    targets[1].is_excluded, targets[1].in_base, targets[1].exclusion_reason = True, False, "合併のため"
    targets[1].save()
    assert told(editor) == []
    assert "は未回答が2団体です" in told(editor, "WAITING")[0]
    assert board_for(editor).years[0].stages[2].summary == "1件（提出 1/3団体）"
    Survey.objects.update(closes_at=timezone.now() + timedelta(days=2))
    assert "は未回答が2団体です" in told(editor)[0]
    Survey.objects.update(closes_at=timezone.now() - timedelta(hours=1))
    targets[2].extended_to, targets[2].extension_reason = timezone.now() + timedelta(days=2), "議会のため"
    targets[2].save()
    assert "未回答が1団体、ほかに延長した1団体" in told(editor)[0]
    factories.submitted(targets[3])
    assert told(editor) == []
    targets[2].extended_to = timezone.now() - timedelta(minutes=1)
    targets[2].save()
    assert "締切を過ぎました（未回答が1団体）。受付を終了します" in told(editor)[0]
    Survey.objects.update(status="closed")
    assert told(editor) == []
    assert "公開していません（未回答1団体）" in told(editor, "NEXT")[-2]


def test_mails_and_files_that_need_somebody(year: CouncilYear, editor: User) -> None:
    survey = factories.survey(year, status="open", closes_at=timezone.now() + timedelta(days=9))
    target = factories.target(survey)
    mailing = Mailing.objects.create(survey=survey, kind="invitation", subject="依頼", body="本文")
    for number, state in enumerate(("failed", "failed", "sent")):
        OutgoingMail.objects.create(
            mailing=mailing, target=target, address=f"{number}@example.jp", state=state
        )
    WorkbookUpload.objects.create(survey=survey, target=target, file_name="a.xlsx", uploaded_by=editor)
    assert told(editor) == [
        "「試験アンケート」のメールが2通、届けられていません",
        "「試験アンケート」の回答用Excelが1件、確認を待っています",
    ]


# --- 報告書 ---


def test_a_report_from_its_text_to_what_has_changed_since(
    fy2020: CouncilYear, editor: User, manager: User
) -> None:
    report = AnnualReport.objects.select_related("council_year__council", "grade").get()
    publish(report)
    assert told(manager) == []
    section = ReportSection.objects.get(kind="goals")
    before, section.body = section.body, "書き直した。"
    begin_act()
    section.save()
    assert told(manager) == ["公開している版と今の記録が違います。新しい版にするか確かめます"]
    section.body = before
    begin_act()
    section.save()
    assert told(manager) == []
    report.refresh_from_db()
    EditionFile.objects.create(edition=report.editions.get(), extension="pdf", failure="字体がない")
    assert told(manager) == ["PDFなどのファイルを作れていません"]
    reports.withdraw(report, manager, "誤りのため")
    assert told(manager) == ["公開を取り下げたままです"]


def test_a_draft_tells_what_is_missing(year: CouncilYear, editor: User, manager: User) -> None:
    assert "年次報告書を作ります" in told(editor, "NEXT")
    report = AnnualReport.objects.create(council_year=year)
    section = ReportSection.objects.create(report=report, kind="goals", position=1)
    ReportSection.objects.create(report=report, kind="members", position=2)
    assert "本文のない節が1あります" in told(editor, "NEXT")
    section.body = "取り組む。"
    section.save()
    assert "本文がそろいました。点検して公開へ進みます" in told(editor, "NEXT")
    report = AnnualReport.objects.select_related("council_year__council", "grade").get()
    reports.ask(report, editor, seen=seen_of(report))
    assert told(manager) == ["報告書：承認を待っています（依頼：tanto）"]


# --- Who, when, how many ---


def test_each_role_sees_what_it_can_open(fy2020: CouncilYear) -> None:
    def titles(board: Board) -> list[str]:
        return [stage.title for work in (*board.years, *board.quiet) for stage in work.stages]

    assert titles(board_for(somebody("a", EDITOR))) == ["名簿", "会議", "アンケート", "報告書"]
    reader = board_for(somebody("b", READER))
    assert titles(reader) == ["アンケート"]
    assert [item for work in reader.quiet for stage in work.stages for item in stage.items] == []
    for role in (AUDITOR, SYSTEM):
        assert titles(board_for(somebody(role.name, role))) == []


@pytest.mark.parametrize("role", [EDITOR, MANAGER, READER, AUDITOR, SYSTEM])
def test_every_link_of_the_start_page_opens(samples: dict[str, Any], role: Any) -> None:
    client = Client()
    client.force_login(somebody("somebody", role))
    page = client.get(START)
    assert page.status_code == 200
    board = page.context["board"]
    links = {
        item.url for work in (*board.years, *board.quiet) for stage in work.stages for item in stage.items
    }
    links |= {stage.url for work in (*board.years, *board.quiet) for stage in work.stages if stage.url}
    for link in links:
        assert client.get(link, follow=True).status_code == 200, link


def test_whoever_takes_care_of_some_councils_sees_these(year: CouncilYear, editor: User) -> None:
    factories.council_year(year=year.year)
    assert len(told(editor)) == 1
    Remit.objects.create(user=editor).councils.set([year.council])
    assert told(editor) == []
    assert len(board_for(User.objects.get(pk=editor.pk)).years) == 1


def test_a_year_to_come_and_a_council_that_is_closed_press_nobody(year: CouncilYear, editor: User) -> None:
    factories.council_year(year=year.year + 1, council=year.council)
    closed = factories.council_year(year=year.year - 1)
    Council.objects.filter(pk=closed.council_id).update(closed_year=closed.year)
    assert told(editor) == []


def test_of_many_councils_those_with_something_to_do_come_first(editor: User) -> None:
    now = fiscal_year(timezone.localdate())
    for number in range(9):
        made = factories.council_year(year=now)
        if number:
            factories.membership(made, role="chair")
    board = board_for(editor)
    assert (len(board.years), len(board.quiet)) == (1, 8)


def test_queries_do_not_grow_with_years(
    fy2020: CouncilYear, editor: User, django_assert_max_num_queries: Any
) -> None:
    board_for(editor)
    earlier_years(fy2020, 6)
    for _ in range(7):
        board_for(editor)
    user = User.objects.get(pk=editor.pk)
    with django_assert_max_num_queries(15):
        board_for(user)


def test_an_empty_portal_says_what_comes_first(editor: User) -> None:
    assert [step.is_done for step in first_steps(editor)] == [False] * 5
    factories.organization()
    year = factories.council_year(year=fiscal_year(timezone.localdate()))
    assert [step.is_done for step in first_steps(editor)] == [True, True, True, False, False]
    client = Client()
    client.force_login(editor)
    page = client.get(START).content.decode()
    assert "はじめに" in page
    factories.membership(year)
    meeting(year, days(-1))
    assert first_steps(editor) == []
    assert first_steps(somebody("kanri", SYSTEM)) == []
    for step in first_steps(somebody("tanto2", EDITOR)):
        assert client.get(step.url).status_code == 200


def test_of_many_reports_each_is_compared_in_its_turn(fy2020: CouncilYear, editor: User) -> None:
    earlier_years(fy2020, 4)
    for report in AnnualReport.objects.select_related("council_year__council", "grade"):
        if not report.editions.exists():
            publish(report)
    begin_act()
    for section in ReportSection.objects.filter(kind="outcomes"):
        section.body = "変わった。"
        section.save()
    found = [sum("今の記録が違います" in text for text in told(editor, "DUE", "NEXT")) for _ in range(3)]
    assert found == [1, 2, 3]
