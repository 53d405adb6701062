"""Checking editions: the public list of their hashes, and what differs from one kept elsewhere."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.urls import reverse

from council.models import ReportEdition
from members.common.models.editions import Edition
from members.common.publication.seal import chain_faults, sealed
from surveys.models import ResultsEdition, Survey

# Every kind of edition there is, with the path to its council year.
KINDS: tuple[tuple[type[Edition], str], ...] = (
    (ReportEdition, "report__council_year__council"),
    (ResultsEdition, "survey__council_year__council"),
)


def public_editions() -> list[Any]:
    """Every edition that the public can read, without its content, record by record."""
    reports = ReportEdition.objects.public().select_related(KINDS[0][1]).defer("content")
    results = ResultsEdition.objects.filter(survey__in=Survey.objects.public())
    results = results.select_related(KINDS[1][1]).defer("content", "contributions")
    return [*reports.order_by("report", "number"), *results.order_by("survey", "number")]


def address_of(edition: Any) -> str:
    """The page of an edition; of results, that of their survey."""
    if isinstance(edition, ReportEdition):
        return edition.get_absolute_url()
    year = edition.survey.council_year
    return reverse("survey-results", args=[year.council.slug, year.year, edition.survey.key])


def public_list() -> list[dict[str, Any]]:
    """The public list of editions, for a copy that is kept elsewhere."""
    return [{"address": address_of(edition), **sealed(edition)} for edition in public_editions()]


def all_faults() -> tuple[int, list[str]]:
    """How many editions there are, and what does not fit in any of them."""
    count, faults = 0, []
    for model, path in KINDS:
        rows = model._default_manager.select_related(path).order_by(model.record_field, "number")
        for _, editions in groupby(rows.iterator(), key=lambda edition: edition.record_id):
            found = list(editions)
            count += len(found)
            faults += chain_faults(found)
    return count, faults


def faults_beside(kept: Iterable[dict[str, Any]]) -> list[str]:
    """What the database no longer says of the editions in a list that was kept elsewhere."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for model, _ in KINDS:
        names = (f"{model.record_field}_id", "number", "chain_hash")
        for record, number, chain_hash in model._default_manager.values_list(*names):
            found[f"{model._meta.label_lower}/{record}"][number] = chain_hash
    faults = []
    for each in kept:
        stated = each["statement"]
        now = found[stated["record"]].get(stated["number"])
        name = f"{each.get('address', stated['record'])} 第{stated['number']}版"
        if now is None:
            faults.append(f"{name}：控えにある版が、データベースにありません。")
        elif now != each["chain_hash"]:
            faults.append(f"{name}：版のハッシュ値が、控えと違います。")
    return faults
