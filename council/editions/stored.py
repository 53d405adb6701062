"""Editions: a report as it was published."""

from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from django.utils import timezone

from council.models import AnnualReport, ReportEdition
from council.report.build import Report
from members.common.merging import digest
from members.common.publication.seal import check
from members.common.snapshot import deserialize, hints, serialize

# What goes by the clock and not by the content.
EPOCH = datetime(2000, 1, 1, tzinfo=timezone.get_fixed_timezone(0))


def report_of_edition(edition: ReportEdition) -> Report:
    """The report of an edition, as it was when it was published.

    Raises ``EditionFault`` where it is not what was published: no such content goes anywhere.
    """
    check(edition)
    report: Report = deserialize(Report, edition.content)
    return report


def latest_edition(report: AnnualReport) -> ReportEdition | None:
    """The edition that the public reads."""
    return report.editions.order_by("-number").first()


def timeless(report: Report) -> Report:
    """The report without what only tells when it was computed or published."""
    return replace(
        report,
        published_on=None,
        is_published=False,
        figures=tuple(replace(figure, as_of=EPOCH) for figure in report.figures),
    )


def hash_of(report: Report) -> str:
    """Changes with anything that a report says."""
    return digest(serialize(timeless(report)))


def in_form_of(edition: ReportEdition, report: Report) -> Report:
    """A report without what an edition from before a release could not say: a new field is no change."""
    missing: set[tuple[type, str]] = set()
    find_missing(Report, edition.content, missing)
    return without(report, missing) if missing else report


def find_missing(kind: Any, data: Any, missing: set[tuple[type, str]]) -> None:
    """The fields of a type, and of the types in it, that serialized data does not have."""
    if data is None:
        return
    if get_origin(kind) in (Union, UnionType):
        find_missing(next(each for each in get_args(kind) if each is not NoneType), data, missing)
    elif get_origin(kind) is tuple:
        for row in data:
            find_missing(get_args(kind)[0], row, missing)
    elif is_dataclass(kind) and isinstance(kind, type) and isinstance(data, dict):
        known = hints(kind)
        for field in fields(kind):
            if field.name in data:
                find_missing(known[field.name], data[field.name], missing)
            else:
                missing.add((kind, field.name))


def without(value: Any, missing: set[tuple[type, str]]) -> Any:
    """A value whose missing fields have their defaults, all through."""
    if isinstance(value, tuple):
        return tuple(without(row, missing) for row in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    kind = type(value)
    return replace(
        value,
        **{
            field.name: field.default
            if (kind, field.name) in missing
            else without(getattr(value, field.name), missing)
            for field in fields(kind)
        },
    )
