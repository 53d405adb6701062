"""An organization's own page in the confirmation round."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from meetings.models import Meeting, RemarkRequest
from meetings.remarks.forms import RemarksForm
from members.common.access import LinkEndedError, admit, hold, is_admitted, shut_out
from members.common.acts import act
from members.common.web.limits import spend


@require_safe
@never_cache
def open_remarks(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange a link for the cookie of its page; writes nothing."""
    found = RemarkRequest.objects.with_token(token).first()
    if found is None:
        spend(request, "links")
        return render(request, "no_access.html", {"is_bad_link": True}, status=404)
    return admit(redirect("remarks", found.anchor), found)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def remarks(request: HttpRequest, anchor: str) -> HttpResponse:
    """Show an organization its remarks, and take what it says of them until the due day."""
    requests = RemarkRequest.objects.select_related("meeting__council_year__council", "organization")
    found = requests.filter(anchor=anchor).first()
    if found is None or not is_admitted(request, found):
        return shut_out(request, found)
    if request.method != "POST":
        return page(request, found, RemarksForm(found))
    with transaction.atomic():
        # The editor's lock: an entry does not change while it is being judged.
        Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=found.meeting_id)
        try:
            held = hold(request, found)
        except LinkEndedError:
            return shut_out(request, found)
        found = requests.get(pk=found.pk)
        form = RemarksForm(found, data=request.POST)
        if not found.is_open:
            return page(request, found, form, status=403)
        if not form.is_valid():
            return page(request, found, form, status=422)
        act("発言の確認の提出", about=found, who=held.who(found.organization.name))
        form.save()
    return redirect(f"{found.link_path}?done")


def late(request: HttpRequest, form: RemarksForm) -> list[str]:
    """What was typed too late, to be copied from the page: all of it, or what is decided already."""
    if form.request.is_open:
        return [text for anchor in form.entries for text in form.dropped(anchor)]
    names = [f"{anchor}.{part}" for anchor in form.entries for part in ("proposal", "comment")]
    return [text for name in names if (text := request.POST.get(name, "").strip())]


def page(request: HttpRequest, found: RemarkRequest, form: RemarksForm, status: int = 200) -> HttpResponse:
    context = {
        "remark_request": found,
        "meeting": found.meeting,
        "council": found.meeting.council_year.council,
        # After the end the text may go on changing; what was said of it stays.
        "form": form if found.is_open else None,
        "answers": [] if found.is_open else found.remarks.all(),
        "late": late(request, form) if form.is_bound else [],
        "is_done": "done" in request.GET and not form.is_bound,
    }
    return render(request, "meetings/remarks.html", context, status=status)
