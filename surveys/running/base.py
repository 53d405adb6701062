"""The base of a survey's shares: whether roster and targets name the same municipalities."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from members.models import CouncilYear, Organization
from surveys.models import Survey, SurveyEvent, SurveyTarget
from surveys.running.lifecycle import IssuedLink, add_target, issue_links, note_event, roster_departments


@dataclass(frozen=True)
class BaseGap:
    """Where a survey's targets and its year's roster differ, and nobody has decided yet.

    ``unasked`` stand in the roster and are no target; ``strays`` are targets in the base
    that the roster does not name.
    """

    survey: Survey
    unasked: tuple[Organization, ...]
    strays: tuple[SurveyTarget, ...]

    def __bool__(self) -> bool:
        return bool(self.unasked or self.strays)

    @property
    def sentences(self) -> list[str]:
        """What is to be decided, for staff."""
        found = []
        if self.unasked:
            names = "、".join(body.name for body in self.unasked)
            found.append(
                f"アンケート「{self.survey.title}」：{names}は検討メンバーですが、回答対象ではありません。"
                "対象に加えるか、理由を付けて除くかを決めてください。"
            )
        if self.strays:
            names = "、".join(target.name for target in self.strays)
            found.append(
                f"アンケート「{self.survey.title}」：{names}は母数に入っていますが、検討メンバーにありません。"
                "検討メンバーに戻すか、理由を付けて対象から除いてください。"
            )
        return found


def find_gap(survey: Survey) -> BaseGap:
    """Compare one survey with its roster (three queries); nothing to compare before anybody was asked."""
    if survey.is_aggregate or survey.status in Survey.NOT_ASKED or not survey.targets.exists():
        return BaseGap(survey, (), ())
    roster = survey.council_year.municipalities()
    known = survey.targets.values("organization")
    strays = survey.targets.in_base().exclude(organization__in=roster.values("pk"))
    return BaseGap(
        survey,
        tuple(roster.exclude(pk__in=known).order_by("code")),
        tuple(strays.select_related("organization").order_by("organization__code")),
    )


def gaps_of(year: CouncilYear) -> list[BaseGap]:
    """The surveys of a year whose base is to be decided on."""
    surveys = Survey.objects.filter(council_year=year).select_related("council_year__council").order_by("pk")
    return [gap for survey in surveys if (gap := find_gap(survey))]


@transaction.atomic
def decide_base(
    survey: Survey, organization: Organization, *, reason: str, by: User | None
) -> list[IssuedLink]:
    """Ask a municipality that came to the roster late, or leave it out with a reason.

    Returns the link of the new target, where it can still answer. Raises ``ValidationError``.
    """
    survey = Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    if organization not in find_gap(survey).unasked:
        raise ValidationError(f"{organization.name}については、すでに決まっています。")
    departments = roster_departments(survey)
    target = add_target(survey, organization, departments, reason, is_excluded=bool(reason))
    if reason:
        note_event(survey, SurveyEvent.Kind.EXCLUDED, by, f"{organization.name}：{reason}")
        return []
    note_event(survey, SurveyEvent.Kind.ADDED, by, organization.name)
    return issue_links([target]) if survey.status == Survey.Status.OPEN else []
