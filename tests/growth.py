"""A council with many years behind it, for what must not grow with them."""

from datetime import date

from council.models import AnnualReport, ReportSection
from meetings.models import AgendaItem, Attendance, Meeting, MinuteEntry
from members.models import CouncilYear, Membership, Organization
from surveys.models import CountedChoice
from tests import factories
from tests.publishing import publish


def earlier_years(latest: CouncilYear, count: int) -> list[CouncilYear]:
    """Years before ``latest`` with its roster, a meeting, a survey and a published report each."""
    roster = list(Membership.objects.filter(council_year=latest).exclude(role="chair"))
    bodies = list(Organization.objects.filter(departments__memberships__in=roster).distinct())
    made = []
    for number in range(latest.year - count, latest.year):
        year = factories.council_year(council=latest.council, year=number)
        Membership.objects.bulk_create(
            Membership(council_year=year, department=row.department) for row in roster
        )
        meeting = Meeting.objects.create(
            council_year=year,
            number=1,
            held_on=date(number, 6, 1),
            status="held",
            is_announced=True,
            record_status="published",
        )
        item = AgendaItem.objects.create(meeting=meeting, title=f"{number}年の議題")
        MinuteEntry.objects.create(meeting=meeting, agenda_item=item, kind="report", body="報告した。")
        Attendance.objects.bulk_create(
            Attendance(meeting=meeting, organization=body, status="present") for body in bodies
        )
        survey = factories.survey(year, status="closed", results_public=True)
        question = factories.question(survey, "はい", "いいえ", disclosure="public")
        indicator = factories.indicator(survey, key="online")
        CountedChoice.objects.get_or_create(indicator=indicator, choice=question.choices.first())
        for index, body in enumerate(body for body in bodies if body.is_municipality):
            target = factories.target(survey, organization=body)
            if index < 9:
                factories.submitted(target, question.choices.first())
        report = AnnualReport.objects.create(council_year=year)
        ReportSection.objects.create(report=report, kind="outcomes", position=1, body="{online}でした。")
        publish(report)
        made.append(year)
    return made
