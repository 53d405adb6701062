"""The database as one file and back: SQLite by its backup interface, PostgreSQL by its own programs."""

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

from council.backup.errors import BackupError

# What is of this moment and this server alone: sessions end, and what is cached is made again.
PASSING = ("django_session", "usersessions_usersession", "portal_cache", "axes_accessattempt")
Facts = Callable[[Any], dict[str, Any]]


def dump(to: Path, facts: Facts) -> dict[str, Any]:
    """Write the database as it is at one moment, while others go on writing.

    Returns what ``facts`` reads, through a cursor, from that very state.
    """
    return dump_sqlite(to, facts) if connection.vendor == "sqlite" else dump_postgresql(to, facts)


def dump_sqlite(to: Path, facts: Facts) -> dict[str, Any]:
    connection.ensure_connection()
    with file_of(to) as copy:
        to.chmod(0o600)
        # All at once: it waits for no writer, and sees none by halves.
        connection.connection.backup(copy.connection)
        with copy.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode = DELETE")
            for table in {*PASSING} & {*copy.introspection.table_names(cursor)}:
                cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608  # of our own list
            cursor.execute("VACUUM")
            return facts(cursor)


@contextmanager
def file_of(path: Path) -> Iterator[Any]:
    """A SQLite file opened as the portal opens its own: its checks need functions of Django's."""
    copy: Any = connection.copy()
    copy.settings_dict = {**connection.settings_dict, "NAME": str(path)}
    try:
        copy.connect()
        yield copy
    finally:
        copy.close()


def dump_postgresql(to: Path, facts: Facts) -> dict[str, Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        # What is counted and what is written are of the same moment.
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        left_out = [f"--exclude-table-data={table}" for table in PASSING]
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        run("pg_dump", *options, *left_out, f"--file={to}")
        to.chmod(0o600)
        return facts(cursor)


def put_back(source: Path) -> None:
    """Make the database what a dump holds; what there was of it is gone."""
    if connection.vendor == "sqlite":
        put_back_sqlite(source)
    else:
        put_back_postgresql(source)


def put_back_sqlite(source: Path) -> None:
    try:
        with file_of(source) as check, check.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            (answer,) = cursor.fetchone()
            cursor.execute("PRAGMA journal_mode = DELETE")
    except DatabaseError:
        answer = ""
    if answer != "ok":
        raise BackupError("控えのデータベースが壊れています。別の控えを使ってください。何も戻していません。")
    path = Path(str(connection.settings_dict["NAME"]))
    connection.close()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.restoring")
    shutil.copyfile(source, beside)
    beside.chmod(0o600)
    for end in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    beside.replace(path)


def put_back_postgresql(source: Path) -> None:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)} CASCADE")
    connection.close()
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    run("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(source))


# What PostgreSQL's programs say of a full disk, their own or the server's.
NO_SPACE = "No space left"


def run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs against the portal's database; its password is in no command line."""
    settings = connection.settings_dict
    if not shutil.which(program):
        raise BackupError(
            f"{program} がありません。PostgreSQLのクライアント（Debianでは postgresql-client）を"
            "入れてください。"
        )
    known = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGDATABASE": "NAME"}
    places = {name: str(settings[key]) for name, key in known.items() if settings.get(key)}
    secret = {"PGPASSWORD": str(settings["PASSWORD"])} if settings.get("PASSWORD") else {}
    mode = settings.get("OPTIONS", {}).get("sslmode")
    ssl = {"PGSSLMODE": str(mode)} if mode else {}
    done = subprocess.run(  # noqa: S603  # a fixed program, arguments of our own
        [program, "--no-password", *arguments],
        env={**os.environ, **places, **secret, **ssl},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and program == "pg_dump" and NO_SPACE in done.stderr:
        # Where it writes is where the backup goes: that place is told, with what is free there.
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if done.returncode:
        raise BackupError(f"{program} が失敗しました（終了コード{done.returncode}）。{advice(done.stderr)}")


def advice(said: str) -> str:
    """What to do about what a program said; its own words may name hosts and users, and are not told."""
    if "version mismatch" in said or "unsupported version" in said:
        return "サーバーより古い版です。サーバーと同じ版の postgresql-client を入れてください。"
    if NO_SPACE in said:
        return "ディスクの空きが足りません。"
    return "データベースが動いているか、DATABASE_URL が正しいか確かめてください。"
