"""Results: every question's tally, computed from the answers of the organizations in the base."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any

from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from members.models import Organization
from surveys.models import AggregateCount, Answer, Question, SurveyTarget, Topic


def whole_percent(count: int, base: int) -> int | None:
    """Share of ``base`` in whole per cent, half up; None where there is no base."""
    if not base:
        return None
    share = Decimal(count * 100) / Decimal(base)
    return int(share.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class ChoiceCount:
    """How many organizations of the base chose one choice; None where that may not be told."""

    pk: int
    code: str
    label: str
    count: int | None
    percent: int | None


@dataclass(frozen=True, slots=True)
class NumberTally:
    """What the numbers that came in come to; ``mean`` has one decimal more than the question.

    ``middle``, ``least`` and ``most`` are one organization's own number and None for the public.
    """

    total: Decimal
    mean: Decimal
    middle: Decimal | None
    least: Decimal | None
    most: Decimal | None


@dataclass(frozen=True, slots=True)
class GroupTally:
    """One kind of organization in a question's cross table."""

    kind: str
    answered: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class QuestionTally:
    """One question, or one topic of a grid, with every choice's count.

    ``base`` counts the organizations that shares are shares of; ``answered`` those that
    answered this question (None where a source does not tell), ``not_asked`` those that
    answered the survey but to whom the question does not apply, ``unanswered`` all the others.
    """

    question: int
    survey: int
    key: str
    kind: str
    text: str
    topic: str
    topic_code: str
    disclosure: str
    unit: str
    base: int
    choices: tuple[ChoiceCount, ...]
    answered: int | None
    not_asked: int
    rule: str
    groups: tuple[GroupTally, ...] = ()
    numbers: NumberTally | None = None
    # Set by the small-group guard.
    is_withheld: bool = False
    hides_groups: bool = False

    @property
    def unanswered(self) -> int | None:
        """Those who left it open or did not hand in; None where a source does not tell."""
        return None if self.answered is None else max(0, self.base - self.answered - self.not_asked)

    @property
    def has_choices(self) -> bool:
        return bool(self.choices)

    @property
    def is_multiple(self) -> bool:
        return self.kind == Question.Kind.MULTIPLE


# In place of a kind of organization, where a source does not tell how many answered.
UNKNOWN = "?"


@dataclass(frozen=True)
class Counts:
    """All counts of some questions, by question, topic and choice, each by kind of organization."""

    choices: dict[tuple[int, int | None, int], dict[str, int]]
    answered: dict[tuple[int, int | None], dict[str, int]]


def tally_questions(questions: QuerySet[Question]) -> tuple[QuestionTally, ...]:
    """Tally questions in their order, each topic of a grid on its own.

    The number of queries is the same for any number of surveys, questions and organizations.
    """
    found = list(questions.in_order().with_parts().select_related("section", "survey"))  # type: ignore[attr-defined]
    counts = count_answers(found)
    add_known(counts, [question for question in found if question.survey.is_aggregate])
    numbers = read_numbers(found)
    bases, submitted = count_kinds({question.survey_id for question in found})
    asked = count_asked(found)
    tallies = []
    for question in found:
        base = bases.get(question.survey_id, {})
        if question.survey.is_aggregate:
            base = {"": question.survey.aggregate_base or 0}
        answers = sum(submitted.get(question.survey_id, {}).values())
        not_asked = answers - asked[question.pk] if question.pk in asked else 0
        topics: Iterable[Topic | None] = [None]
        if question.kind == Question.Kind.GRID:
            topics = question.topics.all()
        for topic in topics:
            tallies.append(tally_one(question, topic, counts, base, not_asked, numbers.get(question.pk, [])))
    return tuple(tallies)


def tally_one(
    question: Question,
    topic: Topic | None,
    counts: Counts,
    bases: dict[str, int],
    not_asked: int,
    numbers: list[Decimal],
) -> QuestionTally:
    """Put one question's, or one topic's, counts together."""
    base = sum(bases.values())
    topic_id = topic.pk if topic else None
    options = list(question.choices.all()) if question.has_choices else []
    by_choice = [counts.choices.get((question.pk, topic_id, option.pk), {}) for option in options]
    answered = counts.answered.get((question.pk, topic_id), {})
    conditions = [condition.choice for condition in question.conditions.all()]
    return QuestionTally(
        question=question.pk,
        survey=question.survey_id,
        key=question.key,
        kind=question.kind,
        text=question.text,
        topic=topic.label if topic else "",
        topic_code=topic.code if topic else "",
        disclosure=question.disclosure,
        unit=question.unit,
        base=base,
        choices=tuple(
            ChoiceCount(
                option.pk,
                option.code,
                option.label,
                sum(found.values()),
                whole_percent(sum(found.values()), base),
            )
            for option, found in zip(options, by_choice, strict=True)
        ),
        answered=None if UNKNOWN in answered else sum(answered.values()),
        not_asked=not_asked,
        rule="、".join(f"「{choice.question.text}」で「{choice.label}」" for choice in conditions),
        groups=tuple(
            GroupTally(kind, answered.get(kind, 0), tuple(found.get(kind, 0) for found in by_choice))
            for kind in bases
            if kind
        ),
        numbers=sum_up(numbers, question.decimals) if numbers else None,
    )


