"""The doctor's findings on a screen, for whoever keeps the accounts and looks after the server."""

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from council.doctor.examination import examine, worst
from council.doctor.findings import State
from council.work.people import Reader

# Whoever keeps the accounts: システム管理.
NEEDED = "auth.change_user"
ORDER = (State.BAD, State.LOOK, State.UNKNOWN, State.GOOD)


def may_see(user: object) -> bool:
    """Whether the state of the installation is somebody's business."""
    return Reader(user).may(NEEDED)


def doctor_view(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Examine the installation now, and show the worst first."""
    if not may_see(request.user):
        raise PermissionDenied
    findings = list(examine())
    counts = [(state, sum(each.state == state for each in findings)) for state in ORDER]
    context = {
        **site.each_context(request),
        "title": "設置の点検",
        "examined_at": timezone.localtime(),
        "findings": sorted(findings, key=lambda each: ORDER.index(each.state)),
        "counts": [(state, count) for state, count in counts if count],
        "worst": worst(findings),
    }
    return render(request, "admin/doctor.html", context)
