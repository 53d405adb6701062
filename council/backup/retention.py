"""Which backups are this portal's own, and which of them are old enough to go."""

import hashlib
import re
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

NAME = re.compile(r"portal-(?P<site>[0-9a-f]{8})-(?P<at>[0-9]{8}-[0-9]{6})\.tar(?:\.age)?")
STAMP = "%Y%m%d-%H%M%S"


def site() -> str:
    """Tells this portal's backups from those of another in the same folder."""
    return hashlib.sha256(settings.PORTAL_ADDRESS.encode()).hexdigest()[:8]


def new_name(now: datetime) -> str:
    return f"portal-{site()}-{timezone.localtime(now).strftime(STAMP)}.tar"


def made_at(path: Path) -> datetime | None:
    """When a backup of this portal was made, by its name; None for whatever else lies there."""
    match = NAME.fullmatch(path.name)
    if match is None or match["site"] != site() or path.is_symlink() or not path.is_file():
        return None
    naive = datetime.strptime(match["at"], STAMP)  # made aware right here
    return timezone.make_aware(naive)


def own_backups(folder: Path) -> list[tuple[datetime, Path]]:
    """This portal's backups, the oldest first."""
    found = [(at, path) for path in folder.iterdir() if (at := made_at(path))]
    return sorted(found)


def clear(folder: Path, keep: int, newest: Path) -> list[Path]:
    """Delete all but the ``keep`` newest; the one that was just made and checked always stays.

    They are counted, not aged: a clock that was wrong for an hour makes none of them old.
    """
    others = [path for _, path in own_backups(folder) if path != newest]
    gone = others[: max(0, len(others) - (keep - 1))]
    for path in gone:
        path.unlink()
    return gone
