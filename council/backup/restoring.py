"""Putting a backup back: into an empty system only, all of it or nothing, and compared in the end."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

from council.backup import archive, database, encryption
from council.backup.errors import BackupError
from council.backup.facts import differences, read_facts, unknown_migrations
from council.backup.making import key_print
from members.models import Council, Organization

UNFINISHED = ".restoring"
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@contextmanager
def opened(path: Path, identity: Path | None, *, beside: Path) -> Iterator[Path]:
    """The plain archive of a backup; what is decrypted lies ``beside`` it only as long as it is read."""
    if not path.is_file():
        raise BackupError("控えのファイルが見つかりません。場所を確かめてください。")
    if path.suffix != encryption.ENDING:
        yield path
        return
    with tempfile.TemporaryDirectory(dir=beside, prefix=".restoring-") as folder:
        plain = Path(folder) / "plain.tar"
        encryption.decrypt(path, plain, identity)
        yield plain


def verify(path: Path, identity: Path | None) -> dict[str, Any]:
    """Open a backup without putting anything anywhere; returns what it says of itself."""
    folder = Path(settings.VAR_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    with opened(path, identity, beside=folder) as plain:
        return archive.unpack(plain)


def restore(path: Path, identity: Path | None, *, other_key: bool = False) -> dict[str, Any]:
    """Put a backup into this system, which must be empty; returns what it says of itself.

    Raises ``BackupError``. Before anything is changed, all of it is unpacked and checked.
    """
    root = Path(settings.MEDIA_ROOT)
    require_empty(root)
    root.parent.mkdir(parents=True, exist_ok=True)
    root.mkdir(exist_ok=True, mode=0o700)
    try:
        with tempfile.TemporaryDirectory(dir=root.parent, prefix=".restoring-") as folder:
            staged = Path(folder) / "staged"
            staged.mkdir(mode=0o700)
            with opened(path, identity, beside=Path(folder)) as plain:
                manifest = archive.unpack(plain, staged)
            require_known(manifest)
            require_keys(manifest, other_key=other_key)
            # Until all of it is there, this says so: /readyz, and the next try.
            (root / UNFINISHED).touch()
            take_files(staged / archive.FILES, root)
            database.put_back(staged / archive.DATABASE)
    except OSError as error:
        raise BackupError(
            f"戻す途中で書き込めなくなりました（{error.strerror}）。ディスクの空きと権限を確かめ、"
            "データベースとファイルの置き場所を空にしてから、もう一度実行してください。"
        ) from error
    compare(manifest, root)
    (root / UNFINISHED).unlink()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    return manifest


def require_empty(root: Path) -> None:
    """Raise ``BackupError`` where there is anything that a restore would write over."""
    tables = connection.introspection.table_names()
    kinds = (User, Council, Organization)
    if any(kind._meta.db_table in tables and kind._base_manager.exists() for kind in kinds):
        raise BackupError(
            "このポータルには、すでに登録があります。控えは、空のデータベースにだけ戻せます。何も変えていません。"
        )
    if (root / UNFINISHED).exists():
        # The database is empty: these are of a restore that was cut off.
        for path in root.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    if root.exists() and any(not path.name.startswith(".") for path in root.iterdir()):
        raise BackupError("ファイルの置き場所（FILES_DIR）が空ではありません。何も変えていません。")


def require_known(manifest: dict[str, Any]) -> None:
    """Raise ``BackupError`` for a backup of another database or a newer version."""
    if manifest.get("engine") != connection.vendor:
        made = ENGINES.get(str(manifest.get("engine")), "別の種類")
        raise BackupError(
            f"この控えは{made}のものです。{ENGINES[connection.vendor]}には戻せません"
            "（DATABASE_URL を確かめてください）。何も戻していません。"
        )
    if unknown := unknown_migrations(manifest["migrations"]):
        raise BackupError(
            f"この控えは新しい版のポータルで作られています（この版が知らない変更が{len(unknown)}件）。"
            "プログラムを新しい版にしてから戻してください。何も戻していません。"
        )


def require_keys(manifest: dict[str, Any], *, other_key: bool) -> None:
    """Raise ``BackupError`` where signatures and second factors were made with keys that are not here."""
    known = {key_print(each) for each in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)}
    if not other_key and manifest.get("keys") not in known:
        raise BackupError(
            "SECRET_KEY か EDITION_KEY が、控えたときと違います。このままでは、版と監査記録の署名が合わず、"
            "職員の二つ目の要素も読めません。保管した設定（portal.env）を置いてから、もう一度実行してください。"
            "失われたと分かっているときだけ --other-key を付けます。何も戻していません。"
        )


def take_files(staged: Path, root: Path) -> None:
    """Move the unpacked files to their places."""
    if staged.exists():
        for path in staged.iterdir():
            shutil.move(path, root / path.name)


def compare(manifest: dict[str, Any], root: Path) -> None:
    """Raise ``BackupError`` where what is there now is not what was kept."""
    with connection.cursor() as cursor:
        wrong = differences(manifest, read_facts(cursor))
    kept = [name for name in manifest["members"] if name.startswith(archive.FILES)]
    gone = [name for name in kept if not (root / name.removeprefix(archive.FILES)).is_file()]
    if gone:
        wrong.append(f"ファイルが{len(gone)}件足りません。")
    if wrong:
        raise BackupError("戻した内容が、控えたときと違います。\n" + "\n".join(wrong))
