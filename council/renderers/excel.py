"""All tables of the report in one workbook."""

from io import BytesIO

from openpyxl import Workbook

from council.report.imprint import Printed
from council.report.tables import DICTIONARY, TABLES
from members.common.files.spreadsheets import XLSX


def write_xlsx(printed: Printed) -> bytes:
    """One sheet for each table, what the report says of itself first, then the data dictionary."""
    book = Workbook(write_only=True)
    book.properties.title = printed.report.title
    first, *others = TABLES
    XLSX().write_sheet(book, first.title, first.fill(printed))
    XLSX().write_sheet(book, DICTIONARY.title, DICTIONARY.fill(TABLES))
    for table in others:
        XLSX().write_sheet(book, table.title, table.fill(printed))
    out = BytesIO()
    book.save(out)
    return out.getvalue()
