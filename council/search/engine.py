"""Search over everything public: meetings, figures, organizations, reports, surveys, minutes, materials.

What an edition tells is found as the edition says it (:mod:`council.search.entries`); the records of
meetings are searched in their own tables, from each model's ``public()``, in folded columns. There is
no index that could know more than the pages show.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

from council.search import entries
from council.search.entries import Entry
from council.search.query import Query, parse
from meetings.models import AgendaItem, Material, Meeting, MinuteEntry
from members.common.text.folding import Folded
from members.models import Organization

PREVIEW = 10
PAGE = 20
CONTEXT = 60


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to; empty means everything."""

    council: str = ""
    year: int | None = None
    record: str = ""
    kind: str = ""
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One place where the words stand: its heading, its address, the text around them."""

    heading: str
    url: str
    context: tuple[tuple[str, bool], ...]


@dataclass(slots=True)
class Group:
    """The results in one kind of record."""

    record: str
    label: str
    count: int
    results: list[Result] = field(default_factory=list)
    page: Any = None


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of record that is searched: rows of a table, or entries of editions."""

    record: str
    label: str
    rows: Callable[[Filters], QuerySet] | None = None
    show: Callable[[Any], tuple[str, str, str]] | None = None
    entries: Callable[[], Iterable[Entry]] | None = None


def in_years(rows: QuerySet, filters: Filters, path: str) -> QuerySet:
    """Narrow rows to a council and a year."""
    if filters.council:
        rows = rows.filter(**{f"{path}__council__slug": filters.council})
    if filters.year:
        rows = rows.filter(**{f"{path}__year": filters.year})
    return rows


def of_meetings(model: Any) -> Callable[[Filters], QuerySet]:
    def rows(filters: Filters) -> QuerySet:
        found = in_years(model.objects.public(), filters, "meeting__council_year")
        return found.select_related("meeting__council_year__council").order_by(
            "-meeting__held_on", "meeting", "position", "pk"
        )

    return rows


def minutes(filters: Filters) -> QuerySet:
    rows = of_meetings(MinuteEntry)(filters)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.organization:
        rows = rows.filter(department__organization__code=filters.organization)
    return rows


def meetings(filters: Filters) -> QuerySet:
    found = in_years(Meeting.objects.public(), filters, "council_year")
    return found.select_related("council_year__council").order_by("-held_on", "number", "pk")


def organizations(filters: Filters) -> QuerySet:
    return Organization.objects.public().order_by("code")


def show_part(part: Any, text: str) -> tuple[str, str, str]:
    return str(part.meeting), f"{part.meeting.get_absolute_url()}#{part.anchor}", text


SOURCES = (
    Source("council", "検討会議と年度", entries=entries.councils),
    Source("meeting", "会議", meetings, lambda row: (str(row), row.get_absolute_url(), row.search_text)),
    Source("figure", "指標", entries=entries.figures),
    Source(
        "organization",
        "団体",
        organizations,
        lambda row: (row.name, row.get_absolute_url(), f"{row.name}（{row.kana}）{row.code}"),
    ),
    Source("department", "担当課", entries=entries.departments),
    Source("report", "年次報告書", entries=entries.sections),
    Source("survey", "アンケート", entries=entries.surveys),
    Source(
        "agenda",
        "次第・議題",
        of_meetings(AgendaItem),
        lambda row: show_part(row, f"{row.label} {row.title}".strip()),
    ),
    Source(
        "minutes",
        "議事概要",
        minutes,
        lambda row: show_part(row, f"{row.body} {row.speaker}".strip()),
    ),
    Source(
        "material",
        "資料",
        of_meetings(Material),
        lambda row: show_part(row, f"{row} {row.provider}".strip()),
    ),
)


def search(text: str, filters: Filters, page: str = "1") -> list[Group]:
    """Search; without a chosen kind of record the first results of each, else a page of that one.

    Takes two queries for each kind of record, however much there is.
    """
    query = parse(text)
    if not query.groups:
        return []
    # A kind of entry or a speaker's body is something only minutes have.
    record = filters.record or ("minutes" if filters.kind or filters.organization else "")
    wanted = [source for source in SOURCES if not record or source.record == record]
    groups = (search_in(source, query, filters, page if record else None) for source in wanted)
    return [group for group in groups if group]


def search_in(source: Source, query: Query, filters: Filters, page: str | None) -> Group | None:
    """A page of one kind of record, or without ``page`` its first results; None where nothing is found."""
    rows: Any
    if source.rows:
        rows = source.rows(filters).filter(query.condition())
    else:
        rows = found_entries(source, query, filters)
    paginator = Paginator(rows, PREVIEW if page is None else PAGE)
    shown = paginator.get_page(page or "1")
    if not paginator.count:
        return None
    group = Group(source.record, source.label, paginator.count, page=None if page is None else shown)
    for row in shown:
        heading, url, content = source.show(row) if source.show else (row.heading, row.url, row.text)
        group.results.append(Result(heading, url, highlight(content, query.words)))
    return group


def found_entries(source: Source, query: Query, filters: Filters) -> list[Entry]:
    """The entries that answer a query; first those that one of its words names."""
    assert source.entries  # noqa: S101
    found = [
        each
        for each in source.entries()
        if (not filters.council or each.council == filters.council)
        and (not filters.year or each.year == filters.year)
        and query.matches(each.folded)
    ]
    return sorted(found, key=lambda each: not any(word in each.names for word in query.words))


def highlight(text: str, words: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    """Cut the text around the first word found and mark all of them: (run, whether it is one)."""
    folded = Folded(text)
    spans: list[tuple[int, int]] = []
    for word in words:
        start = folded.text.find(word)
        while start >= 0:
            spans.append(folded.span(start, start + len(word)))
            start = folded.text.find(word, start + len(word))
    spans.sort()
    first = spans[0][0] if spans else 0
    begin = max(0, first - CONTEXT)
    end = min(len(text), first + 2 * CONTEXT)
    runs: list[tuple[str, bool]] = [("…", False)] if begin else []
    at = begin
    for start, stop in spans:
        if start < at or start >= end:
            continue
        runs += [(text[at:start], False), (text[start:stop], True)]
        at = stop
    runs.append((text[at : max(at, end)], False))
    if end < len(text):
        runs.append(("…", False))
    return tuple(run for run in runs if run[0])
