"""A report with something of its own in every field, made from the types: a new field is in it by itself."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from council.report.build import Report, RosterOrganization
from members.common.snapshot import hints
from tests.factories import code

Path = tuple[str, ...]


def whole_report() -> Report:
    """Every text and number stands once; kinds and keys fit each other, so that all of it is drawn."""
    report: Report = fill(Report, count(1001))
    sections = report.sections * 3
    kinds = ("goals", "members", "meetings", "discussion", "self_evaluation")
    figures = tuple(
        replace(figure, key=f"figure-{index}", count=index + 31)
        for index, figure in enumerate(report.figures)
    )
    codes = map(code, count(24001))

    def coded(rows: tuple[RosterOrganization, ...]) -> tuple[RosterOrganization, ...]:
        return tuple(replace(row, code=next(codes)) for row in rows)

    return replace(
        report,
        slug="s",
        year=2020,
        roster=replace(
            report.roster,
            municipalities=coded(report.roster.municipalities),
            prefectures=coded(report.roster.prefectures),
            others=coded(report.roster.others),
        ),
        sections=tuple(
            replace(section, kind=kind, number=index + 501)
            for index, (section, kind) in enumerate(zip(sections, kinds, strict=False))
        ),
        figures=figures,
        details=tuple(
            replace(detail, key=figure.key) for detail, figure in zip(report.details, figures, strict=True)
        ),
        trends=tuple(
            replace(
                trend,
                key=figure.key,
                points=tuple(replace(point, year=2010 + index) for index, point in enumerate(trend.points)),
            )
            for trend, figure in zip(report.trends, figures, strict=True)
        ),
        results=tuple(replace(table, kind="grid") for table in report.results),
    )


def fill(kind: Any, numbers: Iterator[int]) -> Any:
    """A value of a type, unlike every other; of lists, two rows."""
    if get_origin(kind) in (Union, UnionType):
        return fill(next(option for option in get_args(kind) if option is not NoneType), numbers)
    if get_origin(kind) is tuple:
        return tuple(fill(get_args(kind)[0], numbers) for _ in range(2))
    if is_dataclass(kind) and isinstance(kind, type):
        known = hints(kind)
        return kind(**{field.name: fill(known[field.name], numbers) for field in fields(kind)})
    number = next(numbers)
    return {
        str: f"語{number}",
        int: number,
        bool: False,
        date: date(2000, 1, 1) + timedelta(days=number),
        datetime: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=number),
    }[kind]


def variants(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The value with one leaf of it changed, for every leaf; of lists, of their first row."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            for below, changed in variants(getattr(value, field.name), (*path, field.name)):
                yield below, replace(value, **{field.name: changed})
    elif isinstance(value, tuple):
        for below, changed in variants(value[0], path):
            yield below, (changed, *value[1:])
    else:
        yield path, changed_leaf(value)


def changed_leaf(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + 5
        case date():
            return value + timedelta(days=1)
    return f"{value}改"


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf with its path."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from leaves(getattr(value, field.name), (*path, field.name))
    elif isinstance(value, tuple):
        for row in value:
            yield from leaves(row, path)
    else:
        yield path, value
