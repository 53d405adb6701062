"""The one table of what may be done with a record from which stage, and its row in the audit trail."""

from dataclasses import dataclass, replace

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models

from members.common.acts import act
from members.common.audit import note_act
from members.common.publication.models import Publishable, Stage


class Step(models.TextChoices):
    """What somebody, or the clock, does with a record."""

    ASK = "ask", "公開を依頼"
    SEND_BACK = "send_back", "下書きに戻す"
    SCHEDULE = "schedule", "公開を予約"
    CANCEL = "cancel", "公開の予約を取り消し"
    PUBLISH = "publish", "公開"
    CORRECT = "correct", "訂正・更新を公開"
    WITHDRAW = "withdraw", "公開を取り下げ"
    RESTORE = "restore", "取り下げを取り消し"


@dataclass(frozen=True, slots=True)
class Transition:
    """From which stages a step is open, to which it leads (None: it stays), and what it asks for."""

    sources: frozenset[Stage]
    target: Stage | None
    wants_reason: bool = False


HIDDEN = frozenset({Stage.DRAFT, Stage.ASKED})
PUBLIC = frozenset({Stage.PUBLIC})
ANY = HIDDEN | PUBLIC

TRANSITIONS: dict[Step, Transition] = {
    # A public record can be asked about too: for its next edition.
    Step.ASK: Transition(ANY, Stage.ASKED),
    Step.SEND_BACK: Transition(frozenset({Stage.ASKED}), Stage.DRAFT),
    Step.SCHEDULE: Transition(ANY, None),
    Step.CANCEL: Transition(ANY, None),
    Step.PUBLISH: Transition(HIDDEN, Stage.PUBLIC),
    Step.CORRECT: Transition(PUBLIC, Stage.PUBLIC, wants_reason=True),
    Step.WITHDRAW: Transition(PUBLIC, Stage.DRAFT, wants_reason=True),
    Step.RESTORE: Transition(HIDDEN, Stage.PUBLIC),
}


def hidden_only(*steps: Step) -> dict[Step, Transition]:
    """The table for a kind of record that takes these steps only before it is public."""
    return TRANSITIONS | {step: replace(TRANSITIONS[step], sources=HIDDEN) for step in steps}


def record_step(record: Publishable, step: Step, by: User | None, reason: str = "", **details: str) -> None:
    """Put one step into the audit trail: who, what, and why; without a person it was the clock."""
    if TRANSITIONS[step].wants_reason and not reason.strip():
        raise ValidationError(f"{step.label}には理由が必要です。理由を入力してください。")
    told = {"手続き": str(step.label), "理由": reason.strip(), **details}
    if by is None:
        told["実行"] = "システム（予約または一括処理）"
    act(f"{record._meta.verbose_name}：{step.label}", about=record, reason=reason)
    # The name too: the row outlives the account.
    name = by.get_username() if by else ""
    data = {"step": step.value, "reason": reason.strip(), "by": name, **details}
    note_act(record, by, told, data)
