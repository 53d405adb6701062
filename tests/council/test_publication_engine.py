"""The publication engine: one table of transitions, under a lock, with every step on record."""

from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from council.models import AnnualReport
from council.publishing import publication as module
from council.publishing.publication import publication as reports
from meetings.models import Attendance, Meeting, MinuteEntry
from meetings.record import publication as record_module
from meetings.record.publication import publication as records
from members.common.publication.engine import Order
from members.common.publication.models import Stage
from members.common.publication.transitions import TRANSITIONS, Step, record_step
from members.common.text.cleaning import said
from members.models import CouncilYear
from tests import factories
from tests.publishing import publish, seen_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting() -> Meeting:
    made = factories.meeting(factories.council_year(), held_on="2020-06-17")
    made.agenda_items.create(title="議題")
    MinuteEntry.objects.create(meeting=made, kind="report", body="報告した。")
    return made


@pytest.fixture
def tanaka() -> User:
    return User.objects.create_user("tanaka", email="tanaka@example.lg.jp")


@pytest.fixture
def yamamoto() -> User:
    return User.objects.create_user("yamamoto")


def order(meeting: Meeting, **values: Any) -> Order:
    return Order(records.candidate(meeting).state, confirmed=True, **values)


def trail(record: Any) -> list[tuple[str, str | None, str]]:
    """Each step on record: which, by whom, why."""
    entries = LogEntry.objects.get_for_object(record).order_by("timestamp", "pk")
    return [
        (entry.additional_data["step"], entry.actor and entry.actor.username, entry.additional_data["reason"])
        for entry in entries
        if entry.additional_data
    ]


def test_the_table_names_every_step() -> None:
    assert set(TRANSITIONS) == set(Step)
    # Whatever leads to the public says so, and what takes it back or changes it wants a reason.
    assert {step for step, found in TRANSITIONS.items() if found.target == Stage.PUBLIC} == {
        Step.PUBLISH, Step.CORRECT, Step.RESTORE,
    }  # fmt: skip
    assert {step for step, found in TRANSITIONS.items() if found.wants_reason} == {
        Step.CORRECT,
        Step.WITHDRAW,
    }


def test_a_whole_life_is_on_record(meeting: Meeting, tanaka: User, yamamoto: User, settings: Any) -> None:
    settings.APPROVAL_BY_SECOND_PERSON = True
    records.ask(meeting, tanaka, seen=records.candidate(meeting).state)
    records.schedule(meeting, yamamoto, timezone.now() + timedelta(hours=1), order(meeting))
    Meeting.objects.update(publish_at=timezone.now())
    call_command("publish_scheduled")
    meeting.refresh_from_db()
    records.withdraw(meeting, yamamoto, "非公開の発言が入っていたため")
    records.restore(Meeting.objects.get(), tanaka)
    assert trail(meeting) == [
        ("ask", "tanaka", ""),
        ("schedule", "yamamoto", ""),
        ("publish", None, ""),
        ("withdraw", "yamamoto", "非公開の発言が入っていたため"),
        ("restore", "tanaka", ""),
    ]
    published = LogEntry.objects.get(additional_data__step="publish")
    assert published.changes["実行"][1].startswith("システム")
    assert published.changes["予約した職員"][1] == "yamamoto"


def test_a_correction_of_a_report_is_on_record(fy2020: CouncilYear, tanaka: User) -> None:
    report = AnnualReport.objects.select_related("council_year__council", "grade").get()
    publish(report, tanaka)
    report.sections.filter(kind="goals").update(body="書き直した文")
    report.refresh_from_db()
    publish(report, tanaka, kind="correction", reason="誤記のため")
    reports.withdraw(report, tanaka, "数値の誤り")
    assert trail(report)[-3:] == [
        ("publish", "tanaka", ""),
        ("correct", "tanaka", "誤記のため"),
        ("withdraw", "tanaka", "数値の誤り"),
    ]


