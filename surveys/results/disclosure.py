"""Results as a page shows them: what may be disclosed to whom, beside last time's."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings

from members.common.publication.rights import may_publish
from members.models import Organization
from surveys.answering.previous import previous_survey
from surveys.models import Question, Survey
from surveys.results.editions import published_snapshots
from surveys.results.guard import guard
from surveys.results.question_tallies import ChoiceCount, QuestionTally, tally_questions

STAFF = (Question.Disclosure.STAFF, Question.Disclosure.MEMBERS, Question.Disclosure.PUBLIC)
MEMBERS = (Question.Disclosure.MEMBERS, Question.Disclosure.PUBLIC)
PUBLIC = (Question.Disclosure.PUBLIC,)
# Tones of a stacked bar: the choices take the first six in turn.
TONES, NOT_ASKED_TONE, UNANSWERED_TONE = 6, 6, 7


@dataclass(frozen=True, slots=True)
class Segment:
    """One step of a stacked bar, in per cent of the base."""

    label: str
    count: int
    start: float
    width: float
    tone: int


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of organization in the cross table."""

    label: str
    answered: int
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DisclosedTally:
    """One question, or one topic of a grid, as it is shown."""

    tally: QuestionTally
    columns: tuple[Column, ...]
    before: dict[str, int | None]
    segments: tuple[Segment, ...]

    @property
    def topic(self) -> str:
        return self.tally.topic

    @property
    def rows(self) -> list[tuple[ChoiceCount, list[int], int | None]]:
        """Each choice with its cells of the cross table and last time's share."""
        return [
            (choice, [column.cells[index] for column in self.columns], self.before.get(choice.code))
            for index, choice in enumerate(self.tally.choices)
        ]


@dataclass(frozen=True, slots=True)
class DisclosedQuestion:
    """A question with its topics, of which there is one unless it is a grid."""

    key: str
    text: str
    kind: str
    disclosure: str
    topics: tuple[DisclosedTally, ...]

    @property
    def is_withheld(self) -> bool:
        return any(topic.tally.is_withheld for topic in self.topics)

    @property
    def legend(self) -> tuple[Segment, ...]:
        """Every kind of segment in the question's bars, each once."""
        found = {segment.label: segment for topic in self.topics for segment in topic.segments}
        return tuple(found.values())

    @property
    def is_grid(self) -> bool:
        return self.kind == Question.Kind.GRID


@dataclass(frozen=True, slots=True)
class Results:
    """A survey's results for one kind of reader."""

    questions: tuple[DisclosedQuestion, ...]
    before: str
    minimum: int | None
    title: str
    note: str


def disclosed_results(survey: Survey, levels: Iterable[str]) -> Results:
    """Tally the questions that are disclosed at these levels (a constant number of queries).

    The public reads results as they were published; only staff see groups of any size and
    the ends of a range of numbers.
    """
    levels = tuple(levels)
    minimum = None if Question.Disclosure.STAFF in levels else settings.SMALL_GROUP_MINIMUM
    earlier = previous_survey(survey)
    if earlier and minimum is not None and not earlier.shows_results:
        earlier = None
    title, note = survey.title, survey.provenance_note
    if levels == PUBLIC:
        snapshot = published_snapshots([survey])[survey.pk]
        minimum, tallies = snapshot.minimum, snapshot.tallies
        if snapshot.title:
            title, note = snapshot.title, snapshot.note
    else:
        found = tally_questions(Question.objects.filter(survey=survey, disclosure__in=levels))
        tallies = tuple(guard(tally, minimum) for tally in found) if minimum else found
    before = tallies_before(earlier, {tally.key for tally in tallies}, minimum) if earlier else {}
    label = earlier.council_year.label if earlier and before else ""
    return Results(tuple(questions_of(tallies, before, minimum)), label, minimum, title, note)


Before = dict[tuple[str, str], QuestionTally]


def tallies_before(earlier: Survey, keys: set[str], minimum: int | None) -> Before:
    """Last time's tallies of the same questions: as published, for all but staff."""
    if minimum:
        old = published_snapshots([earlier])[earlier.pk].tallies
    else:
        old = tally_questions(Question.objects.filter(survey=earlier, key__in=keys))
    return {(tally.key, tally.topic_code): tally for tally in old if tally.key in keys}


def questions_of(
    tallies: Iterable[QuestionTally], before: Before, minimum: int | None
) -> Iterable[DisclosedQuestion]:
    """Tallies question by question, the topics of a grid together."""
    for key, group in groupby(tallies, key=lambda tally: tally.key):
        topics = tuple(disclose(tally, before.get((key, tally.topic_code)), minimum) for tally in group)
        first = topics[0].tally
        yield DisclosedQuestion(key, first.text, first.kind, first.disclosure, topics)


def disclose(tally: QuestionTally, before: QuestionTally | None, minimum: int | None) -> DisclosedTally:
    columns: tuple[Column, ...] = ()
    if tally.choices and len(tally.groups) > 1:
        columns = tuple(
            Column(str(Organization.Kind(group.kind).label), group.answered, group.counts)
            for group in tally.groups
        )
    return DisclosedTally(
        tally=tally,
        columns=columns,
        before={choice.code: choice.percent for choice in before.choices} if before else {},
        segments=stack(
            [(choice.label, choice.count) for choice in tally.choices], tally.base, tally.not_asked
        )
        if tally.kind == Question.Kind.GRID
        else (),
    )


def stack(counts: Iterable[tuple[str, int | None]], base: int, not_asked: int = 0) -> tuple[Segment, ...]:
    """A stacked bar of the whole base: each choice, those not asked, and those who left it open.

    The same base as in every table; where numbers are withheld, the bar is empty.
    """
    counts = list(counts)
    known = [
        (label, count, number % TONES) for number, (label, count) in enumerate(counts) if count is not None
    ]
    if len(known) < len(counts):
        return tuple(Segment(label, 0, 0.0, 0.0, number % TONES) for number, (label, _) in enumerate(counts))
    rest = max(0, base - not_asked - sum(count for _, count, _ in known))
    if not_asked:
        known.append(("尋ねていない", not_asked, NOT_ASKED_TONE))
    known.append(("無回答・未提出", rest, UNANSWERED_TONE))
    segments = []
    start = 0.0
    for label, count, tone in known:
        width = 100 * count / base if base else 0.0
        segments.append(Segment(label, count, round(start, 3), round(width, 3), tone))
        start += width
    return tuple(segments)


def may_disclose(user: Any, survey: Survey) -> bool:
    """Whether somebody may set who sees a question: of results that others see already, it takes more out."""
    is_seen = survey.results_shared or survey.results_public
    return not is_seen or bool(may_publish(user, Survey))
