"""The status board: where every body stands, and what closing now would mean for the figures."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce, NullIf

from surveys.models import (
    AnswerStatus,
    DraftSection,
    Indicator,
    OutgoingMail,
    Survey,
    SurveyTarget,
)
from surveys.results.counter import Group, count_answers
from surveys.results.indicator_tallies import Tally, counted_choices, tally_indicators
from surveys.results.question_tallies import whole_percent

# In the order in which the board counts them.
ORDER = (
    AnswerStatus.SUBMITTED,
    AnswerStatus.RETURNED,
    AnswerStatus.CHANGING,
    AnswerStatus.DRAFTED,
    AnswerStatus.NOT_STARTED,
    AnswerStatus.EXCLUDED,
)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One body's state."""

    pk: int
    code: str
    name: str
    status: AnswerStatus
    in_base: bool
    reason: str
    last_at: datetime | None
    who: str
    channel: str
    extended_to: datetime | None
    extension_reason: str
    last_mail: str
    submission: int | None
    returns: int

    @property
    def is_excluded(self) -> bool:
        return self.status == AnswerStatus.EXCLUDED

    @property
    def can_be_returned(self) -> bool:
        return self.submission is not None and not self.is_excluded


@dataclass(frozen=True, slots=True)
class Outlook:
    """A figure if the survey closed now, and what those who may still write could make of it.

    ``missing`` bodies of the base have handed in nothing, ``changing`` ones are changing
    what they handed in; what these handed in counts until they do so again.
    """

    now: Tally
    worst: int
    best: int
    missing: int
    changing: int

    @property
    def worst_percent(self) -> int | None:
        return whole_percent(self.worst, self.now.base)

    @property
    def best_percent(self) -> int | None:
        return whole_percent(self.best, self.now.base)


@dataclass(frozen=True, slots=True)
class Board:
    """A survey's targets in the order of their codes, with counts by state."""

    rows: tuple[BoardRow, ...]
    counts: dict[AnswerStatus, int]
    asked: int
    submitted: int
    outlooks: tuple[Outlook, ...]

    @property
    def missing(self) -> int:
        return sum(count for status, count in self.counts.items() if status.is_missing)

    @property
    def changing(self) -> int:
        return sum(count for status, count in self.counts.items() if status.is_changing)

    @property
    def drafted(self) -> int:
        return self.counts.get(AnswerStatus.DRAFTED, 0)


def build_board(survey: Survey) -> Board:
    """Read a survey's board; the number of queries is the same for any number of targets."""
    drafts: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for target, at, who in DraftSection.objects.filter(target__survey=survey).values_list(
        "target", "saved_at", "saved_by"
    ):
        drafts[target].append((at, who))
    mails = last_mails(survey)
    rows = tuple(
        board_row(values, drafts.get(values["pk"], []), mails.get(values["pk"], ""))
        for values in SurveyTarget.objects.filter(survey=survey)
        .with_status()
        .order_by("organization__code")
        .values(
            "pk",
            "status",
            "in_base",
            "exclusion_reason",
            "extended_to",
            "extension_reason",
            "submission__pk",
            "submission__submitted_at",
            "submission__respondent_department",
            "submission__respondent_name",
            "submission__channel",
            returned_times=Count("returns", filter=Q(returns__is_withdrawn=False)),
            code=F("organization__code"),
            name=Coalesce(NullIf(F("name_at_opening"), Value("")), F("organization__name")),
        )
    )
    counts = {status: sum(row.status == status for row in rows) for status in ORDER}
    return Board(
        rows=rows,
        counts={status: count for status, count in counts.items() if count},
        asked=len(rows) - counts[AnswerStatus.EXCLUDED],
        submitted=counts[AnswerStatus.SUBMITTED] + sum(n for each, n in counts.items() if each.is_changing),
        outlooks=look_ahead(survey),
    )


def last_mails(survey: Survey) -> dict[int, str]:
    """The last mail to each body and what became of it (one query)."""
    states, labels = (
        dict(OutgoingMail.State.choices),
        {"invitation": "お願い", "reminder": "督促", "return": "差し戻し"},
    )
    found: dict[int, str] = {}
    for target, kind, state in (
        OutgoingMail.objects.filter(mailing__survey=survey, mailing__kind__in=labels)
        .order_by("pk")
        .values_list("target", "mailing__kind", "state")
    ):
        found[target] = f"{labels[kind]}：{states[state]}"
    return found


def board_row(values: dict[str, Any], drafts: list[tuple[datetime, str]], mail: str) -> BoardRow:
    submitted_at = values["submission__submitted_at"]
    respondent = (
        f"{values['submission__respondent_department'] or ''} {values['submission__respondent_name'] or ''}"
    )
    last_at, who = max(drafts, default=(submitted_at, ""), key=lambda draft: draft[0])
    return BoardRow(
        pk=values["pk"],
        code=values["code"],
        name=values["name"],
        status=AnswerStatus(values["status"]),
        in_base=values["in_base"],
        reason=values["exclusion_reason"],
        last_at=last_at,
        who=who or respondent.strip(),
        channel=values["submission__channel"] or "",
        extended_to=values["extended_to"],
        extension_reason=values["extension_reason"],
        last_mail=mail,
        submission=values["submission__pk"],
        returns=values["returned_times"],
    )


def look_ahead(survey: Survey) -> tuple[Outlook, ...]:
    """Each figure's worst and best case over those who may still write (seven queries).

    Worst: none of them chooses a counted choice. Best: all of them do. Whoever is changing
    an answer that was handed in may choose anew, whatever it chose before.
    """
    indicators = list(Indicator.objects.filter(survey=survey).select_related("survey"))
    counter = count_answers([survey])
    counted = counted_choices(indicators)
    rows = SurveyTarget.objects.in_base().filter(survey=survey).with_status().values_list("pk", "status")
    statuses = {pk: AnswerStatus(status) for pk, status in rows}
    missing = Group(frozenset(pk for pk, status in statuses.items() if status.is_missing))
    changing = Group(frozenset(pk for pk, status in statuses.items() if status.is_changing))
    open_to_change = missing | changing
    outlooks = []
    for indicator, tally in zip(indicators, tally_indicators(indicators, counter), strict=True):
        now = counter.chose_any(counted[indicator.pk])
        best = now | open_to_change if counted[indicator.pk] else now
        worst = now - open_to_change
        outlooks.append(Outlook(tally, worst.count, best.count, missing.count, changing.count))
    return tuple(outlooks)
