"""Reading an answer workbook back: everything in it that cannot be trusted is said, cell by cell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from openpyxl.utils.datetime import from_excel

from members.common.files.spreadsheets import MAX_BYTES, open_book
from members.common.text.cleaning import cell_text, half_width, plain_number, printable, tidy
from members.common.text.folding import fold
from members.common.text.marks import read_mark
from surveys.models import Choice, Question
from surveys.questionnaire.structure import Questionnaire, Values
from surveys.workbook.layout import (
    ANSWER_COLUMN,
    ANSWERS,
    CHOICES,
    HEADER_ROW,
    LABEL_COLUMN,
    MARKER,
    NAME_COLUMN,
    PORTAL,
    QUESTION_COLUMN,
    Origin,
    Row,
    rows_of,
)

MAX_UNPACKED = 20 * 1024 * 1024
# Twenty times what a long questionnaire takes; parsed in well under two seconds.
SHEET_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5000
# Of all cells that are looked at: ten times what the longest answers take.
MAX_LETTERS = 1_000_000
# Day numbers of Excel that can be a day somebody means: 1990 to 2099, so that a bare year is none.
SERIALS = range(32874, 73051)
# A choice's number as people write it before its label.
NUMBERED = re.compile(r"\(?([0-9]{1,2})\)?[.:、,)]?(?=[^0-9]|$)")
LOOKED_AT = (NAME_COLUMN, QUESTION_COLUMN, LABEL_COLUMN, ANSWER_COLUMN)
Wording = tuple[str, str]
OTHER_KINDS = {
    "xlsm": "マクロ有効ブック（.xlsm）は受け取れません。",
    "xls": "古い形式のExcel（.xls）は受け取れません。",
    "xlsb": "バイナリブック（.xlsb）は受け取れません。",
}


@dataclass
class Reading:
    """What was read of a workbook; ``problems`` stand in the way of taking it over, ``notes`` do not."""

    origin: Origin
    values: Values = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    sheet: str = ANSWERS

    letters: int = 0

    def take(self, *values: Any) -> None:
        """Count what is to be compared; raises ``ValidationError`` for more than any questionnaire has.

        A long text costs a file nothing that has it once and names it in each row.
        """
        self.letters += sum(len(value) for value in values if isinstance(value, str))
        if self.letters > MAX_LETTERS:
            raise ValidationError(
                "セルの文字が多すぎて読み取れません。回答用Excelをダウンロードし直し、書き移してください。"
            )

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
    return open_book(content, max_other=MAX_UNPACKED, sheet_bytes=SHEET_BYTES)


def read_origin(book: Any) -> Origin:
    """For whom a workbook was made; raises ``ValidationError`` where it does not say so truly."""
    try:
        return Origin.read(str(book[PORTAL].cell(1, 1).value))
    except (KeyError, BadSignature, TypeError, AttributeError) as error:
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
    sheet = find_sheet(book)
    reading.sheet = sheet.title
    merged = {
        row
        for area in sheet.merged_cells.ranges
        if area.min_col <= ANSWER_COLUMN <= area.max_col
        for row in range(area.min_row, min(area.max_row, MAX_ROWS) + 1)
    }
    wanted = {row.row_name: row for row in rows_of(questionnaire)}
    rows = SheetRows(wanted, read_wording(book, reading), reading)
    labels = read_labels(book, reading)
    for number in range(1, min(sheet.max_row, MAX_ROWS) + 1):
        cell = sheet.cell(number, ANSWER_COLUMN)
        reading.take(*(sheet.cell(number, each).value for each in LOOKED_AT))
        place = f"シート「{reading.sheet}」{number}行目D列"
        name = rows.name_of(sheet, number, place, is_answered=cell.value not in (None, ""))
        if not name:
            continue
        if number in merged:
            reading.problems.append(f"{place}：セルが結合されています。結合を解いて入力し直してください。")
            continue
        row = wanted[name]
        reading.rows.setdefault(row.name, number)
        read_cell(cell, row, labels, reading, place)
    for name in wanted.keys() - rows.found:
        row = wanted[name]
        reading.problems.append(
            f"シート「{reading.sheet}」：「{row.question}」{row.label}の行がありません。"
            "回答用Excelをダウンロードし直し、書き移してください。"
        )
    return reading


def find_sheet(book: Any) -> Any:
    """The answer sheet, whatever its name is now."""
    for sheet in book.worksheets:
        if sheet.cell(1, NAME_COLUMN).value == MARKER:
            return sheet
    raise ValidationError(
        f"シート「{ANSWERS}」が見つかりません。回答用Excelをダウンロードし直し、書き移してください。"
    )


def alike(text: Any) -> str:
    """A label for comparing: without its blanks, line breaks and differences of width."""
    return "".join(fold(half_width(printable(cell_text(text)))).replace("~", "-").split())


def read_wording(book: Any, reading: Reading) -> dict[str, Wording]:
    """How each row read when the workbook was made; empty for one made before this was kept."""
    rows = book[PORTAL].iter_rows(min_row=2, max_row=MAX_ROWS, max_col=3, values_only=True)
    found: dict[str, Wording] = {}
    for name, question, label in rows:
        reading.take(name, question, label)
        if name:
            found[str(name)] = (alike(question), alike(label))
    return found


class SheetRows:
    """Which question each row of the sheet answers: what the person read decides, not a hidden name."""

    def __init__(self, wanted: dict[str, Row], wording: dict[str, Wording], reading: Reading) -> None:
        now = {name: (alike(row.question), alike(row.label)) for name, row in wanted.items()}
        self.wording = now | {name: seen for name, seen in wording.items() if name in now}
        self.reading = reading
        self.found: set[str] = set()
        self.by_wording: dict[Wording, list[str]] = {}
        for name, seen in self.wording.items():
            self.by_wording.setdefault(seen, []).append(name)

    def name_of(self, sheet: Any, number: int, place: str, *, is_answered: bool) -> str:
        """The name of a row's field; empty where the row answers nothing, with the reason said."""
        hidden = cell_text(sheet.cell(number, NAME_COLUMN).value)
        seen = alike(sheet.cell(number, QUESTION_COLUMN).value), alike(sheet.cell(number, LABEL_COLUMN).value)
        if number <= HEADER_ROW and hidden not in self.wording:
            return ""
        if self.wording.get(hidden) == seen:
            return self.once(hidden, place)
        named = self.by_wording.get(seen, [])
        if len(named) == 1:
            # Sorted, or moved: the hidden names stayed where they were.
            self.reading.notes.append(
                f"シート「{self.reading.sheet}」{number}行目：行が並べ替えられています。表示されている見出しの回答として読み取りました。"
            )
            return self.once(named[0], place)
        if named and hidden not in named:
            self.reading.problems.append(
                f"{place}：同じ見出しの行がいくつかあり、どの設問の回答か分かりません。"
                "並べ替える前のファイルに入力し直してください。"
            )
            self.found.update(named)
        elif hidden in self.wording:
            self.reading.problems.append(
                f"{place}：「設問」か「項目・選択肢」の欄が書き換えられていて、どの設問の回答か確かめられません。"
                "回答用Excelをダウンロードし直し、書き移してください。"
            )
            self.found.add(hidden)
        elif is_answered:
            self.reading.problems.append(
                f"{place}：設問のない行に入力があります。行を挿入したときは、元の行に書き移してください。"
            )
        return ""

    def once(self, name: str, place: str) -> str:
        if name in self.found:
            self.reading.problems.append(f"{place}：同じ設問の行が2つあります。片方の行を消してください。")
            return ""
        self.found.add(name)
        return name


