"""Whether a deadline falls on a day when town halls are closed."""

from datetime import date, datetime, timedelta

import jpholiday
from django.utils import timezone

from members.common.text.eras import format_date, format_weekday


def day_off(day: date) -> str:
    """Why town halls are closed on a day: a holiday's name, a weekend, the turn of the year; or empty."""
    if holiday := jpholiday.is_holiday_name(day):
        return str(holiday)
    if day.weekday() >= 5:
        return "土曜日" if day.weekday() == 5 else "日曜日"
    if (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3):
        return "年末年始の休み"
    return ""


def days_off_near(moment: datetime | None) -> str:
    """A sentence for staff where a deadline falls on, or right after, days off; else empty."""
    if moment is None:
        return ""
    day = timezone.localtime(moment).date()
    written = f"{format_date(day)}（{format_weekday(day)}）"
    if reason := day_off(day):
        return f"締切の{written}は閉庁日（{reason}）です。"
    if reason := day_off(day - timedelta(days=1)):
        return f"締切の{written}は、閉庁日（{reason}）の翌日です。"
    return ""
