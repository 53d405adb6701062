"""The file of a backup: a plain tar of the database, the stored files and, last, what they must be.

Nothing in it is compressed, so that no small file grows beyond its own size when it is opened.
"""

import hashlib
import json
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from council.backup.errors import BackupError

FORMAT = 1
DATABASE, MANIFEST, FILES = "database", "manifest.json", "files/"
# More than this is no description of a backup.
MANIFEST_LIMIT = 200_000_000
CHUNK = 1 << 20
BROKEN = "控えのファイルが壊れています（{}）。別の控えを使ってください。何も戻していません。"


class Hashing:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        found = self.file.read(size)
        self.digest.update(found)
        return found


@dataclass
class Writer:
    """An archive that is being written: each member with its size and hash."""

    tar: tarfile.TarFile
    members: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, name: str, path: Path) -> None:
        """Take a file in; raises ``OSError`` where it cannot be read whole."""
        with path.open("rb") as file:
            info = tarfile.TarInfo(name)
            info.size, info.mode = path.stat().st_size, 0o600
            reader: Any = Hashing(file)
            self.tar.addfile(info, reader)
        self.members[name] = {"size": info.size, "sha256": reader.digest.hexdigest()}

    def close_with(self, facts: dict[str, Any], beside: Path) -> None:
        """Write what the archive must hold; ``beside`` is a place for it on the way."""
        content = {"format": FORMAT, **facts, "members": self.members}
        beside.write_text(json.dumps(content, ensure_ascii=False, indent=1))
        self.add(MANIFEST, beside)


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    with path.open("xb") as file:
        path.chmod(0o600)
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            yield Writer(tar)


def unpack(path: Path, into: Path | None = None) -> dict[str, Any]:
    """Check every member against the manifest, and return it; with ``into``, unpack them there.

    Raises ``BackupError`` for whatever is not exactly what the manifest says: then what was
    unpacked is to be thrown away.
    """
    found: dict[str, dict[str, Any]] = {}
    manifest: Any = None
    try:
        with tarfile.open(path, "r:") as tar:
            for info in tar:
                name = checked_name(info, found)
                source: Any = tar.extractfile(info)
                if name == MANIFEST:
                    manifest = read_manifest(source, info.size)
                    continue
                found[name] = {"size": info.size, "sha256": copy(source, into and into / name)}
    except tarfile.TarError as error:
        raise BackupError(BROKEN.format("形式が違うか、途中で切れています")) from error
    if manifest is None:
        raise BackupError(BROKEN.format("内容の一覧がありません。途中で切れた可能性があります"))
    compare(manifest["members"], found)
    return dict(manifest)


def checked_name(info: tarfile.TarInfo, found: dict[str, Any]) -> str:
    """The name of a member that may be unpacked: a plain file in its place, once."""
    name = info.name
    is_ours = name in (DATABASE, MANIFEST) or name.startswith(FILES)
    is_safe = not re.search(r"(?:^|/)\.\.?(?:/|$)|//|\\|\0", name) and not name.endswith("/")
    if not (info.type == tarfile.REGTYPE and is_ours and is_safe and name not in found):
        raise BackupError(BROKEN.format(f"「{name[:80]}」は、控えに入るはずのないものです"))
    return name


def read_manifest(source: IO[bytes], size: int) -> dict[str, Any]:
    if size > MANIFEST_LIMIT:
        raise BackupError(BROKEN.format("内容の一覧が大きすぎます"))
    try:
        found = json.loads(source.read())
        known = found["format"]
        members = found["members"]
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(BROKEN.format("内容の一覧を読めません")) from error
    if known != FORMAT or not isinstance(members, dict):
        raise BackupError(
            f"この控えの形式（{str(known)[:20]}）を、この版のポータルは知りません。"
            "控えを作った版以上に更新してから戻してください。何も戻していません。"
        )
    return dict(found)


def copy(source: IO[bytes], to: Path | None) -> str:
    """Copy a member to its place, if it is to have one; returns its hash."""
    reader = Hashing(source)
    if to is None:
        while reader.read(CHUNK):
            pass
        return reader.digest.hexdigest()
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with to.open("xb") as file:
        to.chmod(0o600)
        while chunk := reader.read(CHUNK):
            file.write(chunk)
    return reader.digest.hexdigest()


def compare(wanted: dict[str, Any], found: dict[str, Any]) -> None:
    """Raise ``BackupError``, naming the first member that is not what the manifest says."""
    for name in sorted({*wanted, *found}):
        if name not in found:
            raise BackupError(BROKEN.format(f"「{name[:80]}」がありません"))
        if name not in wanted:
            raise BackupError(BROKEN.format(f"「{name[:80]}」が一覧にありません"))
        if wanted[name] != found[name]:
            raise BackupError(BROKEN.format(f"「{name[:80]}」が、控えたときと違います"))
