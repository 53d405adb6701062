"""The lists of all councils and of all bodies that take part."""

from itertools import groupby

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council.models import AnnualReport
from council.site.front import public_councils
from members.models import CouncilYear, Organization


@require_safe
def councils(request: HttpRequest) -> HttpResponse:
    """Every public council with its years, real ones first (three queries)."""
    years = Prefetch("years", CouncilYear.objects.public().order_by("-year"))
    context = {
        "councils": public_councils().prefetch_related(years),
        "reported": set(AnnualReport.objects.public().values_list("council_year", flat=True)),
    }
    return render(request, "councils.html", context)


@require_safe
def organizations(request: HttpRequest) -> HttpResponse:
    """Every body that takes part, or did, by kind; those that others carry on stand with these."""
    merged = Organization.objects.merged()
    found = list(Organization.objects.public().exclude(pk__in=merged.values("pk")).order_by("code"))
    order = {kind: place for place, kind in enumerate(Organization.Kind.values)}
    rows = sorted(found, key=lambda each: (order[each.kind], each.code))
    groups = [
        (Organization.Kind(kind).label, list(each)) for kind, each in groupby(rows, lambda row: row.kind)
    ]
    return render(request, "organizations.html", {"groups": groups, "count": len(found)})
