"""A search as people type it: words, phrases, exclusions, and days in whatever form."""

import re
from dataclasses import dataclass

from django.db.models import Q

from members.common.text.eras import kanji_number
from members.common.text.folding import search_fold

MAX_QUERY = 200
MAX_TERMS = 12
TOKEN = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
# 「令和 2 年 6 月 17 日」 is one word, as is a day with its weekday.
SPACED_DAY = re.compile(r"(\d|元)\s*年\s*(\d{1,2})\s*月(?:\s*(\d{1,2})\s*日)?")
SPACED_ERA = re.compile(r"(令和|平成|昭和)\s+(?=\d|元)")
WEEKDAY = re.compile(r"\(?[月火水木金土日]曜?日?\)$|\([月火水木金土日]\)$")
# In folded text: 2020-08-20, 2020.8.20, 2020/8; 10/5 has no year; 20200820.
WRITTEN = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?")
SHORT = re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})")
DIGITS = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})")
ZEROS = re.compile(r"(?<=[年月])0(?=\d)")
ORDINAL = re.compile(r"第([〇一二三四五六七八九十]+)(?=[回章条])")


@dataclass(frozen=True, slots=True)
class Query:
    """A query as understood: every group must match, by one of its words; none of ``without`` may."""

    groups: tuple[tuple[str, ...], ...] = ()
    without: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word for group in self.groups for word in group)

    def condition(self, path: str = "folded") -> Q:
        """The query as a condition on a folded column."""
        condition = Q()
        for group in self.groups:
            either = Q()
            for word in group:
                either |= contains(path, word)
            condition &= either
        for word in self.without:
            condition &= ~contains(path, word)
        return condition

    def matches(self, folded: str) -> bool:
        """Whether a folded text answers the query, as :meth:`condition` would tell."""
        return all(any(is_in(word, folded) for word in group) for group in self.groups) and not any(
            is_in(word, folded) for word in self.without
        )


def contains(path: str, word: str) -> Q:
    """A word within a column; a number at its end is the whole number: 24 is not in 242012."""
    found = Q(**{f"{path}__contains": word})
    return found & Q(**{f"{path}__regex": whole_numbers(word)}) if ends_in_digits(word) else found


def is_in(word: str, folded: str) -> bool:
    return word in folded and (not ends_in_digits(word) or bool(re.search(whole_numbers(word), folded)))


def ends_in_digits(word: str) -> bool:
    return word[:1].isdigit() or word[-1:].isdigit()


def whole_numbers(word: str) -> str:
    """A pattern for Python and PostgreSQL alike."""
    head = "(^|[^0-9])" if word[:1].isdigit() else ""
    tail = "([^0-9]|$)" if word[-1:].isdigit() else ""
    return f"{head}{re.escape(word)}{tail}"


def parse(text: str) -> Query:
    """Read a query: words are joined by AND, ``A OR B`` by OR, ``-word`` excludes, ``"…"`` is a phrase."""
    text = re.sub(r"[\x00-\x1f]", " ", text[:MAX_QUERY]).replace("　", " ")
    text = text.replace("“", '"').replace("”", '"').replace("＂", '"').replace("－", "-")
    text = SPACED_ERA.sub(r"\1", text)
    text = SPACED_DAY.sub(lambda found: re.sub(r"\s", "", found[0]), text)
    groups: list[list[str]] = []
    without: list[str] = []
    joins = False
    for minus, phrase, word in TOKEN.findall(text)[:MAX_TERMS]:
        if word == "OR" and not minus:
            joins = bool(groups)
            continue
        if word == "AND" and not minus:
            continue
        term = term_of(phrase or word)
        if not term:
            continue
        if minus:
            without.append(term)
        elif joins:
            groups[-1].append(term)
        else:
            groups.append([term])
        joins = False
    return Query(tuple(map(tuple, groups)), tuple(without))


def term_of(word: str) -> str:
    """A word as the folded columns have it; a day in any form as 「2020年8月20日」."""
    term = search_fold(word).strip()
    if not any(letter.isalnum() for letter in term):
        # Brackets and dots stand in every text, and nobody looks for them.
        return ""
    term = ORDINAL.sub(lambda found: f"第{kanji_number(found[1])}", term)
    bare = WEEKDAY.sub("", term) if "年" in term or WRITTEN.match(term) else term
    for pattern in (WRITTEN, SHORT, DIGITS):
        if found := pattern.fullmatch(bare):
            return day_words(**found.groupdict())
    return ZEROS.sub("", bare)


def day_words(month: str, day: str | None, year: str = "") -> str:
    head = f"{year}年" if year else ""
    return f"{head}{int(month)}月" + (f"{int(day)}日" if day else "")
