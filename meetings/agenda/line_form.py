"""The lines of a proposed agenda as a form: each beside the line that it was read from."""

from typing import Any

from django import forms

from meetings.agenda.details import document_names
from meetings.agenda.lines import ProposedLine
from meetings.models import AgendaItem
from members.common.text.cleaning import compatible

MAX_LINES = 100
MAX_PAPERS = 20


class LineForm(forms.ModelForm):
    """One line; without a title it is none, and is not saved."""

    documents = forms.CharField(
        label="資料番号",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"size": 12}),
    )
    # What the line was read from, and what is doubtful about it, to be shown again after an error.
    source = forms.CharField(widget=forms.HiddenInput, max_length=2000, required=False, strip=False)
    doubts = forms.CharField(widget=forms.HiddenInput, max_length=2000, required=False)

    class Meta:
        model = AgendaItem
        fields = ["level", "label", "title", "kind", "presenter", "start_time", "minutes"]
        widgets = {
            "label": forms.TextInput(attrs={"size": 6}),
            "title": forms.TextInput(attrs={"size": 60}),
            "presenter": forms.TextInput(attrs={"size": 16}),
            "start_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "minutes": forms.NumberInput(attrs={"class": "position"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("level", "kind", "title"):
            self.fields[name].required = False

    def has_changed(self) -> bool:
        return bool(str(self["title"].value() or "").strip())

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or AgendaItem.Kind.ITEM

    def clean_level(self) -> int:
        return int(self.cleaned_data["level"] or 0)

    def clean_documents(self) -> list[str]:
        """The papers of a line, each by its full number."""
        names = document_names(compatible(self.cleaned_data["documents"]))
        if len(names) > MAX_PAPERS:
            raise forms.ValidationError(f"資料番号は{MAX_PAPERS}件までにしてください。")
        if long := [name for name in names if len(name) > 20]:
            raise forms.ValidationError(f"資料番号「{long[0]}」が長すぎます。20文字までにしてください。")
        return names

    @property
    def doubt_lines(self) -> list[str]:
        return str(self["doubts"].value() or "").split("\n") if self["doubts"].value() else []


class BaseLineFormSet(forms.BaseFormSet):
    def clean(self) -> None:
        if not any(form.has_changed() for form in self.forms):
            raise forms.ValidationError("議題を1つ以上入力してください。")


LineFormSet = forms.formset_factory(
    LineForm,
    formset=BaseLineFormSet,
    extra=3,
    max_num=MAX_LINES,
    absolute_max=MAX_LINES + 3,
    validate_max=True,
)


def as_initial(line: ProposedLine) -> dict[str, Any]:
    """A line as the form shows it first."""
    return {
        "level": line.level,
        "label": line.label,
        "title": line.title,
        "kind": line.kind,
        "presenter": line.presenter,
        "start_time": line.start_time,
        "minutes": line.minutes,
        "documents": "、".join(line.documents),
        "source": line.source,
        "doubts": "\n".join(line.doubts),
    }
