"""Opening a survey at a moment that was set before, with or without its invitations.

Safe to run as often as one likes and on several servers. What stands in the way at that moment is
said to who set it and on the start page; it is not tried again, so that nobody is told every five minutes.
"""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from members.common.acts import act
from members.common.notices import notify_staff
from members.common.text.eras import format_time
from members.models import Organization
from surveys.models import Mailing, Survey, SurveyEvent
from surveys.running.lifecycle import (
    add_target,
    note_event,
    open_survey,
    reasons_not_to_open,
    roster_departments,
)
from surveys.running.mailing import BODIES, SUBJECTS, addresses_of, fill_outbox, to_be_mailed


@transaction.atomic
def schedule_opening(
    survey: Survey,
    opens_at: datetime,
    *,
    invites: bool,
    by: User,
    excluded: Mapping[int, str],
    added: Mapping[int, str],
) -> None:
    """Set the moment at which a survey opens; whom it leaves out or asks beside is kept until then.

    Raises ``ValidationError``.
    """
    survey = Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    if reasons := reasons_not_to_open(survey):
        raise ValidationError(reasons)
    if opens_at <= timezone.now():
        raise ValidationError("受付を始める日時は、先の日時にしてください。")
    if survey.closes_at and opens_at >= survey.closes_at:
        raise ValidationError("受付を始める日時は、締切より前にしてください。")
    departments = roster_departments(survey)
    for organization in Organization.objects.filter(pk__in={*excluded, *added}):
        reason = excluded.get(organization.pk) or added[organization.pk]
        add_target(survey, organization, departments, reason, is_excluded=organization.pk in excluded)
    survey.opens_at, survey.invites_on_opening, survey.opening_set_by = opens_at, invites, by
    survey.opening_failed = ""
    survey.save()
    how = "、お願いのメールを送る" if invites else ""
    note_event(survey, SurveyEvent.Kind.SCHEDULED, by, f"{format_time(opens_at)}{how}")


@transaction.atomic
def cancel_opening(survey: Survey, *, by: User) -> None:
    """Take the moment back; raises ``ValidationError`` where the survey is open already."""
    survey = Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    if survey.opens_at is None:
        raise ValidationError("受付の開始は予約されていません。画面を開き直してください。")
    survey.opens_at = None
    survey.save()
    note_event(survey, SurveyEvent.Kind.SCHEDULED, by, "取り消し")


def open_scheduled() -> int:
    """Open what is due now; returns how many surveys were opened."""
    due = Survey.objects.filter(status=Survey.Status.DRAFT, opens_at__lte=timezone.now())
    return sum(open_one(pk) for pk in due.order_by("opens_at").values_list("pk", flat=True))


@transaction.atomic
def open_one(pk: int) -> bool:
    """Open one survey at its moment; whether this run did."""
    survey = (
        Survey.objects.select_for_update(of=("self",), no_key=True)
        .select_related("opening_set_by")
        .get(pk=pk)
    )
    if survey.status != Survey.Status.DRAFT or survey.opens_at is None or survey.opens_at > timezone.now():
        # Another run was faster, or the moment was taken back.
        return False
    act("予約した受付の開始", about=survey)
    try:
        with transaction.atomic():
            open_survey(survey, by=survey.opening_set_by)
    except ValidationError as error:
        tell_failure(survey, " ".join(error.messages))
        return False
    survey.refresh_from_db()
    if survey.invites_on_opening:
        invite(survey)
    return True


def invite(survey: Survey) -> None:
    """Queue the invitations; bodies without an address are named in the survey's course."""
    kind = Mailing.Kind.INVITATION
    targets = to_be_mailed(survey, kind)
    mailing = Mailing(survey=survey, kind=kind, subject=SUBJECTS[kind], body=BODIES[kind])
    mailing.created_by = survey.opening_set_by
    count = 0
    try:
        with transaction.atomic():
            mailing.save()
            count = fill_outbox(mailing, targets)
    except ValidationError:
        # Nobody at all has an address.
        pass
    addresses = addresses_of(survey, targets)
    missing = "、".join(target.name for target in targets if not addresses[target.pk])
    note = f"お願い（自動） {count}通{f'。宛先のない団体：{missing}' if missing else ''}"
    note_event(survey, SurveyEvent.Kind.MAILED, survey.opening_set_by, note)


def tell_failure(survey: Survey, reasons: str) -> None:
    """Say why a survey did not open, once."""
    moment = format_time(survey.opens_at) if survey.opens_at else ""
    survey.opens_at, survey.opening_failed = None, reasons
    survey.save()
    note_event(survey, SurveyEvent.Kind.SCHEDULED, survey.opening_set_by, f"始められませんでした：{reasons}")
    notify_staff(
        survey.opening_set_by,
        f"アンケートの受付を始められませんでした（{survey.title}）",
        f"{survey}の受付を{moment}に始める予約でしたが、次の理由で始められませんでした。\n\n{reasons}\n",
    )
