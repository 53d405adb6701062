"""The one counter: which organizations chose what.

Figures, tables, results pages, the status board's outlook, editions, open data and files are
views of it: whatever they print is the size of a group of organizations, never a count of rows.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf

from members.models import Organization
from surveys.models import AggregateCount, Answer, Condition, Question, Survey, SurveyTarget


@dataclass(frozen=True, slots=True)
class Group:
    """Some organizations of one survey's base, each by the id of its target.

    Of a survey of which only counts are known, ``known`` is how many a source names, or None
    where it does not tell; then nobody can say which they are.
    """

    targets: frozenset[int] = frozenset()
    is_named: bool = True
    known: int | None = None

    @property
    def size(self) -> int | None:
        return len(self.targets) if self.is_named else self.known

    @property
    def count(self) -> int:
        """The size; 0 where a source does not tell."""
        return self.size or 0

    def __or__(self, other: "Group") -> "Group":
        """Those of either group; of bare counts only such are joined as share no organization."""
        if self.is_named and other.is_named:
            return Group(self.targets | other.targets)
        return known(self.count + other.count)

    def __sub__(self, other: "Group") -> "Group":
        return Group(self.targets - other.targets) if self.is_named else self


NOBODY = Group()


def known(count: int | None) -> Group:
    """A group of which a source tells the size alone."""
    return Group(is_named=False, known=count)


def union(groups: Iterable[Group]) -> Group:
    found = NOBODY
    for group in groups:
        found = found | group
    return found


@dataclass(frozen=True)
class Counter:
    """What the organizations in the base of some surveys answered.

    Counted is the answer in force, as far as its question applies to who gave it: what is left
    over under a condition that an answer does not meet counts for nothing.
    """

    base: dict[int, Group] = field(default_factory=dict)
    submitted: dict[int, Group] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    # By question: to whom it applies, of those that handed in.
    asked: dict[int, Group] = field(default_factory=dict)
    choices: dict[tuple[int, int | None, int], Group] = field(default_factory=dict)
    any_topic: dict[int, Group] = field(default_factory=dict)
    answered: dict[tuple[int, int | None], Group] = field(default_factory=dict)
    numbers: dict[int, list[Decimal]] = field(default_factory=dict)

    def chose(self, question: int, topic: int | None, choice: int) -> Group:
        """Those that chose one choice, in one topic of a grid."""
        return self.choices.get((question, topic, choice), NOBODY)

    def chose_any(self, choices: Iterable[int]) -> Group:
        """Those that chose at least one of some choices, in whatever topic."""
        return union(self.any_topic.get(choice, NOBODY) for choice in choices)

    def answered_by(self, question: int, topic: int | None) -> Group:
        """Those that answered one question, or one topic of a grid."""
        return self.answered.get((question, topic), NOBODY)

    def not_asked(self, survey: int, question: int) -> Group:
        """Those that handed in but to whom the question does not apply."""
        submitted = self.submitted.get(survey, NOBODY)
        return submitted - self.asked.get(question, submitted) if submitted.is_named else NOBODY

    def by_kind(self, group: Group) -> dict[str, int]:
        """How many of a group are of each kind of organization, in the order of the kinds."""
        sizes = dict.fromkeys(map(str, Organization.Kind.values), 0)
        for target in group.targets:
            sizes[self.kinds[target]] += 1
        return {kind: size for kind, size in sizes.items() if size}


def count_answers(surveys: Iterable[Survey]) -> Counter:
    """Read who chose what in some surveys: four queries, five where a source's counts are used."""
    by_pk = {survey.pk: survey for survey in surveys}
    counter = Counter()
    read_targets(counter, by_pk)
    questions = list(Question.objects.filter(survey__in=by_pk).in_order().values_list("pk", "survey"))
    conditions: dict[int, list[int]] = defaultdict(list)
    for question, choice in Condition.objects.filter(question__survey__in=by_pk).values_list(
        "question", "choice"
    ):
        conditions[question].append(choice)
    rows = read_answers(by_pk)
    # In the order they are asked: a condition hangs on a question before it.
    for question, survey in questions:
        submitted = counter.submitted.get(survey, NOBODY)
        asked = submitted
        if question in conditions:
            asked = Group(counter.chose_any(conditions[question]).targets & submitted.targets)
        counter.asked[question] = asked
        count_question(counter, question, [row for row in rows.get(question, ()) if row[0] in asked.targets])
    count_known(counter, [survey for survey in by_pk.values() if survey.is_aggregate])
    return counter


