"""A correction of a public record by two people: one proposes it, another makes it public.

Where the office wants a second person, a correction is tried, what it would make of the record is kept
with all that was typed, and it is taken back. Who approves sees the difference; what then happens is
that, to the letter, or nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils.crypto import get_random_string

from meetings.models import CorrectionProposal, MaterialVersion, Meeting
from meetings.record.snapshot import Change, Record, compare, record_snapshot
from members.common.merging import digest
from members.common.models.anchors import anchors_from
from members.common.publication.rights import may_publish

WAITING = (
    "この記録には、公開を待つ訂正の依頼があります。先に「会議記録の公開」で公開するか、取り下げてください。"
)


def wants_second_person(meeting: Meeting, by: User | AnonymousUser) -> bool:
    """Whether a change of somebody's waits: of two people everywhere, of whoever may not publish always."""
    if not meeting.has_public_record:
        return False
    return settings.APPROVAL_BY_SECOND_PERSON or not may_publish(by, meeting)


MIXED = (
    "公開した記録の訂正と、公開しない部分の変更（開催案内、公開しない資料、資料と議題の組合せなど）は、"
    "別々に保存してください。まだ何も変えていません。"
)


class TakenBack(Exception):
    """Rolls back what was only tried."""


@dataclass(frozen=True)
class Trial:
    """What a change answered, what it would make of the record, and with which anchors."""

    answer: Any
    before: Record
    after: Record
    seed: str
    touches_else: bool

    @property
    def is_correction(self) -> bool:
        return self.before != self.after


def told(meeting: Meeting) -> Record:
    """The record with each entry's speaker by name: a guest that was only tried has no number yet."""
    record = record_snapshot(meeting)
    entries = meeting.minute_entries.select_related("department__organization", "guest")
    speakers = {entry.anchor: str(entry.department or entry.guest or "") for entry in entries}
    for entry in record["entries"]:
        entry["speaker"] = speakers[entry["anchor"]]
    return record


@dataclass(frozen=True)
class Beside:
    """What a meeting's form changes that is no part of its record."""

    facts: list[Any]
    # Each hidden material in words, and which the public has.
    hidden: dict[int, str]
    shown: set[int]

    def differs_from(self, after: "Beside") -> bool:
        """Whether anything was changed; a material that is only shown, or taken back, is the record's."""
        kept = {pk: text for pk, text in self.hidden.items() if pk not in after.shown}
        left = {pk: text for pk, text in after.hidden.items() if pk not in self.shown}
        return self.facts != after.facts or kept != left


def beside(meeting: Meeting) -> Beside:
    links = meeting.materials.order_by("pk", "agenda_items").values_list("anchor", "agenda_items__anchor")
    facts = [
        meeting.council_year_id,
        meeting.number,
        meeting.is_announced,
        sorted(f"{material} {item}" for material, item in links),
    ]
    rows = list(meeting.materials.order_by("pk"))
    hidden = {
        row.pk: f"{row.anchor} {row} {row.url} {row.versions.count()} {row.for_members}"
        for row in rows
        if not row.is_public
    }
    return Beside(facts, hidden, {row.pk for row in rows if row.is_public})


def try_out(pk: int, change: Callable[[], Any]) -> Trial:
    """Tell what a change would make of a record; the change itself is taken back, its files too."""
    meeting = Meeting.objects.get(pk=pk)
    before, else_before = told(meeting), beside(meeting)
    answer, after, else_after, seed = None, before, else_before, get_random_string(20)
    files: list[MaterialVersion] = []
    known = set(MaterialVersion.objects.filter(material__meeting=pk).values_list("pk", flat=True))
    try:
        with transaction.atomic(), anchors_from(seed):
            answer = change()
            meeting = Meeting.objects.get(pk=pk)
            after, else_after = told(meeting), beside(meeting)
            files = list(MaterialVersion.objects.filter(material__meeting=pk).exclude(pk__in=known))
            raise TakenBack
    except TakenBack:
        for version in files:
            version.file.storage.delete(version.file.name)
    return Trial(answer, before, after, seed, else_before.differs_from(else_after))


