"""The catalogue as DCAT-AP in JSON-LD: what a national catalogue harvests.

Datasets have stable addresses of their own (their pages); files are typed, dated, and licensed by IRIs.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from council.editions.reading import Found, editions_in_force, printed_of
from council.open_data.tables import DATASETS, public_years
from council.renderers.files import FILES
from members.common.audit import last_change
from members.common.publication.seal import EditionFault
from members.common.text.eras import fiscal_year_range
from members.common.web.addresses import public_address
from members.models import CouncilYear, Membership, Organization

AUTHORITY = "http://publications.europa.eu/resource/authority"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
}
# Media type, and the name of its entry in the European authority table of file types.
FORMATS = {
    "csv": ("text/csv", "CSV"),
    "json": ("application/json", "JSON"),
    "pdf": ("application/pdf", "PDF"),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "DOCX"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
    "txt": ("text/plain", "TXT"),
}


@dataclass(frozen=True, slots=True)
class Distributed:
    """One dataset as a catalogue lists it; addresses are paths."""

    name: str
    title: str
    description: str
    page: str
    files: tuple[tuple[str, str], ...]
    council: str
    contact: str
    council_page: str
    year: int | None
    prefecture: tuple[str, str] | None
    modified: datetime | None
    issued: datetime | None = None


def iri(address: str) -> dict[str, str]:
    return {"@id": address}


def text(words: str) -> dict[str, str]:
    return {"@value": words, "@language": "ja"}


def moment(value: datetime) -> dict[str, str]:
    return {"@value": value.isoformat(), "@type": "xsd:dateTime"}


def datasets() -> list[Distributed]:
    """Every dataset of every public year: its tables, and where a report is public, that and its figures."""
    editions = {(slug, year): found for found, slug, year in editions_in_force()}
    prefectures = prefectures_of(public_years())
    changed = last_change(["members", "meetings", "surveys", "council"])
    found: list[Distributed] = []
    councils: dict[str, Distributed] = {}
    for year in public_years():
        slug, number = year.council.slug, year.year
        base = Distributed(
            name="",
            title="",
            description="",
            page="",
            files=(),
            council=year.council.name,
            contact=year.council.contact,
            council_page=year.council.get_absolute_url(),
            year=number,
            prefecture=prefectures.get(year.pk),
            modified=changed,
        )
        found += tables_of(base, slug, number)
        edition = editions.get((slug, number))
        if edition:
            found += of_report(base, slug, number, edition)
            councils.setdefault(slug, series_of(base, slug))
    return [*found, *councils.values()]


def tables_of(base: Distributed, slug: str, year: int) -> Iterable[Distributed]:
    for table in DATASETS:
        args = [slug, year, table.name]
        yield replace(
            base,
            name=f"{slug}-{year}-{table.name}",
            title=f"{base.council} {year}年度 {table.title}",
            description=table.description,
            page=reverse("dataset", args=args),
            files=tuple((each, reverse("open-data-table", args=[*args, each])) for each in ("csv", "json")),
        )


def of_report(base: Distributed, slug: str, year: int, found: Found) -> Iterable[Distributed]:
    """A report with its files and editions, and its figures; nothing where its edition fails its check."""
    try:
        imprint = printed_of(found).imprint
    except EditionFault:
        return
    page = reverse("council-year", args=[slug, year])
    dated = replace(base, modified=imprint.published_at)
    yield replace(
        dated,
        name=f"{slug}-{year}-report",
        title=f"{base.council} {year}年度 年次報告書",
        description=f"公開中の{imprint.name}。本文、検討メンバー、開催実績、指標と集計表",
        page=page,
        files=tuple((each.extension, f"{page}report.{each.extension}") for each in FILES),
    )
    yield replace(
        dated,
        name=f"{slug}-{year}-figures",
        title=f"{base.council} {year}年度 指標",
        description="年次報告書の指標と、その数、母数、割合",
        page=f"{page}#figures",
        files=(("csv", f"{page}tables/figures.csv"),),
    )
    yield replace(
        dated,
        name=f"{slug}-{year}-editions",
        title=f"{base.council} {year}年度 年次報告書の版",
        description="公開した版の番号、理由、日時とハッシュ値",
        page=f"{page}editions/",
        files=(("json", reverse("verify-list")),),
    )


def series_of(base: Distributed, slug: str) -> Distributed:
    return replace(
        base,
        name=f"{slug}-series",
        title=f"{base.council} 指標の年度ごとの推移",
        description="年度をまたいで同じ識別名の指標の値",
        page=reverse("council-years", args=[slug]),
        files=tuple((each, reverse("series", args=[slug, each])) for each in ("csv", "json")),
        year=None,
    )


def prefectures_of(years: Iterable[CouncilYear]) -> dict[int, tuple[str, str]]:
    """Code and name of the prefecture in each year's roster (one query)."""
    rows = Membership.objects.filter(
        council_year__in=list(years), department__organization__kind=Organization.Kind.PREFECTURE
    )
    found = rows.values_list(
        "council_year", "department__organization__code", "department__organization__name"
    )
    return {year: (code, name) for year, code, name in found}


