"""The open data catalogue and its tables."""

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from council.open_data.source import APPS, PublicYear
from council.open_data.tables import BY_NAME, DATASETS, dcat, public_years
from council.publishing.response_cache import CachedResponse, serve
from members.common.audit import last_change
from members.common.files.spreadsheets import CSV
from members.common.files.tables import Table
from members.common.web.linked_data import linked_data
from members.models import CouncilYear


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every table of every public year, with what its columns mean and under which licence."""
    years = list(public_years())
    context = {
        "years": years,
        "datasets": DATASETS,
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
            "name": "検討会議ポータル オープンデータ",
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
                            "contentUrl": settings.PORTAL_ADDRESS
                            + reverse(
                                "open-data-table",
                                args=[year.council.slug, year.year, dataset.name, extension],
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
    """The catalogue for machines: DCAT in JSON-LD."""

    def address(year: CouncilYear, dataset: Table, extension: str) -> str:
        path = reverse("open-data-table", args=[year.council.slug, year.year, dataset.name, extension])
        return request.build_absolute_uri(path)

    content = dcat(request.build_absolute_uri(reverse("open-data")), address)
    return hand_out(request, content, "application/ld+json", since=last_change(APPS))


@require_safe
def open_data_table(request: HttpRequest, slug: str, year: int, name: str, extension: str) -> HttpResponse:
    """One table of one public year, as it stands, for everybody alike."""
    dataset = BY_NAME.get(name)
    if dataset is None or extension not in {"csv", "json"}:
        raise Http404
    years = CouncilYear.objects.public().select_related("council")
    council_year = get_object_or_404(years, council__slug=slug, year=year)
    source = PublicYear(council_year)
    editions = [str(row[-1]) for row in dataset.rows(source)]
    since = source.changed_at(editions)
    file_name = f"{slug}_{year}_{name}.{extension}"
    if extension == "json":
        content = dataset.as_json(
            source,
            council=source.printed.report.council if source.printed else council_year.council.name,
            year=council_year.year,
            dataset=dataset.title,
            license=settings.OPEN_DATA_LICENSE,
        )
        return hand_out(request, content, "application/json", file_name, since)
    return hand_out(request, CSV().export_data(dataset.fill(source)), CSV.content_type, file_name, since)


def hand_out(
    request: HttpRequest,
    content: bytes,
    content_type: str,
    file_name: str = "",
    since: datetime | None = None,
) -> HttpResponse:
    """Serve a table with its ETag and the time since which nothing has changed; a read writes nothing."""
    return serve(request, CachedResponse(content, content_type, file_name, last_modified=since))
