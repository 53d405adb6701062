"""Extensions, exclusions and addresses of many bodies at once: all that was asked for, or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from members.common.acts import act
from members.common.text.cleaning import half_width
from members.common.text.eras import format_time
from members.common.text.folding import fold
from surveys.answering.drafts import submission_of
from surveys.models import Survey, SurveyEvent, SurveyTarget
from surveys.running.lifecycle import note_event

MAX_LINES = 2000


@dataclass(slots=True)
class Chosen:
    """The bodies that were ticked, locked; what is wrong with any of them is said by name."""

    targets: list[SurveyTarget]
    problems: list[str] = field(default_factory=list)

    def refuse(self, target: SurveyTarget, why: str) -> None:
        self.problems.append(f"{target.name}：{why}")

    def raise_problems(self) -> None:
        if self.problems:
            raise ValidationError(self.problems)


def choose(survey: Survey, ids: Iterable[int]) -> Chosen:
    """Lock the ticked bodies of a survey; the transaction is open."""
    wanted = set(ids)
    locked = SurveyTarget.objects.select_for_update(of=("self",), no_key=True).filter(
        survey=survey, pk__in=wanted
    )
    found = {target.pk for target in locked}
    if not found:
        raise ValidationError("団体を1つ以上選んでください。")
    targets = SurveyTarget.objects.for_answering().filter(pk__in=found)
    return Chosen(list(targets.order_by("organization__code")))


@transaction.atomic
def extend(survey: Survey, ids: Iterable[int], until: datetime, reason: str, *, by: User) -> int:
    """Put off the deadline of some bodies. Raises ``ValidationError`` naming each that it is wrong for."""
    chosen = choose(survey, ids)
    if until <= timezone.now():
        raise ValidationError("個別の締切は、先の日時にしてください。")
    if not reason:
        raise ValidationError("締切を延ばす理由を入力してください。")
    for target in chosen.targets:
        if target.is_excluded:
            chosen.refuse(target, "対象から除いています。")
            continue
        if target.extended_to and target.extended_to > until:
            chosen.refuse(
                target,
                f"すでに{format_time(target.extended_to)}まで延ばしています。短くするときは、団体の画面で直してください。",
            )
            continue
        target.extended_to, target.extension_reason = until, reason
        save(chosen, target)
    chosen.raise_problems()
    for target in chosen.targets:
        note_event(survey, SurveyEvent.Kind.EXTENDED, by, f"{target.name}：{format_time(until)} {reason}")
    return len(chosen.targets)


@transaction.atomic
def exclude(survey: Survey, ids: Iterable[int], reason: str, *, by: User, knows: bool) -> int:
    """Ask some bodies no more; their answers stay and count for nothing.

    ``knows`` says that bodies with answers may be among them. Raises ``ValidationError``.
    """
    chosen = choose(survey, ids)
    if not reason:
        raise ValidationError("対象から除く理由を入力してください。指標のページに公開されます。")
    for target in chosen.targets:
        if not knows and (submission_of(target) or target.drafts.exists()):
            state = "提出済みの回答" if submission_of(target) else "入力中の回答"
            chosen.refuse(
                target, f"{state}があります。除いてよければ「回答があっても除く」に印を付けてください。"
            )
            continue
        target.is_excluded, target.in_base, target.exclusion_reason = True, False, reason
        save(chosen, target)
    chosen.raise_problems()
    for target in chosen.targets:
        note_event(survey, SurveyEvent.Kind.EXCLUDED, by, f"{target.name}：{reason}")
    return len(chosen.targets)


@transaction.atomic
def include(survey: Survey, ids: Iterable[int], *, by: User) -> int:
    """Ask some excluded bodies again: answers and links are as they were. Raises ``ValidationError``."""
    chosen = choose(survey, ids)
    roster = set(survey.council_year.municipalities().values_list("pk", flat=True))
    for target in chosen.targets:
        if not target.is_excluded:
            chosen.refuse(target, "対象から除いていません。")
            continue
        target.is_excluded = False
        if target.organization_id in roster:
            # Others are asked beside the base; why stays said.
            target.in_base, target.exclusion_reason = True, ""
        save(chosen, target)
    chosen.raise_problems()
    for target in chosen.targets:
        place = "母数に含める" if target.in_base else f"母数に含めない（{target.exclusion_reason}）"
        note_event(survey, SurveyEvent.Kind.BASE, by, f"{target.name}：対象に戻し、{place}")
    return len(chosen.targets)


@transaction.atomic
def set_addresses(survey: Survey, text: str) -> int:
    """Set addresses from pasted lines: a body's code or name, then its addresses.

    Raises ``ValidationError`` naming each line that cannot be read.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise ValidationError("1行に1団体ずつ、団体コードか団体名とメールアドレスを貼り付けてください。")
    if len(lines) > MAX_LINES:
        raise ValidationError(f"行が多すぎます（{len(lines)}行）。{MAX_LINES}行までにしてください。")
    chosen = Chosen([])
    known = targets_by_name(survey)
    wanted: dict[int, list[str]] = {}
    targets: dict[int, SurveyTarget] = {}
    for number, line in enumerate(lines, 1):
        head, *addresses = half_width(line).replace(",", " ").replace(";", " ").split() or [""]
        target = known.get(fold(head))
        if target is None:
            chosen.problems.append(f"{number}行目：「{head}」は、このアンケートの対象にありません。")
        elif not addresses:
            chosen.problems.append(f"{number}行目：{target.name}のメールアドレスがありません。")
        else:
            targets[target.pk] = target
            wanted.setdefault(target.pk, []).extend(addresses)
    chosen.raise_problems()
    for pk, addresses in wanted.items():
        targets[pk].emails = "\n".join(dict.fromkeys(addresses))
        save(chosen, targets[pk])
    chosen.raise_problems()
    act("送付先メールアドレスの一括登録", about=survey)
    return len(wanted)


def targets_by_name(survey: Survey) -> dict[str, SurveyTarget]:
    """A survey's bodies by code, by code without its check digit, and by name as then and as now."""
    found: dict[str, SurveyTarget] = {}
    rows = SurveyTarget.objects.select_for_update(of=("self",), no_key=True).filter(survey=survey)
    for target in rows.select_related("organization", "survey"):
        code = target.organization.code
        for name in (code, code[:5], target.name, target.organization.name):
            found.setdefault(fold(name), target)
    return found


def save(chosen: Chosen, target: SurveyTarget) -> None:
    """Store one body, or note why it cannot be."""
    try:
        target.full_clean()
    except ValidationError as error:
        chosen.refuse(target, " ".join(error.messages))
    else:
        target.save()
