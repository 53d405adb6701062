"""The annual report as one immutable object, from which every face is drawn.

Page, print and file formats render a :class:`Report` and query nothing. Building
one takes a constant number of queries, however many bodies and meetings there are.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from council.models import AnnualReport
from council.report.counts import CountTable, FigureDetail, load_tables
from council.report.trends import Trend
from council.writing.languages import LANGUAGES, Language
from council.writing.prose import Paragraph, parse, without_ruby
from meetings.models import AgendaItem, Attendance, Meeting, MinuteEntry
from members.common.text.cleaning import said
from members.common.visibility import Viewer, may_preview, visible_to
from members.models import UNIT_WORDS, CouncilYear, Membership, Organization, base_unit
from surveys.models import Indicator, Survey
from surveys.results.editions import published_snapshots
from surveys.results.indicator_tallies import Tally
from surveys.results.snapshots import ResultsSnapshot, staff_snapshots


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
    kana: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """A year's members, the prefecture apart from the municipalities."""

    municipalities: tuple[RosterOrganization, ...]
    prefectures: tuple[RosterOrganization, ...]
    # 広域連合, 一部事務組合 and the like: members that no share counts.
    others: tuple[RosterOrganization, ...] = ()
    # What the municipalities are counted in, by their kinds.
    unit: str = "市町"

    @property
    def organizations(self) -> tuple[RosterOrganization, ...]:
        """All of them, in the order of the report."""
        return (*self.municipalities, *self.prefectures, *self.others)

    @property
    def groups(self) -> tuple[tuple[str, tuple[RosterOrganization, ...]], ...]:
        """Each group that has members, with its heading."""
        ending = self.prefectures[0].name[-1:] if self.prefectures else ""
        found = (
            (self.unit, self.municipalities),
            (ending if ending in {"都", "道", "府"} else "県", self.prefectures),
            ("その他の団体", self.others),
        )
        return tuple(group for group in found if group[1])

    @property
    def department_count(self) -> int:
        """Departments of the municipalities."""
        return sum(len(row.departments) for row in self.municipalities)


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One line of an agenda as printed."""

    label: str
    title: str
    kind: str = "item"
    level: int = 0


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute entry as printed."""

    anchor: str
    kind: str
    body: str
    speaker: str


