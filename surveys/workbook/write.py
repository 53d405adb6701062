"""Writing an answer workbook: protected, with lists to choose from, without macros."""

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation

from members.common.text.cleaning import printable
from members.common.text.eras import format_time
from members.common.text.marks import NO_EXAMPLES, YES_EXAMPLES
from surveys.answering.drafts import AnswerDraft
from surveys.answering.fields import disclosure_of, help_text
from surveys.questionnaire.structure import as_list
from surveys.workbook.layout import (
    ANSWER_COLUMN,
    ANSWERS,
    CHOICES,
    HEADER_ROW,
    HEADERS,
    MARKER,
    NAME_COLUMN,
    NO_TICK,
    PORTAL,
    TICK,
    Origin,
    Row,
    rows_of,
)

WIDTHS = (14, 40, 26, 40, 40, 2)
EDGE = Border(*[Side(style="thin", color="BBBBBB")] * 4)
TO_FILL = PatternFill("solid", fgColor="FFF9DB")
HEAD = PatternFill("solid", fgColor="E8EBF7")
WRAP = Alignment(wrap_text=True, vertical="top")


def write_workbook(draft: AnswerDraft, *, is_blank: bool = False) -> bytes:
    """Make the answer workbook of one target, with what is answered so far unless blank."""
    book = Workbook()
    sheet = book.active
    sheet.title = ANSWERS
    choices = book.create_sheet(CHOICES)
    rows = rows_of(draft.questionnaire)
    write_head(sheet, draft)
    lists = write_choices(choices, rows)
    values = {} if is_blank else draft.values
    for number, row in enumerate(rows, start=HEADER_ROW + 1):
        write_row(sheet, number, row, values)
        if not row.code and row.item and row.name in lists:
            offer(sheet, lists[row.name], number)
    # The list is an offer: another mark that says yes or no clearly is read as well.
    ticks = DataValidation(type="list", formula1=f'"{TICK},{NO_TICK}"', allow_blank=True)
    sheet.add_data_validation(ticks)
    for number, row in enumerate(rows, start=HEADER_ROW + 1):
        if row.code:
            ticks.add(f"D{number}")
    sheet.freeze_panes = sheet.cell(HEADER_ROW + 1, 1)
    sheet.protection.sheet = True
    sheet.protection.formatRows = sheet.protection.formatColumns = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    hidden = book.create_sheet(PORTAL)
    put(hidden, 1, 1, Origin(draft.target.anchor, draft.questionnaire.fingerprint, draft.fingerprint).sign())
    for number, row in enumerate(rows, start=2):
        # How each row reads in this very file, to notice when somebody sorts only what is seen.
        for column, text in enumerate((row.row_name, row.question, row.label), start=1):
            put(hidden, number, column, text)
    for extra in (choices, hidden):
        extra.sheet_state = "veryHidden"
        extra.protection.sheet = True
    book.security = WorkbookProtection(lockStructure=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(sheet: Any, row: int, column: int, value: str) -> Any:
    """Write a text that stays a text, also where it begins like a formula."""
    cell = sheet.cell(row, column)
    cell.value = printable(value)
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def write_head(sheet: Any, draft: AnswerDraft) -> None:
    survey, target = draft.target.survey, draft.target
    put(sheet, 1, 1, f"{survey.title}　回答票").font = Font(bold=True, size=14)
    put(sheet, 2, 1, f"団体：{target.name}（{target.organization.code}）")
    put(sheet, 3, 1, f"締切：{format_time(target.deadline) if target.deadline else '未定'}")
    put(
        sheet,
        4,
        1,
        "黄色の欄だけに入力してください。当てはまる選択肢に○を付け、当てはまらないものは空欄か×にします"
        f"（○と読む印：{YES_EXAMPLES}、×と読む印：{NO_EXAMPLES}）。"
        "行を増やす、並べ替える、セルを結合するなどはしないでください。",
    )
    put(sheet, 1, NAME_COLUMN, MARKER)
    for column, (title, width) in enumerate(zip((*HEADERS, ""), WIDTHS, strict=True), start=1):
        cell = put(sheet, HEADER_ROW, column, title)
        cell.font, cell.fill, cell.border = Font(bold=True), HEAD, EDGE
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.column_dimensions["F"].hidden = True


def write_choices(sheet: Any, rows: list[Row]) -> dict[str, str]:
    """Put the labels to choose from on a hidden sheet; returns each field's range."""
    lists: dict[str, str] = {}
    line = 0
    for row in rows:
        item = row.item
        if item is None or row.code or row.name not in item.cells or not item.choices:
            continue
        first = line + 1
        for choice in item.choices:
            line += 1
            put(sheet, line, 1, row.name)
            put(sheet, line, 2, choice.code)
            put(sheet, line, 3, choice.label)
        lists[row.name] = f"{CHOICES}!$C${first}:$C${line}"
    return lists


def offer(sheet: Any, source: str, number: int) -> None:
    """Let a cell be filled from a list."""
    rule = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = "選択肢から選んでください", "一覧にある選択肢から選んでください。"
    sheet.add_data_validation(rule)
    rule.add(f"D{number}")


def write_row(sheet: Any, number: int, row: Row, values: dict[str, Any]) -> None:
    guide = ""
    if row.item is None:
        guide = "必須"
    elif not row.label.endswith("の内容"):
        must = row.item.question.is_required
        mark = "任意" if not must else "当てはまる場合は必須" if row.item.conditions else "必須"
        guide = f"{mark}　{help_text(row.item)}（{disclosure_of(row.item.question)}）"
    for column, text in enumerate((row.page, row.question, row.label, "", guide), start=1):
        cell = put(sheet, number, column, text)
        cell.alignment, cell.border = WRAP, EDGE
    answer = put(sheet, number, ANSWER_COLUMN, cell_value(row, values))
    answer.fill, answer.protection = TO_FILL, Protection(locked=False)
    put(sheet, number, NAME_COLUMN, row.row_name)


def cell_value(row: Row, values: dict[str, Any]) -> str:
    """What is answered so far, as the sheet shows it."""
    value = values.get(row.name) or ""
    if row.code:
        return TICK if row.code in as_list(value) else ""
    if row.item and row.name in row.item.cells and row.item.choices:
        return next((choice.label for choice in row.item.choices if choice.code == value), "")
    return str(value)