def as_dcat() -> bytes:
    """The whole catalogue."""
    found = datasets()
    catalogue = public_address(reverse("open-data"))
    moments = [each.modified for each in found if each.modified]
    content: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "dcat:Catalog",
        "@id": catalogue,
        "dct:title": text(f"{settings.PORTAL_NAME}のオープンデータ"),
        "dct:description": text("検討会議の名簿、会議記録、アンケートの集計、年次報告書"),
        "dct:publisher": publisher(settings.PUBLISHER, public_address("/")),
        "foaf:homepage": {"@id": public_address("/"), "@type": "foaf:Document"},
        "dct:language": language(),
        "dct:license": license_of(),
        "dcat:dataset": [as_dataset(each) for each in found],
    }
    if moments:
        content["dct:modified"] = moment(max(moments))
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def as_dataset(dataset: Distributed) -> dict[str, Any]:
    page = public_address(dataset.page)
    content: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "@id": f"{public_address(reverse('open-data'))}#{dataset.name}",
        "dct:identifier": dataset.name,
        "dct:title": text(dataset.title),
        "dct:description": text(dataset.description),
        "dct:publisher": publisher(dataset.council, public_address(dataset.council_page)),
        "dcat:contactPoint": contact(dataset),
        "dcat:landingPage": {"@id": page, "@type": "foaf:Document"},
        "dct:language": language(),
        "dct:accrualPeriodicity": {"@id": f"{AUTHORITY}/frequency/ANNUAL", "@type": "dct:Frequency"},
        "dcat:theme": {
            "@id": f"{AUTHORITY}/data-theme/GOVE",
            "@type": "skos:Concept",
            "skos:prefLabel": text("政府・公共部門"),
        },
        "dcat:distribution": [as_distribution(dataset, *each) for each in dataset.files],
    }
    if dataset.modified:
        content["dct:modified"] = moment(dataset.modified)
    if dataset.year:
        first, last = fiscal_year_range(dataset.year)
        content["dct:temporal"] = {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@value": first.isoformat(), "@type": "xsd:date"},
            "dcat:endDate": {"@value": last.isoformat(), "@type": "xsd:date"},
        }
    if dataset.prefecture:
        code, name = dataset.prefecture
        content["dct:spatial"] = {
            "@type": "dct:Location",
            "@id": public_address(reverse("organization", args=[code])),
            "dct:identifier": code,
            "skos:prefLabel": text(name),
        }
    return content


def as_distribution(dataset: Distributed, extension: str, path: str) -> dict[str, Any]:
    media, file_type = FORMATS[extension]
    address = public_address(path)
    content: dict[str, Any] = {
        "@type": "dcat:Distribution",
        "@id": f"{address}#{dataset.name}",
        "dct:title": text(f"{dataset.title}（{file_type}）"),
        "dcat:accessURL": iri(public_address(dataset.page)),
        "dcat:downloadURL": iri(address),
        "dct:format": {"@id": f"{AUTHORITY}/file-type/{file_type}", "@type": "dct:MediaTypeOrExtent"},
        "dcat:mediaType": {
            "@id": f"https://www.iana.org/assignments/media-types/{media}",
            "@type": "dct:MediaType",
        },
        "dct:license": license_of(),
    }
    if extension == "csv":
        content["dct:conformsTo"] = {
            "@id": f"{address}-metadata.json",
            "@type": "dct:Standard",
            "dct:title": text("列の定義（CSVW）"),
        }
    return content


def publisher(name: str, address: str) -> dict[str, Any]:
    return {"@type": "foaf:Agent", "@id": address, "foaf:name": text(name)}


def contact(dataset: Distributed) -> dict[str, Any]:
    """Whom to ask; the office's own words stand on the council's page."""
    found: dict[str, Any] = {
        "@type": "vcard:Organization",
        "vcard:fn": text(dataset.council),
        "vcard:hasURL": iri(public_address(dataset.council_page)),
    }
    if dataset.contact:
        found["vcard:note"] = text(dataset.contact)
    return found


def language() -> dict[str, str]:
    return {"@id": f"{AUTHORITY}/language/JPN", "@type": "dct:LinguisticSystem"}


def license_of() -> dict[str, Any]:
    return {
        "@id": settings.OPEN_DATA_LICENSE_URL,
        "@type": "dct:LicenseDocument",
        "rdfs:label": settings.OPEN_DATA_LICENSE,
    }
