"""Opening and closing a survey, and handing out its access links."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from surveys.models import Survey, SurveyTarget


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """An access link at the one moment it can be read."""

    target: SurveyTarget
    token: str


def reasons_not_to_open(survey: Survey) -> list[str]:
    """Say what is missing before a survey can be opened; empty when nothing is."""
    reasons = []
    if survey.status == Survey.Status.OPEN:
        reasons.append("このアンケートはすでに受付中です。")
    if not survey.closes_at:
        reasons.append("締切が入力されていません。締切を入力して保存してください。")
    elif survey.closes_at <= timezone.now():
        reasons.append("締切が過ぎています。先の日時に変えて保存してください。")
    questions = survey.questions.prefetch_related("choices", "topics")
    if not questions:
        reasons.append("設問がありません。設問を1つ以上登録してください。")
    for question in questions:
        if question.has_choices and len(question.choices.all()) < 2:
            reasons.append(f"設問「{question.text}」に選択肢を2つ以上登録してください。")
        is_grid = question.kind == question.Kind.GRID
        if is_grid and not question.topics.all():
            reasons.append(f"設問「{question.text}」に項目を1つ以上登録してください。")
        if question.topics.all() and not is_grid:
            reasons.append(f"設問「{question.text}」は表形式ではありません。項目を削除してください。")
    if not survey.council_year.municipalities().exists() and not survey.targets.exists():
        reasons.append("この年度の検討メンバーに市町がありません。先に検討メンバーを登録してください。")
    if survey.results_public:
        reasons.append("集計結果が公開されています。「集計結果を公開する」を外して保存してください。")
    return reasons


@transaction.atomic
def open_survey(survey: Survey) -> list[IssuedLink]:
    """Start taking answers: one target and one access link for each municipality of the roster.

    Opening again after closing keeps the targets and their links, and adds those
    that are missing. Raises ``ValidationError`` with every reason not to open.
    """
    survey = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    if reasons := reasons_not_to_open(survey):
        raise ValidationError(reasons)
    known = set(survey.targets.values_list("organization", flat=True))
    SurveyTarget.objects.bulk_create(
        SurveyTarget(survey=survey, organization=organization)
        for organization in survey.council_year.municipalities()
        if organization.pk not in known
    )
    survey.status = Survey.Status.OPEN
    survey.opened_at = survey.opened_at or timezone.now()
    survey.save()
    return issue_links(list(survey.targets.filter(token_hash=None, link_revoked_at=None)))


def issue_links(targets: list[SurveyTarget]) -> list[IssuedLink]:
    """Give each target a fresh link; one it had before no longer opens."""
    links = [IssuedLink(target, target.new_token()) for target in targets]
    for target in targets:
        # One by one, so that the audit trail has each.
        target.save(update_fields=target.LINK_FIELDS)
    return links


@transaction.atomic
def close_survey(survey: Survey) -> None:
    """Stop taking answers now; drafts that were not submitted stay drafts."""
    survey = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    if survey.status != Survey.Status.OPEN:
        raise ValidationError("このアンケートは受付中ではありません。")
    survey.status = Survey.Status.CLOSED
    survey.save()
