"""A 識別名 that nobody must invent: left empty, the next free one of its kind is given."""

from typing import Any

from django import forms
from django.db.models import QuerySet

EMPTY = "空欄なら自動で付けます。"


def next_free(head: str, taken: set[str]) -> str:
    """The first of head1, head2 … that is not taken."""
    number = 1
    while f"{head}{number}" in taken:
        number += 1
    return f"{head}{number}"


class ProposedKey:
    """For a model's form: names the field, how its values begin, and among which rows it is unique."""

    key_field = "key"
    key_head = "k"
    # The foreign key below which it is unique.
    key_within = ""

    fields: dict[str, Any]
    data: Any
    instance: Any
    cleaned_data: dict[str, Any]
    # What is typed in the other rows of the same form, and was given to them.
    taken: set[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = set()
        if field := self.fields.get(self.key_field):
            field.required = False
            field.help_text = f"{field.help_text}{EMPTY}" if field.help_text else EMPTY

    def clean(self) -> Any:
        cleaned = super().clean() or self.cleaned_data  # type: ignore[misc]
        if self.key_field in self.fields and cleaned.get(self.key_field) == "":
            # One that was typed wrongly is an error of its own, and no empty one.
            cleaned[self.key_field] = self.next_key(cleaned)
        return cleaned

    def next_key(self, cleaned: dict[str, Any]) -> str:
        taken = self.taken | set(self.siblings(cleaned).values_list(self.key_field, flat=True))
        key = next_free(self.key_head, taken)
        self.taken.add(key)
        return key

    def siblings(self, cleaned: dict[str, Any]) -> QuerySet:
        """The rows whose keys are taken; none below what is not saved yet."""
        rows: QuerySet = type(self.instance)._default_manager.all()
        above = getattr(cleaned.get(self.key_within), "pk", None)
        above = above or getattr(self.instance, f"{self.key_within}_id", None)
        return rows.filter(**{self.key_within: above}) if above else rows.none()


class ProposedKeyForm(ProposedKey, forms.ModelForm):
    """A row of a part, as the admin's inlines take it."""


def share_taken(formset: Any, form: Any) -> None:
    """Let the rows of one form know each other's keys, typed and given."""
    if not isinstance(form, ProposedKey):
        return
    if not hasattr(formset, "taken_keys"):
        end = f"-{form.key_field}"
        head = f"{formset.prefix}-"
        formset.taken_keys = {
            value
            for name, value in (formset.data or {}).items()
            if name.startswith(head) and name.endswith(end) and isinstance(value, str) and value
        }
    form.taken = formset.taken_keys
