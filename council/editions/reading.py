"""Reading editions: the one in force, an older one by its number, all that are in force."""

from dataclasses import dataclass
from functools import lru_cache

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse

from council.editions.stored import report_of_edition
from council.models import AnnualReport, ReportEdition
from council.report.build import Report
from council.report.imprint import Printed, imprint_of
from members.common.models.prepared import Parameter, PreparedQuery
from members.common.publication.seal import EditionFault


def neighbour(*, is_before: bool) -> QuerySet:
    """The year of the council's public report next to an edition's, for a subquery."""
    side, order = ("lt", "-") if is_before else ("gt", "")
    return (
        AnnualReport.objects.public()
        .filter(
            council_year__council=OuterRef("report__council_year__council"),
            editions__isnull=False,
            **{f"council_year__year__{side}": OuterRef("report__council_year__year")},
        )
        .order_by(f"{order}council_year__year")
        .values("council_year__year")[:1]
    )


CURRENT = PreparedQuery(
    lambda: (
        ReportEdition.objects.public()
        .filter(
            report__council_year__council__slug=Parameter("slug"),
            report__council_year__year=Parameter("year"),
        )
        .order_by("-number")
        .annotate(before=Subquery(neighbour(is_before=True)), after=Subquery(neighbour(is_before=False)))
        .values_list("pk", "content_hash", "shown_hash", "number", "before", "after")[:1]
    )
)


@dataclass(frozen=True, slots=True)
class Found:
    """An edition that the public reads; ``is_pinned`` where its address names its number."""

    pk: int
    content_hash: str
    # What redactions have left of it; empty where nothing was taken out.
    shown_hash: str
    number: int
    newest: int
    is_pinned: bool = False
    # The years of the public reports before and after it; of the one in force alone.
    before: int | None = None
    after: int | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What everything that is drawn from it is cached under."""
        return (
            self.content_hash,
            self.shown_hash,
            self.pk,
            self.newest,
            self.is_pinned,
            self.before,
            self.after,
        )


def find(slug: str, year: int, number: int | None = None) -> Found | None:
    """The edition in force: the one query of a served page. With ``number``, that one, old or not."""
    current = CURRENT.first(slug=slug, year=year)
    if current is None:
        return None
    pk, content_hash, shown_hash, newest, before, after = current
    if number is None:
        return Found(pk, content_hash, shown_hash, newest, newest, before=before, after=after)
    editions = ReportEdition.objects.public().filter(
        report__council_year__council__slug=slug, report__council_year__year=year, number=number
    )
    row = editions.values_list("pk", "content_hash", "shown_hash").first()
    return Found(row[0], row[1], row[2], number, newest, is_pinned=True) if row else None


def read(found: Found) -> Printed:
    """An edition with its imprint; raises ``EditionFault`` where it is not what was published."""
    edition = ReportEdition.objects.select_related("report__council_year__council").get(pk=found.pk)
    report = report_of_edition(edition)
    return Printed(report, imprint_of(edition, found.newest), edition.content)


@lru_cache(maxsize=128)
def printed_of(found: Found) -> Printed:
    """An edition, read once: its hash stands for everything in it."""
    return read(found)


def current_report(slug: str, year: int) -> Report | None:
    """The report that the public reads; None where nothing is published."""
    found = find(slug, year)
    return printed_of(found).report if found else None


def base_of(found: Found, slug: str, year: int) -> str:
    """The address from which an edition's page links to its own figures, tables and files."""
    if found.is_pinned:
        return reverse("edition", args=[slug, year, found.number])
    return reverse("council-year", args=[slug, year])


def editions_in_force() -> list[tuple[Found, str, int]]:
    """Every public report's newest edition with its council's slug and its year, newest first (one query)."""
    rows = ReportEdition.objects.public().order_by("report", "-number")
    names = ("report", "pk", "content_hash", "shown_hash", "number")
    path = "report__council_year"
    found: dict[int, tuple[Found, str, int]] = {}
    for report, pk, content_hash, shown_hash, number, slug, year in rows.values_list(
        *names, f"{path}__council__slug", f"{path}__year"
    ):
        found.setdefault(report, (Found(pk, content_hash, shown_hash, number, number), slug, year))
    return sorted(found.values(), key=lambda row: (-row[2], row[1]))


def reports_of(slug: str) -> dict[int, Printed]:
    """A council's public reports by year, as their editions in force have them.

    One that fails its check is left out: its own page says so.
    """
    found = {}
    for edition, council, year in editions_in_force():
        if council != slug:
            continue
        try:
            found[year] = printed_of(edition)
        except EditionFault:
            continue
    return dict(sorted(found.items()))
