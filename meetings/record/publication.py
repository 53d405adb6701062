"""Making a meeting's record public: checked first, by a second person where the office asks for one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from meetings.models import Attendance, Meeting, Remark
from meetings.record.snapshot import fingerprint, keep_revision
from members.common.notices import notify_staff

Status = Meeting.RecordStatus


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the checklist found; an error blocks, a warning is confirmed."""

    is_error: bool
    text: str


def checklist(meeting: Meeting) -> list[Finding]:
    """Look a record over before it is made public; empty when all is well."""
    findings: list[Finding] = []

    def error(text: str) -> None:
        findings.append(Finding(True, text))

    def warn(text: str) -> None:
        findings.append(Finding(False, text))

    if meeting.status == Meeting.Status.PLANNED:
        error("会議の状態が「開催予定」です。「開催済み」か「中止」にしてください。")
    if meeting.held_on > timezone.localdate():
        error("開催日がまだ来ていません。開催日を確かめてください。")
    if not meeting.agenda_items.exists():
        error("次第がありません。議題を1つ以上登録してください。")
    entries = meeting.minute_entries.all()
    if not entries and meeting.status == Meeting.Status.HELD:
        error("議事概要がありません。「議事概要を書く」から入力してください。")
    unset = meeting.attendances.filter(status="").count()
    if not meeting.attendances.exclude(status="").exists():
        warn("出席状況が入力されていません。")
    elif unset:
        warn(f"出席状況が未入力の団体が{unset}あります。")
    hidden = meeting.materials.filter(is_public=False)
    for material in hidden.filter(agenda_items__isnull=False).distinct():
        warn(f"議題に結びついた資料「{material}」が非公開です。")
    for material in hidden.exclude(title=""):
        if any(
            material.title in entry.body or (material.label and material.label in entry.body)
            for entry in entries
        ):
            warn(f"議事概要が触れている資料「{material}」が非公開です。")
    asked = meeting.remark_requests.count()
    if silent := meeting.remark_requests.unanswered().count():
        warn(f"発言内容の確認を依頼した{asked}団体のうち、{silent}団体が回答していません。")
    if pending := Remark.objects.filter(request__meeting=meeting, state=Remark.State.PENDING).count():
        warn(f"発言内容の訂正の申し出が{pending}件、処理されていません。")
    agreed = Remark.objects.filter(
        request__meeting=meeting, state__in=[Remark.State.CONFIRMED, Remark.State.ACCEPTED]
    ).select_related("entry")
    if stale := sum(1 for row in agreed if row.entry and row.entry.body != (row.proposal or row.original)):
        warn(
            f"団体が確認した後に文が変わった項目が{stale}件あります。"
            "今の文でよいか、団体にもう一度確かめてください。"
        )
    if meeting.publish_at and meeting.scheduled_state != fingerprint(meeting):
        warn(
            "公開を予約した後に内容が変わったため、予約した公開は行いません。確かめて、予約し直してください。"
        )
    if not meeting.council_year.is_visible:
        warn("年度か検討会議が非公開です。公開しても、そちらを公開するまで見えません。")
    return findings


def attendance_counts(meeting: Meeting) -> list[tuple[str, list[str]]]:
    """Who took part how, every way of it, and those nothing is known of yet."""
    groups: dict[str, list[str]] = {label: [] for label in [*Attendance.Status.labels, "未入力"]}
    for row in meeting.attendances.with_names():
        groups[row.get_status_display() if row.status else "未入力"].append(row.printed_name)
    return list(groups.items())


def _locked(meeting: Meeting) -> Meeting:
    return (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("council_year__council")
        .get(pk=meeting.pk)
    )


def _require(meeting: Meeting, *allowed: str) -> None:
    if meeting.record_status not in allowed:
        raise ValidationError(
            f"会議記録はすでに「{meeting.get_record_status_display()}」です。画面を開き直してください。"
        )


@transaction.atomic
def request_review(meeting: Meeting, user: User) -> None:
    """Ask for a second look: 下書き → 確認中."""
    meeting = _locked(meeting)
    _require(meeting, Status.DRAFT)
    meeting.record_status = Status.REVIEW
    meeting.review_requested_by, meeting.review_requested_at = user, timezone.now()
    meeting.save()


@transaction.atomic
def send_back(meeting: Meeting, user: User) -> None:
    """Not yet: 確認中 → 下書き."""
    meeting = _locked(meeting)
    _require(meeting, Status.REVIEW)
    meeting.record_status, meeting.publish_at = Status.DRAFT, None
    meeting.save()


def _check(meeting: Meeting, user: User, seen: str, confirmed: bool) -> None:
    """Raise ``ValidationError`` unless this person may publish this record as it stands."""
    if seen != fingerprint(meeting):
        raise ValidationError(
            "この画面を開いた後に、会議記録か資料が変わりました。まだ公開していません。今の内容を確かめてください。"
        )
    if settings.APPROVAL_BY_SECOND_PERSON:
        if meeting.record_status != Status.REVIEW:
            raise ValidationError("公開する前に「確認を依頼する」を行い、別の人が確認してください。")
        if meeting.review_requested_by == user:
            raise ValidationError("確認を依頼した人とは別の人が公開してください。")
    findings = checklist(meeting)
    if errors := [finding.text for finding in findings if finding.is_error]:
        raise ValidationError(errors)
    if findings and not confirmed:
        raise ValidationError("注意点を確かめて、「確かめました」に印を付けてください。")


