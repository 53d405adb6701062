"""Typed parts of addresses."""


class FiscalYearConverter:
    """A fiscal year in an address: four digits, an int in the view."""

    regex = r"[12][0-9]{3}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:04}"
