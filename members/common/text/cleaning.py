"""Text as it can be stored, printed and put into XML: the one list of what cannot."""

import re
import unicodedata
from decimal import Decimal
from functools import cache
from typing import Any

# Control characters, lone surrogates and non-characters: XML, and so Word, Excel and feeds, cannot
# hold them, and nobody typed them on purpose. Word itself leaves \x0b when text is copied.
UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    # Marks that turn the direction of writing: what is read would not be what stands there.
    r"\u202a-\u202e\u2066-\u2069]"
)


# Full-width ASCII and the blanks of offices; unlike NFKC, ① and ² stay what they are.
HALF_WIDTH: dict[int, Any] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0xA0: " ",
}
# Shorter texts are normalised as they are; no letter carries more marks.
LONG, MOST_MARKS = 500, 8
# What a web page or an emoji keyboard leaves behind and nobody sees.
HALF_WIDTH |= dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFE0E, 0xFE0F, 0xFEFF))
# A kana and its voicing mark as two characters, as some systems write ガ.
VOICED_KANA = re.compile("[\u3041-\u30ff][\u3099\u309a]")
# How a workbook writes a character that XML cannot hold: _x000D_.
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def printable(text: str) -> str:
    """A text without the characters that no document can hold."""
    return UNPRINTABLE.sub("", text)


def unix_lines(text: str) -> str:
    """A printable text whose lines end in LF, also where Word broke them with \\x0b."""
    return printable(text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n"))


def tidy(text: str) -> str:
    """Text as it is kept: line ends are LF, what nobody sees and no file can hold is gone."""
    return unix_lines(text).strip()


def on_one_line(text: str) -> str:
    """A text as one line, without marks of direction or width zero: a name that passes for no other."""
    shown = (
        letter for letter in text if letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cf"}
    )
    return " ".join("".join(shown).split())


def said(text: str) -> str:
    """A reason that somebody gives, tidied; empty where nobody could see any of it."""
    return tidy(text) if half_width(text).strip() else ""


def compose_kana(text: str) -> str:
    """A text whose kana carry their voicing marks, as ガ; nothing else: that would change names."""
    return VOICED_KANA.sub(lambda kana: unicodedata.normalize("NFC", kana[0]), text)


def compatible(text: str) -> str:
    """A text in its compatibility forms: ㈱ is (株), ① is 1; for recognising, never for storing."""
    return unicodedata.normalize("NFKC", text if len(text) < LONG else thinned(text))


@cache
def is_mark(letter: str) -> bool:
    """Whether a letter is only a mark on the letter before it, whole or in its parts."""
    return all(unicodedata.combining(part) for part in unicodedata.normalize("NFKD", letter))


def thinned(text: str) -> str:
    """A text without more marks on one letter than any script has: sorting a run of them is quadratic."""
    if text.isascii():
        return text
    kept: list[str] = []
    run = 0
    for letter in text:
        run = run + 1 if letter > "\u02ff" and is_mark(letter) else 0
        if run <= MOST_MARKS:
            kept.append(letter)
    return "".join(kept)


def plain_number(number: Decimal | None) -> str:
    """A number as people write it: without zeros that only a column's decimals give it."""
    return "" if number is None else f"{number.normalize():f}"


def grouped(text: str) -> str:
    """A plain number with a comma between thousands: 「1,234.5」; anything else as it is."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, dot, rest = digits.partition(".")
    if not (whole.isdecimal() and whole.isascii() and (rest.isdecimal() if dot else True)):
        return text
    return f"{sign}{int(whole):,}{dot}{rest}"


def half_width(text: str) -> str:
    """A text with full-width letters, digits and blanks as half-width ones: for reading, not for storing."""
    return text.translate(HALF_WIDTH)


def cell_text(value: Any) -> str:
    """A cell's value as somebody would have typed it: a zero is a zero, nothing is the empty text."""
    if value is None:
        return ""
    if isinstance(value, float):
        # Excel itself keeps and shows 15 digits: 0.1 + 0.2 is 0.3.
        return f"{Decimal(f'{value:.15g}').normalize():f}"
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), str(value))
