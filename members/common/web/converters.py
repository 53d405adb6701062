"""Typed parts of addresses."""


class OrganizationCodeConverter:
    """A 団体コード in an address."""

    regex = r"[0-9]{6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class NumberConverter:
    """A small number in an address, such as a meeting's: no more than a database column holds."""

    regex = r"[1-9][0-9]{0,3}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class FiscalYearConverter:
    """A fiscal year in an address: four digits, an int in the view."""

    regex = r"[12][0-9]{3}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:04}"
