"""Filters that give a template the picture of a figure, or none."""

from collections.abc import Iterable

from django import template

from council.report.counts import CountTable
from council.report.pictures import (
    CellField,
    ShareBar,
    TrendLine,
    cell_field,
    line_through,
    share_bar,
    trend_line,
)
from council.report.trends import Trend, TrendPoint
from surveys.results.indicator_tallies import Tally

register = template.Library()


@register.filter
def cells(tally: Tally) -> CellField | None:
    return cell_field(tally.count, tally.base)


@register.filter
def shares(table: CountTable) -> ShareBar | None:
    return share_bar(table)


@register.simple_tag
def line_of(trend: Trend, figure: Tally, year: int) -> TrendLine | None:
    return trend_line(trend, figure, year)


@register.filter
def line_through_points(points: Iterable[TrendPoint]) -> TrendLine | None:
    return line_through([(point.year, point.percent, point.breaks) for point in points])
