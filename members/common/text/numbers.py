"""Numbers that arrive as text, in addresses, forms and files."""

# As many digits as the database's largest integer surely holds.
DIGITS = 18


def whole_number(text: str | None) -> int | None:
    """The number that a text of digits stands for; None for anything else.

    Not ``isdigit()``, which also takes ², and no more digits than Python and the database convert.
    """
    return int(text) if text and text.isdecimal() and len(text) <= DIGITS else None
