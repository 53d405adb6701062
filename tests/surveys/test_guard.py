"""The small-group guard: what a patient reader with a spreadsheet cannot work out."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from surveys.results.guard import guard
from surveys.results.question_tallies import ChoiceCount, GroupTally, QuestionTally, whole_percent

MINIMUM = 5


def tally(*kinds: tuple[int, tuple[int, ...]], is_multiple: bool = False) -> QuestionTally:
    """A question's tally from each kind's number of bodies that answered and its counts."""
    base = sum(answered for answered, _ in kinds)
    totals = [sum(column) for column in zip(*(counts for _, counts in kinds), strict=True)]
    return QuestionTally(
        question=1, survey=1, key="q", kind="multiple" if is_multiple else "single", text="", topic="",
        topic_code="", disclosure="public", unit="", base=base, answered=base, not_asked=0, rule="",
        choices=tuple(
            ChoiceCount(n, f"c{n}", f"C{n}", total, whole_percent(total, base))
            for n, total in enumerate(totals)
        ),
        groups=tuple(GroupTally(f"k{n}", *kind) for n, kind in enumerate(kinds)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kinds", "stands"),
    [
        # One small cell takes all four: the rest gives it by subtraction.
        ([(14, (12, 2)), (14, (7, 7))], False),
        # Column A alone could stand, but the table is one thing.
        ([(14, (9, 4, 1)), (14, (6, 5, 3))], False),
        # Only four towns answered.
        ([(14, (8, 6)), (4, (3, 1))], False),
        # A kind that answers as one tells what each of it answered.
        ([(14, (9, 5)), (14, (14, 0))], False),
        ([(14, (9, 5)), (14, (7, 7))], True),
        ([(14, (9, 5, 0)), (14, (7, 2, 5))], False),
        ([(14, (9, 5, 0)), (14, (7, 7, 0))], True),
    ],
)
def test_a_table_by_kind_stands_whole_or_not_at_all(kinds: Any, stands: bool) -> None:
    found = guard(tally(*kinds), MINIMUM)
    assert bool(found.groups) == stands
    assert found.hides_groups != stands
    assert [choice.count for choice in found.choices] == [choice.count for choice in tally(*kinds).choices]


def test_those_who_left_a_choice_out_are_a_group_too() -> None:
    """Several choices: 12 of 14 ticked A, so two did not."""
    assert not guard(tally((14, (12, 7)), (14, (10, 8)), is_multiple=True), MINIMUM).groups
    assert guard(tally((14, (9, 7)), (14, (9, 8)), is_multiple=True), MINIMUM).groups


def test_a_question_that_few_answered_tells_no_number() -> None:
    few = guard(tally((4, (3, 1))), MINIMUM)
    assert few.is_withheld
    assert (few.answered, few.groups, few.numbers) == (4, (), None)
    assert {(choice.count, choice.percent) for choice in few.choices} == {(None, None)}
    assert not guard(tally((5, (3, 2))), MINIMUM).is_withheld
    # A base of eleven and ten answers: the case that was seen.
    assert guard(tally((10, (6, 4))), 11).is_withheld


def solve(found: QuestionTally, kinds: list[tuple[int, tuple[int, ...]]], cell: int) -> tuple[float, float]:
    """The least and the most that a hidden cell can hold, by all that is public.

    Known are the question's totals and, from the roster, how many bodies of each kind there are.
    """
    choices = len(found.choices)
    cells = len(kinds) * choices
    rows, sums = [], []
    for choice in range(choices):
        rows.append([1.0 if n % choices == choice else 0.0 for n in range(cells)])
        sums.append(float(found.choices[choice].count or 0))
    for kind, (answered, _) in enumerate(kinds):
        rows.append([1.0 if n // choices == kind else 0.0 for n in range(cells)])
        sums.append(float(answered))
    bounds = [(0, kinds[n // choices][0]) for n in range(cells)]
    ends = []
    for sign in (1.0, -1.0):
        wanted = [sign if n == cell else 0.0 for n in range(cells)]
        ends.append(sign * linprog(wanted, A_eq=rows, b_eq=sums, bounds=bounds).fun)
    return ends[0], ends[1]


@st.composite
def surveys(draw: Any) -> list[tuple[int, tuple[int, ...]]]:
    choices = draw(st.integers(2, 4))
    kinds = draw(st.integers(2, 3))
    counts = [draw(st.lists(st.integers(0, 12), min_size=choices, max_size=choices)) for _ in range(kinds)]
    return [(sum(row), tuple(row)) for row in counts if sum(row)]


@given(surveys())
@settings(max_examples=60, deadline=None)
def test_no_hidden_cell_can_be_solved(kinds: list[tuple[int, tuple[int, ...]]]) -> None:
    """Even with every body's having answered known, no small cell has only one solution.

    Left out are cells that the public totals alone settle whatever is hidden: a choice that
    nobody or everybody took, or all but one of the kinds.
    """
    if len(kinds) < 2:
        return
    found = guard(tally(*kinds), MINIMUM)
    if found.groups or found.is_withheld:
        return
    totals = [choice.count or 0 for choice in found.choices]
    settled = [total for total in totals if total in {0, found.base}]
    if len(totals) - len(settled) < 2:
        return
    for kind, choice in product(range(len(kinds)), range(len(totals))):
        count = kinds[kind][1][choice]
        if not 0 < count < MINIMUM or totals[choice] in {0, found.base}:
            continue
        least, most = solve(found, kinds, kind * len(totals) + choice)
        assert most - least >= 1, (kinds, kind, choice)
