"""Forms that refuse to overwrite what somebody else saved after the page was opened."""

import hashlib
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models


class SeenForm(forms.ModelForm):
    """Carries a fingerprint of what its page showed, and is saved only while that still stands.

    Its admin locks the record (``LockedAdmin``), and shows ``seen`` among the fields.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    # What else stands on the page: a relation's name and the fields of its rows.
    parts: ClassVar[dict[str, tuple[str, ...]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state = fingerprint(self.instance, self.parts) if self.instance.pk else ""
        self.fields["seen"].initial = self.state

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.instance.pk and cleaned.get("seen") != self.state:
            raise ValidationError(
                "この画面を開いた後に、ほかの人が内容を変えました。まだ何も保存していません。"
                "画面を開き直し、今の内容を確かめてから直してください。"
            )
        return cleaned


def fingerprint(record: models.Model, parts: dict[str, tuple[str, ...]]) -> str:
    """What a form shows of a stored record and its parts, as one short value."""
    fields = [field.name for field in record._meta.concrete_fields if field.editable]
    shown: list[Any] = list(type(record)._default_manager.filter(pk=record.pk).values_list("pk", *fields))
    for relation, names in parts.items():
        rows = getattr(record, relation).order_by("pk", *names)
        shown.append((relation, list(rows.values_list("pk", *names))))
    return hashlib.sha256(repr(shown).encode()).hexdigest()
