"""Rosters as the public reads them: a published year's is its edition's, whatever is typed since."""

from django.db.models import Exists, OuterRef, Q

from council.editions.reading import editions_in_force, find, printed_of
from council.models import AnnualReport, ReportEdition
from council.report.build import Roster, load_roster
from members.common.publication.seal import EditionFault
from members.frozen_rosters import FrozenRosters
from members.models import CouncilYear

NOBODY = Roster((), ())
WITHDRAWN = Q(status=AnnualReport.Status.DRAFT, withdrawn_at__isnull=False)
Place = tuple[str, int]


def published_rosters() -> dict[Place, Roster]:
    """By council and year, each roster of an edition in force; of one that fails its check, nobody."""
    found = {}
    for edition, slug, year in editions_in_force():
        try:
            found[slug, year] = printed_of(edition).report.roster
        except EditionFault:
            found[slug, year] = NOBODY
    return found


def held_rosters() -> set[Place]:
    """The years whose report is withdrawn: what was typed since it was published nobody has approved."""
    rows = AnnualReport.objects.filter(WITHDRAWN)
    return set(rows.values_list("council_year__council__slug", "council_year__year"))


def frozen_rosters() -> FrozenRosters:
    """The years that a report froze, and who stands in the rosters of its edition in force."""
    has_edition = Exists(ReportEdition.objects.filter(report=OuterRef("pk")))
    published = AnnualReport.objects.filter(has_edition, status=AnnualReport.Status.PUBLISHED)
    codes = {row.code for roster in published_rosters().values() for row in roster.organizations}
    frozen = published | AnnualReport.objects.filter(WITHDRAWN)
    return FrozenRosters(frozen.values("council_year"), frozenset(codes))


def public_roster(council_year: CouncilYear) -> Roster | None:
    """A public year's roster; None where it is held back until the report is published again."""
    place = (council_year.council.slug, council_year.year)
    if found := find(*place):
        return printed_of(found).report.roster
    return None if place in held_rosters() else load_roster(council_year)