def in_base(questions: list[Question]) -> QuerySet[Answer]:
    """The answers that count: of organizations in the base, to their own survey's questions."""
    return Answer.objects.filter(
        question__in=questions,
        submission__target__survey=F("question__survey"),
        submission__target__in_base=True,
    ).order_by()


# The organization's kind as it was when it was asked.
KIND = Coalesce(
    NullIf(F("submission__target__kind_at_opening"), Value("")),
    F("submission__target__organization__kind"),
)


def count_answers(questions: list[Question]) -> Counts:
    """Count organizations by question, topic, choice and kind (two queries)."""
    answers = in_base(questions).annotate(kind=KIND)
    organizations = Count("submission", distinct=True)
    choices: dict[Any, dict[str, int]] = defaultdict(dict)
    for question, topic, choice, kind, count in (
        answers.filter(choice__isnull=False)
        .values("question", "topic", "choice", "kind")
        .annotate(organizations=organizations)
        .values_list("question", "topic", "choice", "kind", "organizations")
    ):
        choices[question, topic, choice][kind] = count
    answered: dict[Any, dict[str, int]] = defaultdict(dict)
    for question, topic, kind, count in (
        answers.values("question", "topic", "kind")
        .annotate(organizations=organizations)
        .values_list("question", "topic", "kind", "organizations")
    ):
        answered[question, topic][kind] = count
    return Counts(choices, answered)


ByKind = dict[str, int]


def count_kinds(surveys: set[int]) -> tuple[dict[int, ByKind], dict[int, ByKind]]:
    """How many organizations of each kind are in each base, and how many of them answered (one query)."""
    kind = Coalesce(NullIf(F("kind_at_opening"), Value("")), F("organization__kind"))
    rows = (
        SurveyTarget.objects.in_base()
        .filter(survey__in=surveys)
        .order_by()
        .annotate(kind=kind)
        .values("survey", "kind")
        .annotate(asked=Count("pk"), submitted=Count("submission"))
        .values_list("survey", "kind", "asked", "submitted")
    )
    order = {kind: number for number, kind in enumerate(Organization.Kind.values)}
    bases: dict[int, ByKind] = defaultdict(dict)
    answers: dict[int, ByKind] = defaultdict(dict)
    for survey, found, asked, submitted in sorted(rows, key=lambda row: order[row[1]]):
        bases[survey][found], answers[survey][found] = asked, submitted
    return bases, answers


def count_asked(questions: list[Question]) -> dict[int, int]:
    """Of questions with a condition: how many organizations that answered meet it (one query)."""
    conditions = {
        question.pk: {condition.choice_id for condition in question.conditions.all()}
        for question in questions
        if question.conditions.all()
    }
    wanted = set().union(*conditions.values()) if conditions else set()
    chose: dict[int, set[int]] = defaultdict(set)
    for choice, submission in Answer.objects.filter(
        choice__in=wanted,
        submission__target__survey=F("question__survey"),
        submission__target__in_base=True,
    ).values_list("choice", "submission"):
        if choice is not None:
            chose[choice].add(submission)
    return {
        question: len(set().union(*(chose[choice] for choice in choices)))
        for question, choices in conditions.items()
    }


def read_numbers(questions: list[Question]) -> dict[int, list[Decimal]]:
    """The numbers that came in, by question (one query)."""
    numbers: dict[int, list[Decimal]] = defaultdict(list)
    for question, number in in_base(questions).filter(number__isnull=False).values_list("question", "number"):
        if number is not None:
            numbers[question].append(number)
    return numbers


def sum_up(numbers: list[Decimal], decimals: int) -> NumberTally:
    """Total, mean, median and ends of some numbers."""
    digits = Decimal(1).scaleb(-decimals)
    finer = Decimal(1).scaleb(-decimals - 1)
    return NumberTally(
        total=sum(numbers, Decimal(0)).quantize(digits),
        mean=(sum(numbers, Decimal(0)) / len(numbers)).quantize(finer, ROUND_HALF_UP),
        middle=Decimal(median(numbers)).quantize(finer, ROUND_HALF_UP),
        least=min(numbers).quantize(digits),
        most=max(numbers).quantize(digits),
    )


def add_known(counts: Counts, questions: list[Question]) -> None:
    """Add the counts that a source gives, of surveys whose answers are not known (one query, or none)."""
    if not questions:
        return
    by_pk = {question.pk: question for question in questions}
    known = AggregateCount.objects.filter(question__in=questions)
    for pk, topic, choice, count in known.values_list("question", "topic", "choice", "count"):
        question = by_pk[pk]
        counts.choices[pk, topic, choice] = {"": count}
        if question.kind == Question.Kind.MULTIPLE:
            # Several choices of one organization: only the source knows how many answered.
            known_answered = question.survey.aggregate_answered
            counts.answered[pk, topic] = {UNKNOWN: 0} if known_answered is None else {"": known_answered}
        else:
            before = counts.answered.setdefault((pk, topic), {"": 0})
            counts.answered[pk, topic] = {"": before.get("", 0) + count}
