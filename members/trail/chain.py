"""The chain of the audit trail: each entry covers its changes and the entry before it, and is signed.

An entry is written in the transaction of what it tells of, and takes its place in the chain right after
that is committed: places are given out one at a time, and no writer waits for another's whole work.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from members.common.merging import digest
from members.common.publication.seal import is_signed, moment_text, sign
from members.common.text.eras import format_time
from members.models import AuditEntry

BATCH = 500
# An entry without a place for longer than this was left behind by a process that died.
SOON = timedelta(minutes=10)
# Of an entry's act, what its hash covers.
COVERED = (
    *("uid", "number", "title", "about", "about_model", "about_key", "reason", "who", "address"),
    *("request_id", "changes_count", "changes_hash", "previous_hash"),
)
# Of each change; not who is an account, which may be deleted: the entry has the name.
CHANGE = (
    *(
        "pk",
        "content_type__app_label",
        "content_type__model",
        "object_pk",
        "object_repr",
        "action",
        "changes",
        "changes_text",
    ),
    *("additional_data", "remote_addr", "timestamp"),
)


def seal_pending() -> int:
    """Give each committed entry that has no place its place in the chain; returns how many."""
    done = 0
    while AuditEntry.objects.pending().exists():
        done += seal_some()
    return done


@transaction.atomic
def seal_some() -> int:
    # One at a time: this row stands in every database, and nothing else ever locks it so.
    ContentType.objects.select_for_update(no_key=True).get(app_label="members", model="auditentry")
    waiting = list(AuditEntry.objects.pending().order_by("pk")[:BATCH])
    previous = AuditEntry.objects.in_order().last()
    changes = changes_of(waiting)
    for entry in waiting:
        entry.number = previous.number + 1 if previous else 1
        entry.previous_hash = previous.chain_hash if previous else ""
        rows = changes[entry.uid]
        entry.changes_count, entry.changes_hash = len(rows), digest(rows)
        entry.chain_hash = digest(statement(entry))
        entry.signature = sign(entry.chain_hash)
        previous = entry
    AuditEntry.objects.bulk_update(
        waiting,
        ["number", "previous_hash", "changes_count", "changes_hash", "chain_hash", "signature"],
    )
    return len(waiting)


def statement(entry: AuditEntry) -> dict[str, Any]:
    """What an entry's hash covers."""
    return {"at": moment_text(entry.at), **{name: getattr(entry, name) for name in COVERED}}


def changes_of(entries: Iterable[AuditEntry]) -> dict[str, list[dict[str, Any]]]:
    """The changes below each entry, by its uid, in the order in which they were made."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    rows = LogEntry.objects.filter(cid__in=[entry.uid for entry in entries]).order_by("pk")
    for row in rows.values("cid", *CHANGE):
        row["timestamp"] = moment_text(row["timestamp"])
        found[row.pop("cid")].append(row)
    return found


def faults() -> Iterator[str]:
    """What does not fit anywhere in the trail, each as a sentence for people."""
    previous: AuditEntry | None = None
    batch: list[AuditEntry] = []
    for entry in AuditEntry.objects.in_order().iterator(BATCH):
        batch.append(entry)
        if len(batch) == BATCH:
            yield from faults_in(batch, previous)
            previous, batch = batch[-1], []
    yield from faults_in(batch, previous)
    late = AuditEntry.objects.pending().filter(at__lt=timezone.now() - SOON).count()
    if late:
        yield f"鎖につながっていない記録が{late}件あります（書き込んだ処理が途中で止まった跡です）。"
    whole = Exists(AuditEntry.objects.filter(uid=OuterRef("cid")))
    lost = LogEntry.objects.exclude(whole).count()
    if lost:
        yield f"どの記録にも属さない変更の明細が{lost}行あります。"


def faults_in(batch: list[AuditEntry], previous: AuditEntry | None) -> Iterator[str]:
    changes = changes_of(batch)
    for entry in batch:
        name = f"第{entry.number}号「{entry}」（{format_time(entry.at)}）"
        rows = changes[entry.uid]
        if (len(rows), digest(rows)) != (entry.changes_count, entry.changes_hash):
            yield f"{name}：変更の明細が、記録したときと違います（{entry.changes_count}行 → {len(rows)}行）。"
        if digest(statement(entry)) != entry.chain_hash:
            yield f"{name}：日時、実行者、操作などが、記録したときと違います。"
        elif not is_signed(entry.chain_hash, entry.signature):
            yield f"{name}：署名がこのポータルの鍵と合いません。"
        yield from broken_link(entry, previous, name)
        previous = entry


def broken_link(entry: AuditEntry, previous: AuditEntry | None, name: str) -> Iterator[str]:
    """Whether an entry follows the one before it, or a clearing that is itself on record."""
    if previous is None:
        if entry.number != 1 and not is_cleared_up_to(entry):
            yield f"{name}：これより前の記録がなく、整理した記録もありません。"
    elif entry.number != (previous.number or 0) + 1:
        yield f"{name}：第{previous.number}号とのあいだの記録がありません。"
    elif entry.previous_hash != previous.chain_hash:
        yield f"{name}：前の記録とつながりません。"


def is_cleared_up_to(entry: AuditEntry) -> bool:
    """Whether an entry of the chain tells that all before this one was cleared away."""
    told = LogEntry.objects.filter(
        cid__in=AuditEntry.objects.in_order().filter(title=CLEARED).values("uid"),
        additional_data__cleared_to=entry.number - 1 if entry.number else 0,
        additional_data__chain_hash=entry.previous_hash,
    )
    return told.exists()


CLEARED = "監査記録の整理"
