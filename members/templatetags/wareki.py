"""Dates and fiscal years in templates, as an office writes them."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from members.common.text.eras import format_date, format_fiscal_year, format_time, format_weekday

register = template.Library()


@register.filter
def wareki(day: date) -> SafeString:
    """A day as a <time> element: 「令和3（2021）年2月5日（金）」."""
    return format_html(
        '<time datetime="{}">{}（{}）</time>', day.isoformat(), format_date(day), format_weekday(day)
    )


@register.filter
def wareki_time(moment: datetime | None) -> SafeString | str:
    """A moment as a <time> element, to the minute; words where there is none."""
    if moment is None:
        return "未定"
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), format_time(moment)
    )


@register.filter
def wareki_second(moment: datetime) -> SafeString:
    """A moment as a <time> element, to the second: when something was handed in."""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}">{}{}秒</time>',
        local.isoformat(timespec="seconds"),
        format_time(moment),
        f"{local.second:02}",
    )


@register.filter
def nendo(year: int) -> str:
    """A fiscal year: 「令和2（2020）年度」."""
    return format_fiscal_year(year)
