"""One body's part of the minutes as Word, for whoever sends it to that body."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header

from meetings.models import Meeting
from meetings.record.excerpt import excerpt, write_excerpt
from members.common.text.numbers import whole_number
from members.models import Organization
from members.trail.gathering import note_alone

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def excerpt_screen(screens: Any, request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """List the year's bodies with how many entries are theirs; send the part of the one that is asked for."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    bodies = Organization.objects.filter(departments__memberships__council_year=meeting.council_year)
    bodies = bodies.distinct().order_by("code")
    if "organization" not in request.GET:
        counts = [(body, len(excerpt(meeting, body))) for body in bodies]
        return screens.page(
            request,
            "admin/meetings/excerpt.html",
            meeting,
            title="団体別の抜粋",
            speaking=[row for row in counts if row[1]],
        )
    number = whole_number(request.GET["organization"])
    if number is None:
        raise Http404
    body = get_object_or_404(bodies, pk=number)
    note_alone(request, "団体別の抜粋の作成", f"{meeting}：{body.name}")
    response = HttpResponse(write_excerpt(meeting, body), content_type=WORD)
    year = meeting.council_year
    name = f"{year.council.slug}-{year.year}-{meeting.number}-{body.name}.docx"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response
