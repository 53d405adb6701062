"""The tallies that an annual report keeps: those behind its figures, and those that are public."""

from collections import defaultdict
from dataclasses import dataclass

from members.models import CouncilYear
from surveys.models import CountedChoice, Question, Survey
from surveys.results.question_tallies import QuestionTally
from surveys.results.snapshots import LeftOut, ResultsSnapshot


@dataclass(frozen=True, slots=True)
class CountRow:
    """One choice of a tally; ``is_counted`` tells whether it makes a organization count for the figure."""

    label: str
    count: int | None
    percent: int | None
    is_counted: bool


@dataclass(frozen=True, slots=True)
class CountTable:
    """The tally of one question, or of one topic of a grid."""

    survey: str
    key: str
    kind: str
    question: str
    topic: str
    rows: tuple[CountRow, ...]
    base: int
    answered: int | None
    not_asked: int
    unanswered: int | None


@dataclass(frozen=True, slots=True)
class FigureDetail:
    """What lies behind the figure named ``key``."""

    key: str
    tables: tuple[CountTable, ...]
    left_out: tuple[LeftOut, ...]


def load_tables(
    council_year: CouncilYear, snapshots: dict[int, ResultsSnapshot]
) -> tuple[tuple[FigureDetail, ...], tuple[CountTable, ...]]:
    """The tables of a year's results: behind each figure, and of all (two queries)."""
    surveys = list(Survey.objects.filter(pk__in=snapshots).values_list("pk", "title", "results_public"))
    titles = {pk: title for pk, title, _ in surveys}
    public = {pk for pk, _, is_public in surveys if is_public}
    results = tuple(
        count_table(tally, titles, set())
        for pk, snapshot in snapshots.items()
        for tally in snapshot.tallies
        if pk in public and is_listed(tally)
    )
    return figure_details(council_year, snapshots, titles), results


def figure_details(
    council_year: CouncilYear, snapshots: dict[int, ResultsSnapshot], titles: dict[int, str]
) -> tuple[FigureDetail, ...]:
    """The tables behind each figure: of the questions whose choices it counts (one query).

    As it was published, and as it stands only for what was published before that was kept.
    """
    shown = {figure.key: pk for pk, snapshot in snapshots.items() for figure in snapshot.figures}
    counted: dict[str, set[int]] = defaultdict(set)
    questions: dict[str, set[int]] = defaultdict(set)
    untold = {key for key, pk in shown.items() if not snapshots[pk].counted}
    rows = CountedChoice.objects.filter(indicator__council_year=council_year, indicator__key__in=untold)
    told = [
        (each.key, each.choice, each.question) for snapshot in snapshots.values() for each in snapshot.counted
    ]
    for key, choice, question in (
        *told,
        *rows.values_list("indicator__key", "choice", "choice__question"),
    ):
        counted[key].add(choice)
        questions[key].add(question)
    details = []
    for key, pk in shown.items():
        tallies = [tally for tally in snapshots[pk].tallies if tally.question in questions[key]]
        tables = tuple(count_table(tally, titles, counted[key]) for tally in tallies)
        details.append(FigureDetail(key, tables, snapshots[pk].left_out))
    return tuple(details)


def is_listed(tally: QuestionTally) -> bool:
    """Whether a tally stands among the year's results: disclosed, and of choices."""
    return tally.kind not in WITHOUT_CHOICES and tally.disclosure == Question.Disclosure.PUBLIC


WITHOUT_CHOICES = (Question.Kind.TEXT, Question.Kind.LINE, Question.Kind.NUMBER, Question.Kind.DATE)


def count_table(tally: QuestionTally, titles: dict[int, str], counted: set[int]) -> CountTable:
    """A tally as a report keeps it: without its breakdown by kind of organization."""
    return CountTable(
        survey=titles[tally.survey],
        key=tally.key,
        kind=tally.kind,
        question=tally.text,
        topic=tally.topic,
        rows=tuple(
            CountRow(choice.label, choice.count, choice.percent, choice.pk in counted)
            for choice in tally.choices
        ),
        base=tally.base,
        answered=tally.answered,
        not_asked=tally.not_asked,
        unanswered=tally.unanswered,
    )