def read_targets(counter: Counter, surveys: Iterable[int]) -> None:
    """Who is in each base, of which kind when it was asked, and who has handed in (one query)."""
    kind = Coalesce(NullIf(F("kind_at_opening"), Value("")), F("organization__kind"))
    rows = SurveyTarget.objects.in_base().filter(survey__in=surveys).order_by()
    base: dict[int, set[int]] = defaultdict(set)
    submitted: dict[int, set[int]] = defaultdict(set)
    for pk, survey, found, submission in rows.annotate(kind=kind).values_list(
        "pk", "survey", "kind", "submission"
    ):
        base[survey].add(pk)
        counter.kinds[pk] = found
        if submission is not None:
            submitted[survey].add(pk)
    for survey in surveys:
        counter.base[survey] = Group(frozenset(base[survey]))
        counter.submitted[survey] = Group(frozenset(submitted[survey]))


Row = tuple[int, int | None, int | None, Decimal | None]


def read_answers(surveys: Iterable[int]) -> dict[int, list[Row]]:
    """Who answered what, by question: target, topic, choice, number (one query)."""
    found: dict[int, list[Row]] = defaultdict(list)
    answers = Answer.objects.filter(
        submission__target__survey__in=surveys,
        submission__target__survey=F("question__survey"),
        submission__target__in=SurveyTarget.objects.in_base(),
    ).order_by()
    for target, question, *row in answers.values_list(
        "submission__target", "question", "topic", "choice", "number"
    ):
        found[question].append((target, *row))
    return found


def count_question(counter: Counter, question: int, rows: list[Row]) -> None:
    """Sort the answers to one question into groups."""
    chose: dict[Any, set[int]] = defaultdict(set)
    answered: dict[Any, set[int]] = defaultdict(set)
    for target, topic, choice, number in rows:
        answered[topic].add(target)
        if choice is not None:
            chose[topic, choice].add(target)
        if number is not None:
            counter.numbers.setdefault(question, []).append(number)
    for topic, targets in answered.items():
        counter.answered[question, topic] = Group(frozenset(targets))
    for (topic, choice), targets in chose.items():
        group = Group(frozenset(targets))
        counter.choices[question, topic, choice] = group
        counter.any_topic[choice] = counter.any_topic.get(choice, NOBODY) | group


def count_known(counter: Counter, surveys: list[Survey]) -> None:
    """Take the counts that a source gives, of surveys without answers of each (one query, or none)."""
    if not surveys:
        return
    by_pk = {survey.pk: survey for survey in surveys}
    for survey in surveys:
        counter.base[survey.pk] = known(survey.aggregate_base or 0)
        counter.submitted[survey.pk] = known(survey.aggregate_answered)
    rows = AggregateCount.objects.filter(question__survey__in=by_pk).order_by("pk")
    for question, survey_pk, kind, topic, choice, count in rows.values_list(
        "question", "question__survey", "question__kind", "topic", "choice", "count"
    ):
        group = known(count)
        counter.choices[question, topic, choice] = group
        counter.any_topic[choice] = counter.any_topic.get(choice, NOBODY) | group
        if kind == Question.Kind.MULTIPLE:
            # Several choices of one organization: only the source knows how many answered.
            counter.answered[question, topic] = known(by_pk[survey_pk].aggregate_answered)
        else:
            counter.answered[question, topic] = counter.answered_by(question, topic) | group
