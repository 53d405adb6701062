"""Filters that give a template the picture of a figure, or none."""

from django import template

from council.report.counts import CountTable
from council.report.pictures import CellField, ShareBar, cell_field, share_bar
from surveys.results.indicator_tallies import Tally

register = template.Library()


@register.filter
def cells(tally: Tally) -> CellField | None:
    return cell_field(tally.count, tally.base)


@register.filter
def shares(table: CountTable) -> ShareBar | None:
    return share_bar(table)
