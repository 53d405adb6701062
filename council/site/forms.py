"""Forms of the public pages."""

from typing import Any

from django import forms

from council.search.engine import SOURCES, Filters
from meetings.models import MinuteEntry
from members.common.text.eras import format_fiscal_year
from members.models import Council, CouncilYear, Organization


class SearchForm(forms.Form):
    """What to look for and where; a wrong filter is as good as none."""

    q = forms.CharField(label="探す言葉", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    council = forms.ChoiceField(label="検討会議", required=False)
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None)
    record = forms.ChoiceField(
        label="記録の種類",
        required=False,
        choices=[("", "すべて"), *((source.record, source.label) for source in SOURCES)],
    )
    kind = forms.ChoiceField(
        label="議事概要の種別", required=False, choices=[("", "すべて"), *MinuteEntry.Kind.choices]
    )
    organization = forms.ChoiceField(label="発言した団体", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = CouncilYear.objects.public().order_by("-year").values_list("year", flat=True).distinct()
        for name, choices in (
            ("council", Council.objects.public().values_list("slug", "name")),
            ("year", [(year, format_fiscal_year(year)) for year in years]),
            ("organization", Organization.objects.public().order_by("code").values_list("code", "name")),
        ):
            field: Any = self.fields[name]
            field.choices = [("", "すべて"), *choices]

    def filters(self) -> Filters:
        """The filters that were understood."""
        self.is_valid()
        names = ("council", "year", "record", "kind", "organization")
        return Filters(**{name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)})
