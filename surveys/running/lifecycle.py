"""The course of a survey: whom it asks, opening, closing, opening again, and its access links."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from members.common.acts import act
from members.models import Membership, Organization
from surveys.models import Question, Survey, SurveyEvent, SurveyTarget


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """An access link at the one moment it can be read."""

    target: SurveyTarget
    token: str


def reasons_not_to_open(survey: Survey) -> list[str]:
    """Say what is missing before a survey can be opened; empty when nothing is."""
    reasons = []
    if survey.is_aggregate:
        return ["集計値だけの調査は、受付をしません。"]
    if survey.status == Survey.Status.OPEN:
        reasons.append("このアンケートはすでに受付中です。")
    if survey.status == Survey.Status.TRIAL:
        reasons.append("試行中です。試行を終えてから受付を始めてください。")
    if not survey.closes_at:
        reasons.append("締切が入力されていません。締切を入力して保存してください。")
    elif survey.closes_at <= timezone.now():
        reasons.append("締切が過ぎています。先の日時に変えて保存してください。")
    reasons += flaws(survey)
    if not survey.council_year.municipalities().exists() and not survey.targets.exists():
        reasons.append("この年度の検討メンバーに市区町村がありません。先に検討メンバーを登録してください。")
    if survey.results_public or survey.results_shared:
        reasons.append("集計結果を見せる設定になっています。「公開」の欄の印を外して保存してください。")
    return reasons


def flaws(survey: Survey) -> list[str]:
    """What of a questionnaire cannot be answered as it stands."""
    questions = list(Question.objects.filter(survey=survey).in_order().with_parts())
    if not questions:
        return ["設問がありません。設問を1つ以上登録してください。"]
    found = []
    for position, question in enumerate(questions):
        name = f"設問「{question.text}」"
        found += [f"{name}{flaw}" for flaw in part_flaws(question)]
        for condition in question.conditions.all():
            if condition.choice.question not in questions[:position]:
                found.append(f"{name}の尋ねる条件が、後ろの設問を指しています。順を直してください。")
    return found


def part_flaws(question: Question) -> list[str]:
    """What is wrong with a question's choices and topics, as the end of a sentence about it."""
    choices, topics = question.choices.all(), question.topics.all()
    is_grid = question.kind == question.Kind.GRID
    too_many_wanted = bool(question.min_choices and question.min_choices > len(choices) > 0)
    checks = (
        (question.has_choices and len(choices) < 2, "に選択肢を2つ以上登録してください。"),
        (choices and not question.has_choices, "は選択式ではありません。選択肢を削除してください。"),
        (is_grid and not topics, "に項目を1つ以上登録してください。"),
        (topics and not is_grid, "は表形式ではありません。項目を削除してください。"),
        (
            is_grid and any(choice.asks_text for choice in choices),
            "は表形式です。選択肢の「内容も書く」の印を外してください。",
        ),
        (too_many_wanted, "の「選ぶ数の下限」が、選択肢の数を超えています。"),
    )
    return [sentence for is_wrong, sentence in checks if is_wrong]


@transaction.atomic
def open_survey(
    survey: Survey,
    *,
    by: User | None = None,
    excluded: Mapping[int, str] | None = None,
    added: Mapping[int, str] | None = None,
) -> list[IssuedLink]:
    """Start taking answers: one target and one access link for each municipality of the roster.

    ``excluded`` names municipalities (by id) that are not asked, each with its reason;
    ``added`` other organizations that are asked but stay outside the base. Opening
    again keeps the targets and their links, and adds those that are missing. Raises
    ``ValidationError`` with every reason not to open.
    """
    survey = Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    if reasons := reasons_not_to_open(survey):
        raise ValidationError(reasons)
    excluded, added = excluded or {}, added or {}
    known = set(survey.targets.values_list("organization", flat=True))
    departments = roster_departments(survey)
    for organization in survey.council_year.municipalities():
        if organization.pk in known:
            continue
        reason = excluded.get(organization.pk, "")
        add_target(survey, organization, departments, reason, is_excluded=bool(reason))
        if reason:
            note_event(survey, SurveyEvent.Kind.EXCLUDED, by, f"{organization.name}：{reason}")
    for organization in Organization.objects.filter(pk__in=set(added) - known):
        add_target(survey, organization, departments, added[organization.pk])
    is_first = survey.opened_at is None
    survey.status = Survey.Status.OPEN
    survey.opens_at, survey.opening_failed = None, ""
    survey.opened_at = survey.opened_at or timezone.now()
    survey.save()
    if is_first:
        note_event(survey, SurveyEvent.Kind.OPENED, by)
    return issue_links(list(survey.targets.asked().filter(token_hash=None, link_revoked_at=None)))


