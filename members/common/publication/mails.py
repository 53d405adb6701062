"""Mails between who asks for a publication and who can grant it; off where the office wants none."""

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from members.common.notices import notify_staff
from members.common.publication.models import Publishable
from members.common.publication.rights import approvers_of


def subject(what: str, record: Publishable) -> str:
    return f"{settings.PORTAL_NAME}：{what}（{record}）"


def page_of(record: Publishable) -> str:
    """The screen on which it is done; every kind that the engine takes to the public has one."""
    meta = record._meta
    path = reverse(f"admin:{meta.app_label}_{meta.model_name}_publication", args=[record.pk])
    return f"{settings.PORTAL_ADDRESS}{path}"


def tell_approvers(record: Publishable, by: User) -> None:
    """Whoever could approve learns that something waits for them."""
    if not settings.APPROVAL_MAILS:
        return
    text = (
        f"{by} が「{record}」の公開を依頼しました。\n\n"
        f"内容を確かめて、公開するか下書きに戻してください。\n{page_of(record)}\n"
    )
    for each in approvers_of(record, by):
        notify_staff(each, subject("公開の依頼", record), text)


def tell_asker(record: Publishable, by: User | None, what: str) -> None:
    """Whoever asked learns what became of it, unless they did it themselves."""
    asker = record.requested_by
    if not settings.APPROVAL_MAILS or asker is None or asker == by:
        return
    who = f"{by} が" if by else "予約のとおり"
    text = f"あなたが公開を依頼した「{record}」を、{who}{what}。\n\n{page_of(record)}\n"
    notify_staff(asker, subject(what, record), text)
