"""A field for the mail address of a person of a body."""

from typing import Any

from django import forms

from members.common.text.cleaning import half_width, printable

FOREIGN = "半角の英数字と記号だけのアドレスを入力してください。見た目の似た別の文字が混じっています。"


class AddressField(forms.EmailField):
    """An address as people of an office have it; letters that only look like others are refused.

    Full-width letters, as an input method leaves them, are read as what was meant.
    """

    default_error_messages = {
        "invalid": "メールアドレスとして使えません（例: kikaku@city.example.lg.jp）。確かめてください。"
    }

    def to_python(self, value: Any) -> str:
        address = half_width(printable(super().to_python(value) or "")).strip()
        if not address.isascii():
            raise forms.ValidationError(FOREIGN, code="foreign")
        return address