@dataclass(frozen=True, slots=True)
class AttendanceLine:
    """How one organization took part in a meeting, by its name at the time."""

    code: str
    name: str
    status: str


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
    attendances: tuple[AttendanceLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the report, numbered from 1."""

    kind: str
    number: int
    heading: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def anchor(self) -> str:
        return self.kind


@dataclass(frozen=True, slots=True)
class Summary:
    """The report summed up for other readers; ``language`` is the slug of one of ``LANGUAGES``."""

    language: str
    heading: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class LiftedWording:
    """A sentence whose number is not a figure's, and why it stands all the same."""

    wording: str
    reason: str


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
    # What the figures were in earlier years, as published when this edition was.
    trends: tuple[Trend, ...] = ()
    lifted: tuple[LiftedWording, ...] = ()
    summaries: tuple[Summary, ...] = ()

    def summary(self, language: str) -> Summary | None:
        """The summary in this language, if the report has it."""
        return next((summary for summary in self.summaries if summary.language == language), None)

    def figure(self, key: str) -> Tally | None:
        """The figure of this name, if the report has it."""
        return next((figure for figure in self.figures if figure.key == key), None)

    def detail(self, key: str) -> FigureDetail | None:
        """What lies behind the figure of this name."""
        return next((detail for detail in self.details if detail.key == key), None)

    def trend(self, key: str) -> Trend | None:
        """The earlier years of the figure of this name."""
        return next((trend for trend in self.trends if trend.key == key), None)

    @property
    def provenance_notes(self) -> tuple[str, ...]:
        """What must be said of the data behind the figures, each note once."""
        notes = (figure.provenance_note for figure in self.figures)
        return tuple(dict.fromkeys(note for note in notes if note))


Snapshots = dict[int, ResultsSnapshot]


def snapshots_for(council_year: CouncilYear, viewer: Viewer = None) -> Snapshots:
    """The results of a year's surveys as ``viewer`` may see them: the public as published."""
    if may_preview(viewer, Indicator, of=council_year):
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
    sections, summaries = load_prose(report, figures)
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
        sections=sections,
        summaries=summaries,
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


def load_prose(
    report: AnnualReport, figures: tuple[Tally, ...]
) -> tuple[tuple[Section, ...], tuple[Summary, ...]]:
    """Read sections and summaries and put the figures they quote in place (one query)."""
    tallies = {figure.key: figure for figure in figures}
    rows = list(report.sections.filter(is_included=True))
    sections = [row for row in rows if not row.is_summary]
    written = {row.kind: row for row in rows if row.is_summary and said(row.body)}
    return (
        tuple(
            Section(section.kind, number, section.title, parse(section.body, tallies))
            for number, section in enumerate(sections, start=1)
        ),
        tuple(
            Summary(
                each.slug,
                without_ruby(said(written[each.kind].heading)),
                summed_up(written[each.kind].body, tallies, each),
            )
            for each in LANGUAGES
            if each.kind in written
        ),
    )


def summed_up(text: str, tallies: Mapping[str, Tally], language: Language) -> tuple[Paragraph, ...]:
    """A summary's prose, its figures as its language writes them."""
    return parse(text, tallies, quote=language.quote, has_ruby=language.has_ruby)


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
            "department__organization__kana",
            "department__organization__kind",
            "printed_department",
            "role",
            "post",
        )
    )
    groups: dict[str, list[RosterOrganization]] = {"base": [], "prefecture": [], "other": []}
    kinds: set[str] = set()
    for (code, name, kana, kind), members in groupby(rows, key=lambda row: row[:4]):
        departments = tuple(
            RosterDepartment(
                name=department,
                role=Membership.Role(role).label if role != Membership.Role.MEMBER else "",
                mark=ROLE_MARKS.get(Membership.Role(role), ""),
                post=post,
            )
            for *_, department, role, post in members
        )
        kinds.add(kind)
        found = RosterOrganization(code, name, departments, kana, str(Organization.Kind(kind).label))
        side = "base" if kind in UNIT_WORDS else "prefecture"
        groups[side if kind in {*UNIT_WORDS, Organization.Kind.PREFECTURE} else "other"].append(found)
    return Roster(
        municipalities=tuple(groups["base"]),
        prefectures=tuple(groups["prefecture"]),
        others=tuple(groups["other"]),
        unit=base_unit(kinds),
    )


def load_meetings(
    council_year: CouncilYear, viewer: Viewer = None, *, planned: bool = False, number: int | None = None
) -> tuple[MeetingRecord, ...]:
    """Read a year's meetings, or one of them, with agenda, minutes and attendance (four queries).

    A report tells of meetings that were held or cancelled; ``planned`` adds the
    ones still to come.
    """
    meetings = visible_to(viewer, Meeting).filter(council_year=council_year).order_by("number")
    if not planned:
        meetings = meetings.exclude(status=Meeting.Status.PLANNED)
    if number is not None:
        meetings = meetings.filter(number=number)
    found = list(meetings)

    agendas: dict[int, list[AgendaLine]] = defaultdict(list)
    for item in AgendaItem.objects.filter(meeting__in=found).order_by("position", "pk"):
        agendas[item.meeting_id].append(AgendaLine(item.label, item.title, item.kind, item.level))
    minutes: dict[int, list[Minute]] = defaultdict(list)
    entries = visible_to(viewer, MinuteEntry)
    for entry in entries.filter(meeting__in=found).order_by("position", "pk"):
        minutes[entry.meeting_id].append(
            Minute(entry.anchor, entry.get_kind_display(), entry.body, entry.speaker)
        )
    attendances = load_attendances(found, viewer)
    absent = str(Attendance.Status.ABSENT.label)
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
            attended=sum(row.status != absent for row in rows) if (rows := attendances[meeting.pk]) else None,
            invited=len(rows) or None,
            attendances=tuple(rows),
        )
        for meeting in found
    )


def load_attendances(meetings: list[Meeting], viewer: Viewer) -> dict[int, list[AttendanceLine]]:
    """How each organization took part, of those that were recorded (one query)."""
    labels = dict(Attendance.Status.choices)
    rows = visible_to(viewer, Attendance).filter(meeting__in=meetings).exclude(status="").with_names()
    found: dict[int, list[AttendanceLine]] = defaultdict(list)
    for meeting, code, name, status in rows.order_by("organization__code").values_list(
        "meeting", "organization__code", "printed_name", "status"
    ):
        found[meeting].append(AttendanceLine(code, name, str(labels[status])))
    return found
