"""The lines of a meeting's agenda under its form."""

from typing import Any

from django import forms

from meetings.models import AgendaItem

# What a new row has before anybody has typed into it.
GIVEN = {"kind", "level"}


class AgendaItemForm(forms.ModelForm):
    """One line of an agenda; a new one that says nothing is none, whatever its kind."""

    class Meta:
        model = AgendaItem
        fields = ["position", "level", "label", "title", "kind", "presenter", "start_time", "minutes"]
        widgets = {
            "start_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "label": forms.TextInput(attrs={"size": 8}),
            "title": forms.TextInput(attrs={"size": 48}),
            "presenter": forms.TextInput(attrs={"size": 18}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in GIVEN & set(self.fields):
            self.fields[name].required = False

    def has_changed(self) -> bool:
        if self.instance.pk:
            return super().has_changed()
        return bool(set(self.changed_data) - GIVEN)

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or AgendaItem.Kind.ITEM

    def clean_level(self) -> int:
        return int(self.cleaned_data["level"] or 0)
