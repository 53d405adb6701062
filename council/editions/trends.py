"""Figures over a council's years, from the editions in force."""

from collections import defaultdict
from dataclasses import dataclass, replace

from council.editions.reading import reports_of
from council.report.build import MeetingRecord, Report
from council.report.imprint import Printed
from council.report.trends import Observation, Trend, TrendPoint, points_of


def with_trends(report: Report) -> Report:
    """A report with what its figures were in earlier years, as published by now."""
    earlier = {year: found for year, found in reports_of(report.slug).items() if year < report.year}
    found = observations(earlier)
    own = observed(report, 0)
    trends = []
    for figure in report.figures:
        rows = [*found.get(figure.key, []), *(row for row in own if row.tally.key == figure.key)]
        points = points_of(rows)
        if len(points) > 1:
            trends.append(Trend(figure.key, points[:-1], points[-1].breaks))
    return replace(report, trends=tuple(trends))


def observations(reports: dict[int, Printed]) -> dict[str, list[Observation]]:
    """Each figure of some reports, by its key, year by year."""
    found: dict[str, list[Observation]] = defaultdict(list)
    for printed in reports.values():
        for row in observed(printed.report, printed.imprint.number):
            found[row.tally.key].append(row)
    return found


def observed(report: Report, edition: int) -> list[Observation]:
    return [
        Observation(report.year, edition, figure, detail)
        for figure in report.figures
        if (detail := report.detail(figure.key))
    ]


@dataclass(frozen=True, slots=True)
class Series:
    """A figure over all public years of a council; ``name`` is what it is called in the latest."""

    key: str
    name: str
    points: tuple[TrendPoint, ...]


@dataclass(frozen=True, slots=True)
class Participation:
    """An organization over a council's public years: by year, how many meetings it attended, of how many."""

    code: str
    name: str
    years: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A council's public years side by side."""

    years: tuple[int, ...]
    series: tuple[Series, ...]
    participation: tuple[Participation, ...]


def compare_years(slug: str) -> Comparison:
    """Figures and participation of every public report of a council."""
    reports = reports_of(slug)
    series = [
        Series(key, rows[-1].tally.name, points_of(rows)) for key, rows in observations(reports).items()
    ]
    return Comparison(tuple(reports), tuple(series), participation(reports))


def participation(reports: dict[int, Printed]) -> tuple[Participation, ...]:
    """Who took part in which year: in its roster, and in how many of its recorded meetings."""
    names: dict[str, str] = {}
    cells: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for year, printed in reports.items():
        report = printed.report
        for row in report.roster.organizations:
            names[row.code] = row.name
            cells[row.code].append((year, attended(row.code, report.meetings)))
    return tuple(
        Participation(code, names[code], filled(found, tuple(reports)))
        for code, found in sorted(cells.items())
    )


def filled(cells: list[tuple[int, str]], years: tuple[int, ...]) -> tuple[tuple[int, str], ...]:
    known = dict(cells)
    return tuple((year, known.get(year, "-")) for year in years)


def attended(code: str, meetings: tuple[MeetingRecord, ...]) -> str:
    """「3回中2回」; 「参加」 where no attendance of the organization was recorded."""
    told = [row.status for meeting in meetings for row in meeting.attendances if row.code == code]
    if not told:
        return "参加"
    return f"{len(told)}回中{sum(status != '欠席' for status in told)}回"
