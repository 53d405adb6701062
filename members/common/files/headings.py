"""Where a table begins: below titles and notes, on whichever sheet of a workbook it stands."""

from collections.abc import Callable
from typing import Any

from members.common.text.cleaning import cell_text

# Whether a cell is a heading of the table that is looked for.
Known = Callable[[str], bool]
LOOKED_AT = 10


def nobody(heading: str) -> bool:
    """For tables whose headings stand in the first row, whatever they are."""
    return False


def found_in(row: Any, known: Known) -> int:
    """How many headings a row has."""
    return len({text for cell in row if (text := cell_text(cell).strip()) and known(text)})


def heading_row(rows: list[list[Any]], known: Known) -> int:
    """The place of the row with the headings, from 0: of the first ten that with the most of them.

    One alone may be a word of a title; without two in any row it is the first.
    """
    counts = [found_in(row, known) for row in rows[:LOOKED_AT]]
    most = max(counts, default=0)
    return counts.index(most) if most > 1 else 0


def best_sheet(sheets: list[Any], known: Known) -> Any:
    """The sheet with the table, of several alike the first; hidden ones only where no other has it."""
    if len(sheets) == 1:
        return sheets[0]
    best, most = sheets[0], 1
    for is_hidden in (False, True):
        for sheet in sheets:
            if (sheet.sheet_state != "visible") != is_hidden:
                continue
            rows = [list(row) for row in sheet.iter_rows(max_row=LOOKED_AT, max_col=100, values_only=True)]
            count = max((found_in(row, known) for row in rows), default=0)
            if count > most:
                best, most = sheet, count
        if most > 1:
            return best
    return best
