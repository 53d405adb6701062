"""Public pages that bring the apps together."""

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from council.editions.rosters import public_roster
from council.models import AnnualReport
from council.publishing.views import figure_frame, figure_page, report_page
from council.publishing.withdrawn import withdrawn_report
from council.renderers.page import report_page as report_page_of
from council.report.build import build_report, load_figures, load_meetings, snapshots_for
from council.report.counts import load_tables
from council.report.timeline import year_timeline
from council.search.engine import search
from council.search.query import MAX_QUERY, parse
from council.site.forms import SearchForm
from meetings.models import Meeting
from members.common.remit import within
from members.common.visibility import may_preview, visible_to
from members.common.web.limits import limited
from members.models import Council, CouncilYear
from surveys.models import Indicator, Survey


def council(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a council with its years, their reports and meetings."""
    council = get_object_or_404(visible_to(request.user, Council).select_related("successor"), slug=slug)
    years = (
        visible_to(request.user, CouncilYear)
        .filter(council=council)
        .select_related("council")
        .prefetch_related(Prefetch("meetings", visible_to(request.user, Meeting).order_by("number")))
        .order_by("-year")
    )
    reports = set(
        visible_to(request.user, AnnualReport)
        .filter(council_year__council=council)
        .values_list("council_year", flat=True)
    )
    surveys = list(
        Survey.objects.public()
        .filter(council_year__council=council)
        .select_related("council_year")
        .order_by("opened_at", "pk")
    )
    return render(
        request,
        "council.html",
        {
            "council": council,
            "years": [
                (year, year.pk in reports, year_timeline(year, year.meetings.all(), surveys))
                for year in years
            ],
            "successor_is_public": bool(council.successor and council.successor.is_public),
        },
    )


def may_see_draft(request: HttpRequest, slug: str) -> bool:
    """Whether who asks writes reports, and takes care of this council."""
    own = within(request.user, Council.objects.filter(slug=slug))
    return may_preview(request.user, AnnualReport) and own.exists()


def council_year(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    """Show a year's annual report or, until there is one to read, its members and meetings."""
    is_draft_wanted = "draft" in request.GET and may_see_draft(request, slug)
    if not is_draft_wanted and (published := report_page(request, slug, year)):
        return published
    report = (
        visible_to(request.user, AnnualReport)
        .select_related("council_year__council", "grade")
        .filter(council_year__council__slug=slug, council_year__year=year)
        .first()
    )
    if report:
        preview = may_preview(request.user, AnnualReport, of=report) and (
            is_draft_wanted or not report.is_published
        )
        built = build_report(report, request.user if preview else None)
        context = {
            "report": built,
            "base": report.get_absolute_url(),
            "page": report_page_of(built),
            "council": report.council_year.council,
            "is_preview": preview or not report.council_year.is_visible,
        }
        return render(request, "report.html", context)

    council_year = get_object_or_404(
        visible_to(request.user, CouncilYear).select_related("council"),
        council__slug=slug,
        year=year,
    )
    return render(
        request,
        "council_year.html",
        {
            "council_year": council_year,
            "council": council_year.council,
            "roster": public_roster(council_year),
            "meetings": load_meetings(council_year, planned=True),
            "is_preview": not council_year.is_visible,
            "withdrawn": withdrawn_report(slug, year),
        },
    )


def figure(request: HttpRequest, slug: str, year: int, key: str) -> HttpResponse:
    """Show what a figure counts, of how many, and the table behind it: as published, or as it stands."""
    if published := figure_page(request, slug, year, key):
        return published
    council_year = get_object_or_404(
        visible_to(request.user, CouncilYear).select_related("council"), council__slug=slug, year=year
    )
    is_preview = may_preview(request.user, Indicator, of=council_year)
    if not is_preview and withdrawn_report(slug, year):
        # It was taken back with the report: what results say of it nobody has approved by itself.
        raise Http404
    snapshots = snapshots_for(council_year, request.user)
    tally = next((each for each in load_figures(council_year, snapshots) if each.key == key), None)
    details, _ = load_tables(council_year, snapshots)
    detail = next((each for each in details if each.key == key), None)
    if tally is None or detail is None:
        # Published later than the results in force, or of too few organizations.
        raise Http404
    context = {
        **figure_frame(council_year.get_absolute_url(), slug, year, tally, detail),
        "council": council_year.council,
        "is_preview": is_preview,
    }
    return render(request, "figure.html", context)


@limited("search")
def search_page(request: HttpRequest) -> HttpResponse:
    """Find words in everything that is public."""
    form = SearchForm(request.GET)
    filters = form.filters()
    text = request.GET.get("q", "")
    groups = search(text, filters, request.GET.get("page", "1"))
    context = {
        "form": form,
        "query": text[:MAX_QUERY],
        "groups": groups,
        "is_cut": len(text) > MAX_QUERY,
        "limit": MAX_QUERY,
        "has_words": bool(parse(text).groups),
        "total": sum(group.count for group in groups),
        "kept": form.query_without("record"),
        "chosen": form.chosen(),
        "not_understood": form.not_understood(),
    }
    return render(request, "search.html", context)
