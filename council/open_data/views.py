"""The open data catalogue and its tables."""

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from council.editions.reading import find
from council.editions.trend_views import SERIES, find_council
from council.open_data.dcat import as_dcat
from council.open_data.descriptions import csvw, openapi
from council.open_data.facts import facts_of, table_file
from council.open_data.source import APPS, PublicYear
from council.open_data.tables import BY_NAME, DATASETS, public_years
from council.publishing.response_cache import CachedResponse, get_or_render, serve
from council.report.tables import BY_NAME as REPORT_TABLES
from council.report.tables import EDITION as EDITION_COLUMNS
from members.common.audit import last_change
from members.common.files.spreadsheets import CSV
from members.common.files.tables import Table
from members.common.web.addresses import public_address
from members.common.web.limits import limited
from members.common.web.linked_data import linked_data
from members.models import CouncilYear

CSVW = "application/csvm+json"


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every table of every public year, with what its columns mean and under which licence."""
    years = list(public_years())
    facts = facts_of(years)
    context = {
        "years": [(year, [(each, facts[year.pk].get(each.name)) for each in DATASETS]) for year in years],
        "license": settings.OPEN_DATA_LICENSE,
        "license_url": settings.OPEN_DATA_LICENSE_URL,
        "linked_data": about(years),
    }
    return render(request, "open_data.html", context)


def about(years: list[CouncilYear]) -> SafeString:
    """The catalogue for search engines that know schema.org but not DCAT."""
    return linked_data(
        {
            "@type": "DataCatalog",
            "name": f"{settings.PORTAL_NAME} オープンデータ",
            "inLanguage": "ja",
            "license": settings.OPEN_DATA_LICENSE_URL,
            "dataset": [
                {
                    "@type": "Dataset",
                    "name": f"{year.council.name} {year.label} {dataset.title}",
                    "description": dataset.description,
                    "license": settings.OPEN_DATA_LICENSE_URL,
                    "distribution": [
                        {
                            "@type": "DataDownload",
                            "encodingFormat": kind,
                            "contentUrl": public_address(
                                reverse(
                                    "open-data-table",
                                    args=[year.council.slug, year.year, dataset.name, extension],
                                )
                            ),
                        }
                        for extension, kind in (("csv", "text/csv"), ("json", "application/json"))
                    ],
                }
                for year in years
                for dataset in DATASETS
            ],
        }
    )


@require_safe
def catalogue_dcat(request: HttpRequest) -> HttpResponse:
    """The catalogue for machines: DCAT-AP in JSON-LD."""
    return hand_out(request, as_dcat(), "application/ld+json", since=last_change(APPS))


@require_safe
def open_api(request: HttpRequest) -> HttpResponse:
    """Every address that answers with JSON, described."""
    return serve(request, get_or_render(("openapi",), lambda: CachedResponse(openapi(), "application/json")))


@require_safe
def dictionary(request: HttpRequest) -> HttpResponse:
    """What each column of each file means: open data, figures over the years, a report's tables."""
    groups = [
        ("公開している年度の表", DATASETS, False),
        ("指標の年度ごとの推移", (SERIES,), False),
        ("年次報告書の表（CSVとExcel）", tuple(REPORT_TABLES.values()), True),
    ]
    return render(request, "dictionary.html", {"groups": groups, "at_the_end": EDITION_COLUMNS})


def find_dataset(slug: str, year: int, name: str) -> tuple[CouncilYear, Table[PublicYear]]:
    """A public year and one of its tables."""
    dataset = BY_NAME.get(name)
    if dataset is None:
        raise Http404
    years = CouncilYear.objects.public().select_related("council")
    return get_object_or_404(years, council__slug=slug, year=year), dataset


@require_safe
def dataset_page(request: HttpRequest, slug: str, year: int, name: str) -> HttpResponse:
    """One dataset at its stable address: what it holds, its columns, its files."""
    council_year, dataset = find_dataset(slug, year, name)
    files = [
        (label, reverse("open-data-table", args=[slug, year, name, extension]))
        for label, extension in (("CSV", "csv"), ("JSON", "json"))
    ]
    context = {
        "council_year": council_year,
        "council": council_year.council,
        "dataset": dataset,
        "files": files,
        "metadata": reverse("open-data-csvw", args=[slug, year, name]),
        "facts": facts_of([council_year])[council_year.pk].get(name),
        "license": settings.OPEN_DATA_LICENSE,
        "license_url": settings.OPEN_DATA_LICENSE_URL,
    }
    return render(request, "dataset.html", context)


@require_safe
def table_csvw(request: HttpRequest, slug: str, year: int, name: str) -> HttpResponse:
    """What the columns of one table's CSV mean, for machines."""
    _, dataset = find_dataset(slug, year, name)
    path = reverse("open-data-table", args=[slug, year, name, "csv"])
    return serve(request, CachedResponse(csvw(dataset, path), CSVW))


@require_safe
def report_csvw(request: HttpRequest, slug: str, year: int, name: str) -> HttpResponse:
    """The same of one of a published report's tables."""
    if find(slug, year) is None or name not in REPORT_TABLES:
        raise Http404
    path = reverse("report-table", args=[slug, year, name])
    return serve(request, CachedResponse(csvw(REPORT_TABLES[name], path, *EDITION_COLUMNS), CSVW))


@require_safe
def series_csvw(request: HttpRequest, slug: str) -> HttpResponse:
    """The same of a council's figures over the years."""
    find_council(slug)
    return serve(request, CachedResponse(csvw(SERIES, reverse("series", args=[slug, "csv"])), CSVW))


@require_safe
@limited("files")
def open_data_table(request: HttpRequest, slug: str, year: int, name: str, extension: str) -> HttpResponse:
    """One table of one public year, as it stands, for everybody alike."""
    if extension not in {"csv", "json"}:
        raise Http404
    council_year, dataset = find_dataset(slug, year, name)
    file = table_file(PublicYear(council_year), dataset, extension)
    content_type = "application/json" if extension == "json" else CSV.content_type
    return hand_out(request, file.content, content_type, f"{slug}_{year}_{name}.{extension}", file.since)


def hand_out(
    request: HttpRequest,
    content: bytes,
    content_type: str,
    file_name: str = "",
    since: datetime | None = None,
) -> HttpResponse:
    """Serve a table with its ETag and the time since which nothing has changed; a read writes nothing."""
    return serve(request, CachedResponse(content, content_type, file_name, last_modified=since))
