"""A survey's results as a snapshot: all that a public surface may say of its answers, guarded."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.conf import settings
from django.db.models import Q

from surveys.models import CountedChoice, Indicator, Question, Survey, SurveyTarget
from surveys.results.counter import count_answers
from surveys.results.guard import guard
from surveys.results.indicator_tallies import Tally, tally_indicators
from surveys.results.question_tallies import QuestionTally, tally_questions


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An organization outside the base of a figure, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ResultsSnapshot:
    """A survey's public results, guarded: all that any public surface may say of its answers."""

    minimum: int
    tallies: tuple[QuestionTally, ...]
    figures: tuple[Tally, ...]
    left_out: tuple[LeftOut, ...]
    # The survey's title and what must be said of its data, as they were.
    title: str = ""
    note: str = ""

    def without_times(self) -> "ResultsSnapshot":
        """For comparing: without when the figures were computed."""
        moment = datetime(2000, 1, 1, tzinfo=UTC)
        return replace(self, figures=tuple(replace(figure, as_of=moment) for figure in self.figures))


def compute_snapshots(surveys: Iterable[Survey], *, minimum: int = 0) -> dict[int, ResultsSnapshot]:
    """Compute what the public may see of some surveys now (a constant number of queries)."""
    surveys = list(surveys)
    minimum = max(minimum, settings.SMALL_GROUP_MINIMUM)
    public = Question.Disclosure.PUBLIC
    tallies: dict[int, list[QuestionTally]] = defaultdict(list)
    withheld: set[int] = set()
    counter = count_answers(surveys)
    for tally in tally_questions(Question.objects.filter(survey__in=surveys, disclosure=public), counter):
        found = guard(tally, minimum)
        tallies[tally.survey].append(found)
        if found.is_withheld:
            withheld.add(tally.question)
    indicators = list(
        Indicator.objects.filter(survey__in=surveys)
        .exclude(
            pk__in=CountedChoice.objects.exclude(choice__question__disclosure=public).values("indicator")
        )
        .exclude(pk__in=CountedChoice.objects.filter(choice__question__in=withheld).values("indicator"))
        .select_related("survey")
        .order_by("position", "pk")
    )
    figures: dict[int, list[Tally]] = defaultdict(list)
    for indicator, figure in zip(indicators, tally_indicators(indicators, counter), strict=True):
        figures[indicator.survey_id].append(figure)
    left_out = those_left_out(surveys)
    return {
        survey.pk: ResultsSnapshot(
            minimum,
            tuple(tallies[survey.pk]),
            tuple(figures[survey.pk]),
            tuple(left_out[survey.pk]),
            survey.title,
            survey.provenance_note,
        )
        for survey in surveys
    }


def staff_snapshots(surveys: Iterable[Survey]) -> dict[int, ResultsSnapshot]:
    """What staff see of some surveys now: every figure, published or not, and no group hidden."""
    surveys = list(surveys)
    counted = CountedChoice.objects.filter(indicator__survey__in=surveys).values("choice__question")
    questions = Question.objects.filter(survey__in=surveys).filter(
        Q(pk__in=counted) | Q(disclosure=Question.Disclosure.PUBLIC)
    )
    counter = count_answers(surveys)
    tallies = tally_questions(questions, counter)
    indicators = list(
        Indicator.objects.filter(survey__in=surveys).select_related("survey").order_by("position", "pk")
    )
    figures = list(zip(indicators, tally_indicators(indicators, counter), strict=True))
    left_out = those_left_out(surveys)
    return {
        survey.pk: ResultsSnapshot(
            0,
            tuple(tally for tally in tallies if tally.survey == survey.pk),
            tuple(figure for indicator, figure in figures if indicator.survey_id == survey.pk),
            tuple(left_out[survey.pk]),
        )
        for survey in surveys
    }


def those_left_out(surveys: list[Survey]) -> dict[int, list[LeftOut]]:
    """Whom a survey's shares leave out, and why (one query)."""
    found: dict[int, list[LeftOut]] = defaultdict(list)
    targets = SurveyTarget.objects.filter(survey__in=surveys, in_base=False).select_related("organization")
    for target in targets.order_by("organization__code"):
        found[target.survey_id].append(LeftOut(target.name, target.exclusion_reason))
    return found
