"""The tallies that an annual report keeps: those behind its figures, and those that are public."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q

from members.models import CouncilYear
from members.visibility import Viewer, visible_to
from surveys.models import Indicator, Question, Survey, SurveyTarget
from surveys.results import QuestionTally, tally_questions


@dataclass(frozen=True, slots=True)
class CountRow:
    """One choice of a tally; ``is_counted`` tells whether it makes a body count for the figure."""

    label: str
    count: int
    percent: int | None
    is_counted: bool


@dataclass(frozen=True, slots=True)
class CountTable:
    """The tally of one question, or of one topic of a grid."""

    survey: str
    key: str
    kind: str
    question: str
    topic: str
    rows: tuple[CountRow, ...]
    base: int
    answered: int | None
    not_asked: int
    unanswered: int | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An organization outside the base of a figure, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class FigureDetail:
    """What lies behind the figure named ``key``."""

    key: str
    tables: tuple[CountTable, ...]
    left_out: tuple[LeftOut, ...]


def load_tables(
    council_year: CouncilYear, viewer: Viewer = None
) -> tuple[tuple[FigureDetail, ...], tuple[CountTable, ...]]:
    """Tally the questions behind the figures and those that are public (a constant number of queries)."""
    indicators = list(
        visible_to(viewer, Indicator)
        .filter(council_year=council_year)
        .prefetch_related("counted_choices__choice")
        .order_by("position", "pk")
    )
    counted = {
        indicator.pk: {row.choice_id: row.choice.question_id for row in indicator.counted_choices.all()}
        for indicator in indicators
    }
    asked = {question for choices in counted.values() for question in choices.values()}
    public = Q(disclosure=Question.Disclosure.PUBLIC, survey__in=Survey.objects.public())
    questions = Question.objects.filter(survey__council_year=council_year).filter(Q(pk__in=asked) | public)
    tallies = tally_questions(questions.exclude(kind__in=WITHOUT_CHOICES))
    titles = dict(Survey.objects.filter(council_year=council_year).values_list("pk", "title"))
    left_out: dict[int, list[LeftOut]] = defaultdict(list)
    for survey, name, reason in (
        SurveyTarget.objects.filter(survey__in=titles, in_base=False)
        .order_by("organization__code")
        .values_list("survey", "organization__name", "exclusion_reason")
    ):
        left_out[survey].append(LeftOut(name, reason))
    details = tuple(
        FigureDetail(
            key=indicator.key,
            tables=tuple(
                count_table(tally, titles, set(counted[indicator.pk]))
                for tally in tallies
                if tally.question in set(counted[indicator.pk].values())
            ),
            left_out=tuple(left_out[indicator.survey_id]),
        )
        for indicator in indicators
    )
    shown = set(questions.filter(public).values_list("pk", flat=True))
    results = tuple(count_table(tally, titles, set()) for tally in tallies if tally.question in shown)
    return details, results


WITHOUT_CHOICES = (Question.Kind.TEXT, Question.Kind.LINE, Question.Kind.NUMBER, Question.Kind.DATE)


def count_table(tally: QuestionTally, titles: dict[int, str], counted: set[int]) -> CountTable:
    """A tally as a report keeps it: without its breakdown by kind of body."""
    return CountTable(
        survey=titles[tally.survey],
        key=tally.key,
        kind=tally.kind,
        question=tally.text,
        topic=tally.topic,
        rows=tuple(
            CountRow(choice.label, choice.count, choice.percent, choice.pk in counted)
            for choice in tally.choices
        ),
        base=tally.base,
        answered=tally.answered,
        not_asked=tally.not_asked,
        unanswered=tally.unanswered,
    )
