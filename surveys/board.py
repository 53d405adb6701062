"""The status board: where every body stands, and what closing now would mean for the figures."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from surveys.models import CountedChoice, DraftSection, Indicator, OutgoingMail, Survey, SurveyTarget
from surveys.results import whole_percent
from surveys.tally import Tally, tally_indicators

STATES = ("提出済み", "提出後に変更中", "入力中", "未着手", "除外")


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One body's state."""

    pk: int
    code: str
    name: str
    state: str
    in_base: bool
    reason: str
    last_at: datetime | None
    who: str
    channel: str
    extended_to: datetime | None
    extension_reason: str
    last_mail: str
    submission: int | None

    @property
    def is_missing(self) -> bool:
        return self.state in {"入力中", "未着手"}


@dataclass(frozen=True, slots=True)
class Outlook:
    """A figure if the survey closed now, and what those missing could still make of it."""

    now: Tally
    worst: int
    best: int
    missing: int

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
    counts: dict[str, int]
    asked: int
    submitted: int
    outlooks: tuple[Outlook, ...]


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
        .order_by("organization__code")
        .values(
            "pk",
            "in_base",
            "is_excluded",
            "exclusion_reason",
            "extended_to",
            "extension_reason",
            "submission__pk",
            "submission__submitted_at",
            "submission__respondent_department",
            "submission__respondent_name",
            "submission__channel",
            code=F("organization__code"),
            name=F("organization__name"),
        )
    )
    counts = {state: sum(row.state == state for row in rows) for state in STATES}
    asked = len(rows) - counts["除外"]
    return Board(
        rows=rows,
        counts={state: count for state, count in counts.items() if count},
        asked=asked,
        submitted=counts["提出済み"] + counts["提出後に変更中"],
        outlooks=look_ahead(survey),
    )


def last_mails(survey: Survey) -> dict[int, str]:
    """The last mail to each body and what became of it (one query)."""
    states = dict(OutgoingMail.State.choices)
    found: dict[int, str] = {}
    for target, kind, state in (
        OutgoingMail.objects.filter(mailing__survey=survey)
        .order_by("pk")
        .values_list("target", "mailing__kind", "state")
    ):
        label = "督促" if kind == "reminder" else "お願い"
        found[target] = f"{label}：{states[state]}"
    return found


def board_row(values: dict[str, Any], drafts: list[tuple[datetime, str]], mail: str) -> BoardRow:
    submitted_at = values["submission__submitted_at"]
    respondent = (
        f"{values['submission__respondent_department'] or ''} {values['submission__respondent_name'] or ''}"
    )
    state = "提出済み" if submitted_at else "入力中" if drafts else "未着手"
    if submitted_at and drafts:
        state = "提出後に変更中"
    if values["is_excluded"]:
        state = "除外"
    last_at, who = max(drafts, default=(submitted_at, ""), key=lambda draft: draft[0])
    return BoardRow(
        pk=values["pk"],
        code=values["code"],
        name=values["name"],
        state=state,
        in_base=values["in_base"],
        reason=values["exclusion_reason"],
        last_at=last_at,
        who=who or respondent.strip(),
        channel=values["submission__channel"] or "",
        extended_to=values["extended_to"],
        extension_reason=values["extension_reason"],
        last_mail=mail,
        submission=values["submission__pk"],
    )


def look_ahead(survey: Survey) -> tuple[Outlook, ...]:
    """Each figure's worst and best case over those missing (three queries).

    Worst: none of them chooses a counted choice. Best: all of them do.
    """
    indicators = list(Indicator.objects.filter(survey=survey).select_related("survey"))
    has_choices = set(
        CountedChoice.objects.filter(indicator__in=indicators).values_list("indicator", flat=True)
    )
    outlooks = []
    for indicator, tally in zip(indicators, tally_indicators(indicators), strict=True):
        missing = tally.unanswered or 0
        best = tally.count + (missing if indicator.pk in has_choices else 0)
        outlooks.append(Outlook(tally, tally.count, best, missing))
    return tuple(outlooks)
