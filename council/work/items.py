"""What there is to do, as the start page and the daily mail say it."""

from dataclasses import dataclass, field, replace
from datetime import date

from django.db import models

from members.models import CouncilYear


class Urgency(models.IntegerChoices):
    """How a thing stands, the most urgent first."""

    MINE = 0, "あなたの番"
    BLOCKED = 1, "止まっています"
    DUE = 2, "期限"
    NEXT = 3, "これから"
    WAITING = 4, "待っています"
    DONE = 5, "済み"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing: a sentence, where it is done, and by when where a day is known."""

    urgency: Urgency
    text: str
    url: str
    day: date | None = None

    @property
    def is_pressing(self) -> bool:
        """Whether somebody must act now; the rest is for information."""
        return self.urgency <= Urgency.DUE


@dataclass(slots=True)
class Stage:
    """One step of a year: 名簿, 会議, アンケート or 報告書, with what stands in it."""

    title: str
    # In a few words, with counts: 「28市町・41課」.
    summary: str = ""
    url: str = ""
    items: list[Item] = field(default_factory=list)
    is_begun: bool = True

    def add(self, urgency: Urgency, text: str, url: str, day: date | None = None) -> None:
        self.items.append(Item(urgency, text, url, day))

    @property
    def state(self) -> Urgency:
        """That of its most urgent thing; without any, it is done, or not begun."""
        default = Urgency.DONE if self.is_begun else Urgency.NEXT
        return min((item.urgency for item in self.items if item.urgency != Urgency.DONE), default=default)

    @property
    def label(self) -> str:
        return "未着手" if self.state == Urgency.NEXT and not self.is_begun else str(self.state.label)

    @property
    def tone(self) -> str:
        """The class of its colour."""
        return self.state.name.lower()

    def in_order(self) -> list[Item]:
        return sorted(self.items, key=lambda item: (item.urgency, item.day or date.max))


@dataclass(slots=True)
class YearWork:
    """A council year as a timeline of its stages."""

    council_year: CouncilYear
    stages: list[Stage]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is left to do in it."""
        return all(stage.state in {Urgency.DONE, Urgency.WAITING} for stage in self.stages)

    def is_over(self, this_year: int) -> bool:
        """Whether its council is closed since."""
        closed = self.council_year.council.closed_year
        return bool(closed and closed < this_year)

    def is_past(self, this_year: int) -> bool:
        """Whether it is behind us, with nothing left that presses."""
        is_idle = self.is_quiet or (self.is_over(this_year) and not self.pressing())
        return self.council_year.year < this_year and is_idle

    def calm(self, *, but: str = "") -> None:
        """Nothing in it is due: of a year to come not yet, of a closed council no more."""
        for stage in self.stages:
            if stage.title == but:
                continue
            stage.items = [
                replace(item, urgency=Urgency.NEXT) if item.urgency == Urgency.DUE else item
                for item in stage.items
            ]

    def pressing(self) -> list[Item]:
        return [item for stage in self.stages for item in stage.items if item.is_pressing]
