"""Reminders that nobody has to think of: three days before a body's deadline, and on its day.

Safe to run as often as one likes and on several servers: a survey has one such mailing a day, which
the database holds. Whom it goes to is decided then, and looked at once more as each mail is sent.
"""

from datetime import date, time, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from members.common.acts import act
from surveys.models import Mailing, Survey, SurveyEvent, SurveyTarget
from surveys.running.lifecycle import note_event
from surveys.running.mailing import BODIES, SUBJECTS, fill_outbox, to_be_mailed

# Days before the deadline, and from when in the day: nobody is reminded at night.
DAYS_BEFORE = (3, 0)
FROM = time(8, 30)


def queue_reminders() -> int:
    """Put today's reminders into the outbox; returns how many mails."""
    now = timezone.localtime()
    if now.time() < FROM:
        return 0
    surveys = (
        Survey.objects.accepting_somebody().filter(reminds=True).exclude(mailings__automatic_on=now.date())
    )
    return sum(remind(survey, now.date()) for survey in surveys.order_by("pk"))


def remind(survey: Survey, today: date) -> int:
    """Queue one survey's reminders of a day; none where another run has just done so."""
    try:
        with transaction.atomic():
            Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
            targets = [each for each in to_be_mailed(survey, Mailing.Kind.REMINDER) if is_due(each, today)]
            if not targets:
                return 0
            act("督促の自動送信", about=survey)
            mailing = Mailing.objects.create(
                survey=survey,
                kind=Mailing.Kind.REMINDER,
                subject=SUBJECTS[Mailing.Kind.REMINDER],
                body=BODIES[Mailing.Kind.REMINDER],
                automatic_on=today,
            )
            count = fill_outbox(mailing, targets)
            note_event(survey, SurveyEvent.Kind.MAILED, None, f"督促（自動） {count}通")
            return count
    except (IntegrityError, ValidationError):
        return 0


def planned_days(survey: Survey) -> list[date]:
    """The days on which bodies without a deadline of their own are reminded by themselves."""
    if not (survey.reminds and survey.closes_at):
        return []
    last = timezone.localtime(survey.closes_at).date()
    return [last - timedelta(days=days) for days in DAYS_BEFORE]


def is_due(target: SurveyTarget, today: date) -> bool:
    """Whether this is a day on which a body is reminded, by its own deadline."""
    deadline = target.deadline
    return deadline is not None and (timezone.localtime(deadline).date() - today).days in DAYS_BEFORE
