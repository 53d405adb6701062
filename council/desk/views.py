"""The pages of a body's desk. Whoever has its link may see and do what the body may, and no more."""

from typing import cast

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from council.desk.forms import AttendanceReplyForm, RosterReplyForm, signed
from council.desk.items import read_desk, roster_entries
from council.desk.people_views import keeps_people
from council.desk.visitors import DESKS, for_desk, hold, let_out
from meetings.models import Material, MaterialVersion, Meeting, RemarkRequest
from meetings.views.files import send_file
from members.common.access import MAX_AGE, AccessLinked, admit, dismiss
from members.common.admin.screens import posted
from members.common.web.limits import spend
from members.models import Desk
from surveys.answering.places import Place
from surveys.models import Survey, SurveyTarget
from surveys.views.answering import forget_writer

# Names what was opened from a desk in this browser, for when it is left.
OPENED, MOST_OPENED = "opened", 60


@require_safe
@never_cache
def open_desk(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange a link for the cookie of its desk; writes nothing."""
    desk = DESKS.all().with_token(token).first()
    if desk is None or not desk.link_is_good:
        spend(request, "links")
        return render(request, "no_access.html", {"is_bad_link": True}, status=404)
    return admit(redirect("desk", desk.anchor), desk)


@require_safe
@for_desk
def desk(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show everything that waits for a body, and what it has done."""
    lapsing = desk.people.in_use().to_keep_on().count() if keeps_people(desk) else 0
    context = {"desk": desk, "page": read_desk(desk), "lapsing": lapsing}
    response = render(request, "desk/desk.html", context)
    # Whoever was here before has left their chair: what they opened is not the next one's.
    return response if opened_by(request) in {"", who_of(desk)} else close_opened(request, response, desk)


@require_POST
@for_desk
def leave(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Leave a desktop that others use, with the answers that were opened from here."""
    response = let_out(request, dismiss(render(request, "desk/left.html", {"person": desk.way}), desk), desk)
    return close_opened(request, response, desk)


def close_opened(request: HttpRequest, response: HttpResponse, desk: Desk) -> HttpResponse:
    """Take back what was opened from the desk in this browser."""
    for model in (SurveyTarget, RemarkRequest):
        for linked in model.objects.filter(organization=desk.organization, anchor__in=opened_from(request)):
            dismiss(response, linked)
            if isinstance(linked, SurveyTarget):
                forget_writer(response, Place(linked))
    response.delete_cookie(OPENED, path=desk.link_path, samesite="Lax")
    return response


def who_of(desk: Desk) -> str:
    """Who is at the desk: a person of the body, or whoever has its link."""
    return str(desk.way.pk) if desk.way else "link"


def opened_by(request: HttpRequest) -> str:
    """Who opened what is open from the desk in this browser; empty where nothing is."""
    return request.COOKIES.get(OPENED, "").rpartition(":")[0]


def opened_from(request: HttpRequest) -> list[str]:
    """What was opened from the desk in this browser; their own cookies are not sent to its pages."""
    return request.COOKIES.get(OPENED, "").rpartition(":")[2].split(".")[-MOST_OPENED:]


def go_on(request: HttpRequest, desk: Desk, page: str, linked: AccessLinked) -> HttpResponse:
    """Open something of the desk's body, and remember that it was."""
    anchors = dict.fromkeys([*filter(None, opened_from(request)), linked.anchor])
    response = admit(redirect(page, linked.anchor), linked, way=desk.way or desk)
    response.set_cookie(
        OPENED,
        f"{who_of(desk)}:{'.'.join(list(anchors)[-MOST_OPENED:])}",
        max_age=MAX_AGE,
        path=desk.link_path,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


@require_safe
@for_desk
def open_survey(request: HttpRequest, desk: Desk, target: str) -> HttpResponse:
    """Go on to the body's own answer of a survey; writes nothing."""
    targets = SurveyTarget.objects.for_answering().asked().exclude(survey__status__in=Survey.NOT_ASKED)
    found = get_object_or_404(targets, anchor=target, organization=desk.organization)
    if not found.link_is_good:
        raise Http404
    return go_on(request, desk, "answer", found)


@require_safe
@for_desk
def open_remarks(request: HttpRequest, desk: Desk, remarks: str) -> HttpResponse:
    """Go on to the body's own remarks in draft minutes; writes nothing."""
    found = get_object_or_404(RemarkRequest, anchor=remarks, organization=desk.organization)
    if not found.link_is_good:
        raise Http404
    return go_on(request, desk, "remarks", found)


@require_http_methods(["GET", "HEAD", "POST"])
@for_desk
def meeting(request: HttpRequest, desk: Desk, meeting: int) -> HttpResponse:
    """Show an invitation, and take who comes until the due day."""
    invitations = Meeting.objects.inviting(desk.organization).select_related("council_year__council")
    found = get_object_or_404(invitations, pk=meeting)
    if request.method != "POST":
        return meeting_page(request, desk, found, AttendanceReplyForm(found, desk.organization))
    with transaction.atomic():
        hold(request, desk)
        Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=found.pk)
        found = get_object_or_404(invitations, pk=meeting)
        form = AttendanceReplyForm(found, desk.organization, request.POST)
        if not found.takes_replies:
            return meeting_page(request, desk, found, form, status=403)
        if not form.is_valid():
            return meeting_page(request, desk, found, form, status=422)
        signed(desk, "出欠の回答", found)
        form.save()
    return redirect(f"{reverse('desk', args=[desk.anchor])}?done=meeting")


def meeting_page(
    request: HttpRequest, desk: Desk, found: Meeting, form: AttendanceReplyForm, status: int = 200
) -> HttpResponse:
    agenda = found.agenda_items.order_by("position", "pk")
    context = {"desk": desk, "meeting": found, "form": form, "agenda_items": agenda}
    return render(request, "desk/meeting.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_desk
def roster(request: HttpRequest, desk: Desk, year: int) -> HttpResponse:
    """Show a body its entry in the newest roster of a council, and take what it says of it."""
    entry = next((each for each in roster_entries(desk) if each.council_year.pk == year), None)
    if entry is None:
        raise Http404
    with transaction.atomic():
        # Colleagues of one body wait for each other.
        hold(request, desk)
        form = RosterReplyForm(entry.council_year, desk.organization, posted(request))
        if form.is_bound and form.is_valid():
            signed(desk, "名簿の確認の回答", entry.council_year)
            form.save()
            return redirect(f"{reverse('desk', args=[desk.anchor])}?done=roster")
    context = {"desk": desk, "entry": entry, "form": form}
    return render(request, "desk/roster.html", context, status=422 if form.errors else 200)


@require_safe
@for_desk
def material(request: HttpRequest, desk: Desk, material: str, version: int) -> HttpResponse:
    """Send one version of a material that the body may see as a member."""
    visible = Material.objects.for_desks().filter(
        meeting__council_year__memberships__department__organization=desk.organization
    )
    found = MaterialVersion.objects.filter(material__in=visible, material__anchor=material, number=version)
    return cast(HttpResponse, send_file(get_object_or_404(found)))
