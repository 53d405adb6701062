"""The small-group guard: what a public table must not tell of a few organizations.

One rule for every surface (results page, figure page, report, editions, CSV, JSON, open data),
applied to a question's tally before anything is made of it:

- A question that fewer than the minimum answered tells no number but how many answered.
- A table by kind of organization stands whole or not at all. A cell that is hidden alone can be worked
  out from its row, its column and the question's total; a table that is not there cannot. It stands
  where in every kind each choice was taken by at least the minimum and left by at least the
  minimum: a kind that answers as one, yes or no, tells the answer of each. A choice that nobody
  took at all hides nothing.
- Of numbers, the total and the mean are told; the least, the most and the middle one are one
  organization's own.

What two publications tell by their difference is held by ``results_editions``.
"""

from dataclasses import replace

from surveys.results.question_tallies import GroupTally, QuestionTally


def guard(tally: QuestionTally, minimum: int) -> QuestionTally:
    """The tally as it may be published."""
    if tally.answered is not None and 0 < tally.answered < minimum:
        return replace(
            tally,
            choices=tuple(replace(choice, count=None, percent=None) for choice in tally.choices),
            groups=(),
            numbers=None,
            is_withheld=True,
            hides_groups=False,
        )
    taken = [bool(choice.count) for choice in tally.choices]
    safe = all(is_safe(group, taken, minimum) for group in tally.groups)
    return replace(
        tally,
        groups=tally.groups if safe else (),
        hides_groups=not safe,
        numbers=replace(tally.numbers, middle=None, least=None, most=None) if tally.numbers else None,
    )


def is_safe(group: GroupTally, taken: list[bool], minimum: int) -> bool:
    """Whether one kind's column tells nothing of a few; ``taken``: whether anybody chose each."""
    return all(
        count >= minimum and group.answered - count >= minimum
        for count, anybody in zip(group.counts, taken, strict=True)
        if anybody
    )
