"""A survey's results as a snapshot: all that a public surface may say of its answers, guarded."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

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
class Counted:
    """One choice that a figure counts, by the numbers that its tally has."""

    key: str
    question: int
    choice: int


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
    # What each figure counted; none in what was published before this was kept.
    counted: tuple[Counted, ...] = ()

    def without_times(self) -> "ResultsSnapshot":
        """For comparing: without when the figures were computed."""
        moment = datetime(2000, 1, 1, tzinfo=UTC)
        return replace(self, figures=tuple(replace(figure, as_of=moment) for figure in self.figures))

    def in_words_of(self, fresh: "ResultsSnapshot") -> "ResultsSnapshot":
        """The same numbers in today's words: a correction of wording waits for no answers to change."""
        figures = {figure.key: figure for figure in fresh.figures}
        tallies = {(tally.key, tally.topic_code): tally for tally in fresh.tallies}
        return replace(
            self,
            figures=tuple(with_words(each, figures.get(each.key), FIGURE_WORDS) for each in self.figures),
            tallies=tuple(
                with_choices(each, tallies.get((each.key, each.topic_code))) for each in self.tallies
            ),
            title=fresh.title,
            note=fresh.note,
        )


FIGURE_WORDS = ("name", "statement", "survey", "provenance_note", "source")
TALLY_WORDS = ("text", "topic")
Row = TypeVar("Row")


def with_words(row: Row, fresh: Row | None, names: tuple[str, ...]) -> Row:
    """A row with these words of a newer one; itself where there is none."""
    if fresh is None:
        return row
    return replace(row, **{name: getattr(fresh, name) for name in names})  # type: ignore[type-var]


def with_choices(tally: QuestionTally, fresh: QuestionTally | None) -> QuestionTally:
    """A tally with a newer one's words; of its choices, those that are the same ones."""
    labels = {choice.pk: choice for choice in fresh.choices} if fresh else {}
    choices = tuple(with_words(choice, labels.get(choice.pk), ("label",)) for choice in tally.choices)
    return replace(with_words(tally, fresh, TALLY_WORDS), choices=choices)


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
    counted = counted_by_figures(indicators)
    return {
        survey.pk: ResultsSnapshot(
            minimum,
            tuple(tallies[survey.pk]),
            tuple(figures[survey.pk]),
            tuple(left_out[survey.pk]),
            survey.title,
            survey.provenance_note,
            tuple(counted[survey.pk]),
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
    choices = counted_by_figures(indicators)
    return {
        survey.pk: ResultsSnapshot(
            0,
            tuple(tally for tally in tallies if tally.survey == survey.pk),
            tuple(figure for indicator, figure in figures if indicator.survey_id == survey.pk),
            tuple(left_out[survey.pk]),
            counted=tuple(choices[survey.pk]),
        )
        for survey in surveys
    }


def counted_by_figures(indicators: Iterable[Indicator]) -> dict[int, list[Counted]]:
    """By survey, what each of its figures counts (one query)."""
    found: dict[int, list[Counted]] = defaultdict(list)
    rows = CountedChoice.objects.filter(indicator__in=list(indicators)).order_by("indicator", "choice")
    for survey, *parts in rows.values_list(
        "indicator__survey", "indicator__key", "choice__question", "choice"
    ):
        found[survey].append(Counted(*parts))
    return found


def those_left_out(surveys: list[Survey]) -> dict[int, list[LeftOut]]:
    """Whom a survey's shares leave out, and why (one query)."""
    found: dict[int, list[LeftOut]] = defaultdict(list)
    targets = SurveyTarget.objects.filter(survey__in=surveys, in_base=False).select_related("organization")
    for target in targets.order_by("organization__code"):
        found[target.survey_id].append(LeftOut(target.name, target.exclusion_reason))
    return found
