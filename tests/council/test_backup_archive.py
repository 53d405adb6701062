"""What may be in a backup's file, and which backups go."""

import fcntl
import io
import json
import os
import tarfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from council.backup import archive, making, retention
from council.backup.errors import BackupError

MANIFEST = {"format": 1, "counts": {}, "migrations": [], "made_at": "2026-11-28", "missing": 0}


def member(name: str, content: bytes = b"x", **values: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in values.items():
        setattr(info, key, value)
    return info, content


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Path]:
    """An archive of these members, with a manifest that fits those that are plain files."""

    def packed(*members: tuple[tarfile.TarInfo, bytes], **changes: Any) -> Path:
        path = tmp_path / "hostile.tar"
        listed = {
            info.name: {"size": len(content), "sha256": archive.hashlib.sha256(content).hexdigest()}
            for info, content in members
        }
        content = json.dumps({**MANIFEST, "members": listed, **changes}).encode()
        with tarfile.open(path, "w") as tar:
            for info, data in (*members, member("manifest.json", content)):
                tar.addfile(info, io.BytesIO(data))
        return path

    return packed


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/cron.d/x",
        "/etc/passwd",
        "files/../../x",
        "files//x",
        "files/a/../b",
        "files/",
        "database/x",
        "settings.py",
        "files/a\\..\\b",
        "files/./x",
    ],
)
def test_no_name_leads_out_of_its_place(pack: Any, tmp_path: Path, name: str) -> None:
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(BackupError, match="控えに入るはずのないもの"):
        archive.unpack(pack(member(name)), into)
    assert list(into.rglob("*")) == []


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
)
def test_only_plain_files_are_unpacked(pack: Any, tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(BackupError, match="控えに入るはずのないもの"):
        archive.unpack(pack(member("files/a", b"", type=kind, linkname="/")), tmp_path / "into")


def test_the_same_name_twice_a_name_too_many_and_one_too_few(pack: Any, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="はずのないもの"):
        archive.unpack(pack(member("files/a"), member("files/a", b"y")), tmp_path / "a")
    with pytest.raises(BackupError, match="一覧にありません"):
        archive.unpack(pack(member("files/a"), members={}), tmp_path / "b")
    with pytest.raises(BackupError, match="がありません"):
        archive.unpack(pack(members={"database": {"size": 1, "sha256": ""}}), tmp_path / "c")


@pytest.mark.parametrize("content", [b"", b"not a tar at all" * 99, b"\0" * 10240])
def test_what_is_no_archive_is_never_in_order(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(content)
    with pytest.raises(BackupError, match="壊れています"):
        archive.unpack(path)


@pytest.mark.parametrize("text", ["[]", "{}", '{"format": 1}', "nonsense", '{"format": 1, "members": []}'])
def test_a_manifest_that_says_nothing_is_a_fault(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as tar:
        info, data = member("manifest.json", text.encode())
        tar.addfile(info, io.BytesIO(data))
    with pytest.raises(BackupError):
        archive.unpack(path)


def test_unpacked_files_are_for_nobody_else_and_run_nothing(pack: Any, tmp_path: Path) -> None:
    into = tmp_path / "into"
    archive.unpack(pack(member("files/a/b", mode=0o4755)), into)
    assert (into / "files/a/b").stat().st_mode & 0o7777 == 0o600


# --- Which go ---


def at(*stamps: str) -> list[str]:
    return [f"portal-{retention.site()}-{stamp}.tar" for stamp in stamps]


def test_only_its_own_are_cleared_and_counted(tmp_path: Path) -> None:
    # One from the future, made while a clock was wrong, makes none of the others old.
    own = at("20260101-000000", "20260102-000000", "20260103-000000", "20350101-000000", "20260104-000000")
    others = ["予算書.xlsx", "backup-final-提出用.tar", "portal-00000000-20200101-000000.tar"]
    for name in (*own, *others):
        (tmp_path / name).write_text("x")
    (tmp_path / "old").mkdir()
    target = tmp_path / "old" / "kept"
    target.write_text("x")
    link = tmp_path / at("20200101-000000")[0]
    link.symlink_to(target)
    newest = tmp_path / own[-1]
    gone = retention.clear(tmp_path, 3, newest)
    assert [path.name for path in gone] == own[:2]
    assert target.exists()
    assert link.is_symlink()
    assert all((tmp_path / name).exists() for name in others)
    # The one that was just made stays, whatever the clock says.
    assert retention.clear(tmp_path, 1, newest)
    assert newest.exists()


def test_a_name_tells_when_in_the_offices_time(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 31, 15, 30, tzinfo=timezone.get_default_timezone())
    path = tmp_path / retention.new_name(moment)
    path.write_text("")
    assert path.name.endswith("-20260331-153000.tar")
    assert retention.made_at(path) == moment


@pytest.mark.parametrize("keep", [0, -1])
def test_keeping_none_is_refused(tmp_path: Path, keep: int) -> None:
    with pytest.raises(CommandError, match="1以上にしてください"):
        call_command("backup", to=tmp_path, keep=keep)


def test_two_at_once_are_one(tmp_path: Path) -> None:
    with making.alone(tmp_path) as part:
        (part / "half").write_text("x")
        with pytest.raises(BackupError, match="作っている途中"), making.alone(tmp_path):
            pass
        assert (part / "half").exists()
    # What one that was killed left is gone with the next.
    (tmp_path / ".part").mkdir()
    (tmp_path / ".part" / "half").write_text("x")
    with making.alone(tmp_path) as part:
        assert list(part.iterdir()) == []
    assert not part.exists()
    handle = os.open(tmp_path / ".lock", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(handle)


def test_no_place_is_asked_for(settings: Any) -> None:
    settings.BACKUP_DIR = None
    with pytest.raises(CommandError, match="BACKUP_DIR か --to"):
        call_command("backup")
