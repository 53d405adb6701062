"""The published report: its editions, their figures and their files, rendered once and served as bytes."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from council.models import AnnualReport, ReportEdition
from council.publishing.differences import differences
from council.publishing.editions import report_of_edition
from council.publishing.response_cache import CachedResponse, get_or_render, serve
from council.renderers.csv import write_csv, write_figure_csv
from council.renderers.files import BY_EXTENSION, FILES
from council.renderers.json import write_schema
from council.renderers.page import report_page as report_page_of
from council.renderers.pdf import PdfUnavailable
from council.report.build import Report
from council.report.counts import FigureDetail
from council.report.tables import BY_NAME, TABLES
from council.site.internal import is_static
from members.common.files.spreadsheets import CSV
from members.common.models.prepared import Parameter, PreparedQuery
from members.common.web.linked_data import linked_data
from surveys.results.indicator_tallies import Tally

CURRENT = PreparedQuery(
    lambda: (
        ReportEdition.objects.public()
        .filter(
            report__council_year__council__slug=Parameter("slug"),
            report__council_year__year=Parameter("year"),
        )
        .order_by("-number")
        .values_list("pk", "content_hash", "number")[:1]
    )
)


def current(slug: str, year: int) -> tuple[int, str, int] | None:
    """Id, hash and number of the edition that the public reads: the one query of a served page."""
    return CURRENT.first(slug=slug, year=year)


def read(pk: int) -> tuple[ReportEdition, Report]:
    edition = ReportEdition.objects.select_related("report__council_year__council").get(pk=pk)
    return edition, report_of_edition(edition)


@lru_cache(maxsize=32)
def report_of(content_hash: str, pk: int) -> Report:
    """An edition's report, read once: its hash stands for everything in it."""
    return read(pk)[1]


def current_report(slug: str, year: int) -> Report | None:
    """The report that the public reads; None where nothing is published."""
    found = current(slug, year)
    return report_of(found[1], found[0]) if found else None


def frame(report: Report, **more: Any) -> dict[str, Any]:
    """What every page rendered from an edition shows around its content."""
    council = {
        "name": report.council,
        "slug": report.slug,
        "notice": report.notice,
        "contact": report.contact,
    }
    return {"report": report, "council": council, **more}


def render_page(pk: int, *, for_copy: bool) -> bytes:
    edition, report = read(pk)
    context = frame(
        report,
        page=report_page_of(report),
        is_static=for_copy,
        edition=edition,
        files=FILES,
        tables=TABLES,
        linked_data=about(report, edition),
    )
    return render_to_string("report.html", context).encode()


def about(report: Report, edition: ReportEdition) -> SafeString:
    """The report for search engines."""
    return linked_data(
        {
            "@type": "Report",
            "name": report.title,
            "inLanguage": "ja",
            "datePublished": report.published_on.isoformat() if report.published_on else None,
            "version": edition.number,
            "license": settings.OPEN_DATA_LICENSE_URL,
            "publisher": {"@type": "Organization", "name": report.council},
        }
    )


def report_page(request: HttpRequest, slug: str, year: int) -> HttpResponse | None:
    """The published report as bytes; None where nothing is published."""
    found = current(slug, year)
    if found is None:
        return None
    pk, content_hash, _ = found
    for_copy = is_static(request)
    key = (content_hash, pk, "page", for_copy)
    return serve(request, get_or_render(key, lambda: CachedResponse(render_page(pk, for_copy=for_copy))))


@require_safe
def report_file(request: HttpRequest, slug: str, year: int, extension: str) -> HttpResponse:
    """The published report as a file."""
    found = current(slug, year)
    file = BY_EXTENSION.get(extension)
    if found is None or file is None:
        raise Http404
    pk, content_hash, number = found

    def render_response() -> CachedResponse:
        name = f"{year}_{slug}_年次報告書_第{number}版.{extension}"
        return CachedResponse(file.write(*read(pk)), file.content_type, name)

    try:
        return serve(request, get_or_render((content_hash, pk, extension), render_response))
    except PdfUnavailable as error:
        context = {"message": str(error), "slug": slug, "year": year}
        return render(request, "no_pdf.html", context, status=503)


