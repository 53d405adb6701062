"""Words that name a year, in texts that are taken over into the next one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# 令和7年度, 令和７（2025）年度, R7年度, 2025年度; and what only may mean a year: 令和7年, R7.
YEAR = re.compile(
    r"(?P<era>令和|平成|昭和|[RHS])\s?(?P<number>元|[0-9０-９]{1,2})"
    r"(?:(?P<between>\s?[（(])(?P<inner>[0-9０-９]{4})(?P<after>[）)]))?(?P<fiscal>\s?年度)?(?:年)?"
    r"|(?P<western>[0-9０-９]{4})(?P<western_fiscal>\s?年度)"
)
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class YearWord:
    """A word that names a year, and what it would be later; empty where that is a guess."""

    word: str
    suggestion: str
    places: tuple[str, ...]


def year_words(texts: Iterable[tuple[str, str]], years: int = 1) -> list[YearWord]:
    """Every such word of texts, given with their places, in the order in which they are met."""
    found: dict[str, tuple[str, list[str]]] = {}
    for place, text in texts:
        for match in YEAR.finditer(text):
            _, places = found.setdefault(match[0], (later(match, years), []))
            if place not in places:
                places.append(place)
    return [YearWord(word, suggestion, tuple(places)) for word, (suggestion, places) in found.items()]


def later(match: re.Match[str], years: int) -> str:
    """The word some years later, in the writing of the original; only a fiscal year is moved."""
    if match["western"]:
        return moved(match["western"], years) + match["western_fiscal"]
    if not match["fiscal"] or match["number"] == "元":
        # A date, a law, or a beginning: it stays what it was.
        return ""
    head = match[0][: match.start("number") - match.start()]
    inner = f"{match['between']}{moved(match['inner'], years)}{match['after']}" if match["inner"] else ""
    return f"{head}{moved(match['number'], years)}{inner}{match['fiscal']}"


def moved(digits: str, years: int) -> str:
    text = str(int(digits) + years)
    return text.translate(WIDE) if "０" <= digits[0] <= "９" else text


def shifted(text: str, words: dict[str, str]) -> str:
    """The text with chosen words in place of others, in one pass: what was moved is not moved again."""
    return YEAR.sub(lambda match: words.get(match[0], match[0]), text)
