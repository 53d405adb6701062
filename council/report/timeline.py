"""A council's year as a picture: its meetings as marks, its surveys as bars, from April to March."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from meetings.models import Meeting
from members.common.text.eras import format_date
from members.models import CouncilYear
from surveys.models import Survey

# The line from the first to the last day; beside it there is room for half a mark.
LENGTH, EDGE, MEETINGS_AT, ROW, BAR = 660, 20, 22, 16, 10
# A survey of one day is still seen.
NARROWEST = 6


@dataclass(frozen=True, slots=True)
class Tick:
    """Where a month begins; every third is named."""

    month: int
    x: float

    @property
    def is_named(self) -> bool:
        return self.month % 3 == 1


@dataclass(frozen=True, slots=True)
class Row:
    """A meeting or a survey, in words and where it stands."""

    kind: str
    label: str
    url: str
    when: str
    start: date
    x: float
    # Of a survey: how long its bar is, and how far below the meetings.
    width: float = 0
    y: float = MEETINGS_AT
    is_held: bool = True


@dataclass(frozen=True, slots=True)
class Timeline:
    """What there is of a year, by day; never without anything."""

    meetings: tuple[Row, ...]
    surveys: tuple[Row, ...]
    # Surveys of the year of which nobody kept when they were open: told, and not drawn.
    undated: tuple[Row, ...]
    ticks: tuple[Tick, ...]

    @property
    def rows(self) -> list[Row]:
        return [*sorted((*self.meetings, *self.surveys), key=lambda row: row.start), *self.undated]

    @property
    def has_planned(self) -> bool:
        return not all(row.is_held for row in self.meetings)

    @property
    def width(self) -> int:
        return LENGTH + 2 * EDGE

    @property
    def height(self) -> int:
        return MEETINGS_AT + ROW * (len(self.surveys) + 1) + 24


def year_timeline(
    year: CouncilYear, meetings: Iterable[Meeting], surveys: Iterable[Survey]
) -> Timeline | None:
    """The year with these records; None where none of them falls into it."""
    first, last = year.date_range

    def place(day: date) -> float:
        part = (min(max(day, first), last) - first).days / (last - first).days
        return round(EDGE + LENGTH * part, 1)

    marks = tuple(meeting_row(year, each, place(each.held_on)) for each in meetings)
    bars: list[Row] = []
    undated: list[Row] = []
    for survey in surveys:
        start, end = days_of(survey)
        url = reverse("survey-results", args=[year.council.slug, survey.council_year.year, survey.key])
        if start is None:
            if survey.council_year_id == year.pk:
                undated.append(Row("アンケート", survey.title, url, "受付の時期は記録がありません", last, 0))
            continue
        if start > last or (end or start) < first:
            continue
        x = place(start)
        width = max(place(end) - x, NARROWEST) if end else NARROWEST
        y = MEETINGS_AT + ROW * (len(bars) + 1)
        bars.append(Row("アンケート", survey.title, url, period_words(start, end, last), start, x, width, y))
    if not (marks or bars or undated):
        return None
    months = [date(first.year + (month < 4), month, 1) for month in (*range(4, 13), *range(1, 4))]
    return Timeline(marks, tuple(bars), tuple(undated), tuple(Tick(day.month, place(day)) for day in months))


def meeting_row(year: CouncilYear, meeting: Meeting, x: float) -> Row:
    url = reverse("meeting", args=[year.council.slug, year.year, meeting.number])
    is_held = meeting.status == Meeting.Status.HELD
    state = "" if is_held else f"（{meeting.get_status_display()}）"
    when = f"{format_date(meeting.held_on)}{state}"
    return Row("会議", meeting.label, url, when, meeting.held_on, x, is_held=is_held)


def days_of(survey: Survey) -> tuple[date | None, date | None]:
    """The first and the last day on which answers were taken, as far as they are known."""
    start = timezone.localdate(survey.opened_at) if survey.opened_at else None
    # Closed at midnight is closed with the day before.
    end = timezone.localdate(survey.closes_at - timedelta(seconds=1)) if survey.closes_at else None
    return start, end


def period_words(start: date, end: date | None, last: date) -> str:
    if end is None:
        return f"{format_date(start)}から（締切未定）"
    if start == end:
        return format_date(start)
    return f"{format_date(start)}から{format_date(end)}まで{'（翌年度へ続く）' if end > last else ''}"
