"""A workbook to fill in before it is imported: headings, dropdowns, an example and the code lists."""

import io
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

ENTRY, EXAMPLE, LISTS = "記入", "記入例", "コード表"
# Rows that offer a choice.
ROWS = 1000
HEAD = PatternFill("solid", fgColor="DCE6F2")


@dataclass
class Column:
    """One column of a sheet that is filled in; ``options`` are rows of value and meaning."""

    heading: str
    advice: str = ""
    options: list[list[str]] = field(default_factory=list)


def template(columns: list[Column], example: list[list[str]]) -> bytes:
    """Write the workbook; only its first sheet is read, so that the example is never imported."""
    book = Workbook()
    entry: Any = book.active
    entry.title = ENTRY
    head(entry, [column.heading for column in columns])
    lists = book.create_sheet(LISTS)
    place = 1
    for index, column in enumerate(columns, start=1):
        letter = get_column_letter(index)
        entry.column_dimensions[letter].width = max(12, 4 + 2 * len(column.heading))
        # A code keeps its leading zero, a year stays as it is typed.
        for row in range(2, ROWS + 2):
            entry.cell(row, index).number_format = "@"
        if column.advice:
            entry.cell(1, index).comment = Comment(column.advice, "")
        if column.options:
            place = add_list(entry, lists, letter, column, place)
    add_example(book.create_sheet(EXAMPLE), columns, example)
    book.move_sheet(LISTS, 1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def add_list(entry: Any, lists: Any, letter: str, column: Column, place: int) -> int:
    """Put a column's options on the sheet of lists and offer them; returns the next free place."""
    width = max(len(row) for row in column.options)
    lists.cell(1, place, column.heading).font = Font(bold=True)
    for number, row in enumerate(column.options, start=2):
        for shift, text in enumerate(row):
            write(lists, number, place + shift, text)
    for shift in range(width):
        lists.column_dimensions[get_column_letter(place + shift)].width = 24
    first = get_column_letter(place)
    # What is not listed may be typed too: it is checked, with words, when the file is read.
    offer = DataValidation(
        type="list",
        formula1=f"'{LISTS}'!${first}$2:${first}${len(column.options) + 1}",
        allow_blank=True,
        showErrorMessage=False,
    )
    entry.add_data_validation(offer)
    offer.add(f"{letter}2:{letter}{ROWS + 1}")
    return place + width + 1


def add_example(sheet: Any, columns: list[Column], example: list[list[str]]) -> None:
    head(sheet, [column.heading for column in columns])
    for number, row in enumerate(example, start=2):
        for index, text in enumerate(row, start=1):
            write(sheet, number, index, text)
    start = len(example) + 4
    sheet.cell(start - 1, 1, f"このシートは見本です。「{ENTRY}」のシートだけを読み取ります。").font = Font(
        bold=True
    )
    for number, column in enumerate(columns, start=start):
        write(sheet, number, 1, column.heading)
        write(sheet, number, 2, column.advice)
    for index in range(1, len(columns) + 1):
        sheet.column_dimensions[get_column_letter(index)].width = 22


def head(sheet: Any, headings: list[str]) -> None:
    for index, heading in enumerate(headings, start=1):
        cell = sheet.cell(1, index, heading)
        cell.font, cell.fill = Font(bold=True), HEAD
        cell.alignment = Alignment(vertical="top")
    sheet.freeze_panes = "A2"


def write(sheet: Any, row: int, column: int, text: str) -> None:
    """A text as a text, also where it begins like a formula or a number."""
    cell = sheet.cell(row, column)
    cell.value, cell.data_type, cell.number_format = text, "s", "@"
