"""All tables of the report in one workbook."""

from io import BytesIO

from openpyxl import Workbook

from council.report.build import Report
from council.report.tables import DICTIONARY, TABLES
from members.common.files.spreadsheets import XLSX


def write_xlsx(report: Report) -> bytes:
    """One sheet for each table, the data dictionary first."""
    book = Workbook(write_only=True)
    book.properties.title = report.title
    XLSX().write_sheet(book, DICTIONARY.title, DICTIONARY.fill(TABLES))
    for table in TABLES:
        XLSX().write_sheet(book, table.title, table.fill(report))
    out = BytesIO()
    book.save(out)
    return out.getvalue()
