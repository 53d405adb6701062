"""Which figures the public reads: those of editions in force, and those published with results alone."""

from collections.abc import Iterator

from council.editions.reading import editions_in_force, printed_of
from council.editions.rosters import Place, held_rosters
from members.common.publication.seal import EditionFault
from surveys.models import ResultsEdition, Survey
from surveys.results.editions import snapshot_of
from surveys.results.snapshots import compute_snapshots

# A figure's council, year and key: its address.
Figure = tuple[str, int, str]


def public_figures() -> list[Figure]:
    """Each once, by its address; of a year whose report is withdrawn none (a constant number of queries)."""
    held = held_rosters()
    found: dict[Figure, bool] = {}
    for edition, slug, year in editions_in_force():
        try:
            figures = printed_of(edition).report.figures
        except EditionFault:
            continue
        found |= {(slug, year, figure.key): True for figure in figures}
    found |= {figure: True for figure in figures_of_results() if figure[:2] not in held}
    return sorted(found)


def figures_of_results() -> Iterator[Figure]:
    """The figures of public results, as they were published."""
    surveys = {
        survey.pk: survey for survey in Survey.objects.public().select_related("council_year__council")
    }
    editions = {
        edition.survey_id: edition for edition in ResultsEdition.objects.in_force().filter(survey__in=surveys)
    }
    fresh = compute_snapshots([survey for pk, survey in surveys.items() if pk not in editions])
    for pk, survey in surveys.items():
        try:
            snapshot = snapshot_of(editions[pk]) if pk in editions else fresh[pk]
        except EditionFault:
            continue
        place: Place = (survey.council_year.council.slug, survey.council_year.year)
        for figure in snapshot.figures:
            yield (*place, figure.key)
