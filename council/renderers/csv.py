"""One table of the report as CSV, each row with the edition that it is from."""

import tablib

from council.report.imprint import Printed
from council.report.tables import BY_NAME, EDITION
from members.common.files.spreadsheets import CSV


def write_csv(printed: Printed, name: str) -> bytes:
    """One table as CSV (UTF-8 with BOM)."""
    return written(BY_NAME[name].fill(printed), printed)


def write_figure_csv(printed: Printed, key: str) -> bytes:
    """The tallies behind one figure as CSV."""
    table = BY_NAME["figure-tables"].fill(printed)
    rows = [index for index, row in enumerate(table) if row[0] == key]
    return written(table.subset(rows=rows), printed)


def written(table: tablib.Dataset, printed: Printed) -> bytes:
    """A CSV file has one head and rows: the edition stands in columns of its own."""
    told = (printed.report.title, printed.imprint.name, printed.imprint.chain_hash)
    for column, value in zip(EDITION, told, strict=True):
        table.append_col([value] * len(table), header=column.label)
    return CSV().export_data(table)
