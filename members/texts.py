"""Text as it can be stored, printed and put into XML: the one list of what cannot."""

import re

# Control characters, lone surrogates and non-characters: XML, and so Word, Excel and feeds, cannot
# hold them, and nobody typed them on purpose. Word itself leaves \x0b when text is copied.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def printable(text: str) -> str:
    """A text without the characters that no document can hold."""
    return UNPRINTABLE.sub("", text)


def unix_lines(text: str) -> str:
    """A printable text whose lines end in LF, also where Word broke them with \\x0b."""
    return printable(text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n"))
