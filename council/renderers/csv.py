"""One table of the report as CSV."""

from council.report.build import Report
from council.report.tables import BY_NAME
from members.common.files.spreadsheets import CSV


def write_csv(report: Report, name: str) -> bytes:
    """One table as CSV (UTF-8 with BOM)."""
    return CSV().export_data(BY_NAME[name].fill(report))


def write_figure_csv(report: Report, key: str) -> bytes:
    """The tallies behind one figure as CSV."""
    table = BY_NAME["figure-tables"].fill(report)
    return CSV().export_data(table.subset(rows=[index for index, row in enumerate(table) if row[0] == key]))
