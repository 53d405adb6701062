"""Once a day, by mail: what presses, for each person as they would see it on the start page."""

import logging
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse

from council.work.board import Board, board_for
from members.common.notices import MAIL_FAULTS
from members.common.text.cleaning import on_one_line
from members.models import DailyMail
from surveys.running.days_off import day_off

logger = logging.getLogger(__name__)
# The rest stands on the start page.
MOST = 20


def send_digests(day: date) -> int:
    """Mail everybody whom something waits for; on days off nobody. Returns how many mails went out."""
    if not settings.DAILY_MAILS or day_off(day):
        return 0
    DailyMail.objects.filter(day__lt=day - timedelta(days=90)).delete()
    # Whoever never logged in may not be who they were thought to be: an invitation may have gone astray.
    people = User.objects.filter(is_active=True, is_staff=True, last_login__isnull=False)
    people = people.exclude(email="").order_by("pk")
    told = set(DailyMail.objects.filter(day=day).values_list("user", flat=True))
    return sum(send_digest(user, day) for user in people if user.pk not in told)


def send_digest(user: User, day: date) -> bool:
    """One person's mail; one that could not be sent is tried again by the next run."""
    board = board_for(user)
    if not board.pressing:
        return False
    try:
        with transaction.atomic():
            _, is_new = DailyMail.objects.get_or_create(user=user, day=day)
            if is_new:
                send_mail(
                    f"{settings.PORTAL_NAME}：いま、すること（{len(board.pressing)}件）",
                    text_of(board),
                    None,
                    [user.email],
                )
    except MAIL_FAULTS:
        logger.exception("the mail of the day could not be sent")
        return False
    return is_new


def text_of(board: Board) -> str:
    """Each thing on a line, with the page on which it is done; no word of any answer or record."""
    lines = []
    for year, item in board.pressing[:MOST]:
        lines += [
            f"【{item.urgency.label}】{on_one_line(item.text)}",
            f"　{on_one_line(str(year))}",
            f"　{settings.PORTAL_ADDRESS}{item.url}",
            "",
        ]
    if len(board.pressing) > MOST:
        lines += [f"ほかに{len(board.pressing) - MOST}件あります。", ""]
    return "\n".join([*lines, f"すべて見る：{settings.PORTAL_ADDRESS}{reverse('admin:index')}", ""])
