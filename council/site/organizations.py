"""A body's page: its part in each council and year, as published where that is."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from council.editions.rosters import held_rosters, published_rosters
from council.report.build import RosterDepartment, RosterOrganization
from council.site.internal import is_static
from meetings.models import Attendance, Meeting
from members.common.visibility import Viewer, visible_to
from members.models import CouncilYear, Membership, Organization


@dataclass(slots=True)
class Part:
    """A body's part in one year: its sections by the names of the time, and its meetings."""

    year: CouncilYear
    # The name it had, where that is another than today, beside each section.
    sections: list[tuple[str, RosterDepartment]] = field(default_factory=list)
    meetings: list[Meeting] = field(default_factory=list)


def organization(request: HttpRequest, code: str) -> HttpResponse:
    """Show an organization's roles, departments and meetings, year by year, with those merged into it."""
    found = get_object_or_404(Organization, code=code)
    parts = parts_of(found.lineage(), request.user)
    if not parts and not visible_to(request.user, Organization).filter(pk=found.pk).exists():
        # A body that never stood in a public roster is named nowhere in public.
        raise Http404
    successor = found.successor
    if successor != found and visible_to(request.user, Organization).filter(pk=successor.pk).exists():
        if not is_static(request):
            # Never for good, which browsers keep: a merger entered by mistake is taken back.
            return redirect(successor)
        # A copy cannot redirect: the page of who carries on stands at the old address too.
        found = successor
        parts = parts_of(found.lineage(), request.user)
    lineage = found.lineage()
    shown = set(visible_to(request.user, Organization).filter(pk__in=[each.pk for each in lineage]))
    context = {
        "organization": found,
        "aliases": found.aliases.all(),
        "predecessors": [each for each in lineage[1:] if each in shown],
        "parts": parts,
    }
    return render(request, "organization.html", context)


def parts_of(lineage: list[Organization], viewer: Viewer) -> list[Part]:
    """The newest year first: a published year as its edition has it, another as it stands."""
    published, held = published_rosters(), held_rosters()
    parts: dict[int, Part] = {}
    codes = {each.code for each in lineage}
    years = {year.pk: year for year in visible_to(viewer, CouncilYear).select_related("council")}
    live = live_rows(lineage, years)
    for pk, year in years.items():
        place = (year.council.slug, year.year)
        rows: Iterable[RosterOrganization] = live.get(pk, [])
        if place in published:
            rows = [row for row in published[place].organizations if row.code in codes]
        elif place in held and isinstance(viewer, AnonymousUser):
            rows = []
        sections = [(row.name, each) for row in rows for each in row.departments]
        if sections:
            parts[pk] = Part(year, sections)
    add_meetings(parts, lineage, viewer)
    return sorted(parts.values(), key=lambda part: (-part.year.year, part.year.council.name))


def live_rows(
    lineage: list[Organization], years: dict[int, CouncilYear]
) -> dict[int, list[RosterOrganization]]:
    """The rows of bodies in rosters as they stand, by year (one query)."""
    rows = (
        Membership.objects.filter(department__organization__in=lineage, council_year__in=years)
        .with_names()
        .select_related("department")
        .order_by("pk")
    )
    found: dict[int, list[RosterOrganization]] = {}
    for row in rows:
        role = row.get_role_display() if row.role != Membership.Role.MEMBER else ""
        section = RosterDepartment(row.printed_department, role, "", row.post)
        body = RosterOrganization("", row.printed_organization, (section,))
        found.setdefault(row.council_year_id, []).append(body)
    return found


def add_meetings(parts: dict[int, Part], lineage: list[Organization], viewer: Viewer) -> None:
    recorded = visible_to(viewer, Attendance).filter(organization__in=lineage)
    for meeting in (
        visible_to(viewer, Meeting)
        .filter(council_year__in=list(parts))
        .select_related("council_year__council")
        .prefetch_related(Prefetch("attendances", recorded.exclude(status=""), to_attr="own_attendance"))
        .order_by("number")
    ):
        parts[meeting.council_year_id].meetings.append(meeting)
