"""Numbers as Japanese offices write them in prose: 84%, 八割四分, 3分の2, 25の市町, 28市町中25.

A :class:`Value` is what was written, with how exactly it was meant: 約, 以上, 未満, 弱 …
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kanjize import kanji2number

# Bounded, so that a long run of digits is not tried from each of them to its end.
DIGITS = r"[0-9]{1,24}(?:,[0-9]{3}){0,8}(?:\.[0-9]{1,24})?"
KANJI = "[〇一二三四五六七八九十百千]{1,24}"
NUMBER = f"(?:{DIGITS}|{KANJI})"
UNITS = r"(?:市区町村|市町村|市町|自治体|団体|町村|市(?![a-zA-Z一-龥])|町(?![一-龥])|か所|箇所)"
OF_UNIT = rf"\s{{0,8}}(?:の|つの|箇|か|カ|ヶ|ケ)?\s{{0,8}}{UNITS}"
ABOUT = r"(?:約|およそ|おおよそ|ほぼ|概ね|おおむね|だいたい|大体|凡そ)"
EVERY = "(?:全て|すべて|全部|全)"
ALL = "|".join(
    (
        rf"(?:全|すべての|全ての)\s{{0,8}}(?P<number>{NUMBER}){OF_UNIT}",
        rf"{EVERY}の?\s{{0,8}}{UNITS}",
        rf"{NUMBER}{OF_UNIT}(?:の)?(?:全て|すべて|全部|いずれも)",
        rf"(?:いずれの|(?<!とん)どの){UNITS}も?",
    )
)

PATTERNS = (
    (
        "of",
        rf"(?P<base>{NUMBER})(?:{OF_UNIT})?\s{{0,8}}(?:中|のうち|の内|うち)[、,]?\s{{0,8}}(?:の)?(?P<about>{ABOUT})?\s{{0,8}}"
        rf"(?P<number>{NUMBER})(?:{OF_UNIT})?(?!\s{{0,8}}(?:[0-9%]|パーセント|割|分の|ポイント))",
    ),
    ("of", rf"(?P<number>{NUMBER})\s{{0,8}}/\s{{0,8}}(?P<base>{NUMBER})(?:{OF_UNIT})?(?![0-9/])"),
    (
        "range",
        rf"(?P<low>{NUMBER})\s{{0,8}}(?:%|パーセント|割)?\s{{0,8}}(?:~|〜|ないし|-|―|–|から(?!.{{0,12}}[にへ]))\s{{0,8}}"
        rf"(?P<number>{NUMBER})\s{{0,8}}(?P<unit>%|パーセント|割)(?!\s{{0,8}}ポイント)",
    ),
    ("band", rf"(?P<number>{NUMBER})\s{{0,8}}(?P<unit>%|パーセント|割)\s{{0,8}}台(?P<half>前半|半ば|後半)?"),
    (
        "percent",
        rf"(?P<about>{ABOUT})?\s{{0,8}}(?P<number>{NUMBER})\s{{0,8}}(?:%|パーセント)(?!\s{{0,8}}ポイント)",
    ),
    (
        "tenths",
        rf"(?P<about>{ABOUT})?\s{{0,8}}(?P<number>{NUMBER})\s{{0,8}}割(?:\s{{0,8}}(?P<hundredths>{NUMBER})\s{{0,8}}分)?(?!合|り|引)",
    ),
    (
        "fraction",
        rf"(?P<about>{ABOUT})?\s{{0,8}}(?P<base>{NUMBER})\s{{0,8}}分の\s{{0,8}}(?P<number>{NUMBER})",
    ),
    ("fraction", rf"(?P<base>{NUMBER}){OF_UNIT}に(?:つき)?、?(?P<number>{NUMBER})(?:{OF_UNIT})?の割合"),
    ("none", rf"{UNITS}(?:は|が)?(?:ゼロ|皆無|一つもな[いくかし]|なかった|なし(?!と))"),
    ("majority", r"過半数|過半"),
    ("half", rf"(?P<about>{ABOUT})?\s{{0,8}}(?:半数|半分|半ば)"),
    ("all", rf"(?P<about>{ABOUT})?\s{{0,8}}(?:{ALL})"),
    ("count", rf"(?P<about>{ABOUT})?\s{{0,8}}(?P<number>{NUMBER}){OF_UNIT}"),
)
FINDERS = tuple((kind, re.compile(pattern)) for kind, pattern in PATTERNS)

# How what stands behind a number bounds it.
BEHIND = (
    (
        "<",
        r"\s{0,8}(?:未満|(?:に|には|にも|を|も)\s{0,8}"
        r"(?:届か|達し(?:て)?(?:い)?な|達せ|満た|及ば|とどまらず|下回|割り込))",
    ),
    (">", r"\s{0,8}(?:を)?\s{0,8}(?:超|上回|越え)"),
    (">=", r"\s{0,8}(?:以上|を下らない)"),
    ("reached", r"\s{0,8}に?(?:も)?(?:達し|届い)"),
    ("<=", r"\s{0,8}以下"),
    ("little less", r"\s{0,8}(?:弱|近く|近い|に近い|足らず|に迫る)"),
    ("little more", r"\s{0,8}(?:強|余り|余|あまり(?!進))"),
    ("about", r"\s{0,8}(?:程度|前後|ほど|ぐらい|くらい)"),
)
IN_FRONT = (
    ("<=", re.compile(r"(?:多くても|最大(?:でも|で)?|せいぜい|高々)\s{0,8}$")),
    (">=", re.compile(r"(?:少なくとも|最低(?:でも)?)\s{0,8}$")),
)
# 問25, 図3, 第2: numbers by which something is called.
CALLED = re.compile(r"(?:問|設問|質問|表|図|別紙|別表|資料|第|No\.?|付録|項番)\s{0,8}$")
BOUNDS = tuple((bound, re.compile(pattern)) for bound, pattern in BEHIND)


@dataclass(frozen=True, slots=True)
class Value:
    """A number in a text: ``share`` of a whole, or ``count`` of bodies, perhaps ``of`` a base."""

    text: str
    start: int
    end: int
    kind: str
    share: Fraction | None = None
    low: Fraction | None = None
    count: int | None = None
    of: int | None = None
    # "=" as written, or how it is bounded: about, <, <=, >, >=, little less, little more.
    bound: str = "="
    # The size of one step of how it was written: a tenth for 9割, a hundredth for 86%.
    step: Fraction = Fraction(1, 100)


# So far before a number may stand what it is called by, or what bounds it.
NEAR = 40
# Digits of the longest number that is read; a report counts nothing beyond.
LONGEST = 20


def number(text: str) -> Fraction:
    """What digits or kanji stand for."""
    plain = text.replace(",", "")
    if plain[0].isdigit():
        return Fraction(plain)
    if "十" not in plain and "百" not in plain and "千" not in plain:
        plain = "".join(str("〇一二三四五六七八九".index(each)) for each in plain)
        return Fraction(plain)
    return Fraction(kanji2number(plain))


def whole(text: str) -> int | None:
    """What digits or kanji stand for as a whole number; nothing where they stand for none.

    Raises nothing: a run of digits that no count has, 「百百」 and the like are no numbers.
    """
    try:
        return int(number(text)) if len(text) <= LONGEST else None
    except (ValueError, TypeError, IndexError, KeyError):
        return None


def find_values(text: str) -> Iterator[Value]:
    """Every number of a text that may be a share or a count of bodies; the longest reading first."""
    taken = bytearray(len(text) + 1)
    found: list[Value] = []
    for kind, pattern in FINDERS:
        for match in pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            if is_inside_number(text, match.start()) or CALLED.search(before(text, match).rstrip("(")):
                continue
            value = read(kind, match, text)
            if value is not None:
                taken[value.start : value.end] = b"1" * (value.end - value.start)
                found.append(value)
    yield from sorted(found, key=lambda value: value.start)


def before(text: str, match: re.Match[str]) -> str:
    """The words right before a match: of a long text no more than they need."""
    return text[max(match.start() - NEAR, 0) : match.start()]


def is_inside_number(text: str, start: int) -> bool:
    """Whether a match begins in the middle of a longer number: 1 of 0.1, 2 of 第2."""
    before = text[start - 1]
    return (
        before in "0123456789.第〇一二三四五六七八九十百千"
        and text[start] in "0123456789〇一二三四五六七八九十百千"
    )


def read(kind: str, match: re.Match[str], text: str) -> Value | None:
    """What a match says, with the words behind it that bound it."""
    groups = match.groupdict()
    try:
        said = READERS[kind](groups)
    except (ValueError, ZeroDivisionError, IndexError):
        return None
    bound, end = bound_of(kind, groups.get("about"), text, match.end())
    if bound == "=":
        bound = next((each for each, pattern in IN_FRONT if pattern.search(before(text, match))), bound)
    return Value(text[match.start() : end].strip(), match.start(), end, kind, bound=bound, **said)


Groups = dict[str, str | None]


def given(groups: Groups, name: str) -> Fraction:
    return number(groups[name] or "")


def unit_of(groups: Groups) -> int:
    return 10 if groups["unit"] == "割" else 100


def read_range(groups: Groups) -> dict[str, object]:
    unit = unit_of(groups)
    return {
        "share": given(groups, "number") / unit,
        "low": given(groups, "low") / unit,
        "step": Fraction(1, unit),
    }


def read_band(groups: Groups) -> dict[str, object]:
    """80%台後半 is 85 to 90, 8割台 80 to 90."""
    low, size = given(groups, "number") / unit_of(groups), Fraction(1, 10)
    start, end = {"前半": (0, 5), "半ば": (3, 7), "後半": (5, 10)}.get(groups["half"] or "", (0, 10))
    return {
        "share": low + size * end / 10 - Fraction(1, 1000),
        "low": low + size * start / 10,
        "step": Fraction(1, 1000),
    }


def read_percent(groups: Groups) -> dict[str, object]:
    decimals = len((groups["number"] or "").partition(".")[2])
    return {"share": given(groups, "number") / 100, "step": Fraction(1, 100 * 10**decimals)}


def read_tenths(groups: Groups) -> dict[str, object]:
    share = given(groups, "number") / 10
    if groups["hundredths"]:
        return {"share": share + given(groups, "hundredths") / 100, "step": Fraction(1, 100)}
    return {"share": share, "step": Fraction(1, 10)}


THOUSANDTH = Fraction(1, 1000)
READERS: dict[str, Callable[[Groups], dict[str, Any]]] = {
    "of": lambda groups: {"count": int(given(groups, "number")), "of": int(given(groups, "base"))},
    "range": read_range,
    "band": read_band,
    "percent": read_percent,
    "tenths": read_tenths,
    "fraction": lambda groups: {
        "share": given(groups, "number") / given(groups, "base"),
        "step": THOUSANDTH,
    },
    "majority": lambda _: {"share": Fraction(1, 2)},
    "half": lambda _: {"share": Fraction(1, 2), "step": THOUSANDTH},
    "all": lambda _: {"share": Fraction(1), "step": THOUSANDTH},
    "count": lambda groups: {"count": int(given(groups, "number"))},
    "none": lambda _: {"count": 0},
}


def bound_of(kind: str, about: str | None, text: str, end: int) -> tuple[str, int]:
    """How a number is bounded, and where the words that say so end."""
    if kind == "majority":
        return ">", end
    for bound, pattern in BOUNDS:
        if match := pattern.match(text, end):
            return bound, match.end()
    return ("about" if about else "="), end