def read_labels(book: Any, reading: Reading) -> dict[tuple[str, str], str]:
    """The labels that this workbook offered, for choices whose wording was corrected since."""
    # A sheet of that name that is a chart has no rows.
    sheet = next((each for each in book.worksheets if each.title == CHOICES), None)
    if sheet is None:
        return {}
    labels: dict[tuple[str, str], str] = {}
    for name, code, label in sheet.iter_rows(max_row=MAX_ROWS, max_col=3, values_only=True):
        reading.take(name, code, label)
        if name and label:
            labels[str(name), fold(str(label))] = str(code)
    return labels


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
    text = tidy(shown_text(cell, row))
    if not text.removeprefix("'"):
        return
    item = row.item
    if row.code:
        read_tick(text, row, reading, place)
    elif item and row.name in item.cells and item.choices:
        code = chosen_code(cell_text(value), item.choices) or labels.get((row.name, fold(text)))
        if code is None:
            reading.problems.append(
                f"{place}：「{shorten(text)}」という選択肢はありません。一覧から選んでください。"
            )
        else:
            reading.values[row.name] = code
    elif item and item.question.kind == Question.Kind.NUMBER and is_bare_share(cell, item.question):
        reading.problems.append(
            f"{place}：{text}が{text}%なのか、割合（{Decimal(text) * 100:f}%）なのか分かりません。"
            "「12.5%」のように%を付けて入力してください。"
        )
    else:
        reading.values[row.name] = text


