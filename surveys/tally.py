"""Tallies: figures computed from answers, never typed and never stored."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Count, F, Q
from django.utils import timezone

from surveys.models import Answer, Choice, CountedChoice, Indicator, Question, SurveyTarget, Topic


def whole_percent(count: int, base: int) -> int | None:
    """Share of ``base`` in whole per cent, half up; None where there is no base."""
    if not base:
        return None
    share = Decimal(count * 100) / Decimal(base)
    return int(share.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Tally:
    """An indicator's number with all that one must know to read it.

    ``base`` counts the participating municipalities, whether they answered or not;
    ``answered`` those of them whose answer is in; ``count`` those of them that
    chose at least one counted choice.
    """

    key: str
    name: str
    statement: str
    unit: str
    survey: str
    provenance_note: str
    count: int
    answered: int
    base: int
    as_of: datetime

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
    def unanswered(self) -> int:
        return self.base - self.answered


def tally_indicators(indicators: Iterable[Indicator]) -> tuple[Tally, ...]:
    """Compute indicators, in their order, with two queries however many they are.

    The indicators' ``survey`` should be selected with them.
    """
    indicators = list(indicators)
    counts = dict(
        CountedChoice.objects.filter(indicator__in=indicators)
        .order_by()
        .values("indicator")
        .annotate(
            bodies=Count(
                "choice__answers__submission",
                distinct=True,
                filter=Q(
                    choice__answers__submission__submitted_at__isnull=False,
                    choice__answers__submission__target__in_base=True,
                    choice__answers__submission__target__survey=F("indicator__survey"),
                ),
            )
        )
        .values_list("indicator", "bodies")
    )
    bases = {
        survey: (base, answered)
        for survey, base, answered in SurveyTarget.objects.in_base()
        .filter(survey__in={indicator.survey_id for indicator in indicators})
        .order_by()
        .values("survey")
        .annotate(
            bodies=Count("pk"),
            answered=Count("pk", filter=Q(submission__submitted_at__isnull=False)),
        )
        .values_list("survey", "bodies", "answered")
    }
    now = timezone.now()
    return tuple(
        Tally(
            key=indicator.key,
            name=indicator.name,
            statement=indicator.statement,
            unit=indicator.unit,
            survey=indicator.survey.title,
            provenance_note=indicator.survey.provenance_note,
            count=counts.get(indicator.pk, 0),
            base=bases.get(indicator.survey_id, (0, 0))[0],
            answered=bases.get(indicator.survey_id, (0, 0))[1],
            as_of=now,
        )
        for indicator in indicators
    )


@dataclass(frozen=True, slots=True)
class ChoiceCount:
    """How many bodies of the base chose one choice."""

    label: str
    count: int
    percent: int | None
    is_counted: bool


@dataclass(frozen=True, slots=True)
class QuestionTally:
    """One question behind an indicator, or one topic of a grid, with every choice's count."""

    text: str
    topic: str
    choices: tuple[ChoiceCount, ...]
    answered: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Excluded:
    """An organization outside the base, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What lies behind an indicator's number."""

    tally: Tally
    questions: tuple[QuestionTally, ...]
    excluded: tuple[Excluded, ...]


def break_down(indicator: Indicator) -> Breakdown:
    """Compute an indicator with its questions, their choices and who is not counted."""
    (tally,) = tally_indicators([indicator])
    counted = set(indicator.counted_choices.values_list("choice", flat=True))
    choices: dict[int, list[Choice]] = defaultdict(list)
    for choice in (
        Choice.objects.filter(question__choices__in=counted)
        .select_related("question")
        .prefetch_related("question__topics")
        .order_by("question__position", "question", "position", "pk")
        .distinct()
    ):
        choices[choice.question_id].append(choice)
    answers = Answer.objects.filter(
        question__in=choices,
        submission__submitted_at__isnull=False,
        submission__target__in_base=True,
        submission__target__survey=indicator.survey,
    ).order_by()
    bodies = Count("submission", distinct=True)
    by_choice: dict[tuple[int | None, int | None], int] = {
        (topic, choice): count
        for topic, choice, count in answers.values("topic", "choice")
        .annotate(bodies=bodies)
        .values_list("topic", "choice", "bodies")
    }
    answered: dict[tuple[int, int | None], int] = {
        (question, topic): count
        for question, topic, count in answers.values("question", "topic")
        .annotate(bodies=bodies)
        .values_list("question", "topic", "bodies")
    }
    questions = []
    for question_id, options in choices.items():
        question = options[0].question
        topics: list[Topic | None] = []
        if question.kind == Question.Kind.GRID:
            topics = [*question.topics.all()]
        for topic in topics or [None]:
            topic_id = topic.pk if topic else None
            known = answered.get((question_id, topic_id), 0)
            questions.append(
                QuestionTally(
                    text=question.text,
                    topic=topic.label if topic else "",
                    choices=tuple(
                        ChoiceCount(
                            label=option.label,
                            count=(count := by_choice.get((topic_id, option.pk), 0)),
                            percent=whole_percent(count, tally.base),
                            is_counted=option.pk in counted,
                        )
                        for option in options
                    ),
                    answered=known,
                    unanswered=tally.base - known,
                )
            )
    excluded = tuple(
        Excluded(name, reason)
        for name, reason in SurveyTarget.objects.filter(survey=indicator.survey, in_base=False)
        .order_by("organization__code")
        .values_list("organization__name", "exclusion_reason")
    )
    return Breakdown(tally=tally, questions=tuple(questions), excluded=excluded)
