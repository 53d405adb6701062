"""Asking organizations about their remarks, and deciding on what they propose."""

from datetime import date

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from meetings.minutes.naming import is_named
from meetings.models import Meeting, Remark, RemarkRequest
from meetings.record.snapshot import keep_first_state, keep_revision
from members.common.acts import act
from members.common.audit import note_act
from members.models import Organization


@transaction.atomic
def ask(meeting: Meeting, due_on: date) -> list[tuple[Organization, str]]:
    """Ask every organization that speaks in the minutes; returns their links' tokens.

    Who was asked before keeps their link and gets the new due day.
    """
    if Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=meeting.pk).has_public_record:
        raise ValidationError("会議記録はすでに公開されています。")
    if due_on < timezone.localdate():
        raise ValidationError("確認の期限は今日以後の日にしてください。")
    speaking = speakers_of(meeting)
    if not speaking:
        raise ValidationError("団体の発言とわかる項目がありません。先に発言者を入力してください。")
    act("発言の確認の依頼", about=meeting)
    meeting.remark_requests.update(due_on=due_on)
    note_act(meeting, None, {"確認の期限": due_on.isoformat()})
    issued = []
    known = set(meeting.remark_requests.values_list("organization", flat=True))
    for organization in speaking:
        if organization.pk not in known:
            request = RemarkRequest(meeting=meeting, organization=organization, due_on=due_on)
            issued.append((organization, request.new_token()))
            request.save()
    return issued


def speakers_of(meeting: Meeting) -> list[Organization]:
    """The bodies that speak in the minutes: by their sections, or by the body's name alone."""
    by_section = Organization.objects.filter(departments__minute_entries__meeting=meeting)
    found = {organization.pk: organization for organization in by_section}
    by_name = meeting.minute_entries.filter(department=None).exclude(speaker_name="")
    names = list(by_name.values_list("speaker_name", flat=True))
    roster = Organization.objects.filter(departments__memberships__council_year=meeting.council_year_id)
    for organization in roster.distinct().prefetch_related("departments") if names else []:
        if any(is_named(organization, name) for name in names):
            found[organization.pk] = organization
    return sorted(found.values(), key=lambda organization: organization.code)


@transaction.atomic
def reissue(request: RemarkRequest) -> str:
    """Give one organization a fresh link; the old one dies."""
    act("発言の確認のリンクの再発行", about=request)
    token = request.new_token()
    request.save(update_fields=RemarkRequest.LINK_FIELDS)
    return token


@transaction.atomic
def decide(remark: Remark, user: User, *, accept: bool, seen: str) -> None:
    """Take a proposal into the minutes, or leave them as they are; each only once.

    ``seen`` is the fingerprint of what was read: the proposal, its reasons, and the text it is for.
    """
    Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=remark.request.meeting_id)
    remark = Remark.objects.select_related("request__meeting__council_year__council", "entry").get(
        pk=remark.pk
    )
    meeting = remark.request.meeting
    if remark.state != Remark.State.PENDING:
        raise ValidationError("この申し出はすでに処理されています。")
    if remark.fingerprint != seen:
        raise ValidationError("項目の文か訂正案が変わっています。今の文と訂正案の違いを確かめてください。")
    if accept:
        if meeting.has_public_record:
            raise ValidationError("会議記録は公開されています。「議事概要を書く」から訂正してください。")
        if remark.entry is None:
            raise ValidationError(
                "対象の項目が削除されています。申し出を見送るか、議事概要に書き足してください。"
            )
        keep_first_state(meeting)
        remark.entry.body = remark.proposal
        remark.entry.save()
        keep_revision(meeting, user)
    act(f"発言の訂正の申し出：{'反映' if accept else '見送り'}", about=meeting)
    remark.state = Remark.State.ACCEPTED if accept else Remark.State.REFUSED
    remark.decided_by, remark.decided_at = user, timezone.now()
    remark.save()
