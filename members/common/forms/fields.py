"""Form fields that read what Japanese offices type."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from members.common.text.eras import parse_date


class WrittenDateField(forms.DateField):
    """A day as offices write it: 2026-11-23, 2026/11/23, 令和8年11月23日（月）, R8.11.23."""

    default_error_messages = {
        "invalid": (
            "日付を「2026-11-23」や「令和8年11月23日」のように入力してください。"
            "曜日を添えるときは、日付と合わせてください。"
        )
    }

    def to_python(self, value: Any) -> date | None:
        if not isinstance(value, str):
            return super().to_python(value)
        if not value.strip():
            return None
        try:
            return parse_date(value)
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


def moment_field(label: str, *, required: bool = True) -> forms.SplitDateTimeField:
    """A day and a time, as the browser's own boxes ask for them."""
    return forms.SplitDateTimeField(
        label=label,
        required=required,
        widget=forms.SplitDateTimeWidget(
            date_attrs={"type": "date", "aria-label": f"{label}の日"},
            time_attrs={"type": "time", "aria-label": f"{label}の時刻"},
            date_format="%Y-%m-%d",
            time_format="%H:%M",
        ),
        error_messages={"required": "日付と時刻を入力してください。"},
    )