def roster_departments(survey: Survey) -> dict[int, list[str]]:
    """The names of each organization's departments in the year's roster."""
    departments: dict[int, list[str]] = {}
    members = Membership.objects.filter(council_year=survey.council_year_id).in_roster_order()
    for organization, name in members.values_list("department__organization", "printed_department"):
        departments.setdefault(organization, []).append(name)
    return departments


def add_target(
    survey: Survey,
    organization: Organization,
    departments: Mapping[int, list[str]],
    reason: str = "",
    *,
    is_excluded: bool = False,
) -> SurveyTarget:
    """Ask one organization, with its name, kind and departments as they are today."""
    return SurveyTarget.objects.create(
        survey=survey,
        organization=organization,
        in_base=not reason,
        is_excluded=is_excluded,
        exclusion_reason=reason,
        name_at_opening=roster_name(survey, organization),
        kind_at_opening=organization.kind,
        departments_at_opening="\n".join(departments.get(organization.pk, [])),
    )


def roster_name(survey: Survey, organization: Organization) -> str:
    """An organization's name as the year's roster prints it."""
    rows = Membership.objects.filter(
        council_year=survey.council_year_id, department__organization=organization
    ).with_names()
    return rows.values_list("printed_organization", flat=True).first() or organization.name


def issue_links(targets: list[SurveyTarget]) -> list[IssuedLink]:
    """Give each target a fresh link; any it had before no longer opens."""
    with transaction.atomic():
        # Whoever makes a section's link by the old one waits, and finds it ended.
        pks = [target.pk for target in targets]
        list(
            SurveyTarget.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=pks)
            .values_list("pk")
        )
        return [issue_link(target) for target in targets]


def issue_link(target: SurveyTarget) -> IssuedLink:
    link = IssuedLink(target, target.new_token())
    # One by one, so that the audit trail has each.
    target.save(update_fields=target.LINK_FIELDS)
    return link


@transaction.atomic
def close_survey(survey: Survey, *, by: User | None = None) -> None:
    """Stop taking answers now; drafts that were not handed in stay drafts."""
    survey = Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    if survey.status != Survey.Status.OPEN:
        raise ValidationError("このアンケートは受付中ではありません。")
    # Waits for whoever is handing in at this moment.
    list(
        SurveyTarget.objects.select_for_update(of=("self",), no_key=True)
        .filter(survey=survey)
        .values_list("pk")
    )
    survey.status = Survey.Status.CLOSED
    survey.save()
    note_event(survey, SurveyEvent.Kind.CLOSED, by)


@transaction.atomic
def reopen_survey(survey: Survey, closes_at: datetime, reason: str, *, by: User | None = None) -> None:
    """Take answers again until a new deadline, for a reason that stays on record."""
    survey = Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    if survey.status != Survey.Status.CLOSED or survey.is_aggregate:
        raise ValidationError("受付を終了したアンケートだけを再開できます。")
    if survey.results_public or survey.results_shared:
        raise ValidationError("集計結果を見せています。先に「公開」の欄の印を外してください。")
    if closes_at <= timezone.now():
        raise ValidationError("締切は先の日時にしてください。")
    if not reason.strip():
        raise ValidationError("再開する理由を入力してください。")
    survey.status, survey.closes_at = Survey.Status.OPEN, closes_at
    survey.save()
    note_event(survey, SurveyEvent.Kind.REOPENED, by, reason)


def note_event(survey: Survey, kind: str, by: User | None, note: str = "") -> None:
    """Put a step of the survey's course on record."""
    act(f"アンケート：{SurveyEvent.Kind(kind).label}", about=survey, reason=note)
    SurveyEvent.objects.create(survey=survey, kind=kind, by=by, note=note[:300])
