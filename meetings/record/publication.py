"""Making a meeting's record public: what is checked, and what going public means for it."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from meetings.models import CorrectionProposal, Meeting, MinuteEntry, Remark
from meetings.record.attendance import Group, grouped
from meetings.record.snapshot import fingerprint, keep_revision
from members.common.merging import digest
from members.common.publication.engine import Candidate, Order, Publication, Words
from members.common.publication.findings import Finding, error, warning
from members.common.publication.transitions import Step, hidden_only

Status = Meeting.RecordStatus


def check_record(meeting: Meeting) -> list[Finding]:
    """Look a record over before it is made public; empty when all is well."""
    return [
        *check_meeting(meeting),
        *check_attendance(meeting),
        *check_materials(meeting),
        *check_remarks(meeting),
    ]


def check_meeting(meeting: Meeting) -> list[Finding]:
    """The meeting itself, its agenda and its minutes."""
    found = []
    if meeting.status == Meeting.Status.PLANNED:
        found.append(error("会議の状態が「開催予定」です。「開催済み」か「中止」にしてください。"))
    if meeting.held_on > timezone.localdate():
        found.append(error("開催日がまだ来ていません。開催日を確かめてください。"))
    if not meeting.agenda_items.exists():
        found.append(error("次第がありません。議題を1つ以上登録してください。"))
    if meeting.status == Meeting.Status.HELD and not meeting.minute_entries.exists():
        found.append(error("議事概要がありません。「議事概要を書く」から入力してください。"))
    if not meeting.council_year.is_visible:
        found.append(warning("年度か検討会議が非公開です。公開しても、そちらを公開するまで見えません。"))
    return found


def check_attendance(meeting: Meeting) -> list[Finding]:
    unset = meeting.attendances.filter(status="").count()
    if not meeting.attendances.exclude(status="").exists():
        return [warning("出席状況が入力されていません。")]
    return [warning(f"出席状況が未入力の団体が{unset}あります。")] if unset else []


def check_materials(meeting: Meeting) -> list[Finding]:
    """Materials that the record speaks of and the public cannot open."""
    hidden = meeting.materials.filter(is_public=False)
    texts = list(meeting.minute_entries.values_list("body", flat=True))
    linked = hidden.filter(agenda_items__isnull=False).distinct()
    found = [warning(f"議題に結びついた資料「{material}」が非公開です。") for material in linked]
    for material in hidden.exclude(title=""):
        names = [name for name in (material.title, material.label) if name]
        if any(name in text for name in names for text in texts):
            found.append(warning(f"議事概要が触れている資料「{material}」が非公開です。"))
    return found


def check_remarks(meeting: Meeting) -> list[Finding]:
    """What organizations have said of their remarks, or not yet."""
    found = []
    asked = meeting.remark_requests.count()
    if silent := meeting.remark_requests.unanswered().count():
        found.append(warning(f"発言内容の確認を依頼した{asked}団体のうち、{silent}団体が回答していません。"))
    remarks = Remark.objects.filter(request__meeting=meeting)
    if pending := remarks.filter(state=Remark.State.PENDING).count():
        found.append(warning(f"発言内容の訂正の申し出が{pending}件、処理されていません。"))
    agreed = remarks.filter(state__in=[Remark.State.CONFIRMED, Remark.State.ACCEPTED]).select_related("entry")
    stale = sum(1 for row in agreed if row.entry and is_stale(row, row.entry))
    if stale:
        found.append(
            warning(
                f"団体が確認した後に、文か、種別、発言者、担当、期限が変わった項目が{stale}件あります。"
                "今の内容でよいか、団体にもう一度確かめてください。"
            )
        )
    return found


def is_stale(remark: Remark, entry: MinuteEntry) -> bool:
    """Whether an entry is not what its body agreed to."""
    if entry.body != (remark.proposal or remark.original):
        return True
    # What was proposed changed the words; the rest is compared where it was kept and nothing was proposed.
    return bool(remark.seen and not remark.proposal and remark.seen != entry.fingerprint)


def attendance_counts(meeting: Meeting) -> list[Group]:
    """Who took part how, every way of it, and those nothing is known of yet."""
    return grouped(meeting.attendances.with_names(), unset="未入力")


def names_beside(meeting: Meeting) -> list[str]:
    """The names that a record is published with and that stand elsewhere: its bodies' and its council's."""
    names = meeting.attendances.with_names().order_by("organization__code")
    return [str(meeting.council_year), *names.values_list("printed_name", flat=True)]


class RecordPublication(Publication[Meeting]):
    """下書き, 確認中 and 公開 of a meeting's record; a correction is made in its editor, with a reason."""

    model = Meeting
    transitions = hidden_only(Step.ASK, Step.SCHEDULE)
    corrects_by_publishing = False
    words = Words(
        wrong_stage="会議記録はすでに「{stage}」です。画面を開き直してください。",
        changed=(
            "この画面を開いた後に、会議記録、資料か注意点が変わりました。まだ公開していません。"
            "今の内容を確かめてください。"
        ),
        changed_since="予約した後に内容か注意点が変わりました。確かめて、予約し直してください。",
        confirm="注意点を確かめて、「確かめました」に印を付けてください。",
        ask_first=(
            "公開する前に「確認を依頼する」を行い、別の人が確認してください。"
            "依頼の後に内容が変わったときは、もう一度依頼してください。"
        ),
        other_person="確認を依頼した人とは別の人が公開してください。",
        past="公開の予約には、先の日時を入力してください。",
        not_scheduled="公開の予約はありません。",
        not_withdrawn="取り下げた記録ではありません。",
        cancelled_subject="公開の予約を取りやめました（{record}）",
        cancelled="{record}：予約した公開を取りやめました。{note}",
        failed="{record}：予約した公開が、システムの不具合でできませんでした。記録（ログ）を確かめてください。",
        published="{record}：会議記録を公開しました。",
    )

    def locked(self, pk: int) -> Meeting:
        meetings = Meeting.objects.select_for_update(of=("self",), no_key=True)
        return meetings.select_related("council_year__council").get(pk=pk)

    def candidate(self, record: Meeting, order: Order | None = None) -> Candidate:
        return Candidate(digest([fingerprint(record), *names_beside(record)]), check_record(record))

    def make_public(
        self, record: Meeting, by: User | None, owner: User | None, order: Order, candidate: Candidate
    ) -> Any:
        record.record_status = Status.PUBLISHED
        record.record_published_at = record.record_published_at or timezone.now()
        self._forget_before(record)
        record.attendances.keep_names()
        return keep_revision(record, by, publish=True)

    def hide(self, record: Meeting) -> None:
        # Publishing anew does not bring the withdrawn text back on the public page of corrections.
        for revision in record.revisions.filter(is_withdrawn=False):
            # One by one, so that the audit trail has each.
            revision.is_withdrawn = True
            revision.save(update_fields=["is_withdrawn"])
        record.withdrawn_from, record.withdrawn_state = record.record_status, fingerprint(record)
        record.record_status = Status.DRAFT
        # A correction of what is public no more would be of another text when it is public again.
        CorrectionProposal.objects.filter(meeting=record).delete()

    def show_again(self, record: Meeting) -> None:
        if not record.withdrawn_from:
            raise ValidationError(self.words.not_withdrawn)
        if record.withdrawn_state != fingerprint(record):
            raise ValidationError(
                "取り下げた後に内容が変わったため、元には戻せません。内容を確かめて、公開し直してください。"
            )
        last = record.revisions.order_by("number").last()
        if last:
            last.is_withdrawn = False
            last.save(update_fields=["is_withdrawn"])
        record.record_status = record.withdrawn_from
        # Of a record from before names were kept.
        record.attendances.filter(published_name="").keep_names()
        self._forget_before(record)

    def stage_word(self, record: Meeting) -> str:
        return record.get_record_status_display()

    def mark_asked(self, record: Meeting) -> None:
        record.record_status = Status.REVIEW

    def mark_draft(self, record: Meeting) -> None:
        record.record_status = Status.DRAFT

    def _forget_before(self, record: Meeting) -> None:
        record.withdrawn_from = record.withdrawn_state = ""


publication = RecordPublication()
