"""What must be the same before and after: how many rows each table has, the editions, the trail's end."""

import hashlib
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from council.backup.database import PASSING
from council.editions.verification import KINDS
from members.models import AuditEntry

OURS = {"members", "meetings", "surveys", "council"}


def read_facts(cursor: Any) -> dict[str, Any]:
    """The facts of the database behind a cursor, be it the portal's or a copy of it."""
    return {
        "counts": counts(cursor),
        "editions": {model._meta.db_table: editions_digest(cursor, model) for model, _ in KINDS},
        "trail": trail_end(cursor),
        "migrations": migrations(cursor),
    }


def tables() -> list[str]:
    """The tables whose rows are kept."""
    return sorted({*connection.introspection.django_table_names(only_existing=True)} - {*PASSING})


def counts(cursor: Any) -> dict[str, int]:
    return {table: int(only(cursor, f'SELECT COUNT(*) FROM "{table}"')) for table in tables()}  # noqa: S608


def editions_digest(cursor: Any, model: type[Model]) -> str:
    """Changes with each edition's hash, and with which there are."""
    cursor.execute(f'SELECT chain_hash FROM "{model._meta.db_table}" ORDER BY id')  # noqa: S608
    return hashlib.sha256("\n".join(value for (value,) in cursor.fetchall()).encode()).hexdigest()


def trail_end(cursor: Any) -> str:
    """The number and hash of the trail's last sealed entry; empty where there is none."""
    table = AuditEntry._meta.db_table
    cursor.execute(
        f'SELECT number, chain_hash FROM "{table}" WHERE number IS NOT NULL '  # noqa: S608
        "ORDER BY number DESC LIMIT 1"
    )
    row = cursor.fetchone()
    return f"{row[0]}:{row[1]}" if row else ""


def migrations(cursor: Any) -> list[str]:
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    return [f"{app}.{name}" for app, name in cursor.fetchall() if app in OURS]


def unknown_migrations(named: list[str]) -> list[str]:
    """Of a backup's migrations those that this version of the portal does not have: it is a newer one's."""
    known = {
        f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    }
    return sorted({*named} - known)


def only(cursor: Any, statement: str) -> Any:
    cursor.execute(statement)
    return cursor.fetchone()[0]


def differences(kept: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """What is not the same as the backup says, in words."""
    wrong = [
        f"{table}：{count}行のはずが{found['counts'].get(table, 0)}行です。"
        for table, count in kept["counts"].items()
        if found["counts"].get(table, 0) != count
    ]
    if kept["editions"] != found["editions"]:
        wrong.append("公開した版のハッシュ値が、控えたときと違います。")
    if kept["trail"] != found["trail"]:
        wrong.append("監査記録の最後が、控えたときと違います。")
    return wrong
