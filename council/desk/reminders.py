"""Twice in March, by mail: whose term at a desk ends with the fiscal year, and who keeps them on."""

import logging
from datetime import date

from django.conf import settings
from django.db import transaction

from members.common.text.cleaning import on_one_line
from members.common.text.eras import format_date
from members.desks.mails import address_of, mailed
from members.models import DeskPerson
from surveys.running.days_off import day_off

logger = logging.getLogger(__name__)
# From these days on; a run that was missed is made up for, and one that is doubled sends nothing twice.
FIRST, SECOND = 1, 20
TEXT = """{body}
{name} 様

{portal}の「{body}の窓口」の利用期限が近づいています。

{lines}

{how}
"""
TO_KEEPER = (
    "異動しない人を、窓口の「利用者を招く、延ばす、終わらせる」で延ばしてください。"
    "自分の期限は、ほかの管理者か事務局が延ばします。\n窓口に入る：{address}"
)
TO_OTHERS = "4月からも担当されるときは、団体の管理者（{keepers}）か事務局に、延長を頼んでください。"


def send_term_notices(day: date) -> int:
    """Tell each person whose term, or whose colleagues' term, ends this month; returns how many."""
    if not settings.DAILY_MAILS or day.month != 3 or day_off(day):
        return 0
    since = day.replace(day=SECOND if day.day >= SECOND else FIRST)
    people = DeskPerson.objects.in_use().exclude(came_at=None).exclude(told_on__gte=since)
    return sum(tell(person, day) for person in people.select_related("desk__organization"))


def tell(person: DeskPerson, day: date) -> bool:
    """One person's mail; one that could not be sent is tried again by the next run."""
    ending = list(person.desk.people.in_use().to_keep_on())
    told = ending if person.is_administrator else [each for each in ending if each.pk == person.pk]
    if not told:
        return False
    with transaction.atomic():
        held = DeskPerson.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
        if held.told_on != person.told_on:
            # Another run was faster.
            return False
        if not mailed(f"{settings.PORTAL_NAME}：窓口の利用期限", text_for(person, told), person.email):
            return False
        held.told_on = day
        held.save(update_fields=["told_on"])
    return True


def text_for(person: DeskPerson, told: list[DeskPerson]) -> str:
    """No link in it lets anybody in."""
    keepers = [each.name for each in person.desk.people.administrators()]
    how = TO_OTHERS.format(keepers="、".join(map(on_one_line, keepers)) or "登録なし")
    return TEXT.format(
        portal=settings.PORTAL_NAME,
        body=person.desk.organization.name,
        name=on_one_line(person.name),
        lines="\n".join(f"{on_one_line(each.name)}さん：{format_date(each.good_until)}まで" for each in told),
        how=TO_KEEPER.format(address=address_of("desk-entrance")) if person.is_administrator else how,
    )
