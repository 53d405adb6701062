"""Mails to the office's own people about what the portal did on their behalf."""

import logging
from smtplib import SMTPException

from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db import transaction

from members.common.text.cleaning import on_one_line

logger = logging.getLogger(__name__)
# What a mail server that is down says, and an address or a heading that no mail can have.
MAIL_FAULTS = (SMTPException, OSError, ValueError)


def notify_staff(user: User | None, subject: str, text: str) -> None:
    """Send a person a mail once the transaction stands; a mail server that is down stops nothing.

    Where the person has left, the administrators of the portal are told instead.
    """
    people = [user] if user and user.is_active else User.objects.filter(is_superuser=True, is_active=True)
    addresses = [person.email for person in people if person.email]
    if not addresses:
        return

    def send() -> None:
        try:
            send_mail(on_one_line(subject), text, None, addresses)
        except MAIL_FAULTS:
            logger.exception("could not tell staff: %s", subject)

    transaction.on_commit(send)
