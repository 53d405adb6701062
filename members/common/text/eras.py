"""Japanese eras: dates and fiscal years as an office writes them."""

import re
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from members.common.text.cleaning import cell_text, half_width, printable

# First day and name, newest first. The one table every page reads.
ERAS = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1868, 1, 25), "明治"),
)
WEEKDAYS = "月火水木金土日"


def era_year(day: date) -> str:
    """Name the year of a day by its era: 「令和3」, the first one 「令和元」; before 明治 「西暦」."""
    for start, name in ERAS:
        if day >= start:
            number = day.year - start.year + 1
            return f"{name}{'元' if number == 1 else number}"
    return "西暦"


def format_date(day: date) -> str:
    """Write a day as 「令和3（2021）年2月5日」."""
    return f"{era_year(day)}（{day.year}）年{day.month}月{day.day}日"


def format_weekday(day: date) -> str:
    """Write a day's weekday as one character: 「金」."""
    return WEEKDAYS[day.weekday()]


def format_fiscal_year(year: int) -> str:
    """Write a fiscal year as 「令和2（2020）年度」.

    A fiscal year takes the era of its 31 December, so that April 2019, still 平成,
    belongs to 令和元年度 as offices write it.
    """
    if not date.min.year <= year < date.max.year:
        return f"{year}年度"
    return f"{era_year(date(year, 12, 31))}（{year}）年度"


def fiscal_year(day: date) -> int:
    """Tell the fiscal year of a day: April to March."""
    return day.year if day.month >= 4 else day.year - 1


def short_fiscal_year(year: int) -> str:
    """A fiscal year as it is typed into a sheet: 「令和2年度」."""
    return f"{era_year(date(year, 12, 31))}年度"


# 2020, 2020年度, 令和2年度, R2, 令和2(2020)年度, 2020(令和2)年度; the blanks are taken out before.
WRITTEN_YEAR = re.compile(
    r"(?:(?P<era>令和|平成|昭和|[rhs])\.?(?P<number>元|[0-9]{1,2})|(?P<year>[0-9]{4}))年?度?"
    r"(?:\([^()]{1,8}\))?年?度?"
)


def parse_fiscal_year(value: Any) -> int:
    """Read a fiscal year as offices write it, or as Excel made a day of it; raises ``ValueError``.

    A day stands for the fiscal year it lies in; 2020 in a column of days shows as 1905-07-12.
    """
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        serial = (value - date(1899, 12, 30)).days
        return serial if 1950 <= serial <= 2100 else fiscal_year(value)
    text = "".join(half_width(printable(cell_text(value))).removeprefix("'").lower().split())
    match = WRITTEN_YEAR.fullmatch(text.translate(SQUARE_ERAS).removesuffix(".0"))
    if match is None:
        return fiscal_year(parse_date(text))
    return int(match["year"]) if match["year"] else western_year(match["era"], match["number"])


def fiscal_year_range(year: int) -> tuple[date, date]:
    """First and last day of a fiscal year."""
    return date(year, 4, 1), date(year + 1, 3, 31)


def format_time(moment: datetime) -> str:
    """A moment in Japanese time, to the minute: 「令和3（2021）年2月5日（金）17時00分」."""
    local = timezone.localtime(moment)
    day = local.date()
    return f"{format_date(day)}（{format_weekday(day)}）{local.hour}時{local.minute:02}分"


# 2026-04-01, 2026/4/1, 2026.4.1, 2026年4月1日, 20260401; the year also by its era.
WRITTEN_DAY = re.compile(
    r"(?:(?P<era>[^\W\d_]{1,2})(?P<number>元|\d{1,2})|(?P<year>\d{4}))"
    r"(?:年|(?P<mark>[/.-]))(?P<month>\d{1,2})(?:(?(mark)(?P=mark)|月))(?P<day>\d{1,2})(?(mark)|日?)"
)
WRITTEN_DIGITS = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
WEEKDAY_BEHIND = re.compile(
    r"(?:\((?P<short>[月火水木金土日])(?:曜日?)?(?:[・,]?[祝休])*\)|(?P<long>[月火水木金土日])曜日?)$"
)
SQUARE_ERAS = str.maketrans({"㋿": "令和", "㍻": "平成", "㍼": "昭和", "㍽": "大正", "㍾": "明治"})
# As official notices write; 二 within 第二 or a weekday is none.
KANJI_NUMBER = re.compile(r"[〇一二三四五六七八九十]+(?=[年月日])")
ERA_LETTERS = {"r": "令和", "h": "平成", "s": "昭和", "t": "大正", "m": "明治"}


