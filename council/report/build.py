"""The annual report as one immutable object, from which every face is drawn.

Page, print and file formats render a :class:`Report` and query nothing. Building
one takes a constant number of queries, however many bodies and meetings there are.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count, Q

from council.models import AnnualReport
from council.report.counts import CountTable, FigureDetail, load_tables
from council.writing.prose import Paragraph, parse
from meetings.models import AgendaItem, Attendance, Meeting, MinuteEntry
from members.common.visibility import Viewer, may_preview, visible_to
from members.models import CouncilYear, Membership, Organization
from surveys.models import Indicator, Survey
from surveys.results.editions import ResultsSnapshot, published_snapshots, staff_snapshots
from surveys.results.indicator_tallies import Tally


@dataclass(frozen=True, slots=True)
class RosterDepartment:
    """A department in the roster; ``role`` is empty for an ordinary member."""

    name: str
    role: str
    mark: str
    post: str


@dataclass(frozen=True, slots=True)
class RosterOrganization:
    """An organization of the roster with its departments, in roster order."""

    code: str
    name: str
    departments: tuple[RosterDepartment, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """A year's members, the prefecture apart from the municipalities."""

    municipalities: tuple[RosterOrganization, ...]
    prefectures: tuple[RosterOrganization, ...]

    @property
    def department_count(self) -> int:
        """Departments of the municipalities."""
        return sum(len(row.departments) for row in self.municipalities)


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One agenda item as printed."""

    label: str
    title: str


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute entry as printed."""

    anchor: str
    kind: str
    body: str
    speaker: str


@dataclass(frozen=True, slots=True)
class MeetingRecord:
    """A meeting with its agenda and, where its record may be read, its minutes."""

    number: int
    label: str
    held_on: date
    mode: str
    status: str
    is_cancelled: bool
    agenda: tuple[AgendaLine, ...]
    minutes: tuple[Minute, ...]
    # Organizations that took part, of those recorded; None where attendance was not recorded.
    attended: int | None = None
    invited: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the report, numbered from 1."""

    kind: str
    number: int
    heading: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that an annual report says."""

    council: str
    slug: str
    notice: str
    contact: str
    year: int
    title: str
    published_on: date | None
    is_published: bool
    grade: str
    grade_sentence: str
    sections: tuple[Section, ...]
    roster: Roster
    meetings: tuple[MeetingRecord, ...]
    figures: tuple[Tally, ...]
    details: tuple[FigureDetail, ...] = ()
    # Tallies of the disclosed questions of the year's published surveys.
    results: tuple[CountTable, ...] = ()

    def figure(self, key: str) -> Tally | None:
        """The figure of this name, if the report has it."""
        return next((figure for figure in self.figures if figure.key == key), None)

    def detail(self, key: str) -> FigureDetail | None:
        """What lies behind the figure of this name."""
        return next((detail for detail in self.details if detail.key == key), None)

    @property
    def provenance_notes(self) -> tuple[str, ...]:
        """What must be said of the data behind the figures, each note once."""
        notes = (figure.provenance_note for figure in self.figures)
        return tuple(dict.fromkeys(note for note in notes if note))


Snapshots = dict[int, ResultsSnapshot]


def snapshots_for(council_year: CouncilYear, viewer: Viewer = None) -> Snapshots:
    """The results of a year's surveys as ``viewer`` may see them: the public as published."""
    if may_preview(viewer, Indicator):
        return staff_snapshots(Survey.objects.filter(council_year=council_year).order_by("pk"))
    return published_snapshots(Survey.objects.public().filter(council_year=council_year).order_by("pk"))


def build_report(
    report: AnnualReport, viewer: Viewer = None, *, snapshots: Snapshots | None = None
) -> Report:
    """Build a report from its year's records as ``viewer`` may see them.

    ``snapshots`` are the results to take where it is not those. The report's
    ``council_year__council`` and ``grade`` should be selected with it.
    """
    council_year = report.council_year
    council = council_year.council
    if snapshots is None:
        snapshots = snapshots_for(council_year, viewer)
    figures = load_figures(council_year, snapshots)
    details, results = load_tables(council_year, snapshots)
    return Report(
        council=council.name,
        slug=council.slug,
        notice=council.notice,
        contact=council.contact,
        year=council_year.year,
        title=report.title,
        published_on=report.published_on,
        is_published=report.is_published,
        grade=report.grade.label if report.grade else "",
        grade_sentence=report.grade.sentence if report.grade else "",
        sections=load_sections(report, figures),
        roster=load_roster(council_year),
        meetings=load_meetings(council_year, viewer),
        figures=figures,
        details=details,
        results=results,
    )


