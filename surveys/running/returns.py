"""差し戻し: giving an answer back with comments, until the body hands it in again.

The answer in force stays in force until then: a figure never changes by a return.
"""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from members.common.acts import act
from surveys.answering.access import lock
from surveys.answering.drafts import submission_of
from surveys.answering.returned import open_return
from surveys.models import AnswerReturn, Mailing, ReturnComment, Survey, SurveyEvent, SurveyTarget
from surveys.models.survey import FARTHEST
from surveys.running.lifecycle import note_event
from surveys.running.mailing import BODIES, SUBJECTS, fill_outbox

FOR_RETURN = "差し戻しのため"


def reasons_not_to_return(target: SurveyTarget) -> str:
    """Why an answer cannot be given back now, and what to do; empty where it can."""
    if target.is_excluded:
        return "対象から除いた団体の回答は差し戻せません。"
    if submission_of(target) is None:
        return "まだ提出されていないため、差し戻せません。"
    if target.survey.status != Survey.Status.OPEN:
        return "受付を終了しています。受付を再開してから差し戻してください。"
    if open_return(target):
        return "すでに差し戻しています。団体の再提出を待つか、差し戻しを取り消してください。"
    return ""


@transaction.atomic
def give_back(
    target: SurveyTarget,
    comments: Mapping[int, str],
    *,
    revision: int,
    due_at: datetime,
    by: User,
    message: str = "",
) -> AnswerReturn:
    """Give an answer back: ``comments`` by the question's id; the body can write until ``due_at``.

    ``revision`` is the one that was read. Raises ``ValidationError``.
    """
    target = lock(target)
    if reason := reasons_not_to_return(target):
        raise ValidationError(reason)
    submission = submission_of(target)
    if submission is None or submission.revision != revision:
        raise ValidationError(
            "この画面を開いた後に、団体が提出し直しました。今の回答を確かめてから、もう一度差し戻してください。"
        )
    if due_at <= timezone.now() or (target.deadline and due_at < target.deadline):
        raise ValidationError("再提出の期限は、先の日時で、この団体の締切以後にしてください。")
    if due_at > timezone.now() + FARTHEST:
        raise ValidationError("再提出の期限が5年より先です。年を確かめてください。")
    if not comments and not message:
        raise ValidationError("設問へのコメントか、全体への連絡を入力してください。")
    # The message is the body's to read, and stands with the return.
    act("回答の差し戻し", about=target)
    before = {"deadline_before": target.extended_to, "reason_before": target.extension_reason}
    if target.deadline is None or target.deadline < due_at:
        target.extended_to, target.extension_reason = due_at, FOR_RETURN
        target.save(update_fields=["extended_to", "extension_reason"])
    found = AnswerReturn.objects.create(
        target=target, revision=revision, message=message, due_at=due_at, returned_by=by, **before
    )
    for question, comment in comments.items():
        ReturnComment.objects.create(answer_return=found, question_id=question, comment=comment)
    note_event(target.survey, SurveyEvent.Kind.RETURNED, by, f"{target.name}：{len(comments)}か所")
    mail_return(found, by)
    return found


def mail_return(found: AnswerReturn, by: User) -> int:
    """Tell the body by mail, where it has an address; returns how many mails."""
    kind = Mailing.Kind.RETURN
    mailing = Mailing(
        survey=found.target.survey, kind=kind, subject=SUBJECTS[kind], body=BODIES[kind], created_by=by
    )
    try:
        with transaction.atomic():
            mailing.save()
            return fill_outbox(mailing, [found.target])
    except ValidationError:
        # Nobody has an address: the screen says so.
        return 0


@transaction.atomic
def take_back(found: AnswerReturn, *, by: User) -> None:
    """Withdraw a return that was a mistake; what the body typed since stays as its draft."""
    target = lock(found.target)
    found = AnswerReturn.objects.get(pk=found.pk)
    if found.settled_at is not None:
        raise ValidationError("団体がすでに提出し直しています。")
    act("差し戻しの取り消し", about=target)
    if target.extended_to == found.due_at and target.extension_reason == FOR_RETURN:
        target.extended_to, target.extension_reason = found.deadline_before, found.reason_before
        target.save(update_fields=["extended_to", "extension_reason"])
    found.settled_at, found.is_withdrawn = timezone.now(), True
    found.save()
    note_event(target.survey, SurveyEvent.Kind.RETURNED, by, f"{target.name}：取り消し")
