"""Tallies: figures computed from answers, never typed and never stored."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from members.models import Membership, base_unit
from surveys.models import CountedChoice, Indicator
from surveys.results.counter import NOBODY, Counter, count_answers
from surveys.results.question_tallies import whole_percent


@dataclass(frozen=True, slots=True)
class Tally:
    """An indicator's number with all that one must know to read it.

    ``base`` counts the participating municipalities, whether they answered or not;
    ``answered`` those of them whose answer is in, None where a source does not tell;
    ``count`` those of them that chose at least one counted choice. ``source`` is set
    where only counts are known, and says whose.
    """

    key: str
    name: str
    statement: str
    unit: str
    survey: str
    provenance_note: str
    count: int
    answered: int | None
    base: int
    as_of: datetime
    source: str = ""
    # By which the survey is known in addresses.
    survey_key: str = ""

    @property
    def percent(self) -> int | None:
        return whole_percent(self.count, self.base)

    @property
    def percent_text(self) -> str:
        """「86%」, or words where there is nothing to divide by."""
        return "算出できません" if self.percent is None else f"{self.percent}%"

    @property
    def of_base_text(self) -> str:
        """「28市町中24市町」."""
        return f"{self.base}{self.unit}中{self.count}{self.unit}"

    @property
    def share_text(self) -> str:
        """「86%（28市町中24市町）」: a share never stands without its base."""
        return f"{self.percent_text}（{self.of_base_text}）"

    @property
    def unanswered(self) -> int | None:
        """Those who did not answer; None where the source does not tell."""
        return None if self.answered is None else self.base - self.answered


def tally_indicators(indicators: Iterable[Indicator], counter: Counter | None = None) -> tuple[Tally, ...]:
    """Compute indicators, in their order; with one query where who chose what is counted already.

    The indicators' ``survey`` should be selected with them.
    """
    indicators = list(indicators)
    counter = counter or count_answers({each.survey_id: each.survey for each in indicators}.values())
    counted = counted_choices(indicators)
    units = units_of(indicators, counter)
    now = timezone.now()
    return tuple(
        Tally(
            key=indicator.key,
            name=indicator.name,
            statement=indicator.statement,
            unit=units[indicator.pk],
            survey=indicator.survey.title,
            provenance_note=indicator.survey.provenance_note,
            source=indicator.survey.aggregate_source if indicator.survey.is_aggregate else "",
            count=counter.chose_any(counted[indicator.pk]).count,
            base=counter.base.get(indicator.survey_id, NOBODY).count,
            answered=counter.submitted.get(indicator.survey_id, NOBODY).size,
            as_of=now,
            survey_key=indicator.survey.key,
        )
        for indicator in indicators
    )


def units_of(indicators: list[Indicator], counter: Counter) -> dict[int, str]:
    """What each indicator counts in: as staff wrote it, else by the kinds in its base.

    Where only counts are known, or nobody was asked yet, the year's roster tells (one query at most).
    """
    found: dict[int, str] = {}
    untold: list[Indicator] = []
    for each in indicators:
        targets = counter.base.get(each.survey_id, NOBODY).targets
        if each.unit or targets:
            found[each.pk] = each.unit or base_unit(counter.kinds[target] for target in targets)
        else:
            untold.append(each)
    if untold:
        rows = Membership.objects.filter(council_year__in={each.council_year_id for each in untold})
        kinds: dict[int, set[str]] = defaultdict(set)
        for year, kind in rows.values_list("council_year", "department__organization__kind").distinct():
            kinds[year].add(kind)
        found |= {each.pk: base_unit(kinds[each.council_year_id]) for each in untold}
    return found


def counted_choices(indicators: Iterable[Indicator]) -> dict[int, set[int]]:
    """Which choices make an organization count for each indicator (one query)."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = CountedChoice.objects.filter(indicator__in=list(indicators))
    for indicator, choice in rows.values_list("indicator", "choice"):
        found[indicator].add(choice)
    return found
