"""The published report: its editions, their figures and their files, rendered once and served as bytes."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import override
from django.views.decorators.http import require_safe

from council.editions.differences import differences
from council.editions.reading import Found, base_of, current_report, find, read
from council.editions.stored import in_form_of, report_of_edition
from council.models import AnnualReport, EditionFile
from council.publishing.files import ready
from council.publishing.response_cache import CachedResponse, get_or_render, serve
from council.publishing.withdrawn import withdrawn_report
from council.renderers.csv import write_csv, write_figure_csv
from council.renderers.files import BY_EXTENSION, FILES, PICTURE, ReportFile
from council.renderers.json import write_schema
from council.renderers.page import report_page as report_page_of
from council.renderers.picture import picture_words
from council.report.build import Report
from council.report.counts import FigureDetail
from council.report.imprint import Imprint, Printed
from council.report.tables import BY_NAME, TABLES
from council.site.internal import is_static
from council.writing.languages import BY_SLUG, Language
from members.common.files.spreadsheets import CSV
from members.common.text.eras import format_fiscal_year
from members.common.web.limits import spend
from members.common.web.linked_data import linked_data
from surveys.results.indicator_tallies import Tally


def frame(report: Report, **more: Any) -> dict[str, Any]:
    """What every page rendered from an edition shows around its content."""
    council = {
        "name": report.council,
        "slug": report.slug,
        "notice": report.notice,
        "contact": report.contact,
    }
    return {"report": report, "council": council, **more}


def render_page(found: Found, *, for_copy: bool) -> bytes:
    printed = read(found)
    report = printed.report
    context = frame(
        report,
        base=base_of(found, report.slug, report.year),
        page=report_page_of(report),
        is_static=for_copy,
        imprint=printed.imprint,
        facts=printed.facts,
        is_pinned=found.is_pinned,
        before=found.before,
        after=found.after,
        files=FILES,
        languages=[BY_SLUG[each.language] for each in report.summaries],
        tables=TABLES,
        linked_data=about(report, printed.imprint),
        picture_words=picture_words(printed),
    )
    return render_to_string("report.html", context).encode()


def about(report: Report, imprint: Imprint) -> SafeString:
    """The report for search engines."""
    return linked_data(
        {
            "@type": "Report",
            "name": report.title,
            "inLanguage": "ja",
            "datePublished": report.published_on.isoformat() if report.published_on else None,
            "version": imprint.number,
            "url": imprint.address,
            "license": settings.OPEN_DATA_LICENSE_URL,
            "publisher": {"@type": "Organization", "name": report.council},
        }
    )


def render_summary(found: Found, language: Language, *, for_copy: bool) -> bytes | None:
    """A report's summary in this language, the page around it too; None where the edition has none."""
    printed = read(found)
    report = printed.report
    summary = report.summary(language.slug)
    if summary is None:
        return None
    base = base_of(found, report.slug, report.year)
    newer = current_report(report.slug, report.year) if printed.imprint.superseded_by else None
    context = frame(
        report,
        base=base,
        # Where the edition in force has no such summary, its whole report is what there is.
        is_in_newer=bool(newer and newer.summary(language.slug)),
        own_address=f"{base}summary/{language.slug}/",
        summary=summary,
        language=language,
        fiscal_year=language.fiscal_year(report.year),
        published=language.day(report.published_on) if report.published_on else "",
        figures=[(figure, language.quote(figure, "share")) for figure in report.figures],
        others=[BY_SLUG[each.language] for each in report.summaries if each != summary],
        imprint=printed.imprint,
        is_static=for_copy,
    )
    with override(language.locale):
        return render_to_string("summary.html", context).encode()


