"""Reading an answer workbook back: everything in it that cannot be trusted is said, cell by cell."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature

from members.folding import fold
from members.spreadsheets import MAX_BYTES, open_book
from surveys.fields import tidy
from surveys.models import Question
from surveys.questionnaire import Questionnaire, Values
from surveys.workbook.layout import (
    ANSWER_COLUMN,
    ANSWERS,
    CHOICES,
    MARKER,
    NAME_COLUMN,
    PORTAL,
    TICKS,
    Origin,
    Row,
    rows_of,
)

MAX_UNPACKED = 20 * 1024 * 1024
MAX_ROWS = 5000
OTHER_KINDS = {
    "xlsm": "マクロ有効ブック（.xlsm）は受け取れません。",
    "xls": "古い形式のExcel（.xls）は受け取れません。",
    "xlsb": "バイナリブック（.xlsb）は受け取れません。",
}


@dataclass
class Reading:
    """What was read of a workbook; ``problems`` stand in the way of taking it over."""

    origin: Origin
    values: Values = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    sheet: str = ANSWERS

    def place(self, name: str) -> str:
        """Where a field stands, for messages."""
        row = self.rows.get(name)
        return f"シート「{self.sheet}」{row}行目D列" if row else f"シート「{self.sheet}」"


def open_answer_book(content: bytes, file_name: str) -> Any:
    """Open an uploaded answer workbook; raises ``ValidationError`` with what to do instead."""
    extension = file_name.lower().rpartition(".")[2]
    if extension in OTHER_KINDS:
        raise ValidationError(f"{OTHER_KINDS[extension]}.xlsx形式で保存し直してください。")
    if extension != "xlsx":
        raise ValidationError("回答用Excel（.xlsx）を選んでください。")
    if len(content) > MAX_BYTES:
        raise ValidationError(
            f"{MAX_BYTES // 1024 // 1024}MBを超えています。図などを消して保存し直してください。"
        )
    return open_book(content, max_unpacked=MAX_UNPACKED)


def read_origin(book: Any) -> Origin:
    """For whom a workbook was made; raises ``ValidationError`` where it does not say so truly."""
    try:
        return Origin.read(str(book[PORTAL].cell(1, 1).value))
    except (KeyError, BadSignature, TypeError) as error:
        raise ValidationError(
            "このポータルが作った回答用Excelではないか、中の管理用の情報が変えられています。"
            "回答用Excelをダウンロードし直し、そこに書き移してください。"
        ) from error


def read_workbook(book: Any, questionnaire: Questionnaire) -> Reading:
    """Read the answers of an opened workbook; raises ``ValidationError`` where none can be read."""
    reading = Reading(read_origin(book))
    if reading.origin.fingerprint != questionnaire.fingerprint:
        raise ValidationError(
            "設問が変わる前に作られたファイルです。新しい回答用Excelをダウンロードし、書き移してください。"
        )
    sheet = find_sheet(book, reading)
    if sheet.max_row > MAX_ROWS:
        raise ValidationError("行が多すぎます。回答用Excelをダウンロードし直し、書き移してください。")
    merged = {
        (row, column)
        for area in sheet.merged_cells.ranges
        if area.min_col <= ANSWER_COLUMN <= area.max_col
        for row in range(area.min_row, min(area.max_row, MAX_ROWS) + 1)
        for column in (ANSWER_COLUMN,)
    }
    wanted = {row.row_name: row for row in rows_of(questionnaire)}
    labels = read_labels(book)
    found: set[str] = set()
    for number in range(1, sheet.max_row + 1):
        name = str(sheet.cell(number, NAME_COLUMN).value or "")
        cell = sheet.cell(number, ANSWER_COLUMN)
        place = f"シート「{reading.sheet}」{number}行目D列"
        if name not in wanted:
            if number > 5 and cell.value not in (None, ""):
                reading.problems.append(
                    f"{place}：設問のない行に入力があります。行を挿入したときは、元の行に書き移してください。"
                )
            continue
        if name in found:
            reading.problems.append(f"{place}：同じ設問の行が2つあります。片方の行を消してください。")
            continue
        found.add(name)
        if (number, ANSWER_COLUMN) in merged:
            reading.problems.append(f"{place}：セルが結合されています。結合を解いて入力し直してください。")
            continue
        row = wanted[name]
        reading.rows.setdefault(row.name, number)
        read_cell(cell, row, labels, reading, place)
    for name in wanted.keys() - found:
        row = wanted[name]
        reading.problems.append(
            f"シート「{reading.sheet}」：「{row.question}」{row.label}の行がありません。"
            "回答用Excelをダウンロードし直し、書き移してください。"
        )
    return reading


def find_sheet(book: Any, reading: Reading) -> Any:
    """The answer sheet, also under another name."""
    for sheet in book.worksheets:
        if sheet.cell(1, NAME_COLUMN).value == MARKER:
            if sheet.title != ANSWERS:
                reading.problems.append(
                    f"シートの名前が「{sheet.title}」に変わっています。「{ANSWERS}」に戻してください。"
                )
                reading.sheet = sheet.title
            return sheet
    raise ValidationError(
        f"シート「{ANSWERS}」が見つかりません。回答用Excelをダウンロードし直し、書き移してください。"
    )


def read_labels(book: Any) -> dict[tuple[str, str], str]:
    """The labels that this workbook offered, for choices whose wording was corrected since."""
    if CHOICES not in book.sheetnames:
        return {}
    sheet = book[CHOICES]
    return {
        (str(name), fold(str(label))): str(code)
        for name, code, label in sheet.iter_rows(max_row=MAX_ROWS, max_col=3, values_only=True)
        if name and label
    }


def read_cell(cell: Any, row: Row, labels: dict[tuple[str, str], str], reading: Reading, place: str) -> None:
    """Take one answer cell over, or say why not."""
    value = cell.value
    if value is None or value == "":
        return
    if cell.data_type == "f":
        reading.problems.append(f"{place}：数式が入っています。値を直接入力してください。")
        return
    if cell.data_type == "e":
        reading.problems.append(f"{place}：エラー値（{value}）が入っています。入力し直してください。")
        return
    text = tidy(as_text(value))
    if not text:
        return
    if row.code:
        if text in TICKS:
            reading.values.setdefault(row.name, []).append(row.code)
        else:
            reading.problems.append(f"{place}：「{shorten(text)}」は読み取れません。○を入力してください。")
        return
    item = row.item
    if item and row.name in item.cells and item.choices:
        known = {fold(choice.label): choice.code for choice in item.choices}
        code = known.get(fold(text)) or labels.get((row.name, fold(text)))
        if code is None:
            reading.problems.append(
                f"{place}：「{shorten(text)}」という選択肢はありません。一覧から選んでください。"
            )
            return
        reading.values[row.name] = code
        return
    if item and item.question.kind == Question.Kind.DATE and isinstance(value, datetime | date):
        text = f"{value:%Y-%m-%d}"
    reading.values[row.name] = text


def as_text(value: Any) -> str:
    """A cell's value as somebody would have typed it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def shorten(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}…"
