"""Departments that are split, merged or renamed from a fiscal year on; that year's rosters and later follow.

Earlier rosters, minutes and answers keep the departments that they were made with. The first of the new
departments is the heir: it takes the place, role and post on each roster, and the address for mails.
"""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction

from members.common.acts import act
from members.common.merging import digest
from members.common.remit import is_shared_elsewhere
from members.common.text.cleaning import on_one_line
from members.common.text.folding import fold
from members.models import CouncilYear, Department, Membership, Organization

RANK = [Membership.Role.CHAIR, Membership.Role.VICE_CHAIR, Membership.Role.MEMBER]
# Of new departments, and of lines that are looked at at all.
MOST, LINES = 20, 200
CHANGED = "確かめた後に名簿か担当課が変わりました。まだ何も変えていません。今の内容を確かめてください。"
NOT_YOURS = "ほかの検討会議の名簿にも載っている担当課です。すべての検討会議の担当者に頼んでください。"


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What becomes of one year's roster: who goes, who comes, and with which role and post."""

    council_year: CouncilYear
    leaving: tuple[Membership, ...]
    # Names of those that are put on it; the first with the role.
    coming: tuple[str, ...]
    role: Membership.Role
    post: str
    # Whether a report of this year is public: its edition stays as it is.
    is_published: bool = False

    @property
    def leaving_text(self) -> str:
        return "、".join(named(row.department.name, row.get_role_display(), row.post) for row in self.leaving)

    @property
    def coming_text(self) -> str:
        first, *others = self.coming
        return "、".join([named(first, str(self.role.label), self.post), *others])


def named(department: str, role: str, post: str) -> str:
    """「総務課（代表・課長）」."""
    return f"{department}（{'・'.join(filter(None, [role, post]))}）"


@dataclass(slots=True)
class Reorganisation:
    """Which departments of an organization become which, from a year on."""

    organization: Organization
    old: list[Department]
    names: list[str]
    year: int
    changes: list[RosterChange] = field(default_factory=list)
    # Of the names, those that are departments already.
    there: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        rows = [
            (
                change.council_year.pk,
                [row.pk for row in change.leaving],
                change.coming,
                change.role,
                change.post,
            )
            for change in self.changes
        ]
        return digest([self.organization.pk, [each.pk for each in self.old], self.names, self.year, rows])

    @property
    def heir(self) -> str:
        return self.names[0]

    @property
    def ending(self) -> list[Department]:
        """The old ones that are not among the new."""
        return [each for each in self.old if each.name not in self.names]


def plan_reorganisation(old: list[Department], names: list[str], year: int) -> Reorganisation:
    """Look at every roster from the year on; nothing is written. Raises ``ValidationError``."""
    old = sorted(old, key=lambda each: each.pk)
    plan = Reorganisation(organization_of(old), old, told_apart(names), year)
    if {each.name for each in old} == set(plan.names):
        raise ValidationError("前と後が同じです。新しい担当課の名称を入力してください。")
    known = {fold(each.name): each.name for each in plan.organization.departments.all()}
    # Another spelling of one that there is means that one.
    plan.names = list(dict.fromkeys(known.get(fold(name), name) for name in plan.names))
    plan.there = [name for name in plan.names if name in known.values()]
    rows = Membership.objects.filter(department__in=old, council_year__year__gte=year).select_related(
        "council_year__council", "department__organization"
    )
    by_year: dict[CouncilYear, list[Membership]] = {}
    for row in rows.order_by("council_year__year", "council_year__council", "pk"):
        by_year.setdefault(row.council_year, []).append(row)
    plan.changes = [change_of(plan, council_year, found) for council_year, found in by_year.items()]
    return plan


def organization_of(old: list[Department]) -> Organization:
    bodies = {each.organization for each in old}
    if not old:
        raise ValidationError("再編する担当課を選んでください。")
    if len(bodies) > 1:
        raise ValidationError("1つの団体の担当課だけを選んでください。")
    return bodies.pop()


def told_apart(names: list[str]) -> list[str]:
    """The names as typed, each once; raises ``ValidationError`` where there is none, or one too long."""
    if len(names) > LINES:
        raise ValidationError(f"再編の後の担当課は{MOST}までにしてください。")
    shown = [line for name in names if (line := on_one_line(name))]
    found = list({fold(name): name for name in reversed(shown)}.values())[::-1]
    if not found:
        raise ValidationError("再編の後の担当課を、1行に1つ入力してください。")
    if long := [name for name in found if len(name) > 100]:
        raise ValidationError(f"「{long[0][:20]}…」が長すぎます。100文字までにしてください。")
    if len(found) > MOST:
        raise ValidationError(f"再編の後の担当課は{MOST}までにしてください。")
    return found


def change_of(plan: Reorganisation, council_year: CouncilYear, rows: list[Membership]) -> RosterChange:
    leading = min(rows, key=lambda row: RANK.index(Membership.Role(row.role)))
    editions = getattr(council_year, "report", None)
    return RosterChange(
        council_year,
        tuple(rows),
        tuple(plan.names),
        Membership.Role(leading.role),
        leading.post,
        is_published=bool(editions and editions.is_published),
    )


@transaction.atomic
def reorganise(plan: Reorganisation, seen: str, user: object) -> int:
    """Carry it out, all or nothing; returns how many rosters follow. Raises ``ValidationError``."""
    Organization.objects.select_for_update(no_key=True).get(pk=plan.organization.pk)
    plan = plan_reorganisation(
        list(Department.objects.filter(pk__in=[each.pk for each in plan.old])), plan.names, plan.year
    )
    if plan.state != seen:
        raise ValidationError(CHANGED)
    joined = plan.organization.departments.filter(name__in=plan.there)
    if any(is_shared_elsewhere(user, each) for each in [*plan.old, *joined]):
        raise ValidationError(NOT_YOURS)
    act("担当課の再編", about=plan.organization)
    new = departments_of(plan)
    for change in plan.changes:
        follow(change, new)
    for department in plan.ending:
        department.ended_year, department.continued_by = plan.year, new[0]
        department.save()
    return len(plan.changes)


def departments_of(plan: Reorganisation) -> list[Department]:
    """The new departments in their order; those that there are, and the rest made now."""
    found = []
    for name in plan.names:
        department = plan.organization.departments.filter(name=name).first()
        if department is None:
            email = plan.old[0].email if name == plan.heir else ""
            department = Department.objects.create(organization=plan.organization, name=name, email=email)
        elif department.ended_year is not None:
            department.ended_year = department.continued_by = None
            department.save()
        found.append(department)
    return found


def follow(change: RosterChange, new: list[Department]) -> None:
    """Put the new departments in the place of the old ones on a roster; the role goes to the first."""
    for row in change.leaving:
        row.delete()
    for number, department in enumerate(new):
        is_heir = number == 0
        row, is_new = Membership.objects.get_or_create(
            council_year=change.council_year,
            department=department,
            defaults={
                "role": change.role if is_heir else Membership.Role.MEMBER,
                "post": change.post if is_heir else "",
                # Somebody looks at the post of a new department.
                "is_to_check": True,
            },
        )
        if not is_new and is_heir and RANK.index(change.role) < RANK.index(Membership.Role(row.role)):
            row.role, row.post, row.is_to_check = change.role, row.post or change.post, True
            row.save()
