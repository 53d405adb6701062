"""Handing a year on: what was chosen in the preview, together or not at all."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from council.models import AnnualReport, EvaluationGrade, ReportSection
from council.rollover.plan import Plan, plan_for
from council.rollover.shifts import shifted
from council.writing.form import take_grades
from members.common.acts import act
from members.models import Council, CouncilYear, Membership
from surveys.models import Survey
from surveys.questionnaire.copying import copy_survey

CHANGED = (
    "確かめた後に、前の年度か引き継ぎ先が変わりました。まだ何も引き継いでいません。"
    "今の内容を確かめてください。"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody ticked: members and surveys by id, the titles, and words to put in place of others."""

    seen: str
    members: frozenset[int] = frozenset()
    surveys: frozenset[int] = frozenset()
    titles: dict[int, str] = field(default_factory=dict)
    words: dict[int, dict[str, str]] = field(default_factory=dict)
    with_grades: bool = False
    with_sections: bool = False


@transaction.atomic
def carry_over(source: CouncilYear, year: int, choice: Choice) -> tuple[CouncilYear, list[str]]:
    """Make the year, or fill it; returns it and what was done, in words. Raises ``ValidationError``."""
    # Two clicks, one after the other: the second finds all there.
    Council.objects.select_for_update(no_key=True).get(pk=source.council_id)
    plan = plan_for(source, year)
    if plan.state != choice.seen:
        raise ValidationError(CHANGED)
    target = plan.target or make_year(source, year)
    act("年度の引き継ぎ", about=target)
    done = [
        counted("検討メンバー", carry_members(plan, target, choice), "課"),
        counted("自己評価の区分", carry_grades(plan, target) if choice.with_grades else 0, "件"),
        counted("アンケート", carry_surveys(plan, target, choice), "件"),
    ]
    if choice.with_sections and not plan.has_report:
        carry_sections(source, target)
        done.append("報告書の節の構成")
    return target, [text for text in done if text]


def counted(what: str, count: int, unit: str) -> str:
    return f"{what}{count}{unit}" if count else ""


def make_year(source: CouncilYear, year: int) -> CouncilYear:
    """A year that the public does not see yet."""
    target = CouncilYear(council=source.council, year=year)
    target.full_clean()
    target.save()
    return target


def carry_members(plan: Plan, target: CouncilYear, choice: Choice) -> int:
    has_chair = target.memberships.filter(role=Membership.Role.CHAIR).exists()
    wanted = [row.pk for row in plan.members if row.is_proposed and row.pk in choice.members]
    rows = Membership.objects.filter(pk__in=wanted).select_related("department").order_by("pk")
    for row in rows:
        is_second = row.role == Membership.Role.CHAIR and has_chair
        Membership.objects.create(
            council_year=target,
            department=row.department.continued_in(plan.year),
            role=Membership.Role.MEMBER if is_second else row.role,
            post=row.post,
            # Heads of department change in April.
            is_to_check=bool(row.post)
            or row.role != Membership.Role.MEMBER
            or row.department.ended_year is not None,
        )
    return len(rows)


def carry_grades(plan: Plan, target: CouncilYear) -> int:
    return take_grades(
        EvaluationGrade.objects.filter(council_year=plan.source, label__in=plan.grades), target
    )


def carry_surveys(plan: Plan, target: CouncilYear, choice: Choice) -> int:
    wanted = [row for row in plan.surveys if row.pk in choice.surveys and not row.is_there]
    sources = Survey.objects.in_bulk([row.pk for row in wanted])
    for row in wanted:
        source = sources[row.pk]
        title = choice.titles.get(row.pk, "").strip() or row.new_title
        copy = copy_survey(source, target, source.key, title)
        put_words(copy, choice.words.get(row.pk, {}))
    return len(wanted)


def put_words(survey: Survey, words: dict[str, str]) -> None:
    """Put the chosen words in place of those that name the old year; the title was typed."""
    if not words:
        return
    records: list[tuple[Any, tuple[str, ...]]] = [(survey, ("introduction",))]
    records += [(section, ("title", "description")) for section in survey.sections.all()]
    for question in survey.questions.prefetch_related("choices", "topics"):
        records.append((question, ("text", "help")))
        records += [(part, ("label",)) for part in (*question.choices.all(), *question.topics.all())]
    for record, names in records:
        before = [getattr(record, name) for name in names]
        after = [shifted(text, words) for text in before]
        if before != after:
            for name, text in zip(names, after, strict=True):
                setattr(record, name, text)
            record.save()


def carry_sections(source: CouncilYear, target: CouncilYear) -> None:
    """A report with the old one's sections in their order, without a word of its prose."""
    before = AnnualReport.objects.get(council_year=source)
    report = AnnualReport.objects.create(council_year=target, last_free_number=before.last_free_number)
    for section in before.sections.all():
        ReportSection.objects.create(
            report=report,
            kind=section.kind,
            position=section.position,
            heading=section.heading,
            is_included=section.is_included,
        )
