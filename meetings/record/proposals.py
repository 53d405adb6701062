"""A correction of a public record by two people: one proposes it, another makes it public.

Where the office wants a second person, a correction is tried, what it would make of the record is kept
with all that was typed, and it is taken back. Who approves sees the difference; what then happens is
that, to the letter, or nothing.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict

from meetings.models import CorrectionProposal, Meeting
from meetings.record.snapshot import Change, compare, record_snapshot

WAITING = (
    "この記録には、公開を待つ訂正の依頼があります。先に「会議記録の公開」で公開するか、取り下げてください。"
)


def wants_second_person(meeting: Meeting) -> bool:
    return settings.APPROVAL_BY_SECOND_PERSON and meeting.has_public_record


class TakenBack(Exception):
    """Rolls back what was only tried."""


def try_out(pk: int, change: Callable[[], Any]) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """What a change answers, and the record before and after it; the change itself is taken back."""
    before = record_snapshot(Meeting.objects.get(pk=pk))
    answer, after = None, before
    try:
        with transaction.atomic():
            answer = change()
            after = record_snapshot(Meeting.objects.get(pk=pk))
            raise TakenBack
    except TakenBack:
        return answer, before, after


@transaction.atomic
def propose(
    meeting: Meeting, by: User, screen: str, posted: QueryDict, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Keep a correction that was tried; one's own earlier proposal is replaced."""
    waiting = CorrectionProposal.objects.select_for_update().filter(meeting=meeting).first()
    if waiting and waiting.proposed_by_id != by.pk:
        raise ValidationError(WAITING)
    CorrectionProposal.objects.update_or_create(
        meeting=meeting,
        defaults={
            "screen": screen,
            "posted": dict(posted.lists()),
            "before": before,
            "content": after,
            "reason": posted.get("reason", "").strip()[:200],
            "proposed_by": by,
        },
    )


def proposal_of(meeting: Meeting) -> CorrectionProposal | None:
    return CorrectionProposal.objects.filter(meeting=meeting).select_related("proposed_by").first()


def changes_of(proposal: CorrectionProposal) -> list[Change]:
    return compare(proposal.before, proposal.content)


def posted_again(proposal: CorrectionProposal) -> QueryDict:
    """What was typed, as a form reads it."""
    data = QueryDict(mutable=True)
    for name, values in proposal.posted.items():
        data.setlist(name, values)
    return data


@transaction.atomic
def approve(meeting: Meeting, by: User, replay: Callable[[CorrectionProposal], None]) -> CorrectionProposal:
    """Make a proposal public by another person than proposed it; the meeting is locked.

    ``replay`` saves what was typed. Raises ``ValidationError`` where the record is not what it was, or
    would become something else than was proposed.
    """
    proposal = CorrectionProposal.objects.select_for_update(of=("self",)).filter(meeting=meeting).first()
    if proposal is None:
        raise ValidationError("訂正の依頼はありません。画面を開き直してください。")
    if proposal.proposed_by_id == by.pk:
        raise ValidationError("訂正を依頼した職員とは別の職員が公開してください。")
    if not meeting.has_public_record:
        raise ValidationError("公開中の記録ではないため、訂正を公開できません。依頼を取り下げてください。")
    changed = ValidationError("依頼の後に記録が変わりました。依頼を取り下げ、もう一度訂正してください。")
    if record_snapshot(meeting) != proposal.before:
        raise changed
    replay(proposal)
    if record_snapshot(Meeting.objects.get(pk=meeting.pk)) != proposal.content:
        raise changed
    proposal.delete()
    return proposal


def drop(meeting: Meeting) -> None:
    """Take a proposal back; the record stays as it is."""
    CorrectionProposal.objects.filter(meeting=meeting).delete()