def parse_date(text: str) -> date:
    """Read a day as offices write it, also with its weekday; raises ``ValueError`` where it is none.

    A weekday that is not the day's own is refused: one of the two is a slip.
    """
    written = "".join(half_width(printable(text)).removeprefix("'").lower().split()).translate(SQUARE_ERAS)
    written = KANJI_NUMBER.sub(lambda match: str(kanji_number(match[0])), written)
    written = re.sub(r"0?0:00(:00)?$", "", written) if ":" in written else written
    weekday = WEEKDAY_BEHIND.search(written)
    if weekday:
        written = written[: weekday.start()]
    match = WRITTEN_DAY.fullmatch(written) or WRITTEN_DIGITS.fullmatch(written)
    if match is None:
        raise ValueError("no day")
    day = written_day(match.groupdict())
    if weekday and (weekday["short"] or weekday["long"]) != format_weekday(day):
        raise ValueError("another weekday")
    return day


def written_day(found: dict[str, Any]) -> date:
    """The day of a written year, month and day; raises ``ValueError`` where there is none such."""
    year = int(found["year"]) if found["year"] else western_year(found["era"], found["number"])
    day = date(year, int(found["month"]), int(found["day"]))
    if found.get("era") and not era_year(day).startswith(ERA_LETTERS.get(found["era"], found["era"])):
        raise ValueError("a day of another era")
    return day


def western_year(era: str, number: str) -> int:
    """The western year of an era's year; raises ``ValueError`` where there is none."""
    name = ERA_LETTERS.get(era, era)
    starts = {name: start.year for start, name in ERAS}
    if name not in starts or number in {"0", "00"}:
        raise ValueError("no era year")
    return starts[name] + (0 if number == "元" else int(number) - 1)


def kanji_number(text: str) -> int:
    """The number of 八, 十二, 二十三 or 二〇二六."""
    digits = {kanji: str(number) for number, kanji in enumerate("〇一二三四五六七八九")}
    tens, ten, ones = text.rpartition("十")
    if ten:
        text = (tens or "一") + (ones or "〇")
    return int("".join(digits[kanji] for kanji in text.replace("十", "")))


# A day within a sentence: 令和2年6月17日, R2.6.17, 2020/6/17, or 6月17日 alone.
DAY_IN_TEXT = re.compile(
    r"(?:(?P<era>令和|平成|昭和|[RHS])\.?\s*(?P<era_year>元|[0-9]{1,2})\s*[年./-]\s*"
    r"|(?P<year>[0-9]{4})\s*(?:\([^)]*\)\s*)?[年./-]\s*)?"
    r"(?<![0-9])(?P<month>[0-9]{1,2})\s*[月./-]\s*(?P<day>[0-9]{1,2})(?![0-9])\s*日?"
)


def find_date(text: str, year: int) -> date | None:
    """Find a day in a text; one without a year is one of the fiscal year ``year``."""
    for match in DAY_IN_TEXT.finditer(text):
        month, day = int(match["month"]), int(match["day"])
        try:
            if match["era"]:
                calendar = western_year(match["era"].lower(), match["era_year"])
            elif match["year"]:
                calendar = int(match["year"])
            else:
                first, last = fiscal_year_range(year)
                calendar = first.year if month >= first.month else last.year
            return date(calendar, month, day)
        except ValueError:
            continue
    return None


# In folded text: 令和2年, 令和2(2020)年度, 令和元年, r2; not the r2 of r2d2, and no year 0.
FOLDED_ERA_YEAR = re.compile(
    r"(?:(令和|平成|昭和|大正|明治) ?(元|0?[1-9]|[1-9][0-9])(?: ?\([0-9]{4}\))?"
    r"|(?<![a-z0-9])([rhstm])\.?(元|0?[1-9]|[1-9][0-9])(?![a-z0-9]))"
    r"(?:年|(?![0-9]))"
)