@pytest.mark.parametrize("reason", ["", "　", " \r\n", "\u200b", "\ufeff　"])
def test_no_reason_is_no_reason(meeting: Meeting, tanaka: User, reason: str) -> None:
    records.publish(meeting, tanaka, order(meeting))
    with pytest.raises(ValidationError, match="理由を入力してください"):
        records.withdraw(meeting, tanaka, reason)
    with pytest.raises(ValidationError, match="理由が必要です"):
        record_step(meeting, Step.CORRECT, tanaka, said(reason))
    assert Meeting.objects.get().has_public_record
    assert [step for step, *_ in trail(meeting)] == ["publish"]


def test_steps_that_are_not_open_change_nothing(meeting: Meeting, tanaka: User) -> None:
    now = timezone.now() + timedelta(hours=1)
    for refused in (
        lambda: records.withdraw(meeting, tanaka, "理由"),
        lambda: records.restore(meeting, tanaka),
        lambda: records.send_back(meeting, tanaka),
        lambda: records.cancel_schedule(meeting, tanaka),
    ):
        with pytest.raises(ValidationError):
            refused()
    records.publish(meeting, tanaka, order(meeting))
    for refused in (
        lambda: records.publish(meeting, tanaka, order(meeting)),
        lambda: records.schedule(meeting, tanaka, now, order(meeting)),
        lambda: records.ask(meeting, tanaka, seen=records.candidate(meeting).state),
    ):
        with pytest.raises(ValidationError):
            refused()
    assert [step for step, *_ in trail(meeting)] == ["publish"]


def test_who_asked_does_not_approve_nor_does_an_edit_slip_through(
    meeting: Meeting, tanaka: User, yamamoto: User, settings: Any
) -> None:
    settings.APPROVAL_BY_SECOND_PERSON = True
    records.ask(meeting, tanaka, seen=records.candidate(meeting).state)
    with pytest.raises(ValidationError, match="別の人"):
        records.publish(meeting, tanaka, order(meeting))
    MinuteEntry.objects.update(body="山本が直した文")
    with pytest.raises(ValidationError, match="もう一度依頼"):
        records.publish(meeting, yamamoto, order(meeting))
    assert not Meeting.objects.get().has_public_record


def test_an_error_cannot_be_confirmed_away(meeting: Meeting, tanaka: User) -> None:
    meeting.agenda_items.all().delete()
    with pytest.raises(ValidationError, match="次第がありません"):
        records.publish(meeting, tanaka, order(meeting))
    with pytest.raises(ValidationError, match="確かめました"):
        records.publish(meeting, tanaka, Order(records.candidate(meeting).state))


