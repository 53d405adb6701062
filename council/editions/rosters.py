"""Rosters as the public reads them: a published year's is its edition's, whatever is typed since."""

from council.editions.reading import editions_in_force, find, printed_of
from council.models import AnnualReport, ReportEdition
from council.report.build import Roster, load_roster
from members.common.publication.seal import EditionFault
from members.models import CouncilYear

NOBODY = Roster((), ())
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
    """The years whose withdrawn report had words taken out: the live roster may still have them."""
    rows = ReportEdition.objects.filter(
        report__status=AnnualReport.Status.DRAFT, report__withdrawn_at__isnull=False
    ).exclude(redactions=[])
    return set(rows.values_list("report__council_year__council__slug", "report__council_year__year"))


def public_roster(council_year: CouncilYear) -> Roster | None:
    """A public year's roster; None where it is held back until the report is published again."""
    place = (council_year.council.slug, council_year.year)
    if found := find(*place):
        return printed_of(found).report.roster
    return None if place in held_rosters() else load_roster(council_year)
