"""Mails to the people of a body's desk: the link that lets them in, and nothing else."""

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import timezone

from members.common.notices import MAIL_FAULTS
from members.common.text.cleaning import on_one_line
from members.common.text.eras import format_date
from members.models import DeskEntrance, DeskPerson
from members.models.desk_person import INVITED_FOR

logger = logging.getLogger(__name__)

INVITATION = """{body}
{name} 様

{portal}の「{body}の窓口」の{role}として、{by}が登録しました。
次のアドレスを開き、「窓口に入る」を押してください。

{address}

このアドレスは一度だけ、{days}日以内に使えます。ほかの人に転送しないでください。
次からは、{again} で、このメールアドレスを入力すると、入るためのメールが届きます。
パスワードはありません。
利用期限：{until}（人事異動に合わせて、年度ごとに延ばします）

心当たりがないときや、団体が違うときは、開かずに事務局に連絡してください。
"""
ENTRANCE = """{portal}の窓口に入るためのアドレスです。

{lines}
一度だけ、30分以内に使えます。ほかの人に転送しないでください。
心当たりがないときは、開かないでください。何も変わりません。
"""


def address_of(name: str, *args: str) -> str:
    return settings.PORTAL_ADDRESS.rstrip("/") + reverse(name, args=args)


def invite(person: DeskPerson) -> bool:
    """Mail somebody who was put down as a person of a desk; tells whether the mail went out.

    Called once the transaction stands: who is put down stays so where the mail server is down.
    """
    text = INVITATION.format(
        portal=settings.PORTAL_NAME,
        body=person.desk.organization.name,
        name=on_one_line(person.name),
        role="管理者" if person.is_administrator else "利用者",
        by=person.invited_by,
        address=address_of("desk-enter", DeskEntrance.issue(person, INVITED_FOR)),
        days=INVITED_FOR.days,
        again=address_of("desk-entrance"),
        until=format_date(person.good_until),
    )
    if not mailed(
        f"{settings.PORTAL_NAME}：{person.desk.organization.name}の窓口のご案内", text, person.email
    ):
        return False
    person.mailed_at = timezone.now()
    person.save(update_fields=["mailed_at"])
    return True


def is_flooded(person: DeskPerson) -> bool:
    return DeskEntrance.are_many(person)


def let_in(address: str) -> None:
    """Mail the links of a person to their address as it is kept, one for each body; to a stranger nothing.

    Whoever asks learns nothing from what happens here.
    """
    people = DeskPerson.objects.with_address(address).filter(ended_at=None)
    found = [each for each in people.select_related("desk__organization") if not is_flooded(each)]
    by_address: dict[str, list[str]] = {}
    for person in found:
        by_address.setdefault(person.email, []).append(line_of(person))
    for stored, lines in by_address.items():
        mailed(
            f"{settings.PORTAL_NAME}：窓口に入る",
            ENTRANCE.format(portal=settings.PORTAL_NAME, lines="\n".join(lines)),
            stored,
        )


def line_of(person: DeskPerson) -> str:
    """What a mail says of one body: its link, or why there is none."""
    # Also counted where nothing opens: that mail fills a mailbox as well.
    token = DeskEntrance.issue(person)
    body, name = person.desk.organization.name, on_one_line(person.name)
    what = address_of("desk-enter", token) if person.link_is_good else person.why_out
    return f"{body}の窓口（{name} 様）\n{what}\n"


def mailed(subject: str, text: str, address: str) -> bool:
    try:
        send_mail(on_one_line(subject), text, None, [address])
    except MAIL_FAULTS:
        logger.exception("could not mail a person of a desk")
        return False
    return True