def test_a_schedule_that_fails_is_told_once(
    meeting: Meeting, tanaka: User, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    records.schedule(meeting, tanaka, timezone.now() + timedelta(hours=1), order(meeting))
    Meeting.objects.update(publish_at=timezone.now())
    meeting.agenda_items.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        assert len(list(records.publish_due())) == 1
        assert list(records.publish_due()) == []
    assert [mail.to for mail in mailoutbox] == [["tanaka@example.lg.jp"]]
    assert [step for step, *_ in trail(meeting)] == ["schedule", "cancel"]


def test_whoever_asked_may_have_left(meeting: Meeting, tanaka: User, yamamoto: User, settings: Any) -> None:
    settings.APPROVAL_BY_SECOND_PERSON = True
    records.ask(meeting, tanaka, seen=records.candidate(meeting).state)
    User.objects.filter(pk=tanaka.pk).update(is_active=False)
    records.publish(meeting, yamamoto, order(meeting))
    assert trail(meeting) == [("ask", "tanaka", ""), ("publish", "yamamoto", "")]


def test_publishing_builds_the_report_once(
    fy2020: CouncilYear, tanaka: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = AnnualReport.objects.select_related("council_year__council", "grade").get()
    seen = seen_of(report)
    built: list[Any] = []
    build = module.build_report
    monkeypatch.setattr(
        module, "build_report", lambda *args, **how: built.append(args) or build(*args, **how)
    )
    reports.publish(report, tanaka, Order(seen, confirmed=True))
    assert len(built) == 1


def add_warning(meeting: Meeting) -> None:
    """One more organization whose attendance is not known."""
    organization = factories.membership(meeting.council_year).department.organization
    Attendance.objects.create(meeting=meeting, organization=organization, status="")


def test_a_tick_is_for_the_warnings_that_were_shown(meeting: Meeting, tanaka: User) -> None:
    Attendance.objects.create(meeting=meeting, organization=factories.organization(), status="present")
    shown = order(meeting)
    add_warning(meeting)
    add_warning(meeting)
    with pytest.raises(ValidationError, match="注意点が変わりました"):
        records.publish(meeting, tanaka, shown)
    # 「未入力の団体が2」 becomes 3: another sentence, another tick.
    shown = order(meeting)
    add_warning(meeting)
    with pytest.raises(ValidationError, match="注意点が変わりました"):
        records.publish(meeting, tanaka, shown)
    assert not Meeting.objects.get().has_public_record


def test_a_warning_that_arises_stops_a_schedule(meeting: Meeting, tanaka: User) -> None:
    Attendance.objects.create(meeting=meeting, organization=factories.organization(), status="present")
    records.schedule(meeting, tanaka, timezone.now() + timedelta(hours=1), order(meeting))
    add_warning(meeting)
    Meeting.objects.update(publish_at=timezone.now())
    call_command("publish_scheduled")
    meeting.refresh_from_db()
    assert not meeting.has_public_record
    assert "注意点が変わりました" in meeting.schedule_note


def test_a_warning_of_a_report_is_seen_or_nothing_is_published(fy2020: CouncilYear, tanaka: User) -> None:
    report = AnnualReport.objects.select_related("council_year__council", "grade").get()
    shown = seen_of(report)
    factories.meeting(report.council_year, number=77, held_on="2020-09-01")
    with pytest.raises(ValidationError, match="注意点が変わりました"):
        reports.publish(report, tanaka, Order(shown, confirmed=True))


def test_a_fault_in_one_does_not_keep_the_others_from_the_public(
    meeting: Meeting, tanaka: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = factories.meeting(meeting.council_year, number=2, held_on="2020-07-17")
    other.agenda_items.create(title="議題")
    MinuteEntry.objects.create(meeting=other, kind="report", body="報告した。")
    for each in (meeting, other):
        records.schedule(each, tanaka, timezone.now() + timedelta(hours=1), order(each))
    Meeting.objects.update(publish_at=timezone.now())
    check = record_module.check_record

    def failing(found: Meeting) -> Any:
        if found.pk == meeting.pk:
            raise RuntimeError("a fault")
        return check(found)

    monkeypatch.setattr(record_module, "check_record", failing)
    call_command("publish_scheduled")
    assert Meeting.objects.get(pk=other.pk).has_public_record
    assert Meeting.objects.get(pk=meeting.pk).publish_at
    assert "システムの不具合" in capsys.readouterr().out
    monkeypatch.undo()
    call_command("publish_scheduled")
    assert Meeting.objects.get(pk=meeting.pk).has_public_record


def test_a_double_click_asks_once(meeting: Meeting, tanaka: User) -> None:
    for _ in range(2):
        records.ask(meeting, tanaka, seen=records.candidate(meeting).state)
    assert [step for step, *_ in trail(meeting)] == ["ask"]


def test_the_trail_keeps_the_name_of_a_deleted_account(meeting: Meeting, tanaka: User) -> None:
    records.ask(meeting, tanaka, seen=records.candidate(meeting).state)
    tanaka.delete()
    entry = LogEntry.objects.get(additional_data__step="ask")
    assert entry.actor is None
    assert entry.additional_data["by"] == "tanaka"
