"""The public pages of meetings: a year's list, one meeting, its history."""

import itertools
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.safestring import SafeString

from meetings.minutes.by_item import by_item
from meetings.models import Attendance, Material, Meeting, MinuteEntry, RecordRevision
from meetings.record.attendance import grouped
from meetings.record.snapshot import compare
from meetings.signals import meeting_shown
from members.common.visibility import visible_to
from members.common.web.linked_data import linked_data
from members.models import CouncilYear


def find_meeting(request: HttpRequest, slug: str, year: int, number: int) -> Meeting:
    """The meeting of an address, if this visitor may see it."""
    meetings = visible_to(request.user, Meeting).select_related("council_year__council")
    return get_object_or_404(
        meetings, council_year__council__slug=slug, council_year__year=year, number=number
    )


def page(meeting: Meeting, **context: Any) -> dict[str, Any]:
    """What every page of a meeting shows."""
    council_year = meeting.council_year
    return {
        "meeting": meeting,
        "council_year": council_year,
        "council": council_year.council,
        "is_preview": not (meeting.is_visible and council_year.is_visible),
        **context,
    }


def meeting_list(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    """List a year's meetings with what each decided."""
    council_year = get_object_or_404(
        visible_to(request.user, CouncilYear).select_related("council"), council__slug=slug, year=year
    )
    decisions = visible_to(request.user, MinuteEntry).filter(kind=MinuteEntry.Kind.DECISION)
    meetings = (
        visible_to(request.user, Meeting)
        .filter(council_year=council_year)
        .prefetch_related("agenda_items", Prefetch("minute_entries", decisions, to_attr="decisions"))
        .order_by("number")
    )
    context = {
        "meetings": meetings,
        "council_year": council_year,
        "council": council_year.council,
        "is_preview": not council_year.is_visible,
    }
    return render(request, "meetings/list.html", context)


def meeting(request: HttpRequest, slug: str, year: int, number: int) -> HttpResponse:
    """Show a meeting: its agenda, and its minutes and attendance once they are public."""
    meeting = find_meeting(request, slug, year, number)
    entries = visible_to(request.user, MinuteEntry).filter(meeting=meeting)
    attendances = visible_to(request.user, Attendance).filter(meeting=meeting).exclude(status="").with_names()
    materials = visible_to(request.user, Material).filter(meeting=meeting)
    siblings = list(
        visible_to(request.user, Meeting)
        .filter(council_year=meeting.council_year)
        .order_by("number")
        .values_list("number", flat=True)
    )
    place = siblings.index(meeting.number)
    agenda = list(meeting.agenda_items.order_by("position", "pk"))
    told = list(entries.order_by("position", "pk"))
    context = page(
        meeting,
        agenda_items=agenda,
        entries=told,
        minutes=by_item(agenda, told),
        attendance_groups=[
            group for group in grouped(attendances.select_related("organization")) if group.names
        ],
        materials=materials.prefetch_related("versions", "agenda_items").order_by("position", "pk"),
        has_files=materials.public().filter(versions__isnull=False).exists(),
        corrections=RecordRevision.objects.public()
        .filter(meeting=meeting)
        .exclude(reason="")
        .defer("content"),
        previous=siblings[place - 1] if place else None,
        next=siblings[place + 1] if place + 1 < len(siblings) else None,
        notes=[note for _, note in meeting_shown.send(sender=Meeting, meeting=meeting) if note],
        linked_data=about(meeting),
        is_record_preview=not meeting.has_public_record,
    )
    return render(request, "meetings/meeting.html", context)


def about(meeting: Meeting) -> SafeString:
    """The meeting as an event, for search engines."""
    day = meeting.held_on
    start = (
        datetime.combine(day, meeting.start_time, timezone.get_default_timezone())
        if meeting.start_time
        else day
    )
    is_online = meeting.mode == Meeting.Mode.ONLINE
    return linked_data(
        {
            "@type": "Event",
            "name": f"{meeting.council_year.council.name} {meeting.council_year.label} {meeting.label}",
            "inLanguage": "ja",
            "startDate": start.isoformat(),
            "eventStatus": "https://schema.org/"
            + ("EventCancelled" if meeting.status == Meeting.Status.CANCELLED else "EventScheduled"),
            "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode" if is_online else None,
            "location": {"@type": "Place", "name": meeting.place} if meeting.place else None,
            "organizer": {"@type": "Organization", "name": meeting.council_year.council.name},
        }
    )


def history(request: HttpRequest, slug: str, year: int, number: int) -> HttpResponse:
    """Show what each correction of a public record changed; the earlier text stays readable."""
    meeting = find_meeting(request, slug, year, number)
    states = list(RecordRevision.objects.public().filter(meeting=meeting).order_by("number"))
    if not states:
        raise Http404
    steps = [(after, compare(before.content, after.content)) for before, after in itertools.pairwise(states)]
    return render(request, "meetings/history.html", page(meeting, first=states[0], steps=steps[::-1]))
