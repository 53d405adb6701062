"""The one counter: random questionnaires and answers, counted again by hand, on every surface."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.answering.drafts import values_of
from surveys.models import Answer, Condition, Question, Submission, Survey, SurveyTarget
from surveys.questionnaire.structure import as_list, load_questionnaire
from surveys.results.counter import count_answers
from surveys.results.disclosure import PUBLIC, disclosed_results
from surveys.results.editions import publish_results
from surveys.results.indicator_tallies import tally_indicators
from surveys.results.question_tallies import tally_questions
from surveys.running.status_board import build_board
from tests import factories

pytestmark = pytest.mark.django_db(transaction=False)


@dataclass(frozen=True)
class Plan:
    """A questionnaire and what each organization answers: numbers of choices, none for unanswered."""

    kinds: tuple[str, ...]
    # Whether a question is asked only of those who chose the first choice of the one before it.
    conditional: tuple[bool, ...]
    counted: tuple[tuple[int, int], ...]
    in_base: tuple[bool, ...]
    # By organization: None for no answer, else for each question the choices of each topic.
    answers: tuple[tuple[tuple[tuple[int, ...], ...], ...] | None, ...]


@st.composite
def plans(draw: Any) -> Plan:
    kinds = tuple(draw(st.lists(st.sampled_from(["single", "multiple", "grid"]), min_size=1, max_size=3)))
    conditional = tuple(number > 0 and draw(st.booleans()) for number in range(len(kinds)))
    place = st.tuples(st.integers(0, len(kinds) - 1), st.integers(0, 2))
    counted = tuple(draw(st.lists(place, min_size=1, max_size=3, unique=True)))
    size = draw(st.integers(5, 9))
    choices = {
        "single": st.tuples(st.lists(st.integers(0, 2), max_size=1).map(tuple)),
        "multiple": st.tuples(st.lists(st.integers(0, 2), max_size=3, unique=True).map(tuple)),
        "grid": st.tuples(*[st.lists(st.integers(0, 2), max_size=1).map(tuple)] * 2),
    }
    answer = st.one_of(st.none(), st.tuples(*[choices[kind] for kind in kinds]))
    return Plan(
        kinds,
        conditional,
        counted,
        tuple(draw(st.lists(st.booleans(), min_size=size, max_size=size))),
        tuple(draw(st.lists(answer, min_size=size, max_size=size))),
    )


def build(plan: Plan) -> tuple[Survey, list[Question]]:
    """Store a plan as it is, leftovers under conditions that are not met included."""
    survey = factories.survey(factories.council_year(), status="closed", results_public=True)
    questions = []
    for number, kind in enumerate(plan.kinds):
        question = factories.question(
            survey, "A", "B", "C", key=f"k{number}", kind=kind, is_required=False, disclosure="public"
        )
        if kind == "grid":
            for code in ("t1", "t2"):
                question.topics.create(code=code, label=code)
        if plan.conditional[number]:
            first = questions[-1].choices.order_by("position").first()
            Condition.objects.create(question=question, choice=first)
        questions.append(question)
    factories.indicator(survey, *(questions[q].choices.order_by("position")[c] for q, c in plan.counted))
    for is_in_base, answer in zip(plan.in_base, plan.answers, strict=True):
        membership = factories.membership(survey.council_year)
        target = factories.target(survey, organization=membership.department.organization)
        if not is_in_base:
            SurveyTarget.objects.filter(pk=target.pk).update(in_base=False, exclusion_reason="対象外")
        if answer is not None:
            store_answer(factories.submitted(target), questions, answer)
    return survey, questions


def store_answer(submission: Submission, questions: list[Question], answer: Any) -> None:
    for question, topics in zip(questions, answer, strict=True):
        rows = list(question.topics.order_by("position")) or [None]
        options = list(question.choices.order_by("position"))
        for topic, chosen in zip(rows, topics, strict=True):
            for choice in chosen:
                Answer.objects.create(
                    submission=submission, question=question, topic=topic, choice=options[choice]
                )


def by_hand(survey: Survey) -> dict[Any, set[int]]:
    """Who chose what, read target by target with the questionnaire's own rules."""
    questionnaire = load_questionnaire(survey)
    found: dict[Any, set[int]] = {}
    for target in SurveyTarget.objects.for_answering().filter(survey=survey, in_base=True):
        values = values_of(getattr(target, "submission", None))
        applies = questionnaire.shown(values)
        for item in questionnaire.items:
            if item.key not in applies:
                continue
            for name, topic in item.cells.items():
                for choice in item.choices:
                    if choice.code in as_list(values.get(name)):
                        found.setdefault((item.key, topic and topic.code, choice.pk), set()).add(target.pk)
                        found.setdefault(choice.pk, set()).add(target.pk)
                if values.get(name):
                    found.setdefault((item.key, topic and topic.code), set()).add(target.pk)
    return found


@contextmanager
def undone() -> Iterator[None]:
    """One example after the other in the same empty database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=plans())
def test_figure_table_and_board_are_views_of_one_count(plan: Plan) -> None:
    with undone():
        survey, _ = build(plan)
        expected = by_hand(survey)
        base = sum(plan.in_base)
        counter = count_answers([survey])
        for tally in tally_questions(Question.objects.filter(survey=survey), counter):
            for choice in tally.choices:
                mine = expected.get((tally.key, tally.topic_code or None, choice.pk), set())
                assert choice.count == len(mine)
                assert sum(group.counts[tally.choices.index(choice)] for group in tally.groups) == len(mine)
            answered = expected.get((tally.key, tally.topic_code or None), set())
            assert tally.answered == len(answered)
            assert tally.base == base
            # The parts sum up: nobody is lost and nobody counted twice.
            assert (tally.answered or 0) + tally.not_asked + (tally.unanswered or 0) == base
            if tally.kind != Question.Kind.MULTIPLE:
                assert sum(choice.count or 0 for choice in tally.choices) == tally.answered
        indicator = survey.indicators.select_related("survey").get()
        counted = {row.choice_id for row in indicator.counted_choices.all()}
        union = set().union(*(expected.get(pk, set()) for pk in counted))
        (figure,) = tally_indicators([indicator], counter)
        assert figure.count == len(union) <= figure.base == base
        (outlook,) = build_board(survey).outlooks
        silent = base - counter.submitted[survey.pk].count
        assert (outlook.worst, outlook.now.count, outlook.best) == (
            len(union),
            len(union),
            len(union) + silent,
        )


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=plans())
def test_every_surface_says_the_same(plan: Plan) -> None:
    """Results page, file, open data and edition print one set of numbers."""
    with undone():
        survey, _ = build(plan)
        publish_results(survey, by=None, with_report=True)
        year = survey.council_year
        shown = {
            (question.key, topic.tally.topic, choice.code): (choice.count, topic.tally.base)
            for question in disclosed_results(survey, PUBLIC).questions
            for topic in question.topics
            for choice in topic.tally.choices
        }
        address = f"/open-data/{year.council.slug}/{year.year}/results.json"
        rows = json.loads(Client().get(address).content)["rows"]
        assert shown == {
            (row["question"], row["topic"], row["choice"]): (row["count"], row["base"]) for row in rows
        }
        content = Client().get(f"{survey.get_absolute_url()}tally.csv").content.decode("utf-8-sig")
        table = {
            (row["設問"], row["項目"], row["選択肢"]): (
                int(row["数"]) if row["数"] else None,
                int(row["母数"]),
            )
            for row in csv.DictReader(io.StringIO(content))
        }
        assert shown == table
