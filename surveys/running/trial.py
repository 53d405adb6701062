"""試行: a questionnaire is answered for a try before it opens, and everything of it is thrown away.

A survey is in trial as a whole: no answer of it can mix with a real one. Nobody is mailed, nothing is
counted, and it opens only after the trial has ended.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from members.common.acts import act
from members.models import Organization
from surveys.answering.drafts import submission_of
from surveys.models import Approval, Faq, OutgoingMail, Survey, SurveyEvent, SurveyTarget
from surveys.running.lifecycle import IssuedLink, flaws, issue_links, note_event, roster_name


@dataclass(frozen=True, slots=True)
class TrialCounts:
    """What ending a trial throws away."""

    submitted: int
    begun: int


def reasons_not_to_try(survey: Survey) -> list[str]:
    """What is missing before a survey can be tried; empty when nothing is."""
    if survey.is_aggregate:
        return ["集計値だけの調査は、受付をしません。"]
    if survey.status != Survey.Status.DRAFT:
        return ["準備中のアンケートだけを試行できます。"]
    if survey.opens_at:
        return ["受付の開始を予約しています。予約を取り消してから試行してください。"]
    return flaws(survey)


@transaction.atomic
def start_trial(survey: Survey, organizations: Iterable[int], *, by: User) -> list[IssuedLink]:
    """Let some bodies, the office's own prefecture among them, answer for a try; returns their links.

    Raises ``ValidationError``.
    """
    survey = Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    if reasons := reasons_not_to_try(survey):
        raise ValidationError(reasons)
    chosen = list(Organization.objects.filter(pk__in=set(organizations)).order_by("code"))
    if not chosen:
        raise ValidationError("試す団体を1つ以上選んでください。")
    known = {target.organization_id: target for target in survey.targets.all()}
    targets = [known.get(body.pk) or trial_target(survey, body) for body in chosen]
    survey.status = Survey.Status.TRIAL
    survey.save()
    note_event(survey, SurveyEvent.Kind.TRIAL, by, "、".join(body.name for body in chosen))
    return issue_links(targets)


def trial_target(survey: Survey, organization: Organization) -> SurveyTarget:
    return SurveyTarget.objects.create(
        survey=survey,
        organization=organization,
        in_base=False,
        is_trial=True,
        exclusion_reason="試行のため",
        name_at_opening=roster_name(survey, organization),
        kind_at_opening=organization.kind,
    )


def trial_counts(survey: Survey) -> TrialCounts:
    targets = survey.targets.all()
    submitted = targets.submitted().count()
    begun = targets.filter(submission=None, drafts__isnull=False).distinct().count()
    return TrialCounts(submitted, begun)


@transaction.atomic
def end_trial(survey: Survey, *, by: User) -> TrialCounts:
    """Throw away every answer of a trial, its links with it. Raises ``ValidationError``."""
    survey = Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    if survey.status != Survey.Status.TRIAL:
        raise ValidationError("このアンケートは試行中ではありません。何も消していません。")
    act("試行の終了", about=survey)
    counts = trial_counts(survey)
    for target in SurveyTarget.objects.select_for_update(of=("self",), no_key=True).filter(survey=survey):
        throw_away(target)
    survey.status = Survey.Status.DRAFT
    survey.save()
    note = f"提出{counts.submitted}団体、入力中{counts.begun}団体の内容を消しました"
    note_event(survey, SurveyEvent.Kind.TRIAL, by, note)
    return counts


def throw_away(target: SurveyTarget) -> None:
    """Everything that a body wrote, and the body itself where it was asked for the trial alone."""
    for attached in target.attached.all():
        attached.file.delete(save=False)
    # What was made of a question for all was said to nobody but those who tried.
    faqs = Faq.objects.filter(source__target=target)
    submission = submission_of(target)
    revisions = submission.revisions.all() if submission else ()
    # Receipts and notices are of one body each.
    mailings = {mail.mailing for mail in OutgoingMail.objects.filter(target=target).select_related("mailing")}
    written = [
        *(*faqs, *target.inquiries.all(), *target.attached.all(), *target.workbook_uploads.all()),
        *(*target.drafts.all(), *revisions, *([submission] if submission else []), *mailings),
        *(*target.section_links.all(), *Approval.objects.filter(target=target)),
    ]
    for row in written:
        # One by one, so that the audit trail has each.
        row.delete()
    if target.is_trial:
        target.delete()
    else:
        target.revoke_link()
        target.link_revoked_at = None
        target.save(update_fields=["link_revoked_at"])