def load_figures(council_year: CouncilYear, snapshots: Snapshots) -> tuple[Tally, ...]:
    """The year's figures in their order (one query)."""
    found = {figure.key: figure for snapshot in snapshots.values() for figure in snapshot.figures}
    keys = Indicator.objects.filter(council_year=council_year).order_by("position", "pk")
    return tuple(found[key] for key in keys.values_list("key", flat=True) if key in found)


def load_sections(report: AnnualReport, figures: tuple[Tally, ...]) -> tuple[Section, ...]:
    """Read the sections and put the figures they quote in place (one query)."""
    tallies = {figure.key: figure for figure in figures}
    return tuple(
        Section(
            kind=section.kind,
            number=number,
            heading=section.title,
            paragraphs=parse(section.body, tallies),
        )
        for number, section in enumerate(report.sections.filter(is_included=True), start=1)
    )


# Decoration beside the word, as the office's template prints it.
ROLE_MARKS = {Membership.Role.CHAIR: "◎", Membership.Role.VICE_CHAIR: "○"}


def load_roster(council_year: CouncilYear) -> Roster:
    """Read a year's roster (one query)."""
    rows = (
        Membership.objects.filter(council_year=council_year)
        .in_roster_order()
        .values_list(
            "department__organization__code",
            "printed_organization",
            "department__organization__kind",
            "printed_department",
            "role",
            "post",
        )
    )
    groups: dict[bool, list[RosterOrganization]] = {True: [], False: []}
    for (code, name, kind), members in groupby(rows, key=lambda row: row[:3]):
        departments = tuple(
            RosterDepartment(
                name=department,
                role=Membership.Role(role).label if role != Membership.Role.MEMBER else "",
                mark=ROLE_MARKS.get(Membership.Role(role), ""),
                post=post,
            )
            for *_, department, role, post in members
        )
        is_prefecture = kind == Organization.Kind.PREFECTURE
        groups[is_prefecture].append(RosterOrganization(code, name, departments))
    return Roster(municipalities=tuple(groups[False]), prefectures=tuple(groups[True]))


def load_meetings(
    council_year: CouncilYear, viewer: Viewer = None, *, planned: bool = False
) -> tuple[MeetingRecord, ...]:
    """Read a year's meetings with agenda, minutes and attendance (four queries).

    A report tells of meetings that were held or cancelled; ``planned`` adds the
    ones still to come.
    """
    meetings = visible_to(viewer, Meeting).filter(council_year=council_year).order_by("number")
    if not planned:
        meetings = meetings.exclude(status=Meeting.Status.PLANNED)
    found = list(meetings)

    agendas: dict[int, list[AgendaLine]] = defaultdict(list)
    for item in AgendaItem.objects.filter(meeting__in=found).order_by("position", "pk"):
        agendas[item.meeting_id].append(AgendaLine(item.label, item.title))
    minutes: dict[int, list[Minute]] = defaultdict(list)
    entries = visible_to(viewer, MinuteEntry)
    for entry in entries.filter(meeting__in=found).order_by("position", "pk"):
        minutes[entry.meeting_id].append(
            Minute(entry.anchor, entry.get_kind_display(), entry.body, entry.speaker)
        )
    present: dict[int, tuple[int, int]] = {
        meeting: (came, asked)
        for meeting, came, asked in visible_to(viewer, Attendance)
        .filter(meeting__in=found)
        .exclude(status="")
        .order_by()
        .values("meeting")
        .annotate(came=Count("pk", filter=~Q(status=Attendance.Status.ABSENT)), asked=Count("pk"))
        .values_list("meeting", "came", "asked")
    }
    return tuple(
        MeetingRecord(
            number=meeting.number,
            label=meeting.label,
            held_on=meeting.held_on,
            mode=meeting.get_mode_display() if meeting.mode else "",
            status=meeting.get_status_display(),
            is_cancelled=meeting.status == Meeting.Status.CANCELLED,
            agenda=tuple(agendas[meeting.pk]),
            minutes=tuple(minutes[meeting.pk]),
            attended=present.get(meeting.pk, (None, None))[0],
            invited=present.get(meeting.pk, (None, None))[1],
        )
        for meeting in found
    )