@require_safe
def report_table(request: HttpRequest, slug: str, year: int, name: str) -> HttpResponse:
    """One of the published report's tables as CSV."""
    found = current(slug, year)
    if found is None or name not in BY_NAME:
        raise Http404
    pk, content_hash, _ = found

    def render_response() -> CachedResponse:
        return CachedResponse(write_csv(read(pk)[1], name), CSV.content_type, f"{year}_{slug}_{name}.csv")

    return serve(request, get_or_render((content_hash, pk, f"table-{name}"), render_response))


@require_safe
def report_schema(request: HttpRequest) -> HttpResponse:
    """What the JSON of a report looks like."""
    return serve(
        request, get_or_render(("schema",), lambda: CachedResponse(write_schema(), "application/schema+json"))
    )


@require_safe
def editions(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    """Every edition of a report with its date and reason, and what changed from one to the next."""
    report = get_object_or_404(
        AnnualReport.objects.public().select_related("council_year__council"),
        council_year__council__slug=slug,
        council_year__year=year,
    )
    found = list(report.editions.order_by("number"))
    if not found:
        raise Http404
    reports = [report_of_edition(edition) for edition in found]
    rows = [
        (edition, differences(reports[index - 1], reports[index]) if index else [])
        for index, edition in enumerate(found)
    ]
    context = frame(reports[-1], rows=reversed(rows), newest=found[-1].number)
    return render(request, "editions.html", context)


@require_safe
def edition(request: HttpRequest, slug: str, year: int, number: int) -> HttpResponse:
    """An edition as it was published, also after a newer one."""
    found = get_edition(slug, year, number)
    newest = current(slug, year)
    report = report_of_edition(found)
    context = frame(
        report,
        page=report_page_of(report),
        edition=found,
        superseded_by=newest[2] if newest and newest[2] != number else None,
        permanent=True,
    )
    return render(request, "report.html", context)


def get_edition(slug: str, year: int, number: int) -> ReportEdition:
    return get_object_or_404(
        ReportEdition.objects.public().select_related("report__council_year__council"),
        report__council_year__council__slug=slug,
        report__council_year__year=year,
        number=number,
    )


def figure_frame(slug: str, year: int, tally: Tally, detail: FigureDetail) -> dict[str, Any]:
    """What a figure's page shows of it, whether an edition has it or the records as they stand."""
    return {"slug": slug, "year": year, "tally": tally, "detail": detail}


def render_figure(found: ReportEdition, key: str, *, for_copy: bool = False) -> bytes | None:
    """A figure's page as its edition has it; None where the edition does not have it."""
    report = report_of_edition(found)
    tally, detail = report.figure(key), report.detail(key)
    if tally is None or detail is None:
        return None
    context = figure_frame(report.slug, report.year, tally, detail)
    context |= frame(report, is_static=for_copy, edition=found)
    return render_to_string("figure.html", context).encode()


def figure_page(request: HttpRequest, slug: str, year: int, key: str) -> HttpResponse | None:
    """A figure of the published report as bytes; None where the report does not have it."""
    found = current(slug, year)
    if found is None:
        return None
    pk, content_hash, _ = found
    for_copy = is_static(request)

    def render_response() -> CachedResponse | None:
        page = render_figure(read(pk)[0], key, for_copy=for_copy)
        return CachedResponse(page) if page is not None else None

    response = get_or_render((content_hash, pk, f"figure-{key}", for_copy), render_response)
    return serve(request, response) if response else None


@require_safe
def edition_figure(request: HttpRequest, slug: str, year: int, number: int, key: str) -> HttpResponse:
    """A figure as an edition has it: an address that never changes its answer."""
    page = render_figure(get_edition(slug, year, number), key, for_copy=is_static(request))
    if page is None:
        raise Http404
    return HttpResponse(page)


@require_safe
def figure_table(request: HttpRequest, slug: str, year: int, key: str) -> HttpResponse:
    """The tallies behind one figure of the published report as CSV."""
    found = current(slug, year)
    if found is None:
        raise Http404
    report = read(found[0])[1]
    if report.figure(key) is None:
        raise Http404
    content = write_figure_csv(report, key)
    return serve(request, CachedResponse(content, CSV.content_type, f"{year}_{key}.csv"))