def read_tick(text: str, row: Row, reading: Reading, place: str) -> None:
    """Take over whether one of several choices is chosen."""
    answer = read_mark(text)
    if answer:
        reading.values.setdefault(row.name, []).append(row.code)
    elif answer is None:
        reading.problems.append(
            f"{place}：「{shorten(text)}」は、選ぶのか選ばないのか分かりません。"
            "選ぶなら○、選ばないなら空欄か×にしてください。"
        )


def shown_text(cell: Any, row: Row) -> str:
    """What a cell shows, as far as what it is asked for tells how to read it."""
    value = cell.value
    kind = row.item.question.kind if row.item else ""
    if kind == Question.Kind.DATE:
        if isinstance(value, datetime | date):
            return f"{value:%Y-%m-%d}"
        if isinstance(value, int | float) and int(value) in SERIALS:
            return f"{from_excel(value):%Y-%m-%d}"
    if (
        kind == Question.Kind.NUMBER
        and isinstance(value, int | float)
        and "%" in cell.number_format
        and row.item
        and half_width(row.item.question.unit) == "%"
    ):
        return plain_number(Decimal(cell_text(value)) * 100)
    return cell_text(value)


def is_bare_share(cell: Any, question: Question) -> bool:
    """Whether a cell asked for per cent holds a number that could be a share of one."""
    return (
        half_width(question.unit) == "%"
        and isinstance(cell.value, float)
        and 0 < cell.value < 1
        and "%" not in cell.number_format
    )


def chosen_code(text: str, choices: Sequence[Choice]) -> str | None:
    """The choice that a cell names, by its label or with its number before it; None where it is not plain."""
    if "\ufffe" in text or "\uffff" in text:
        return None
    typed = alike(text).removeprefix("'")
    labels = {alike(choice.label): choice.code for choice in choices}
    if typed in labels:
        return labels[typed]
    return numbered_code(typed, labels)


def numbered_code(typed: str, labels: dict[str, str]) -> str | None:
    """The choice that a cell names by its number, or with its number before its label."""
    codes = list(labels.values())
    numbers = [str(number) for number in range(1, len(labels) + 1)]
    printed = [NUMBERED.match(label) for label in labels]
    if [match and match[1] for match in printed] == numbers:
        # The labels read 「1 実施済」, 「2 検討中」: the number alone names one, and so does the rest.
        bare = [label[match.end() :] for label, match in zip(labels, printed, strict=True) if match]
        names = dict(zip([*numbers, *bare], codes * 2, strict=True))
        return names.get(typed) if len(set(bare)) == len(bare) else None
    # 「2. 検討中」 where the second label reads 「検討中」: the number must be the label's own.
    match = NUMBERED.match(typed)
    code = labels.get(typed[match.end() :]) if match else None
    return code if code and match and match[1] == numbers[codes.index(code)] else None


def shorten(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}…"