@require_safe
def summary(
    request: HttpRequest, slug: str, year: int, language: str, number: int | None = None
) -> HttpResponse:
    """A published report summed up in another language, at an address of its own."""
    found, chosen = find(slug, year, number), BY_SLUG.get(language)
    if chosen is None:
        raise Http404
    if found is None:
        return withdrawn_summary(request, slug, year, chosen)
    for_copy = is_static(request)

    def render_response() -> CachedResponse | None:
        page = render_summary(found, chosen, for_copy=for_copy)
        return CachedResponse(page) if page is not None else None

    response = get_or_render((*found.key, "summary", language, for_copy), render_response)
    if response is None:
        raise Http404
    return serve(request, response)


def withdrawn_summary(request: HttpRequest, slug: str, year: int, language: Language) -> HttpResponse:
    """The note of a withdrawn report in the language of its summary; 404 where none was withdrawn."""
    report = withdrawn_report(slug, year)
    if report is None or report.withdrawn_at is None:
        raise Http404
    day = language.day(timezone.localtime(report.withdrawn_at).date())
    with override(language.locale):
        context = {"language": language, "record": report, "day": day}
        return render(request, "summary_withdrawn.html", context, status=410)


def report_page(request: HttpRequest, slug: str, year: int, number: int | None = None) -> HttpResponse | None:
    """The published report as bytes; None where nothing is published."""
    found = find(slug, year, number)
    if found is None:
        return None
    for_copy = is_static(request)

    def render_response() -> CachedResponse:
        return CachedResponse(render_page(found, for_copy=for_copy))

    return serve(request, get_or_render((*found.key, "page", for_copy), render_response))


@require_safe
def edition(request: HttpRequest, slug: str, year: int, number: int) -> HttpResponse:
    """An edition as it was published, also after a newer one."""
    page = report_page(request, slug, year, number)
    if page is None:
        raise Http404
    return page


def hand_out(
    request: HttpRequest, found: Found | None, name: str, write: Callable[[Printed], CachedResponse]
) -> HttpResponse:
    """A file of an edition, made once; 404 where there is no such edition."""
    if found is None:
        raise Http404

    def make() -> CachedResponse:
        spend(request, "files")
        return write(read(found))

    return serve(request, get_or_render((*found.key, name), make))


@require_safe
def report_file(
    request: HttpRequest, slug: str, year: int, extension: str, number: int | None = None
) -> HttpResponse:
    """The published report as a file."""
    file = BY_EXTENSION.get(extension)
    if file is None:
        raise Http404

    found = find(slug, year, number)
    if found and file.is_drawn:
        # The picture is shown where it is, the others are kept under a name.
        name = "" if file is PICTURE else f"{year}_{slug}_年次報告書_第{found.number}版.{extension}"
        return drawn_file(request, found, file, name)

    def write(printed: Printed) -> CachedResponse:
        name = f"{year}_{slug}_年次報告書_第{printed.imprint.number}版.{extension}"
        return CachedResponse(file.write(printed), file.content_type, name)

    return hand_out(request, found, extension, write)


def drawn_file(request: HttpRequest, found: Found, file: ReportFile, name: str) -> HttpResponse:
    """A file that was made at publication; until it is there, a page that says so."""

    def take() -> CachedResponse | None:
        content = ready(found, file.extension)
        return CachedResponse(content, file.content_type, name) if content is not None else None

    if cached := get_or_render((*found.key, file.extension), take):
        return serve(request, cached)
    # Nobody's drawing is made here; an edition that fails its check says so instead.
    report = read(found).report
    has_failed = EditionFile.objects.filter(edition=found.pk, extension=file.extension).exclude(failure="")
    context = {
        "file": file,
        "has_failed": has_failed.exists(),
        "base": base_of(found, report.slug, report.year),
        "report": report,
    }
    response = render(request, "file_pending.html", context, status=503)
    response["Retry-After"] = "30"
    return response