@transaction.atomic
def publish(meeting: Meeting, user: User, *, seen: str, confirmed: bool = False) -> None:
    """Make the record public now, and keep the state that was made public.

    ``seen`` is the fingerprint of the record that this person has before them.
    """
    meeting = _locked(meeting)
    _require(meeting, Status.DRAFT, Status.REVIEW)
    _check(meeting, user, seen, confirmed)
    _make_public(meeting, user)


@transaction.atomic
def schedule(meeting: Meeting, user: User, at: datetime, *, seen: str, confirmed: bool = False) -> None:
    """Make the record public at a later moment, if it is then as it was ``seen``."""
    meeting = _locked(meeting)
    _require(meeting, Status.DRAFT, Status.REVIEW)
    if at <= timezone.now():
        raise ValidationError("公開の予約には、先の日時を入力してください。")
    _check(meeting, user, seen, confirmed)
    meeting.publish_at, meeting.scheduled_state = at, seen
    meeting.scheduled_by, meeting.schedule_note = user, ""
    meeting.save()


@transaction.atomic
def cancel_schedule(meeting: Meeting, user: User) -> None:
    meeting = _locked(meeting)
    if meeting.publish_at is None:
        raise ValidationError("公開の予約はありません。")
    meeting.publish_at = None
    meeting.save()


@transaction.atomic
def withdraw(meeting: Meeting, user: User, reason: str) -> None:
    """Take a public record back to 下書き, with a reason that stands at its address.

    What was public stays in its history for staff; publishing it anew does not bring
    the withdrawn text back on the public page of corrections.
    """
    meeting = _locked(meeting)
    _require(meeting, *Meeting.PUBLIC_RECORD)
    meeting.note_withdrawal(reason)
    for revision in meeting.revisions.filter(is_withdrawn=False):
        # One by one, so that the audit trail has each.
        revision.is_withdrawn = True
        revision.save(update_fields=["is_withdrawn"])
    meeting.withdrawn_from, meeting.withdrawn_state = meeting.record_status, fingerprint(meeting)
    meeting.record_status = Status.DRAFT
    meeting.save()


@transaction.atomic
def undo_withdrawal(meeting: Meeting, user: User) -> None:
    """Show a withdrawn record again exactly as it was; refused once it was changed."""
    meeting = _locked(meeting)
    _require(meeting, Status.DRAFT)
    if not meeting.withdrawn_from:
        raise ValidationError("取り下げた記録ではありません。")
    if meeting.withdrawn_state != fingerprint(meeting):
        raise ValidationError(
            "取り下げた後に内容が変わったため、元には戻せません。内容を確かめて、公開し直してください。"
        )
    last = meeting.revisions.order_by("number").last()
    if last:
        last.is_withdrawn = False
        last.save(update_fields=["is_withdrawn"])
    meeting.record_status = meeting.withdrawn_from
    _public_again(meeting)
    meeting.save()


def _public_again(meeting: Meeting) -> None:
    meeting.forget_withdrawal()
    meeting.withdrawn_from = meeting.withdrawn_state = meeting.schedule_note = ""


def publish_due(report: Callable[[str], object]) -> int:
    """Publish the records whose moment has come; returns how many.

    One that is not what was approved any more, or does not pass the checklist, loses
    its schedule and is reported.
    """
    done = 0
    due = Meeting.objects.filter(
        publish_at__lte=timezone.now(), record_status__in=[Status.DRAFT, Status.REVIEW]
    )
    for found in due:
        with transaction.atomic():
            meeting = _locked(found)
            if meeting.publish_at is None or meeting.has_public_record:
                continue
            errors = [finding.text for finding in checklist(meeting) if finding.is_error]
            if meeting.scheduled_state != fingerprint(meeting):
                errors.append("予約した後に内容が変わりました。確かめて、予約し直してください。")
            if errors:
                meeting.publish_at, meeting.schedule_note = None, " ".join(errors)
                meeting.save()
                message = f"{meeting}：予約した公開を取りやめました。{meeting.schedule_note}"
                notify_staff(meeting.scheduled_by, f"公開の予約を取りやめました（{meeting.label}）", message)
                report(message)
                continue
            _make_public(meeting, None)
            report(f"{meeting}：会議記録を公開しました。")
            done += 1
    return done


def _make_public(meeting: Meeting, user: User | None) -> None:
    meeting.record_status, meeting.publish_at = Status.PUBLISHED, None
    meeting.record_published_at = meeting.record_published_at or timezone.now()
    _public_again(meeting)
    keep_revision(meeting, user, publish=True)
