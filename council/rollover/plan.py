"""What a year would hand on to the next, what is there already, and what somebody must look at."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse

from council.models import AnnualReport, EvaluationGrade
from council.rollover.shifts import YearWord, shifted, year_words
from members.common.merging import digest
from members.common.text.eras import format_date, format_fiscal_year
from members.models import CouncilYear, Department, Membership
from surveys.models import Question, Survey


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A department of the old roster: taken over, there already, or left to be decided."""

    pk: int
    label: str
    role: str
    post: str
    # What to look at, or why it is not taken over.
    note: str = ""
    is_there: bool = False
    is_offered: bool = True

    @property
    def is_proposed(self) -> bool:
        return self.is_offered and not self.is_there


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """A questionnaire: its title a year later, and the words in it that name a year."""

    pk: int
    title: str
    new_title: str
    is_there: bool
    words: tuple[YearWord, ...] = ()


@dataclass(slots=True)
class Plan:
    """The whole of it, for one source and one year."""

    source: CouncilYear
    year: int
    target: CouncilYear | None
    members: list[MemberRow] = field(default_factory=list)
    grades: list[str] = field(default_factory=list)
    grades_there: list[str] = field(default_factory=list)
    surveys: list[SurveyRow] = field(default_factory=list)
    sections: int = 0
    has_report: bool = False

    @property
    def state(self) -> str:
        """Changes with anything that was shown: what is carried out is what somebody saw."""
        rows = [(row.pk, row.role, row.post, row.is_there, row.note) for row in self.members]
        surveys = [
            (row.pk, row.title, row.is_there, [word.word for word in row.words]) for row in self.surveys
        ]
        return digest([self.source.pk, self.year, rows, self.grades, surveys, self.sections, self.has_report])

    @property
    def council_address(self) -> str:
        return reverse("admin:members_council_change", args=[self.source.council_id])


def plan_for(source: CouncilYear, year: int) -> Plan:
    """Look at both years; nothing is written."""
    target = CouncilYear.objects.filter(council=source.council_id, year=year).first()
    plan = Plan(source, year, target, members=member_rows(source, target, year))
    labels = list(EvaluationGrade.objects.filter(council_year=source).values_list("label", flat=True))
    own = set(target.grades.values_list("label", flat=True)) if target else set()
    plan.grades = [label for label in labels if label not in own]
    plan.grades_there = [label for label in labels if label in own]
    plan.surveys = survey_rows(source, target, year - source.year)
    report = AnnualReport.objects.filter(council_year=source).first()
    plan.sections = report.sections.count() if report else 0
    plan.has_report = bool(target) and AnnualReport.objects.filter(council_year=target).exists()
    return plan


def member_rows(source: CouncilYear, target: CouncilYear | None, year: int) -> list[MemberRow]:
    there = set(target.memberships.values_list("department", flat=True)) if target else set()
    has_chair = bool(target) and Membership.objects.filter(council_year=target, role="chair").exists()
    rows = list(
        source.memberships.select_related(
            "department__organization__merged_into", "department__continued_by__organization"
        ).order_by("department__organization__code", "pk")
    )
    taken = there | {row.department_id for row in rows}
    found = []
    for row in rows:
        heir = row.department.continued_in(year)
        # Of several that became one, and of one that joined another, the place is filled once.
        is_joined = heir != row.department and heir.pk in taken
        found.append(member_row(row, heir, row.department_id in there, is_joined, year, has_chair=has_chair))
        taken.add(heir.pk)
    return found


def member_row(
    row: Membership, heir: Department, is_there: bool, is_joined: bool, year: int, *, has_chair: bool
) -> MemberRow:
    body, ended = row.department.organization, row.department.ended_year
    gone = body.merged_into is not None and (body.merged_on is None or body.merged_on <= date(year, 4, 1))
    values: Any = {
        "pk": row.pk,
        "label": str(row.department),
        "role": row.get_role_display(),
        "post": row.post,
    }
    if is_there:
        return MemberRow(**values, note="登録済みです。変えません", is_there=True)
    if gone:
        when = format_date(body.merged_on) if body.merged_on else ""
        return MemberRow(
            **values, note=f"{when}に{body.merged_into}へ合併したため、引き継ぎません", is_offered=False
        )
    if is_joined:
        note = f"{format_fiscal_year(ended or year)}から「{heir.name}」になり、そちらで載ります"
        return MemberRow(**values, note=note, is_offered=False)
    if ended is not None and ended <= year and heir == row.department:
        note = f"{format_fiscal_year(ended)}からない担当課です。引き継いだ課を登録します"
        return MemberRow(**values, note=note, is_offered=False)
    notes = []
    if heir != row.department:
        notes.append(f"{format_fiscal_year(ended or year)}からは「{heir.name}」を載せます")
    if row.role == Membership.Role.CHAIR:
        notes.append("代表は登録済みなので、構成員にします" if has_chair else "代表のままでよいか確かめます")
    elif row.role == Membership.Role.VICE_CHAIR:
        notes.append("副代表のままでよいか確かめます")
    if row.post:
        notes.append("4月の異動で職名が変わっていないか確かめます")
    return MemberRow(**values, note="。".join(notes))


def survey_rows(source: CouncilYear, target: CouncilYear | None, years: int) -> list[SurveyRow]:
    there = set(target.surveys.values_list("key", flat=True)) if target else set()
    rows = []
    for survey in source.surveys.filter(is_aggregate=False).order_by("pk"):
        words = tuple(year_words(texts_of(survey), years))
        moved = {word.word: word.suggestion for word in words if word.suggestion}
        title = shifted(survey.title, moved)
        rows.append(SurveyRow(survey.pk, survey.title, title, survey.key in there, words))
    return rows


def texts_of(survey: Survey) -> list[tuple[str, str]]:
    """Every text of a questionnaire with its place."""
    found = [("アンケート名", survey.title), ("説明文", survey.introduction)]
    found += [(f"区分「{each.title}」", f"{each.title} {each.description}") for each in survey.sections.all()]
    for question in Question.objects.filter(survey=survey).in_order().with_parts():
        parts = [*question.choices.all(), *question.topics.all()]
        text = " ".join([question.text, question.help, *(part.label for part in parts)])
        found.append((f"設問「{question.text[:20]}」", text))
    return found
