"""What was logged before there were entries gets one each, so that all of it stands in the chain."""

from typing import Any
from uuid import uuid4

from django.db import migrations

WORDS = {0: "追加", 1: "変更", 2: "削除", 3: "閲覧"}


def give_entries(apps: Any, schema_editor: Any) -> None:
    LogEntry = apps.get_model("auditlog", "LogEntry")
    AuditEntry = apps.get_model("members", "AuditEntry")
    rows = LogEntry.objects.filter(cid=None).select_related("content_type", "actor").order_by("pk")
    changes, entries = [], []
    for row in rows.iterator(1000):
        row.cid = uuid4().hex
        changes.append(row)
        kind = row.content_type
        entries.append(
            AuditEntry(
                uid=row.cid,
                at=row.timestamp,
                title=f"以前の記録：{WORDS.get(row.action, '操作')}",
                about=row.object_repr[:300],
                about_model=f"{kind.app_label}.{kind.model}"[:100],
                about_key=row.object_pk[:50],
                who=row.actor.username if row.actor else "",
                address=row.remote_addr,
            )
        )
        if len(entries) == 1000:
            store(LogEntry, AuditEntry, changes, entries)
            changes, entries = [], []
    store(LogEntry, AuditEntry, changes, entries)


def store(LogEntry: Any, AuditEntry: Any, changes: list[Any], entries: list[Any]) -> None:
    LogEntry.objects.bulk_update(changes, ["cid"])
    AuditEntry.objects.bulk_create(entries)


class Migration(migrations.Migration):
    dependencies = [("members", "0007_audit_trail"), ("auditlog", "0017_add_actor_email")]
    operations = [migrations.RunPython(give_entries, migrations.RunPython.noop, elidable=True)]
