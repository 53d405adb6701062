"""Meetings as calendar entries: one to add, or a council's to subscribe to."""

from collections.abc import Iterable
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from icalendar import Calendar, Event

from meetings.models import Meeting
from members.common.web.addresses import public_address
from members.models import Council

STATUS = {
    Meeting.Status.PLANNED: "CONFIRMED",
    Meeting.Status.HELD: "CONFIRMED",
    Meeting.Status.CANCELLED: "CANCELLED",
}


def meeting_calendar(request: HttpRequest, slug: str, year: int, number: int) -> HttpResponse:
    """One meeting's entry; calendars hold only what is public, whoever asks."""
    meeting = get_object_or_404(
        Meeting.objects.public().select_related("council_year__council"),
        council_year__council__slug=slug,
        council_year__year=year,
        number=number,
    )
    name = f"{meeting.council_year.council.slug}-{year}-{number}"
    return respond(request, [meeting], meeting.council_year.council.name, name)


def council_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """All public meetings of a council, for a calendar program to fetch again and again."""
    council = get_object_or_404(Council.objects.public(), slug=slug)
    meetings = Meeting.objects.public().filter(council_year__council=council)
    return respond(
        request,
        meetings.select_related("council_year__council").order_by("held_on", "pk"),
        council.name,
        council.slug,
    )


def respond(request: HttpRequest, meetings: Iterable[Meeting], title: str, name: str) -> HttpResponse:
    calendar = Calendar()
    calendar.add("prodid", "-//council-portal//JP")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", title)
    for meeting in meetings:
        calendar.add_component(event_of(meeting))
    calendar.add_missing_timezones()
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{name}.ics"'
    return response


def event_of(meeting: Meeting) -> Event:
    """A meeting's entry; a later change or cancellation finds it by UID and SEQUENCE."""
    year = meeting.council_year
    event = Event()
    event.add("uid", f"{year.council.slug}-{year.year}-{meeting.number}@council-portal")
    event.add("sequence", meeting.sequence)
    # Of a meeting from before this was kept, the last change that there was.
    changed_at = meeting.schedule_changed_at or meeting.first_public_at or meeting.modified_at
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("summary", f"{year.council.name} {meeting.label}")
    event.add("status", STATUS[Meeting.Status(meeting.status)])
    if meeting.starts_at:
        event.add("dtstart", meeting.starts_at)
        event.add("dtend", meeting.ends_at or meeting.starts_at + timedelta(hours=1))
    else:
        event.add("dtstart", meeting.held_on)
    where = "、".join(filter(None, (meeting.place, meeting.get_mode_display() if meeting.mode else "")))
    if where:
        event.add("location", where)
    event.add("url", public_address(meeting.get_absolute_url()))
    return event
