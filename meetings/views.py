"""The public page of a meeting."""

from collections.abc import Iterable

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from meetings.models import Attendance, Material, Meeting, MinuteEntry
from members.visibility import visible_to


def meeting(request: HttpRequest, slug: str, year: int, number: int) -> HttpResponse:
    """Show a meeting: its agenda, and its minutes and attendance once they are public."""
    meeting = get_object_or_404(
        visible_to(request.user, Meeting)
        .select_related("council_year__council")
        .prefetch_related(
            "agenda_items",
            Prefetch("materials", visible_to(request.user, Material), to_attr="shown_materials"),
        ),
        council_year__council__slug=slug,
        council_year__year=year,
        number=number,
    )
    entries = visible_to(request.user, MinuteEntry).filter(meeting=meeting)
    attendances = visible_to(request.user, Attendance).filter(meeting=meeting).exclude(status="")
    return render(
        request,
        "meetings/meeting.html",
        {
            "meeting": meeting,
            "council_year": meeting.council_year,
            "council": meeting.council_year.council,
            "entries": entries.select_related("agenda_item"),
            "attendance_groups": group_attendances(attendances.select_related("organization")),
            "siblings": visible_to(request.user, Meeting)
            .filter(council_year=meeting.council_year)
            .order_by("number")
            .values("number", "held_on"),
            "is_preview": not (meeting.is_visible and meeting.council_year.is_visible),
            "is_record_preview": not meeting.has_public_record,
        },
    )


def group_attendances(attendances: Iterable[Attendance]) -> list[tuple[str, list[str]]]:
    """Group organizations by how they took part, leaving out the ways nobody did."""
    groups: dict[str, list[str]] = {label: [] for label in Attendance.Status.labels}
    for attendance in attendances:
        groups[attendance.get_status_display()].append(attendance.organization.name)
    return [(label, names) for label, names in groups.items() if names]
