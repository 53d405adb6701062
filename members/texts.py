"""Text as it can be stored, printed and put into XML."""

import re

# Not allowed in XML, and so in Word files and feeds; Word itself leaves \x0b when text is copied.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """A text without the control characters that no document can hold."""
    return UNPRINTABLE.sub("", text)
