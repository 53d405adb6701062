"""What the public can find of editions: their prose, figures, rosters, grades and questions.

Read from the editions in force, so that a search can find nothing that no page shows, and nothing
that was changed since. Each edition is folded once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse

from council.editions.reading import Found, editions_in_force, printed_of
from council.editions.rosters import held_rosters
from council.report.build import Report
from council.writing.languages import BY_SLUG
from council.writing.prose import plain
from members.common.publication.seal import EditionFault
from members.common.text.eras import format_fiscal_year
from members.common.text.folding import search_fold
from members.models import Council, CouncilYear, Membership
from surveys.models import ResultsEdition, Survey
from surveys.results.editions import snapshot_of
from surveys.results.indicator_tallies import Tally
from surveys.results.snapshots import ResultsSnapshot


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found: where it stands, what it says, and the names it is known by."""

    heading: str
    url: str
    text: str
    council: str
    year: int | None
    folded: str
    names: tuple[str, ...] = ()


def entry(heading: str, url: str, text: str, council: str, year: int | None, *names: str) -> Entry:
    folded = search_fold("\n".join(filter(None, [text, *names])))
    return Entry(heading, url, text, council, year, folded, tuple(map(search_fold, filter(None, names))))


# --- Reports: prose, figures, departments ---


@dataclass(frozen=True, slots=True)
class OfReport:
    """What can be found in one edition of a report."""

    sections: tuple[Entry, ...]
    figures: tuple[Entry, ...]
    departments: tuple[Entry, ...]


@lru_cache(maxsize=256)
def entries_of(found: Found, slug: str, year: int) -> OfReport:
    """Folded once for each edition; raises ``EditionFault`` where it is not what was published."""
    report = printed_of(found).report
    base = reverse("council-year", args=[slug, year])
    return OfReport(
        tuple(sections_of(report, base, slug, year)),
        tuple(figure_entry(tally, report.title, base, slug, year) for tally in report.figures),
        tuple(departments_of(report, base, slug, year)),
    )


def sections_of(report: Report, base: str, slug: str, year: int) -> Iterator[Entry]:
    for section in report.sections:
        text = "\n".join(map(plain, section.paragraphs))
        if section.kind == "self_evaluation":
            text = "\n".join(filter(None, [report.grade_sentence, text]))
        grade = report.grade if section.kind == "self_evaluation" else ""
        heading = f"{report.title}「{section.heading}」"
        yield entry(heading, f"{base}#{section.anchor}", text, slug, year, section.heading, grade)
    for summary in report.summaries:
        # As it is read: how a word is pronounced would part it.
        text = "\n".join("".join(each.text for each in row.segments) for row in summary.paragraphs)
        name = BY_SLUG[summary.language].name
        heading = f"{report.title}「{name}」"
        yield entry(heading, f"{base}summary/{summary.language}/", text, slug, year, name, summary.heading)


def figure_entry(tally: Tally, title: str, base: str, slug: str, year: int) -> Entry:
    text = f"{tally.name}：{tally.share_text}。{tally.statement}"
    return entry(f"{title}「{tally.name}」", f"{base}figures/{tally.key}/", text, slug, year, tally.name)


def departments_of(report: Report, base: str, slug: str, year: int) -> Iterator[Entry]:
    for row in report.roster.organizations:
        for each in row.departments:
            yield department(row.name, each.name, each.role, each.post, row.code, report.council, slug, year)


def department(
    organization: str, name: str, role: str, post: str, code: str, council: str, slug: str, year: int
) -> Entry:
    text = "　".join(filter(None, [organization, name, role, post]))
    heading = f"{organization} {name}（{council} {format_fiscal_year(year)}）"
    return entry(heading, reverse("organization", args=[code]), text, slug, year, organization, name, role)


def reports() -> list[OfReport]:
    """Every public report as its edition in force has it; one that fails its check is left out."""
    found = []
    for edition, slug, year in editions_in_force():
        try:
            found.append(entries_of(edition, slug, year))
        except EditionFault:
            continue
    return found


def sections() -> Iterable[Entry]:
    return [each for report in reports() for each in report.sections]


def figures() -> Iterable[Entry]:
    return [each for report in reports() for each in report.figures]


def departments() -> Iterable[Entry]:
    """Of public reports as at the time; of public years without one as they stand (two queries)."""
    told = {(slug, year) for _, slug, year in editions_in_force()} | held_rosters()
    found = [each for report in reports() for each in report.departments]
    rows = Membership.objects.filter(council_year__in=CouncilYear.objects.public()).in_roster_order()
    labels = dict(Membership.Role.choices) | {str(Membership.Role.MEMBER): ""}
    for slug, year, council, code, organization, name, role, post in rows.values_list(
        "council_year__council__slug",
        "council_year__year",
        "council_year__council__name",
        "department__organization__code",
        "printed_organization",
        "printed_department",
        "role",
        "post",
    ):
        if (slug, year) not in told:
            found.append(department(organization, name, str(labels[role]), post, code, council, slug, year))
    return found


# --- Surveys ---


@lru_cache(maxsize=256)
def questions_of(
    pk: int, content_hash: str, council: str, slug: str, year: int, key: str
) -> tuple[Entry, ...]:
    """A survey's public questions as its results in force have them."""
    edition = ResultsEdition.objects.select_related("survey").get(pk=pk)
    snapshot = snapshot_of(edition)
    title = snapshot.title or edition.survey.title
    base = reverse("survey-results", args=[slug, year, key])
    heading = f"{council} {format_fiscal_year(year)} {title}"
    found = [entry(f"{heading}の結果", base, title, slug, year, title)]
    for number, text in enumerate(question_texts(snapshot)):
        question, lines = text
        url = f"{base}#q-{question}"
        first = lines[0] if lines else str(number)
        found.append(entry(f"{heading}「{first}」", url, "\n".join(lines), slug, year, first))
    return tuple(found)


def question_texts(snapshot: ResultsSnapshot) -> Iterator[tuple[str, list[str]]]:
    """Each question's key with its wording, topics and choices: totals only, never who chose what."""
    lines: dict[str, dict[str, None]] = {}
    for tally in snapshot.tallies:
        said = lines.setdefault(tally.key, {tally.text: None})
        said |= dict.fromkeys(filter(None, [tally.topic, *(choice.label for choice in tally.choices)]))
    for key, said in lines.items():
        yield key, list(said)


def surveys() -> Iterable[Entry]:
    """Every public survey and its public questions (one query, and one for each edition not read yet)."""
    rows = ResultsEdition.objects.in_force().filter(survey__in=Survey.objects.public())
    path = "survey__council_year"
    found: list[Entry] = []
    for row in rows.order_by(f"-{path}__year", "survey").values_list(
        "pk",
        "content_hash",
        f"{path}__council__name",
        f"{path}__council__slug",
        f"{path}__year",
        "survey__key",
    ):
        try:
            found += questions_of(*row)
        except EditionFault:
            continue
    return found


# --- Councils and their years ---


def councils() -> Iterable[Entry]:
    """Public councils and their public years (two queries)."""
    found = [
        entry(
            council.name,
            council.get_absolute_url(),
            council.notice or council.name,
            council.slug,
            None,
            council.name,
        )
        for council in Council.objects.public().order_by("name")
    ]
    years = CouncilYear.objects.public().select_related("council").order_by("-year", "council__name")
    for year in years:
        words = f"{year.council.name} {year.label}"
        found.append(
            entry(
                words,
                year.get_absolute_url(),
                words,
                year.council.slug,
                year.year,
                f"{year.year}年度",
                year.council.name,
            )
        )
    return found
