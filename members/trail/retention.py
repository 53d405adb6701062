"""Clearing away what is older than the office must keep; that it was done stands in the trail itself."""

from datetime import datetime

from auditlog.models import LogEntry
from django.db import transaction

from members.common.acts import act
from members.common.audit import note_act
from members.models import AuditEntry
from members.models.audit_entry import AuditEntryQuerySet
from members.trail.chain import CLEARED, seal_pending


def older_than(moment: datetime) -> AuditEntryQuerySet:
    """The oldest entries, up to the first that is not older; the newest always stays, for the next one."""
    kept = AuditEntry.objects.in_order().filter(at__gte=moment).first()
    limit = kept or AuditEntry.objects.in_order().last()
    return AuditEntry.objects.in_order().filter(number__lt=limit.number if limit else 0)


@transaction.atomic
def clear_before(moment: datetime, reason: str) -> int:
    """Delete the entries that are older; returns how many.

    The entry that tells of it keeps the last number and hash that went, so that the chain goes on.
    """
    seal_pending()
    going = older_than(moment)
    newest = going.last()
    if newest is None:
        return 0
    count = going.count()
    LogEntry.objects.filter(cid__in=going.values("uid")).delete()
    going.delete()
    act(CLEARED, about=newest, reason=reason)
    told = f"{count}件（第{newest.number}号まで、{moment:%Y-%m-%d}より前）"
    note_act(newest, None, {"整理": told}, {"cleared_to": newest.number, "chain_hash": newest.chain_hash})
    return count
