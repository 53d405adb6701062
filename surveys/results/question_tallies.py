"""Every question's tally: what the counter knows of it, put together for tables."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any

from surveys.models import Question, Topic
from surveys.results.counter import NOBODY, Counter, count_answers


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


def tally_questions(questions: Any, counter: Counter | None = None) -> tuple[QuestionTally, ...]:
    """Tally questions in their order, each topic of a grid on its own.

    The number of queries is the same for any number of surveys, questions and organizations.
    """
    found = list(questions.in_order().with_parts().select_related("section", "survey"))
    counter = counter or count_answers({question.survey_id: question.survey for question in found}.values())
    return tuple(
        tally_one(question, topic, counter)
        for question in found
        for topic in (question.topics.all() if question.kind == Question.Kind.GRID else [None])
    )


OPENNESS = {name: rank for rank, name in enumerate(Question.Disclosure.values)}


def tally_one(question: Question, topic: Topic | None, counter: Counter) -> QuestionTally:
    """Put one question's, or one topic's, groups together."""
    base = counter.base.get(question.survey_id, NOBODY)
    topic_id = topic.pk if topic else None
    options = list(question.choices.all()) if question.has_choices else []
    chose = [counter.chose(question.pk, topic_id, option.pk) for option in options]
    answered = counter.answered_by(question.pk, topic_id)
    answered_by_kind = counter.by_kind(answered)
    chose_by_kind = [counter.by_kind(group) for group in chose]
    numbers = counter.numbers.get(question.pk, [])
    conditions = [condition.choice for condition in question.conditions.all()]
    # Whom a question was not asked tells how another one was answered, which may be for fewer eyes.
    is_open = all(
        OPENNESS[choice.question.disclosure] >= OPENNESS[question.disclosure] for choice in conditions
    )
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
        base=base.count,
        choices=tuple(
            ChoiceCount(
                option.pk, option.code, option.label, group.count, whole_percent(group.count, base.count)
            )
            for option, group in zip(options, chose, strict=True)
        ),
        answered=answered.size,
        not_asked=counter.not_asked(question.survey_id, question.pk).count if is_open else 0,
        rule="、".join(f"「{choice.question.text}」で「{choice.label}」" for choice in conditions if is_open),
        groups=tuple(
            GroupTally(
                kind, answered_by_kind.get(kind, 0), tuple(sizes.get(kind, 0) for sizes in chose_by_kind)
            )
            for kind in counter.by_kind(base)
        ),
        numbers=sum_up(numbers, question.decimals) if numbers else None,
    )


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
