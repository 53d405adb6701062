"""Forms of the admin that merge what somebody else saved after the page was opened."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.safestring import SafeString

from members.common.merging import Shown, digest, is_same, merge_fields, read_digests, write_digests
from members.common.text.eras import format_time

ROWS_CHANGED = (
    "この画面を開いた後に、ほかの人が内容を変えました。まだ何も保存していません。"
    "画面を開き直し、今の内容を確かめてから直してください。"
)


class UnseenBox(forms.BoundField):
    """Nobody sees the box, so nothing names it: a label has to be that of a box that is seen."""

    def label_tag(self, *args: Any, **kwargs: Any) -> SafeString:
        return SafeString("")


class SeenField(forms.CharField):
    """What a page showed, as digests in a hidden box."""

    widget = forms.HiddenInput
    bound_field_class = UnseenBox


class SeenForm(forms.ModelForm):
    """Carries digests of what its page showed, and merges with what was saved since, field by field.

    What only somebody else changed is taken; what both changed is shown with both values. Rows of
    a relation on the same page (``relations``) are not merged: once they changed, nothing is saved.
    Its admin locks the record and shows ``seen`` among the fields (see ``members.common.admin.seen``).
    """

    seen = SeenField(required=False)
    # What else stands on the page: a relation's name and the fields of its rows.
    relations: ClassVar[dict[str, tuple[str, ...]]] = {}
    rows_changed = ROWS_CHANGED
    # Whether a page must say what it showed; a form of many screens takes what comes without.
    is_strict = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [name for name in self.fields if name in self.initial]
        if not self.instance.pk:
            return
        self.stored = {name: plain(self.initial[name]) for name in self.names}
        self.seen_rows = rows_digest(self.instance, self.relations)
        self.fields["seen"].initial = f"{write_digests(self.stored)} *={self.seen_rows}"
        self.conflicts: dict[str, Any] = {}
        self.says_what_it_showed = self.is_bound and (self.is_strict or self.add_prefix("seen") in self.data)
        if self.says_what_it_showed:
            self.merge()

    def merge(self) -> None:
        """Put in place of what was posted what only somebody else changed."""
        self.seen_digests = read_digests(str(self["seen"].data or ""))
        base = {name: Shown(value) for name, value in self.seen_digests.items()}
        posted = {name: self.posted(name) for name in self.names if not self.fields[name].disabled}
        merged = merge_fields(base, posted, self.stored)
        self.conflicts = merged.conflicts
        self.data: Any = self.data.copy()
        for name, mine in posted.items():
            if name not in merged.conflicts and not is_same(merged.values.get(name), mine):
                self.put(name, self.initial[name])

    def posted(self, name: str) -> Any:
        """What was posted, as it would be stored; as typed where that is impossible."""
        try:
            value = self.fields[name].clean(self[name].data)
        except ValidationError:
            value = self[name].data
        return plain(value)

    def put(self, name: str, value: Any) -> None:
        """As if this had been posted."""
        widget, prefixed = self.fields[name].widget, self.add_prefix(name)
        if isinstance(widget, forms.MultiWidget):
            for number, part in enumerate(widget.decompress(value) or []):
                self.data[f"{prefixed}_{number}"] = part
        elif isinstance(widget, forms.CheckboxInput):
            self.data.pop(prefixed, None)
            self.data.update({prefixed: "on"} if value else {})
        elif isinstance(value, list | tuple | models.QuerySet):
            self.data.setlist(prefixed, [str(each) for each in plain(value)])
        elif value is None or isinstance(self.fields[name], forms.ChoiceField):
            self.data[prefixed] = "" if value is None else str(plain(value))
        else:
            self.data[prefixed] = widget.format_value(value)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not (self.instance.pk and self.says_what_it_showed):
            return cleaned
        if self.seen_digests.get("*") != self.seen_rows:
            raise ValidationError(self.rows_changed)
        for name, theirs in self.conflicts.items():
            self.add_error(name, self.conflict_sentence(name, theirs))
        if self.conflicts:
            # Shown again, the page has both values before the reader: saving is then a decision.
            self.data[self.add_prefix("seen")] = self.fields["seen"].initial
        return cleaned

    def conflict_sentence(self, name: str, theirs: Any) -> str:
        field = self.fields[name]
        if isinstance(theirs, list):
            raw = self.initial[name]
            theirs = "、".join(str(each) for each in raw)
        elif isinstance(self.initial[name], datetime):
            theirs = format_time(self.initial[name])
        elif isinstance(field, forms.ModelChoiceField) and theirs:
            theirs = field.queryset.filter(pk=theirs).first() if field.queryset is not None else theirs
        elif isinstance(field, forms.ChoiceField):
            labels: Any = field.choices
            theirs = dict(labels).get(theirs, theirs)
        elif isinstance(theirs, bool):
            theirs = "はい" if theirs else "いいえ"
        return (
            f"この画面を開いた後に、ほかの人が「{theirs or '（空）'}」に変えました。"
            "まだ何も保存していません。"
            "どちらにするか確かめて、もう一度保存してください。"
        )


def plain(value: Any) -> Any:
    """A value as it is compared: records by their ids, moments to the second, as forms show them."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, models.QuerySet | list | tuple):
        return sorted((plain(each) for each in value), key=str)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(microsecond=0).isoformat()
    return value


def rows_digest(record: models.Model, relations: dict[str, tuple[str, ...]]) -> str:
    """What a form shows of a stored record's relations, as one short value."""
    shown = [
        (relation, [list(row) for row in rows.values_list("pk", *names)])
        for relation, names in relations.items()
        if (rows := getattr(record, relation).order_by("pk", *names)) is not None
    ]
    return digest([record.pk, shown])[:24]
