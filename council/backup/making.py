"""Making a backup: files, database, files that came meanwhile; checked before it gets its name."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from council.backup import archive, database, encryption, retention
from council.backup.errors import BackupError
from council.backup.facts import read_facts
from members.common.files.stored import named_files
from members.trail.chain import seal_pending


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made and opened again."""

    path: Path
    size: int
    files: int
    # Older ones that went.
    cleared: int
    # Links among the stored files, which are not followed.
    links: int


def make(folder: Path, *, keep: int, recipient: str = "", allow_missing: bool = False) -> Made:
    """Write one backup into a folder; raises ``BackupError`` and leaves nothing where it cannot be made."""
    if keep < 1:
        raise BackupError("残す控えの数（BACKUP_KEEP、--keep）は1以上にしてください。何も消していません。")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with alone(folder) as part:
            return make_in(folder, part, keep, recipient, allow_missing=allow_missing)
    except (OSError, DatabaseError, sqlite3.Error) as error:
        raise BackupError(out_of_place(folder, error)) from error


def out_of_place(folder: Path, error: Exception) -> str:
    """What to do where the disk refuses; how much it takes is what there is to keep."""
    said = getattr(error, "strerror", None) or type(error).__name__
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return f"控えを置く場所に書き込めません（{said}）。BACKUP_DIR と、その権限を確かめてください。"
    return (
        f"控えを書き込めません（{said}）。空きは{megabytes(free)}、"
        f"必要なのは約{megabytes(needed())}です。前の控えはそのまま残っています。"
        "空きが足りているときは、manage.py doctor で、データベースと置き場所を確かめてください。"
    )


def megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f}MB"


def needed() -> int:
    """About what a backup takes on the way: files and database, and both once more."""
    stored = sum(path.stat().st_size for path in stored_files()[0])
    name = str(connection.settings_dict["NAME"])
    kept = Path(name).stat().st_size if connection.vendor == "sqlite" and Path(name).exists() else 0
    return 2 * (stored + kept)


@contextmanager
def alone(folder: Path) -> Iterator[Path]:
    """A folder of one's own for the parts, while no other backup is made here; it goes in the end."""
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError(
                "ほかの控えを作っている途中です。終わってから、もう一度実行してください。"
            ) from error
        # Who holds the lock is alone: what lies there was left by one that was killed.
        part = folder / ".part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        try:
            yield part
        finally:
            shutil.rmtree(part, ignore_errors=True)
    finally:
        os.close(handle)


def make_in(folder: Path, part: Path, keep: int, recipient: str, *, allow_missing: bool) -> Made:
    plain = part / "plain.tar"
    # What the trail says by now gets its places, so that the copy's chain is whole.
    seal_pending()
    with archive.writing(plain) as writer:
        add_files(writer)
        facts = database.dump(part / "database", read_facts)
        named = {name for _, _, name in named_files()}
        # What was uploaded while the database was written is in it perhaps, and in the files surely.
        links = add_files(writer)
        missing = sorted(named - {name.removeprefix(archive.FILES) for name in writer.members})
        if missing and not allow_missing:
            raise BackupError(
                f"登録したファイルのうち{len(missing)}件が見つかりません。FILES_DIR が正しいか、"
                "つながっているか確かめてください。失われたと分かっているときは --allow-missing を付けます。"
            )
        writer.add(archive.DATABASE, part / "database")
        head = {
            "made_at": timezone.now().isoformat(timespec="seconds"),
            "engine": connection.vendor,
            "missing": len(missing),
            "keys": key_print(settings.SECRET_KEY),
        }
        writer.close_with({**head, **facts}, part / "manifest")
    archive.unpack(plain)
    files = len(writer.members) - 2
    finished = plain
    name = retention.new_name(timezone.now())
    if recipient:
        finished, name = part / "sealed", name + encryption.ENDING
        encryption.encrypt(plain, finished, recipient)
    size = settle(finished, folder / name)
    cleared = retention.clear(folder, keep, folder / name)
    return Made(folder / name, size, files, len(cleared), links)


def key_print(secret: str) -> str:
    """Tells whether a backup was made with this server's keys; none of them can be had of it."""
    return salted_hmac("council.backup", settings.EDITION_KEY or "", secret=secret).hexdigest()


def settle(finished: Path, to: Path) -> int:
    """Give a backup its name once all of it is on the disk; returns its size."""
    if to.exists():
        raise BackupError("同じ時刻の控えがあります。少し待って、もう一度実行してください。")
    with finished.open("rb") as file:
        os.fsync(file.fileno())
        size = os.fstat(file.fileno()).st_size
    finished.rename(to)
    return size


def stored_files() -> tuple[list[Path], int]:
    """Every stored file, and how many links there are, which are not followed."""
    root = Path(settings.MEDIA_ROOT)
    found, links = [], 0
    for folder, folders, names in os.walk(root):
        places = [Path(folder, name) for name in (*names, *folders)]
        links += sum(place.is_symlink() for place in places)
        found += [path for name in names if (path := Path(folder, name)).is_file() and not path.is_symlink()]
    return sorted(found), links


def add_files(writer: archive.Writer) -> int:
    """Take in every stored file that is not in yet; returns how many links were passed by."""
    root = Path(settings.MEDIA_ROOT)
    found, links = stored_files()
    for path in found:
        name = archive.FILES + path.relative_to(root).as_posix()
        if name in writer.members:
            continue
        try:
            writer.add(name, path)
        except FileNotFoundError:
            # Thrown away meanwhile, with its record.
            continue
        except PermissionError as error:
            raise BackupError(
                f"登録したファイル「{path.relative_to(root)}」を読めません。"
                "持ち主と権限を、ポータルを動かす利用者に合わせてください。"
            ) from error
    return links
