"""Search over everything public: meetings, figures, organizations, reports, surveys, minutes, materials.

What an edition tells is found as the edition says it (:mod:`council.search.entries`); the records of
meetings are searched in their own tables, from each model's ``public()``, in folded columns. There is
no index that could know more than the pages show.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.db.models import QuerySet

from council.search import entries
from council.search.entries import Entry
from council.search.query import Query, parse
from meetings.models import AgendaItem, Material, Meeting, MinuteEntry
from members.common.text.eras import format_date
from members.common.text.folding import Folded
from members.models import Organization

PREVIEW = 10
PAGE = 20
CONTEXT = 60
# So much of an entry stands in the words of its link.
HEADING = 24


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
    # The day of the meeting, in words; empty where there is none.
    when: str = ""


class Shown(NamedTuple):
    """A row as a result shows it; its heading is one no other row of the page has."""

    heading: str
    url: str
    text: str
    when: str = ""


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
    show: Callable[[Any], Shown] | None = None
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


def show_meeting(meeting: Meeting) -> Shown:
    return Shown(str(meeting), meeting.get_absolute_url(), meeting.search_text, format_date(meeting.held_on))


def show_part(part: Any, heading: str, text: str) -> Shown:
    meeting = part.meeting
    url = f"{meeting.get_absolute_url()}#{part.anchor}"
    return Shown(f"{meeting} {heading}", url, text, format_date(meeting.held_on))


def show_agenda_item(item: AgendaItem) -> Shown:
    words = f"{item.label} {item.title}".strip()
    return show_part(item, f"次第「{words}」", words)


def show_entry(entry: MinuteEntry) -> Shown:
    """What was said, by whom: of one meeting there may be many."""
    plain = " ".join(entry.body.split())
    begins = plain if len(plain) <= HEADING else f"{plain[:HEADING]}…"
    who = f"（{entry.speaker}）" if entry.speaker else ""
    return show_part(entry, f"{entry.heading}{who}「{begins}」", f"{entry.body} {entry.speaker}".strip())


def show_material(material: Material) -> Shown:
    return show_part(material, str(material), f"{material} {material.provider}".strip())


SOURCES = (
    Source("council", "検討会議と年度", entries=entries.councils),
    Source("meeting", "会議", meetings, show_meeting),
    Source("figure", "指標", entries=entries.figures),
    Source(
        "organization",
        "団体",
        organizations,
        lambda row: Shown(row.name, row.get_absolute_url(), f"{row.name}（{row.kana}）{row.code}"),
    ),
    Source("department", "担当課", entries=entries.departments),
    Source("report", "年次報告書", entries=entries.sections),
    Source("survey", "アンケート", entries=entries.surveys),
    Source("agenda", "次第・議題", of_meetings(AgendaItem), show_agenda_item),
    Source("minutes", "議事概要", minutes, show_entry),
    Source("material", "資料", of_meetings(Material), show_material),
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
    rows_of_page = paginator.get_page(page or "1")
    if not paginator.count:
        return None
    group = Group(source.record, source.label, paginator.count, page=None if page is None else rows_of_page)
    for row in rows_of_page:
        shown = source.show(row) if source.show else Shown(row.heading, row.url, row.text)
        context = highlight(shown.text, query.words)
        group.results.append(Result(shown.heading, shown.url, context, shown.when))
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
