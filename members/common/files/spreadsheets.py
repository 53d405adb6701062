"""Files that offices exchange: XLSX first, CSV as Japanese Excel opens it.

Neither lets a cell act as a formula when the file is opened, and neither changes
what a reader sees: a minus number and a leading 「・」 stay as they are.
"""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any, ClassVar

import tablib
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from import_export.formats.base_formats import Format
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter, range_boundaries

from members.common.files.bounded import MERGED, bounded, cause, first_part, is_strict
from members.common.files.headings import Known, best_sheet, heading_row, nobody
from members.common.text.cleaning import cell_text, printable

MAX_BYTES = 5 * 1024 * 1024
# Of one sheet, unpacked: what MAX_ROWS of a wide table take.
SHEET_BYTES = 32 * 1024 * 1024
MAX_UNPACKED = 100 * 1024 * 1024
MAX_ROWS = 20_000
# Of empty cells that are only formatted there may be more, in all.
MAX_COLUMNS, MAX_CELLS = 300, 8_000_000
# Of all cells, each as often as it stands there: a file has a long text once and names it in each row.
MAX_LETTERS = 5_000_000

TOO_WIDE = f"{MAX_COLUMNS}列を超えています。使う列だけの表にしてください。"
# Half- and full-width starts that some spreadsheet program takes for a formula.
FORMULA_START = re.compile(r"^[=+\-@\t\r＝＋－＠]")
# What a spreadsheet could read as a formula, a number or a date when somebody edits the cell.
AMBIGUOUS = re.compile(r"^[#=+\-@\t\r＝＋－＠0-9０-９.]")
# A formula in a cell that holds no value: written by a program, never opened in Excel.
UNCOUNTED = re.compile(
    rb"<c\b([^<>]{0,120})>\s{0,9}<f\b[^<>]{0,200}(?:/>|>[^<]*</f>)\s{0,9}(?:<v ?/>|<v></v>)?\s{0,9}</c>"
)
# A row that is not shown, with something in it.
HIDDEN = re.compile(rb"<row\b[^<>]{0,300}\bhidden=\"(?:1|true)\"[^<>/]{0,300}>\s{0,9}<c\b")
PLAIN_NUMBER = re.compile(r"^[+\-]?[0-9][0-9,]*(\.[0-9]+)?$")


def harmless(value: Any) -> Any:
    """Put an apostrophe before a text that CSV would hand to Excel as a formula."""
    if isinstance(value, str) and FORMULA_START.match(value) and not PLAIN_NUMBER.match(value):
        return f"'{value}"
    return value


def as_entered(cell: Any) -> Any:
    """A cell's value as it enters the portal: nothing in it that no document can hold."""
    if isinstance(cell, str):
        return printable(cell_text(cell))
    return "" if cell is None else cell


def trim(rows: list[list[Any]]) -> list[list[Any]]:
    """Drop empty rows at the end; one in between keeps its place, so that row numbers hold."""
    while rows and not any(cell not in (None, "") for cell in rows[-1]):
        rows.pop()
    return rows


def dataset(rows: list[list[Any]], known: Known = nobody, most: int = MAX_ROWS) -> tablib.Dataset:
    """Make import-export's table from rows, one of the first of which names the columns.

    Rows keep their places: ``above`` says how many of the table's first rows stand above it, with
    the headings as the last of them. ``notes`` are for whoever sent the file.
    """
    rows = trim(rows)
    if not rows:
        raise ValidationError("ファイルに表がありません。1行目を見出しにした表を入れてください。")
    if len(rows) > most:
        raise ValidationError(f"{most:,}行を超えています。ファイルを分けてください。")
    above = heading_row(rows, known)
    headers = [str(as_entered(cell)).strip() for cell in rows[above]]
    table = tablib.Dataset(headers=headers)
    table.above, table.notes = above, []
    for row in rows[1:]:
        padded = (row + [""] * len(headers))[: len(headers)]
        table.append([as_entered(cell) for cell in padded])
    return table


def open_book(
    content: bytes, *, max_other: int = MAX_UNPACKED, sheet_bytes: int = SHEET_BYTES, **how: Any
) -> Any:
    """Open an uploaded workbook with openpyxl; raises ``ValidationError`` where it is none, or a bomb."""
    try:
        book = load_workbook(
            io.BytesIO(bounded(content, max_other=max_other, sheet_bytes=sheet_bytes)), **how
        )
        if not book.worksheets or is_strict(content):
            raise KeyError("no sheet that can be read")
    except ValidationError:
        raise
    except Exception as error:
        # openpyxl fails in many ways on files that are not what their name says.
        raise ValidationError(cause(content)) from error
    return book


def names_sheet(content: bytes, title: str) -> bool:
    """Whether a file is a workbook with a sheet of this name, without opening it."""
    return title.encode() in first_part(content)


def attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file to save under a Japanese name."""
    disposition = content_disposition_header(True, " ".join(name.split()))
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": disposition or ""}
    )


def looked_over(book: Any, sheet: Any) -> tuple[list[str], bool, int]:
    """Of a sheet its merged areas, whether a formula has no result yet, how many rows are hidden."""
    path = getattr(sheet, "_worksheet_path", "")
    data = book._archive.read(path) if path else b""
    # An empty text is a result too.
    is_uncounted = any(b't="str"' not in found[1] for found in UNCOUNTED.finditer(data))
    areas = [area.decode("ascii", "ignore") for area in MERGED.findall(data)]
    return areas, is_uncounted, len(HIDDEN.findall(data))


def spread(rows: list[list[Any]], areas: list[str]) -> list[list[Any]]:
    """Give what stands in a cell merged over several rows to each of them, as people read it."""
    for area in areas:
        left, top, _, bottom = range_boundaries(area)
        if top is None or bottom is None or left is None or not 1 < top <= len(rows):
            continue
        for row in rows[top : min(bottom, len(rows))]:
            if left <= len(rows[top - 1]) and left <= len(row):
                row[left - 1] = rows[top - 1][left - 1]
    return rows


class OfficeFormat(Format):
    """What import-export asks of every format that goes both ways."""

    title: ClassVar[str]
    extension: ClassVar[str]
    content_type: ClassVar[str]

    def __init__(self, encoding: str | None = None) -> None:
        """Take, and ignore, an encoding: each format knows its own."""

    def get_title(self) -> str:
        return self.title

    def get_extension(self) -> str:
        return self.extension

    def get_content_type(self) -> str:
        return self.content_type

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True


class XLSX(OfficeFormat):
    """An Excel workbook's first sheet, or the one that is named."""

    known: ClassVar[Any] = staticmethod(nobody)
    most = MAX_ROWS
    title = "Excel（XLSX）"
    extension = "xlsx"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def create_dataset(self, in_stream: bytes, sheet: str = "") -> tablib.Dataset:
        book = open_book(in_stream, read_only=True, data_only=True)
        found = book[sheet] if sheet in book.sheetnames else best_sheet(book.worksheets, self.known)
        self.hidden = 0
        table = dataset(self.rows(book, found), self.known, self.most)
        if len(book.worksheets) > 1 and not sheet:
            table.notes.append(f"シート「{found.title}」を読み取りました。")
        if self.hidden:
            table.notes.append(f"表示されていない行が{self.hidden}行あります。その行も読み取りました。")
        return table

    def rows(self, book: Any, sheet: Any) -> list[list[Any]]:
        """What a sheet holds, within the limits; raises ``ValidationError`` beyond them."""
        rows = []
        merged, is_uncounted, self.hidden = looked_over(book, sheet)
        if is_uncounted:
            raise ValidationError(
                "数式の結果が保存されていないセルがあります。Excelで開いて上書き保存してから選んでください。"
            )
        # What a sheet says of its own size is not believed: each row would be filled up to it.
        sheet.reset_dimensions()
        looked_at = letters = 0
        for row in sheet.iter_rows(values_only=True):
            looked_at += len(row)
            letters += sum(len(cell) for cell in row if isinstance(cell, str))
            if letters > MAX_LETTERS:
                raise ValidationError(
                    "セルの文字が多すぎます。使う列だけの表にするか、いくつかに分けてください。"
                )
            beyond = any(cell not in (None, "") for cell in row[MAX_COLUMNS:])
            if beyond or looked_at > MAX_CELLS:
                raise ValidationError(TOO_WIDE)
            rows.append(list(row[:MAX_COLUMNS]))
            if len(rows) > MAX_ROWS + 1000:
                break
        return spread(rows, merged)

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        book = Workbook(write_only=True)
        self.write_sheet(book, "一覧", dataset)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def write_sheet(self, book: Workbook, title: str, dataset: tablib.Dataset) -> None:
        """Add a table to a workbook that is being written row by row."""
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for index, header in enumerate(dataset.headers):
            widest = max([len(str(header)), *(len(str(row[index] or "")) for row in dataset)])
            sheet.column_dimensions[get_column_letter(index + 1)].width = min(60, 4 + widest * 2)
        sheet.append([self._cell(sheet, header, bold=True) for header in dataset.headers])
        for row in dataset:
            sheet.append([self._cell(sheet, value) for value in row])

    def _cell(self, sheet: Any, value: Any, *, bold: bool = False) -> Any:
        text = isinstance(value, str)
        if text:
            value = printable(value)
            if not bold and not AMBIGUOUS.match(value):
                # A cell object costs more than all the rest; plain words need none.
                return value
        cell = WriteOnlyCell(sheet, value)
        if text:
            # A string stays a string, also one that begins with "=" or looks like a number.
            cell.data_type = "s"
            cell.number_format = "@"
        if bold:
            cell.font = Font(bold=True)
        return cell if text or bold else value


class CSV(OfficeFormat):
    """CSV: written as UTF-8 with BOM and CRLF, read as UTF-8 or CP932."""

    known: ClassVar[Any] = staticmethod(nobody)
    most = MAX_ROWS
    title = "CSV（UTF-8）"
    extension = "csv"
    content_type = "text/csv; charset=utf-8"

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        try:
            text = in_stream.decode("utf-8-sig")
        except UnicodeDecodeError:
            try:
                text = in_stream.decode("cp932")
            except UnicodeDecodeError as error:
                raise ValidationError(
                    "文字コードを判別できません。UTF-8かShift_JISのCSVで保存し直してください。"
                ) from error
        if "\x00" in text:
            raise ValidationError("CSVとして読めません。.csv形式で保存し直してください。")
        try:
            return dataset(list(self.lines(text)), self.known, self.most)
        except csv.Error as error:
            raise ValidationError("CSVとして読めません。.csv形式で保存し直してください。") from error

    def lines(self, text: str) -> Iterator[list[Any]]:
        """The rows, as many and as wide as a table may be: each is filled up to the widest."""
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""))):
            if any(cell.strip() for cell in row[MAX_COLUMNS:]):
                raise ValidationError(TOO_WIDE)
            if number > MAX_ROWS + 1000:
                return
            yield row[:MAX_COLUMNS]

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(dataset.headers)
        writer.writerows([harmless(value) for value in row] for row in dataset)
        return out.getvalue().encode("utf-8-sig")
