"""A figure as a picture: one mark for each body, a bar of all answers, and nothing that is not known."""

import re
from typing import Any

import pytest
from django.test import Client

from council.report.counts import CountRow, CountTable
from council.report.pictures import MOST_CELLS, cell_field, share_bar
from members.models import CouncilYear


@pytest.mark.parametrize(
    ("count", "base", "columns", "rows"),
    [
        (24, 28, 14, 2),
        (0, 28, 14, 2),
        (28, 28, 14, 2),
        (3, 5, 5, 1),
        (7, 29, 14, 3),
        (1, 1, 1, 1),
        (20, 47, 14, 4),
    ],
)
def test_one_mark_is_one_body(count: int, base: int, columns: int, rows: int) -> None:
    field = cell_field(count, base)
    assert field is not None
    assert (field.columns, field.rows) == (columns, rows)
    assert len(field.cells) == base
    assert sum(cell.is_counted for cell in field.cells) == count
    # Those that count stand before the others, whichever bodies they are.
    assert [cell.is_counted for cell in field.cells] == [True] * count + [False] * (base - count)
    assert len({(cell.x, cell.y) for cell in field.cells}) == base
    assert all(cell.x + 10 <= field.width and cell.y + 10 <= field.height for cell in field.cells)
    assert "".join(field.lines) == "■" * count + "□" * (base - count)


@pytest.mark.parametrize(("count", "base"), [(0, 0), (5, 3), (-1, 3), (1, MOST_CELLS + 1)])
def test_what_is_no_picture_of_bodies_is_none(count: int, base: int) -> None:
    assert cell_field(count, base) is None


def table(counts: list[int | None], counted: set[int], **values: Any) -> CountTable:
    rows = tuple(
        CountRow(f"選択肢{number}", count, None, number in counted) for number, count in enumerate(counts)
    )
    known = [count for count in counts if count is not None]
    given = {"kind": "single", "base": 28, "answered": sum(known), "not_asked": 0, **values}
    given.setdefault("unanswered", given["base"] - given["answered"] - given["not_asked"])
    return CountTable(survey="", key="q", question="", topic="", rows=rows, **given)


def test_a_bracket_stands_over_what_counts() -> None:
    bar = share_bar(table([9, 15, 3, 1], {0, 1}))
    assert bar is not None
    assert [segment.count for segment in bar.segments] == [9, 15, 3, 1, 0]
    (bracket,) = bar.brackets
    assert (bracket.start, bracket.count) == (0, 24)
    assert bracket.end == pytest.approx(24 / 28 * 100, abs=0.01)
    # Choices that do not stand together have a bracket each.
    apart = share_bar(table([9, 15, 3, 1], {0, 2}))
    assert apart is not None
    assert [each.count for each in apart.brackets] == [9, 3]


@pytest.mark.parametrize(
    ("counts", "values"),
    [
        ([9, None, 3, 1], {}),
        ([9, 15, 3, 1], {"unanswered": None}),
        ([9, 15, 3, 1], {"kind": "multiple"}),
        ([9, 15, 3, 5], {"unanswered": 0}),
        ([0, 0], {"base": 0}),
    ],
)
def test_what_is_not_known_is_not_drawn(counts: list[int | None], values: dict[str, Any]) -> None:
    assert share_bar(table(counts, {0}, **values)) is None


def test_the_report_and_the_figure_show_24_of_28(client: Client, fy2020: CouncilYear) -> None:
    for page in (fy2020.get_absolute_url(), f"{fy2020.get_absolute_url()}figures/progressed/"):
        text = client.get(page).content.decode()
        field = re.search(r'<svg class="cells"[^>]*aria-label="([^"]*)">(.*?)</svg>', text, re.S)
        assert field is not None, page
        assert field[1] == "28市町中24市町"
        assert field[2].count("cell--counted") == 24
        assert field[2].count("<rect") == 28
    assert 'class="bracket"' in text
    # The bracket's sum is the figure's own.
    assert "24市町）です" in text
