"""Dates and fiscal years in templates, as an office writes them."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from members.eras import format_date, format_fiscal_year, format_weekday

register = template.Library()


@register.filter
def wareki(day: date) -> SafeString:
    """A day as a <time> element: 「令和3（2021）年2月5日（金）」."""
    return format_html(
        '<time datetime="{}">{}（{}）</time>', day.isoformat(), format_date(day), format_weekday(day)
    )


@register.filter
def wareki_time(moment: datetime) -> SafeString:
    """A moment in Japanese time, to the minute: 「令和3（2021）年2月5日（金）17時00分」."""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}">{}（{}）{}時{}分</time>',
        local.isoformat(timespec="minutes"),
        format_date(local.date()),
        format_weekday(local.date()),
        local.hour,
        f"{local.minute:02}",
    )


@register.filter
def nendo(year: int) -> str:
    """A fiscal year: 「令和2（2020）年度」."""
    return format_fiscal_year(year)
