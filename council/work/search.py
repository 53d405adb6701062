"""One box for everything that somebody may open in the admin."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from council.models import AnnualReport
from meetings.models import Meeting
from members.common.text.folding import search_fold
from members.models import Council, Department, Organization
from surveys.models import Survey

# Heading, and where a word is looked for; folded columns find 髙 under 高 and ① under 1.
PLACES: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
    (Meeting, ("folded", "agenda_items__folded", "council_year__council__name")),
    (Organization, ("folded", "aliases__name")),
    (Department, ("name", "organization__folded")),
    (Survey, ("title", "key", "council_year__council__name")),
    (AnnualReport, ("council_year__council__name",)),
    (Council, ("name", "slug")),
)
MOST, LONGEST, WORDS = 10, 100, 5


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found of one kind: names with their addresses, and where the rest is."""

    title: str
    rows: list[tuple[str, str]]
    has_more: bool
    more: str


def admin_search(site: AdminSite, request: HttpRequest, text: str) -> Iterator[Hits]:
    """Records whose names hold every word, kind by kind, as far as their own lists show them."""
    words = [word for word in text[:LONGEST].split() if search_fold(word).strip()][:WORDS]
    if not words:
        return
    for model, fields in PLACES:
        screens = site._registry[model]
        if not screens.has_view_permission(request):
            continue
        rows = screens.get_queryset(request)
        for word in words:
            either = Q()
            for name in fields:
                either |= Q(**{f"{name}__contains": search_fold(word)}) | Q(**{f"{name}__icontains": word})
            rows = rows.filter(pk__in=model._default_manager.filter(either).values("pk"))
        found = list(rows[: MOST + 1])
        meta = model._meta
        name = f"admin:{meta.app_label}_{meta.model_name}"
        if found:
            links = [(str(row), reverse(f"{name}_change", args=[row.pk])) for row in found[:MOST]]
            yield Hits(str(meta.verbose_name), links, len(found) > MOST, reverse(f"{name}_changelist"))
