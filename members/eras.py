"""Japanese eras: dates and fiscal years as an office writes them."""

from datetime import date, datetime

from django.utils import timezone

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


def fiscal_year_range(year: int) -> tuple[date, date]:
    """First and last day of a fiscal year."""
    return date(year, 4, 1), date(year + 1, 3, 31)


def format_time(moment: datetime) -> str:
    """A moment in Japanese time, to the minute: 「令和3（2021）年2月5日（金）17時00分」."""
    local = timezone.localtime(moment)
    day = local.date()
    return f"{format_date(day)}（{format_weekday(day)}）{local.hour}時{local.minute:02}分"