@require_safe
def report_table(
    request: HttpRequest, slug: str, year: int, name: str, number: int | None = None
) -> HttpResponse:
    """One of the published report's tables as CSV."""
    if name not in BY_NAME:
        raise Http404

    def write(printed: Printed) -> CachedResponse:
        file_name = f"{year}_{slug}_{name}_第{printed.imprint.number}版.csv"
        return CachedResponse(write_csv(printed, name), CSV.content_type, file_name)

    return hand_out(request, find(slug, year, number), f"table-{name}", write)


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
        (
            edition,
            differences(reports[index - 1], in_form_of(found[index - 1], reports[index])) if index else [],
        )
        for index, edition in enumerate(found)
    ]
    context = frame(reports[-1], rows=reversed(rows), newest=found[-1].number)
    return render(request, "editions.html", context)


def figure_frame(base: str, slug: str, year: int, tally: Tally, detail: FigureDetail) -> dict[str, Any]:
    """What a figure's page shows of it, whether an edition has it or the records as they stand."""
    question = next((table.key for table in detail.tables), "")
    results = reverse("survey-results", args=[slug, year, tally.survey_key]) if tally.survey_key else ""
    trail = [
        ("設問と結果", f"{results}#q-{question}" if results and question else ""),
        ("集計表", "#table"),
        ("検討メンバー（母数）", f"{base}#members"),
    ]
    found = [(label, address) for label, address in trail if address]
    return {"base": base, "slug": slug, "year": year, "tally": tally, "detail": detail, "trail": found}


def render_figure(found: Found, key: str, *, for_copy: bool = False) -> bytes | None:
    """A figure's page as its edition has it; None where the edition does not have it."""
    printed = read(found)
    report = printed.report
    tally, detail = report.figure(key), report.detail(key)
    if tally is None or detail is None:
        return None
    base = base_of(found, report.slug, report.year)
    context = figure_frame(base, report.slug, report.year, tally, detail)
    trend = report.trend(key)
    if trend:
        last = trend.points[-1]
        previous = reverse("edition-figure", args=[report.slug, last.year, last.edition, key])
        context["trail"].append((f"{format_fiscal_year(last.year)}（{last.percent_text}）", previous))
    imprint = printed.imprint
    edition = reverse("edition", args=[report.slug, report.year, imprint.number])
    context["trail"] += [
        (f"第{imprint.number}版", edition),
        ("CSV", f"{base}figures/{key}.csv"),
        ("Excel", f"{base}report.xlsx"),
        ("JSON", f"{base}report.json"),
    ]
    context |= frame(report, is_static=for_copy, imprint=imprint, is_pinned=found.is_pinned, trend=trend)
    return render_to_string("figure.html", context).encode()


def figure_page(
    request: HttpRequest, slug: str, year: int, key: str, number: int | None = None
) -> HttpResponse | None:
    """A figure of a published edition as bytes; None where the edition does not have it."""
    found = find(slug, year, number)
    if found is None:
        return None
    for_copy = is_static(request)

    def render_response() -> CachedResponse | None:
        page = render_figure(found, key, for_copy=for_copy)
        return CachedResponse(page) if page is not None else None

    response = get_or_render((*found.key, f"figure-{key}", for_copy), render_response)
    return serve(request, response) if response else None


@require_safe
def edition_figure(request: HttpRequest, slug: str, year: int, number: int, key: str) -> HttpResponse:
    """A figure as an edition has it: an address that never changes its answer."""
    page = figure_page(request, slug, year, key, number)
    if page is None:
        raise Http404
    return page


@require_safe
def figure_table(
    request: HttpRequest, slug: str, year: int, key: str, number: int | None = None
) -> HttpResponse:
    """The tallies behind one figure of a published edition as CSV."""

    def write(printed: Printed) -> CachedResponse:
        if printed.report.figure(key) is None:
            raise Http404
        file_name = f"{year}_{key}_第{printed.imprint.number}版.csv"
        return CachedResponse(write_figure_csv(printed, key), CSV.content_type, file_name)

    return hand_out(request, find(slug, year, number), f"figure-table-{key}", write)