@transaction.atomic
def propose(meeting: Meeting, by: User, screen: str, posted: QueryDict, trial: Trial) -> None:
    """Keep a correction that was tried; one's own earlier proposal is replaced."""
    if trial.touches_else:
        raise ValidationError(MIXED)
    waiting = CorrectionProposal.objects.select_for_update(no_key=True).filter(meeting=meeting).first()
    if waiting and waiting.proposed_by_id != by.pk:
        raise ValidationError(WAITING)
    CorrectionProposal.objects.update_or_create(
        meeting=meeting,
        defaults={
            "screen": screen,
            "posted": dict(posted.lists()),
            "before": trial.before,
            "content": trial.after,
            "seed": trial.seed,
            "reason": posted.get("reason", "").strip()[:200],
            "proposed_by": by,
        },
    )


def proposal_of(meeting: Meeting) -> CorrectionProposal | None:
    return CorrectionProposal.objects.filter(meeting=meeting).select_related("proposed_by").first()


def changes_of(proposal: CorrectionProposal) -> list[Change]:
    """All that a proposal changes: the record's parts, and what its entries hang on."""
    return compare(proposal.before, proposal.content) + _link_changes(proposal.before, proposal.content)


def _link_changes(before: Record, after: Record) -> list[Change]:
    """Entries that stay and go to another agenda item, or to another person behind the same name."""
    titles = {row["anchor"]: f"{row['label']} {row['title']}".strip() for row in before["agenda"]}
    titles |= {row["anchor"]: f"{row['label']} {row['title']}".strip() for row in after["agenda"]}
    old = {entry["anchor"]: entry for entry in before["entries"]}
    changes = []
    for entry in after["entries"]:
        was = old.get(entry["anchor"], {"agenda_item": "", "speaker": ""})
        start = entry["body"][:20]
        if was["agenda_item"] != entry["agenda_item"]:
            items = (titles.get(each["agenda_item"], "") for each in (was, entry))
            changes.append(Change(f"「{start}」の議題", *items))
        if was["speaker"] != entry["speaker"]:
            changes.append(Change(f"「{start}」の発言者", was["speaker"], entry["speaker"]))
    return changes


def token_of(proposal: CorrectionProposal) -> str:
    """Tells whether who decides has this very proposal before them."""
    return digest(
        [proposal.proposed_by_id, proposal.seed, proposal.posted, proposal.before, proposal.content]
    )


def posted_again(proposal: CorrectionProposal) -> QueryDict:
    """What was typed, as a form reads it."""
    data = QueryDict(mutable=True)
    for name, values in proposal.posted.items():
        data.setlist(name, values)
    return data


def waiting_for(meeting: Meeting, token: str) -> CorrectionProposal:
    """The proposal that was seen, locked; ``ValidationError`` where it is gone or another one."""
    proposal = (
        CorrectionProposal.objects.select_for_update(of=("self",), no_key=True)
        .filter(meeting=meeting)
        .first()
    )
    if proposal is None:
        raise ValidationError("訂正の依頼はありません。画面を開き直してください。")
    if token_of(proposal) != token:
        raise ValidationError("この画面を開いた後に、訂正の依頼が変わりました。今の依頼を確かめてください。")
    return proposal


@transaction.atomic
def approve(
    meeting: Meeting, by: User, token: str, replay: Callable[[CorrectionProposal], None]
) -> CorrectionProposal:
    """Make a proposal public by another person than proposed it; the meeting is locked.

    ``replay`` saves what was typed; ``token`` is of the proposal that was seen. Raises
    ``ValidationError`` where the record is not what it was, or would become something else than was
    proposed.
    """
    proposal = waiting_for(meeting, token)
    if proposal.proposed_by_id == by.pk:
        raise ValidationError("訂正を依頼した職員とは別の職員が公開してください。")
    if not meeting.has_public_record:
        raise ValidationError("公開中の記録ではないため、訂正を公開できません。依頼を取り下げてください。")
    changed = ValidationError("依頼の後に記録が変わりました。依頼を取り下げ、もう一度訂正してください。")
    if told(meeting) != proposal.before:
        raise changed
    with anchors_from(proposal.seed):
        replay(proposal)
    if told(Meeting.objects.get(pk=meeting.pk)) != proposal.content:
        raise changed
    proposal.delete()
    return proposal


@transaction.atomic
def drop(meeting: Meeting, token: str) -> None:
    """Take a proposal back; the record stays as it is."""
    waiting_for(meeting, token).delete()
