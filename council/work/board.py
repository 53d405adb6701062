"""The secretariat's work, year by year, as one person may see it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from council.work.items import Item, YearWork
from council.work.meetings import meeting_stages
from council.work.people import Reader
from council.work.reports import report_stages
from council.work.rosters import roster_stages
from council.work.surveys import survey_stages
from members.common.remit import within
from members.common.text.eras import fiscal_year
from members.models import CouncilYear

# More timelines than this, and those in which nothing presses are folded.
MANY = 6


@dataclass(slots=True)
class Board:
    """What presses, over all years, and each year's timeline; the quiet ones of the past apart."""

    years: list[YearWork] = field(default_factory=list)
    quiet: list[YearWork] = field(default_factory=list)
    pressing: list[tuple[CouncilYear, Item]] = field(default_factory=list)


def board_for(user: Any) -> Board:
    """What somebody's roles and councils let them see; as many queries for any number of years."""
    reader = Reader(user)
    years = list(
        within(user, CouncilYear.objects.select_related("council")).order_by("-year", "council__name", "pk")
    )
    stages = []
    if reader.may("members.view_membership", "members.view_councilyear"):
        stages.append(roster_stages(years, reader))
    if reader.may("meetings.view_meeting"):
        stages.append(meeting_stages(years, reader))
    if reader.may("surveys.view_survey"):
        stages.append(survey_stages(years, reader))
    if reader.may("council.view_annualreport"):
        stages.append(report_stages(years, reader))
    board = Board()
    if not stages:
        return board
    this_year = fiscal_year(timezone.localdate())
    works = []
    for year in years:
        work = YearWork(year, [found[year.pk] for found in stages])
        if year.year > this_year:
            work.calm()
        if work.is_over(this_year):
            # Only what the public reads of it still counts.
            work.calm(but="報告書")
        works.append(work)
        board.pressing += [(year, item) for item in work.pressing()]
    is_long = sum(not work.is_past(this_year) for work in works) > MANY
    for work in works:
        is_folded = not work.pressing() if is_long else work.is_past(this_year)
        (board.quiet if is_folded else board.years).append(work)
    board.pressing.sort(key=lambda pair: (pair[1].urgency, pair[1].day or date.max))
    return board
