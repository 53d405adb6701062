"""The languages beside its own in which a report can be summed up, and how each writes a figure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.dateformat import format as format_day
from django.utils.translation import override

from members.models import UNIT_WORDS
from surveys.results.indicator_tallies import Tally


@dataclass(frozen=True, slots=True)
class Language:
    """One of them: ``slug`` stands in addresses and editions, ``locale`` names the interface's catalogue."""

    slug: str
    locale: str
    # The ``lang`` of its pages.
    html: str
    # What it is called by those who read it, and by staff.
    own_name: str
    name: str
    quote: Callable[[Tally, str], str]
    day: Callable[[date], str]
    fiscal_year: Callable[[int], str]
    # Whether 漢字《かんじ》 is read as ruby.
    has_ruby: bool = False

    @property
    def kind(self) -> str:
        """Of the section in which staff write the summary."""
        return f"summary-{self.slug}"


def english_noun(unit: str, number: int) -> str:
    """What a base is counted in; empty for a unit that only Japanese has a word for."""
    nouns = {"団体": ("organization", "organizations")}
    if unit and set(unit) <= set(UNIT_WORDS.values()):
        nouns[unit] = ("municipality", "municipalities")
    one, many = nouns.get(unit, ("", ""))
    return one if number == 1 else many


def quote_in_english(tally: Tally, part: str) -> str:
    """「86% (24 of 28 municipalities)」, or the part of it."""
    percent = "not available" if tally.percent is None else f"{tally.percent}%"
    match part:
        case "percent":
            return percent
        case "count":
            return f"{tally.count:,}"
        case "base":
            return f"{tally.base:,}"
    counted = f"{tally.count:,} of {tally.base:,} {english_noun(tally.unit, tally.base)}".strip()
    return f"{percent} ({counted})"


def quote_plainly(tally: Tally, part: str) -> str:
    """「86%（28の市と町のうち24）」, or the part of it."""
    percent = "計算できません" if tally.percent is None else f"{tally.percent}%"
    unit = "と".join(tally.unit) if set(tally.unit) <= set(UNIT_WORDS.values()) else tally.unit
    match part:
        case "percent":
            return percent
        case "count":
            return str(tally.count)
        case "base":
            return str(tally.base)
    return f"{percent}（{tally.base}の{unit}のうち{tally.count}）"


def english_day(day: date) -> str:
    with override("en"):
        return str(format_day(day, "j F Y"))


EASY = Language(
    slug="easy",
    locale="ja-easy",
    html="ja",
    own_name="やさしい日本語",
    name="やさしい日本語の要約",
    quote=quote_plainly,
    day=lambda day: f"{day.year}年{day.month}月{day.day}日",
    fiscal_year=lambda year: f"{year}年度（{year}年4月から{year + 1}年3月まで）",
    has_ruby=True,
)
ENGLISH = Language(
    slug="en",
    locale="en",
    html="en",
    own_name="English",
    name="英語の要約",
    quote=quote_in_english,
    day=english_day,
    fiscal_year=lambda year: f"Fiscal year {year} (April {year} – March {year + 1})",
)
LANGUAGES = (EASY, ENGLISH)
BY_SLUG = {each.slug: each for each in LANGUAGES}
BY_KIND = {each.kind: each for each in LANGUAGES}
