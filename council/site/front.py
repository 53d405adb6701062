"""The front page and the map of the site: what there is to read, what is real before what is made up."""

from django.db.models import F, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council.editions.reading import current_report
from council.models import AnnualReport
from council.report.build import load_figures, snapshots_for
from council.site.forms import SearchForm
from council.writing.languages import BY_SLUG, Language
from meetings.models import Meeting
from members.common.publication.seal import EditionFault
from members.models import Council, CouncilYear
from surveys.models import Survey
from surveys.results.indicator_tallies import Tally

MOST_RECORDS = 4


def home(request: HttpRequest) -> HttpResponse:
    """Show the latest report with its figures, the next meetings, the latest records and the councils."""
    report = (
        AnnualReport.objects.public()
        .select_related("council_year__council")
        .order_by("council_year__council__is_fictional", "-published_on", "-council_year__year")
        .first()
    )
    title, figures, languages = parts_of(report) if report else ("", (), [])
    of_councils = F("council_year__council__is_fictional").asc()
    upcoming = Meeting.objects.public().upcoming().select_related("council_year__council")
    records = Meeting.objects.with_public_record().select_related("council_year__council")
    councils = list(
        public_councils().prefetch_related(Prefetch("years", CouncilYear.objects.public().order_by("-year")))
    )
    context = {
        "report": report,
        "title": title,
        "figures": figures,
        "languages": languages,
        "form": SearchForm(),
        "next_meetings": upcoming.order_by(of_councils, "held_on", "start_time", "pk")[:3],
        "records": records.order_by(of_councils, F("record_published_at").desc(nulls_last=True), "-pk")[
            :MOST_RECORDS
        ],
        "councils": councils,
        # Whoever finds a portal that is being tried must not take it for a real one.
        "is_all_made_up": bool(councils) and all(council.is_fictional for council in councils),
    }
    return render(request, "home.html", context)


def public_councils() -> QuerySet[Council]:
    """The councils that everybody may see, real ones first."""
    return Council.objects.public().order_by("is_fictional", "closed_year", "name", "pk")


def parts_of(report: AnnualReport) -> tuple[str, tuple[Tally, ...], list[Language]]:
    """A published report's title, figures and summaries' languages as its edition has them."""
    year = report.council_year
    try:
        edition = current_report(year.council.slug, year.year)
    except EditionFault:
        # Its own page says so; the rest of the front page has nothing to do with it.
        return report.title, (), []
    if edition:
        return edition.title, edition.figures, [BY_SLUG[each.language] for each in edition.summaries]
    return report.title, load_figures(year, snapshots_for(year)), []


@require_safe
def site_map(request: HttpRequest) -> HttpResponse:
    """List every page that the public can read, council by council (five queries)."""
    years = (
        CouncilYear.objects.public()
        .select_related("council")
        .order_by("-year")
        .prefetch_related(
            Prefetch(
                "meetings",
                Meeting.objects.public().select_related("council_year__council").order_by("number"),
            ),
            Prefetch("surveys", Survey.objects.public().order_by("pk")),
        )
    )
    context = {
        "councils": public_councils().prefetch_related(Prefetch("years", years)),
        "reported": set(AnnualReport.objects.public().values_list("council_year", flat=True)),
    }
    return render(request, "site_map.html", context)
