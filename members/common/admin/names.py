"""Every control of a row says what it is: a column's head is no name to a screen reader."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper


def name_controls(form: forms.BaseForm, row: int | None) -> None:
    """Name each control of a row after its column and its row; ``row`` is None for the one to be added."""
    place = "新しい行" if row is None else f"{row + 1}行目"
    for field in form.fields.values():
        name_widget(field.widget, f"{field.label}（{place}）")


def name_widget(widget: Any, name: str) -> None:
    """Name a control; buttons to choose among have their own words, and stand in a group that is named."""
    inner = widget.widget if isinstance(widget, RelatedFieldWidgetWrapper) else widget
    if inner.is_hidden or getattr(inner, "use_fieldset", False):
        return
    inner.attrs = {**inner.attrs, "aria-label": name}
    if isinstance(inner, AutocompleteSelect):
        # The box that a script puts in its place takes over these alone.
        inner.attrs |= {"title": name, "data-placeholder": f"{name}を選ぶ"}
