"""One screen for a department's split, merger or new name: chosen, previewed, carried out."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from council.rollover.reorganisation import Reorganisation, plan_reorganisation, reorganise
from council.work.people import Reader
from members.common.admin.screens import numbers
from members.common.remit import within
from members.common.text.cleaning import half_width
from members.common.text.eras import find_date, fiscal_year, format_date
from members.models import Membership, Organization

YEARS = range(1950, 2101)
LONGEST_DAY = 30
NEEDED = ("members.add_department", "members.change_department", "members.change_membership")


def reorganisation_view(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask which departments become which; show what follows; do it."""
    if not Reader(request.user).may(*NEEDED):
        raise PermissionDenied
    body = get_object_or_404(Organization, pk=pk)
    given: Any = request.POST if request.method == "POST" else {}
    chosen = numbers(given.getlist("old")) if given else []
    # Reorganisations are of 1 April, most of them.
    usual = date(fiscal_year(timezone.localdate()), 4, 1)
    day = day_of(given.get("day", "")) if given else usual
    names = [line.strip() for line in given.get("names", "").splitlines()] if given else []
    plan: Reorganisation | None = None
    errors: list[str] = []
    if given:
        try:
            if day is None:
                raise ValidationError("再編の日を入力してください（例: 2026-04-01）。")
            old = list(body.departments.filter(pk__in=chosen))
            plan = plan_reorganisation(old, names, fiscal_year(day))
            if "confirmed" in given:
                count = reorganise(plan, given.get("seen", ""), request.user)
                messages.success(request, done(plan, count, day))
                return redirect("admin:members_organization_change", body.pk)
        except ValidationError as error:
            errors = error.messages
    context = {
        **site.each_context(request),
        "title": "担当課の再編",
        "body": body,
        "departments": body.departments.order_by("name"),
        "chosen": chosen,
        "day": day.isoformat() if day else given.get("day", ""),
        # Within a year the roster changes for the whole of it; what was recorded before does not.
        "is_amid": bool(day and (day.month, day.day) != (4, 1)),
        "names": "\n".join(names),
        "plan": plan,
        "errors": errors,
        "changes": visible(request, plan),
    }
    return render(request, "admin/council/reorganisation.html", context, status=422 if errors else 200)


def visible(request: HttpRequest, plan: Reorganisation | None) -> list[Any]:
    """The rosters that follow, as far as whoever asks takes care of them."""
    if plan is None:
        return []
    rows = Membership.objects.filter(council_year__in=[each.council_year for each in plan.changes])
    own = set(within(request.user, rows).values_list("council_year", flat=True))
    return [each for each in plan.changes if each.council_year.pk in own]


def day_of(text: str) -> date | None:
    """A day as a form sends it, or as somebody without a calendar types it."""
    found = (
        find_date(half_width(text), fiscal_year(timezone.localdate())) if len(text) < LONGEST_DAY else None
    )
    return found if found and found.year in YEARS else None


def done(plan: Reorganisation, count: int, day: date) -> str:
    before, after = "、".join(each.name for each in plan.old), "、".join(plan.names)
    rosters = (
        f"{count}つの年度の名簿に反映しました。" if count else "この年度以後の名簿には載っていませんでした。"
    )
    told = f"{format_date(day)}から「{before}」を「{after}」にしました。{rosters}"
    return f"{told}前の年度の名簿と議事概要は変わりません。"
