"""Where open data of a council year comes from: the edition in force, and what was added since."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from council.editions.reading import find, printed_of
from council.editions.rosters import NOBODY, public_roster
from council.report.build import (
    MeetingRecord,
    Roster,
    RosterOrganization,
    load_meetings,
    load_roster,
)
from council.report.imprint import Printed
from members.common.audit import last_change
from members.models import CouncilYear
from surveys.models import ResultsEdition, Survey
from surveys.results.editions import snapshot_of
from surveys.results.snapshots import ResultsSnapshot, compute_snapshots

# What may change the public records of a year without an edition.
APPS = ["members", "meetings", "surveys", "council"]


@dataclass(frozen=True)
class PublicYear:
    """A council year as open data tells of it.

    Where its report is public, what that tells is read from its edition, with the names of that
    time; meetings that the edition does not have yet are added as they stand.
    """

    year: CouncilYear

    @cached_property
    def printed(self) -> Printed | None:
        """The report in force; ``EditionFault`` where it is not what was published."""
        found = find(self.year.council.slug, self.year.year)
        return printed_of(found) if found else None

    @cached_property
    def roster(self) -> Roster:
        return public_roster(self.year) or NOBODY

    @cached_property
    def live(self) -> dict[str, RosterOrganization]:
        """The roster as it stands, by code: for what editions from before did not keep."""
        return {row.code: row for row in load_roster(self.year).organizations}

    def kana_and_kind(self, row: RosterOrganization) -> tuple[str, str]:
        now = self.live.get(row.code, row) if not row.kind else row
        return row.kana or now.kana, row.kind or now.kind

    @cached_property
    def attendances(self) -> list[tuple[str, MeetingRecord]]:
        """As :attr:`meetings`; where an edition kept only how many came, each as it stands."""
        if all(told.attendances or told.attended is None for _, told in self.meetings):
            return self.meetings
        live = {meeting.number: meeting for meeting in load_meetings(self.year, planned=True)}
        return [
            (edition, told)
            if told.attendances or told.attended is None
            else ("", live.get(told.number, told))
            for edition, told in self.meetings
        ]

    @cached_property
    def meetings(self) -> list[tuple[str, MeetingRecord]]:
        """Each meeting with the edition that tells of it; empty for those that no edition has.

        Of a meeting whose record was withdrawn, only what is public now: data goes further than a page.
        """
        withdrawn = set(self.year.meetings.withdrawn().values_list("number", flat=True))
        told = [
            meeting
            for meeting in (self.printed.report.meetings if self.printed else ())
            if meeting.number not in withdrawn
        ]
        known = {meeting.number for meeting in told}
        live = load_meetings(self.year, planned=True)
        rows = [(self.edition, meeting) for meeting in told]
        rows += [("", meeting) for meeting in live if meeting.number not in known]
        return sorted(rows, key=lambda row: row[1].number)

    @cached_property
    def results(self) -> list[tuple[Survey, str, ResultsSnapshot]]:
        """Each public survey with the edition of its results."""
        surveys = list(Survey.objects.public().filter(council_year=self.year).order_by("pk"))
        rows = ResultsEdition.objects.in_force().filter(survey__in=surveys)
        editions = {edition.survey_id: edition for edition in rows}
        live = compute_snapshots([survey for survey in surveys if survey.pk not in editions])
        return [
            (survey, f"集計結果 第{editions[survey.pk].number}版", snapshot_of(editions[survey.pk]))
            if survey.pk in editions
            else (survey, "", live[survey.pk])
            for survey in surveys
        ]

    @property
    def edition(self) -> str:
        """「年次報告書 第1版」; empty where no report is public."""
        return f"年次報告書 第{self.printed.imprint.number}版" if self.printed else ""

    def changed_at(self, rows: list[str]) -> datetime | None:
        """Since when a table is as it is; ``rows`` names the edition of each of its rows."""
        if rows and self.printed and all(row == self.edition for row in rows):
            withdrawn = self.year.meetings.withdrawn().values_list("withdrawn_at", flat=True)
            return max([self.printed.imprint.published_at, *withdrawn]).replace(microsecond=0)
        if rows and all(row.startswith("集計結果") for row in rows):
            found = ResultsEdition.objects.in_force().filter(survey__council_year=self.year)
            return max(found.values_list("published_at", flat=True)).replace(microsecond=0)
        return last_change(APPS)
