"""What became of one row of an import sheet, for the preview and for the confirmation."""

from import_export.results import RowResult

from members.common.merging import digest


class MarkedRow(RowResult):
    """One row's result, with what a preview says of it beside its cells."""

    def __init__(self) -> None:
        super().__init__()
        # Of the table, from 1; a sheet's heading is its row 1.
        self.number = 0
        # Why it is passed over; empty for a blank row, None for one that is not.
        self.note: str | None = None
        self.cells: list[str] = []
        # A department that would be registered with it, and those that are registered already.
        self.adds, self.known = "", ""

    @property
    def sheet_row(self) -> int:
        return self.number + 1

    @property
    def is_change(self) -> bool:
        return self.is_new() or self.is_update()

    @property
    def is_passed_over(self) -> bool:
        return bool(self.note)

    @property
    def is_unchanged(self) -> bool:
        return self.is_skip() and self.note is None

    @property
    def ticket(self) -> str:
        """The row and what it would do: taken only as long as it would do the same."""
        would = [self.import_type, self.adds, [str(cell) for cell in self.diff or []]]
        return f"{self.number}:{digest(would)[:16]}"
