"""Tallies: figures computed from answers, never typed and never stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from surveys.models import CountedChoice, Indicator, SurveyTarget
from surveys.results.counting import whole_percent


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


def tally_indicators(indicators: Iterable[Indicator]) -> tuple[Tally, ...]:
    """Compute indicators, in their order, with three queries or four, however many they are.

    The indicators' ``survey`` should be selected with them.
    """
    indicators = list(indicators)
    counts = count_organizations(indicators)
    bases = count_bases({indicator.survey_id for indicator in indicators})
    now = timezone.now()
    tallies = []
    for indicator in indicators:
        survey = indicator.survey
        base, answered = bases.get(survey.pk, (0, 0))
        if survey.is_aggregate:
            base, answered = survey.aggregate_base or 0, survey.aggregate_answered
        tallies.append(
            Tally(
                key=indicator.key,
                name=indicator.name,
                statement=indicator.statement,
                unit=indicator.unit,
                survey=survey.title,
                provenance_note=survey.provenance_note,
                source=survey.aggregate_source if survey.is_aggregate else "",
                count=counts.get(indicator.pk, 0),
                base=base,
                answered=answered,
                as_of=now,
            )
        )
    return tuple(tallies)


def count_organizations(indicators: list[Indicator]) -> dict[int, int]:
    """How many organizations count for each indicator (one query, two where a source's counts are used)."""
    counted = CountedChoice.objects.filter(indicator__in=indicators).order_by().values("indicator")
    counts = dict(
        counted.annotate(
            organizations=Count(
                "choice__answers__submission",
                distinct=True,
                filter=Q(
                    choice__answers__submission__target__in_base=True,
                    choice__answers__submission__target__survey=F("indicator__survey"),
                ),
            )
        ).values_list("indicator", "organizations")
    )
    if any(indicator.survey.is_aggregate for indicator in indicators):
        known = counted.filter(indicator__survey__is_aggregate=True)
        known = known.annotate(organizations=Coalesce(Sum("choice__aggregate_counts__count"), 0))
        counts |= dict(known.values_list("indicator", "organizations"))
    return counts


def count_bases(surveys: set[int]) -> dict[int, tuple[int, int | None]]:
    """How many organizations each survey's shares are of, and how many of them answered (one query)."""
    return {
        survey: (base, answered)
        for survey, base, answered in SurveyTarget.objects.in_base()
        .filter(survey__in=surveys)
        .order_by()
        .values("survey")
        .annotate(organizations=Count("pk"), answered=Count("submission"))
        .values_list("survey", "organizations", "answered")
    }
