"""Forms of the public pages."""

from dataclasses import dataclass
from typing import Any, cast

from django import forms

from council.search.engine import SOURCES, Filters
from meetings.models import MinuteEntry
from members.common.text.eras import format_fiscal_year
from members.models import Council, CouncilYear, Organization

FILTERS = ("council", "year", "record", "kind", "organization")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter that is set."""

    name: str
    value: Any
    label: str
    words: str
    query_without: str


class SearchForm(forms.Form):
    """What to look for and where; a wrong filter is as good as none, and the page says so."""

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
        return Filters(**{each.name: each.value for each in self.chosen()})

    def chosen(self) -> list[Chosen]:
        """Each filter that is set, in words, with the query that goes on without it."""
        self.is_valid()
        found = []
        for name in FILTERS:
            value = self.cleaned_data.get(name)
            if not value:
                continue
            field: Any = self.fields[name]
            words = dict(field.choices)[value]
            found.append(Chosen(name, value, str(field.label), words, self.query_without(name)))
        return found

    def not_understood(self) -> list[str]:
        """The names of filters whose value is none that can be chosen."""
        self.is_valid()
        return [str(self.fields[name].label) for name in FILTERS if name in self.errors]

    def query_without(self, *names: str) -> str:
        """The query of this search without some of its parts; it begins at the first page."""
        kept: Any = cast(Any, self.data).copy()
        for name in (*names, "page"):
            kept.pop(name, None)
        return str(kept.urlencode())
