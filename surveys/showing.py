"""Results as a page shows them: what may be disclosed to whom, beside last time's."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings

from members.models import Organization
from surveys.guard import GuardedGroup, guard
from surveys.models import Question, Survey
from surveys.previous import previous_survey
from surveys.results import ChoiceCount, GroupTally, QuestionTally, tally_questions

STAFF = (Question.Disclosure.STAFF, Question.Disclosure.MEMBERS, Question.Disclosure.PUBLIC)
MEMBERS = (Question.Disclosure.MEMBERS, Question.Disclosure.PUBLIC)
PUBLIC = (Question.Disclosure.PUBLIC,)


@dataclass(frozen=True, slots=True)
class Segment:
    """One step of a stacked bar, in per cent of those who answered."""

    label: str
    count: int
    start: float
    width: float
    tone: int


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of organization in the cross table; its cells are empty where it is left out."""

    label: str
    answered: int | None
    cells: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class ShownTally:
    """One question, or one topic of a grid, as it is shown."""

    tally: QuestionTally
    columns: tuple[Column, ...]
    before: dict[str, int | None]
    segments: tuple[Segment, ...]
    shows_numbers: bool
    shows_extremes: bool

    @property
    def topic(self) -> str:
        return self.tally.topic

    @property
    def rows(self) -> list[tuple[ChoiceCount, list[int | None], int | None]]:
        """Each choice with its cells of the cross table and last time's share."""
        return [
            (choice, [column.cells[index] for column in self.columns], self.before.get(choice.code))
            for index, choice in enumerate(self.tally.choices)
        ]

    @property
    def has_hidden_groups(self) -> bool:
        return any(column.answered is None for column in self.columns)


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question with its topics, of which there is one unless it is a grid."""

    key: str
    text: str
    kind: str
    disclosure: str
    parts: tuple[ShownTally, ...]

    @property
    def is_grid(self) -> bool:
        return self.kind == Question.Kind.GRID


@dataclass(frozen=True, slots=True)
class Results:
    """A survey's results for one kind of reader."""

    questions: tuple[ShownQuestion, ...]
    before: str
    minimum: int | None


def show_results(survey: Survey, levels: Iterable[str]) -> Results:
    """Tally the questions that are disclosed at these levels (a constant number of queries).

    Only staff see groups of any size and the ends of a range of numbers.
    """
    levels = tuple(levels)
    minimum = None if Question.Disclosure.STAFF in levels else settings.SMALL_GROUP_MINIMUM
    questions = Question.objects.filter(survey=survey, disclosure__in=levels)
    tallies = tally_questions(questions)
    earlier = previous_survey(survey)
    if earlier and minimum is not None and not earlier.results_public:
        earlier = None
    before: dict[tuple[str, str], QuestionTally] = {}
    if earlier:
        keys = {tally.key for tally in tallies}
        old = Question.objects.filter(survey=earlier, key__in=keys)
        if minimum is not None:
            old = old.filter(disclosure=Question.Disclosure.PUBLIC)
        before = {(tally.key, tally.topic_code): tally for tally in tally_questions(old)}
    shown = []
    for key, group in groupby(tallies, key=lambda tally: tally.key):
        parts = tuple(show(tally, before.get((key, tally.topic_code)), minimum) for tally in group)
        first = parts[0].tally
        shown.append(ShownQuestion(key, first.text, first.kind, first.disclosure, parts))
    return Results(tuple(shown), earlier.council_year.label if earlier and before else "", minimum)


def show(tally: QuestionTally, before: QuestionTally | None, minimum: int | None) -> ShownTally:
    columns: tuple[Column, ...] = ()
    if tally.choices and len(tally.groups) > 1:
        groups = guard(tally.groups, minimum) if minimum else tally.groups
        columns = tuple(column(group, len(tally.choices)) for group in groups)
    enough = minimum is None or (tally.answered or 0) >= minimum
    return ShownTally(
        tally=tally,
        columns=columns,
        before={choice.code: choice.percent for choice in before.choices} if before else {},
        segments=(
            stack((choice.label, choice.count) for choice in tally.choices)
            if tally.kind == Question.Kind.GRID
            else ()
        ),
        shows_numbers=tally.numbers is not None and enough,
        # The least and the most are each one body's own number.
        shows_extremes=minimum is None,
    )


def column(group: GuardedGroup | GroupTally, choices: int) -> Column:
    label = str(Organization.Kind(group.kind).label)
    if group.counts is None:
        return Column(label, None, (None,) * choices)
    return Column(label, group.answered, group.counts)


def stack(counts: Iterable[tuple[str, int]]) -> tuple[Segment, ...]:
    """A stacked bar of those who answered, from each choice's label and count."""
    counts = list(counts)
    answered = sum(count for _, count in counts)
    segments = []
    start = 0.0
    for number, (label, count) in enumerate(counts):
        width = 100 * count / answered if answered else 0.0
        segments.append(Segment(label, count, round(start, 3), round(width, 3), number % 6))
        start += width
    return tuple(segments)
