"""Search over agenda, minutes, materials, reports and organizations.

Every result comes from a model's own ``public()``: there is no index that could
know more than the pages show. Texts are compared folded (see ``members.common.text.folding``),
with plain ``LIKE``, so one character finds as well as ten, on SQLite as on PostgreSQL.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet

from council.models import ReportSection
from meetings.models import AgendaItem, Material, MinuteEntry
from members.common.text.folding import Folded, fold
from members.models import Organization

MAX_QUERY = 200
MAX_TERMS = 12
PREVIEW = 10
PAGE = 20
CONTEXT = 60
TOKEN = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')


@dataclass(frozen=True, slots=True)
class Query:
    """A query as understood: every group must match, by one of its words; none of ``without`` may."""

    groups: tuple[tuple[str, ...], ...] = ()
    without: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word for group in self.groups for word in group)

    def condition(self, path: str = "folded") -> Q:
        """The query as a condition on a folded column."""
        condition = Q()
        for group in self.groups:
            either = Q()
            for word in group:
                either |= Q(**{f"{path}__contains": word})
            condition &= either
        for word in self.without:
            condition &= ~Q(**{f"{path}__contains": word})
        return condition


def parse(text: str) -> Query:
    """Read a query: words are joined by AND, ``A OR B`` by OR, ``-word`` excludes, ``"…"`` is a phrase."""
    text = re.sub(r"[\x00-\x1f]", " ", text[:MAX_QUERY]).replace("　", " ")
    text = text.replace("“", '"').replace("”", '"').replace("＂", '"').replace("－", "-")
    groups: list[list[str]] = []
    without: list[str] = []
    joins = False
    for minus, phrase, word in TOKEN.findall(text)[:MAX_TERMS]:
        if word == "OR" and not minus:
            joins = bool(groups)
            continue
        if word == "AND" and not minus:
            continue
        term = fold(phrase or word).strip()
        if not term:
            continue
        if minus:
            without.append(term)
        elif joins:
            groups[-1].append(term)
        else:
            groups.append([term])
        joins = False
    return Query(tuple(map(tuple, groups)), tuple(without))


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
    """A kind of record that is searched."""

    record: str
    label: str
    rows: Callable[[Filters], QuerySet]
    show: Callable[[Any], tuple[str, str, str]]


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


def reports(filters: Filters) -> QuerySet:
    rows = in_years(ReportSection.objects.public(), filters, "report__council_year")
    return rows.select_related("report__council_year__council").order_by(
        "-report__council_year__year", "report", "position", "pk"
    )


def organizations(filters: Filters) -> QuerySet:
    return Organization.objects.public().order_by("code")


def show_part(part: Any, text: str) -> tuple[str, str, str]:
    return str(part.meeting), f"{part.meeting.get_absolute_url()}#{part.anchor}", text


SOURCES = (
    Source(
        "organization",
        "団体",
        organizations,
        lambda row: (row.name, row.get_absolute_url(), f"{row.name}（{row.kana}）{row.code}"),
    ),
    Source(
        "report",
        "年次報告書",
        reports,
        lambda row: (
            f"{row.report.title}「{row.published_heading}」",
            f"{row.report.get_absolute_url()}#{row.kind}",
            row.published_text,
        ),
    ),
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
    rows = source.rows(filters).filter(query.condition())
    paginator = Paginator(rows, PREVIEW if page is None else PAGE)
    shown = paginator.get_page(page or "1")
    if not paginator.count:
        return None
    group = Group(source.record, source.label, paginator.count, page=None if page is None else shown)
    for row in shown:
        heading, url, content = source.show(row)
        group.results.append(Result(heading, url, highlight(content, query.words)))
    return group


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
