"""How a record goes public: each step under a row lock, checked, carried out, and on record."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from members.common.merging import digest
from members.common.notices import notify_staff
from members.common.publication.findings import Finding, errors_of, warnings_of
from members.common.publication.mails import tell_approvers, tell_asker
from members.common.publication.models import Publishable, Stage
from members.common.publication.transitions import TRANSITIONS, Step, Transition, record_step
from members.common.text.cleaning import said

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody orders when they publish or schedule.

    ``seen`` is the state of the candidate that they have before them, ``confirmed`` says that they
    looked at its warnings. ``reason`` and ``kind`` are for the public, from the second time on.
    """

    seen: str
    confirmed: bool = False
    reason: str = ""
    kind: str = ""
    # Why a difference of so few organizations that it tells their answers is published all the same.
    small_change_reason: str = ""

    def tidied(self) -> "Order":
        """The order with its reasons as they are kept; one that nobody could see is none."""
        return replace(self, reason=said(self.reason), small_change_reason=said(self.small_change_reason))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record as it would be published now: what it says, in short, and what is wrong with it."""

    fingerprint: str
    findings: list[Finding]
    content: Any = None

    @property
    def state(self) -> str:
        """What is before somebody who looks at it: the content, and each warning word for word.

        A tick under three warnings says nothing of a fourth.
        """
        warnings = warnings_of(self.findings)
        return digest([self.fingerprint, warnings]) if warnings else self.fingerprint


@dataclass(frozen=True, slots=True)
class Words:
    """What the engine says to staff, in the words of one kind of record."""

    wrong_stage: str
    changed: str
    changed_since: str
    confirm: str
    ask_first: str
    other_person: str
    past: str
    not_scheduled: str
    not_withdrawn: str
    cancelled_subject: str
    cancelled: str
    failed: str
    published: str


R = TypeVar("R", bound=Publishable)


class Publication(Generic[R]):
    """The steps of one kind of record; what differs between kinds are the methods below ``# Kind``."""

    model: type[R]
    words: ClassVar[Words]
    transitions: ClassVar[dict[Step, Transition]] = TRANSITIONS
    # Whether publishing what is public already is a correction; else that is made elsewhere.
    corrects_by_publishing: ClassVar[bool] = True

    # --- Kind: what a subclass says ---

    def locked(self, pk: int) -> R:
        """The record with what publishing it needs; its row stays locked until the transaction ends."""
        raise NotImplementedError

    def candidate(self, record: R, order: Order | None = None) -> Candidate:
        """The record as it would be published now."""
        raise NotImplementedError

    def make_public(
        self, record: R, by: User | None, owner: User | None, order: Order, candidate: Candidate
    ) -> Any:
        """Show it; the record is locked, checked, and saved by this method.

        ``by`` published it; where the clock did, ``owner`` had scheduled it.
        """
        raise NotImplementedError

    def hide(self, record: R) -> None:
        """Hide it again; the caller saves."""
        raise NotImplementedError

    def show_again(self, record: R) -> None:
        """Show a withdrawn record as it was; raises ``ValidationError`` where that cannot be."""
        raise NotImplementedError

    def stage_word(self, record: R) -> str:
        """The stage as the screens of this kind name it."""
        return str(record.stage.label)

    def mark_asked(self, record: R) -> None:
        """Keep that somebody asked, where a field of the kind's own says so; the caller saves."""

    def ask_small_changes(self, record: R, reason: str) -> None:
        """Keep why small changes are asked to be published, where a kind has any; the caller saves."""

    def small_changes_asked(self, record: R) -> str:
        """The reason that was asked with; empty where the kind has none, or nobody gave one."""
        return ""

    def mark_draft(self, record: R) -> None:
        """The opposite of :meth:`mark_asked`."""

    def reasons_against_order(self, record: R, order: Order, candidate: Candidate) -> list[str]:
        """What else stands against publishing with this order."""
        return []

    def reasons_against_content(self, record: R, candidate: Candidate) -> list[str]:
        """What stands against publishing this content at all, whoever orders it."""
        return []

    def keep_order(self, record: R, order: Order) -> None:
        """Keep what the schedule needs of an order besides what was seen; the caller saves."""

    def kept_order(self, record: R) -> Order:
        """The order that was kept with the schedule."""
        return Order(seen=record.scheduled_state, confirmed=True)

    def is_overtaken(self, record: R, candidate: Candidate) -> bool:
        """Whether a scheduled publication will not take place, as what was seen then has changed."""
        return record.publish_at is not None and record.scheduled_state != candidate.state

    # --- Steps ---

    @transaction.atomic
    def ask(self, record: R, by: User, *, seen: str, small_change_reason: str = "") -> None:
        """Ask somebody else to publish what one has seen, small changes too where one says why."""
        record = self._begin(record, Step.ASK)
        candidate = self.candidate(record)
        if seen != candidate.state:
            raise ValidationError(self.words.changed)
        if reasons := self.reasons_against_content(record, candidate):
            raise ValidationError(reasons)
        small_changes = said(small_change_reason)
        asked = (record.requested_by, record.requested_state, self.small_changes_asked(record))
        if record.stage == Stage.ASKED and asked == (by, seen, small_changes):
            # A double click asks once.
            return
        self.ask_small_changes(record, small_changes)
        record.requested_by, record.requested_at, record.requested_state = by, timezone.now(), seen
        self.mark_asked(record)
        record.save()
        record_step(record, Step.ASK, by)
        tell_approvers(record, by)

    @transaction.atomic
    def send_back(self, record: R, by: User) -> None:
        """Not yet: back to the draft; a schedule ends with it."""
        record = self._begin(record, Step.SEND_BACK)
        tell_asker(record, by, "下書きに戻しました")
        record.forget_request()
        record.forget_schedule()
        self.mark_draft(record)
        record.save()
        record_step(record, Step.SEND_BACK, by)

    @transaction.atomic
    def schedule(self, record: R, by: User, moment: datetime, order: Order) -> None:
        """Publish later what one has seen now; a change in between stops it."""
        record = self._begin(record, Step.SCHEDULE)
        reasons = [] if moment > timezone.now() else [self.words.past]
        order = order.tidied()
        candidate = self.candidate(record, order)
        reasons += self._reasons_against(record, by, order, candidate)
        if reasons:
            raise ValidationError(reasons)
        record.publish_at, record.scheduled_by, record.scheduled_state = moment, by, order.seen
        record.schedule_note = ""
        self.keep_order(record, order)
        record.save()
        moment_text = f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
        record_step(record, Step.SCHEDULE, by, order.reason, 公開予定=moment_text)

    @transaction.atomic
    def cancel_schedule(self, record: R, by: User | None, *, note: str = "") -> None:
        """Take a scheduled publication back; ``note`` says why, where it was not by hand."""
        record = self._begin(record, Step.CANCEL)
        if record.publish_at is None:
            raise ValidationError(self.words.not_scheduled)
        record.forget_schedule(note)
        record.save()
        record_step(record, Step.CANCEL, by, note)

    @transaction.atomic
    def publish(self, record: R, by: User | None, order: Order) -> Any:
        """Make public what one has seen, for the first time or as a correction with its reason.

        Raises ``ValidationError`` with every reason not to.
        """
        return self._publish(self.locked(record.pk), by, order)

    @transaction.atomic
    def withdraw(self, record: R, by: User | None, reason: str) -> None:
        """Take a public record back, with a reason that stands at its addresses; its history stays."""
        record, reason = self._begin(record, Step.WITHDRAW), said(reason)
        record.note_withdrawal(reason)
        record.forget_request()
        record.forget_schedule()
        self.hide(record)
        record.save()
        record_step(record, Step.WITHDRAW, by, reason)

    @transaction.atomic
    def restore(self, record: R, by: User | None) -> None:
        """Show a withdrawn record again as it was."""
        record = self._begin(record, Step.RESTORE)
        if record.withdrawn_at is None:
            raise ValidationError(self.words.not_withdrawn)
        self.show_again(record)
        record.forget_withdrawal()
        record.save()
        record_step(record, Step.RESTORE, by)

    def publish_due(self) -> Iterator[str]:
        """Publish the records whose moment has come, each on its own; says what became of each.

        One that is not what was approved any more, or does not pass the checklist, loses its
        schedule, and who scheduled it is told. One that ends in a fault is tried again next time.
        """
        due = self.model._default_manager.filter(publish_at__lte=timezone.now()).order_by("publish_at", "pk")
        for pk in list(due.values_list("pk", flat=True)):
            try:
                message = self._publish_scheduled(pk)
            except Exception:
                # A fault in one must not keep the others from the public; its schedule stands.
                logger.exception("%s %s could not be published", self.model.__name__, pk)
                message = self.words.failed.format(record=self.model._default_manager.get(pk=pk))
            if message:
                yield message

    # --- Inside ---

    @transaction.atomic
    def _publish_scheduled(self, pk: int) -> str:
        record = self.locked(pk)
        if record.publish_at is None or record.publish_at > timezone.now():
            # Another run was faster, or somebody took it back.
            return ""
        owner, order = record.scheduled_by, self.kept_order(record)
        try:
            with transaction.atomic():
                self._publish(record, None, order, owner=owner)
        except ValidationError as error:
            note = " ".join(error.messages)
            self.cancel_schedule(record, None, note=note)
            message = self.words.cancelled.format(record=record, note=note)
            notify_staff(owner, self.words.cancelled_subject.format(record=record), message)
            return message
        return self.words.published.format(record=record)

    def _publish(self, record: R, by: User | None, order: Order, *, owner: User | None = None) -> Any:
        """Check and publish a locked record; ``owner`` scheduled it and was approved then."""
        corrects = self.corrects_by_publishing and record.stage == Stage.PUBLIC
        step = Step.CORRECT if corrects else Step.PUBLISH
        self._require(record, step)
        order = order.tidied()
        candidate = self.candidate(record, order)
        reasons = self._reasons_against(record, by, order, candidate, is_approved=owner is not None)
        if reasons:
            raise ValidationError(reasons)
        tell_asker(record, by or owner, "公開しました")
        record.forget_request()
        record.forget_schedule()
        record.forget_withdrawal()
        done = self.make_public(record, by, owner, order, candidate)
        confirmed = " ".join(warnings_of(candidate.findings))
        scheduler = {"予約した職員": str(owner)} if owner else {}
        record_step(record, step, by, order.reason, **scheduler, 確かめた注意=confirmed)
        return done

    def _begin(self, record: R, step: Step) -> R:
        locked = self.locked(record.pk)
        self._require(locked, step)
        return locked

    def _require(self, record: R, step: Step) -> None:
        if record.stage not in self.transitions[step].sources:
            raise ValidationError(self.words.wrong_stage.format(stage=self.stage_word(record)))

    def _reasons_against(
        self,
        record: R,
        by: User | None,
        order: Order,
        candidate: Candidate,
        *,
        is_approved: bool = False,
    ) -> list[str]:
        """Why a record cannot be published now, in sentences for staff; empty where it can."""
        reasons = errors_of(candidate.findings)
        if warnings_of(candidate.findings) and not order.confirmed:
            reasons.append(self.words.confirm)
        if order.seen != candidate.state:
            reasons.append(self.words.changed_since if is_approved else self.words.changed)
        if settings.APPROVAL_BY_SECOND_PERSON and not is_approved:
            reasons += self._lacking_approval(record, by, order)
        reasons += self.reasons_against_content(record, candidate)
        return reasons + self.reasons_against_order(record, order, candidate)

    def _lacking_approval(self, record: R, by: User | None, order: Order) -> list[str]:
        """What a second person's approval lacks, as a sentence for staff; empty where it stands."""
        if record.requested_by_id is None or record.requested_state != order.seen:
            return [self.words.ask_first]
        if by is None or record.requested_by_id == by.pk:
            return [self.words.other_person]
        return []
