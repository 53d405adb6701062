"""The costly files of editions: drawn once, by a worker, kept by their hash, and handed out from there.

What is missing follows from the editions alone: a lost task, a killed worker or a restored backup without
its files leaves nothing that the next run does not make. Nobody who reads ever waits for a drawing.
"""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from council.editions.reading import Found, find, read
from council.models import AnnualReport, EditionFile, ReportEdition
from council.renderers.files import DRAWN, ReportFile
from council.renderers.fonts import PdfUnavailable
from members.common.merging import digest
from members.common.notices import notify_staff
from members.common.publication.seal import EditionFault

logger = logging.getLogger(__name__)
FOLDER = "editions"
# Stands among the files, so that an empty place is known from the right one.
MARK = f"{FOLDER}/portal.txt"
# The longest that one file takes, with room: whoever died over it gives it back after that.
CLAIM = timedelta(minutes=15)
# After a failure the next try waits: one minute, two, four, at most an hour.
LONGEST_WAIT = timedelta(hours=1)
# After so many the one who published is told.
TRIES = 3
# Where a worker runs, a file is there within this.
SOON = timedelta(minutes=5)
NO_ROOM = "ファイルの保存先に書き込めません。空き容量と設定を確かめてください。"
BROKEN = "作っている途中でシステムの不具合が起きました。記録（ログ）を確かめてください。"


@dataclass(frozen=True, slots=True)
class Made:
    """What a run came to: the numbers of files that were drawn, and that could not be."""

    done: int = 0
    failed: int = 0


def drawn_of(found: Found) -> str:
    """By what a file is known to be of this edition as it stands: its words, and the edition in force."""
    return digest([found.content_hash, found.shown_hash, found.pk, found.newest])


def editions_to_read() -> Iterator[Found]:
    """Every edition that the public can read, the newest of each report first."""
    newest: dict[int, int] = {}
    rows = ReportEdition.objects.public().order_by("report", "-number")
    for report, pk, content_hash, shown_hash, number in rows.values_list(
        "report", "pk", "content_hash", "shown_hash", "number"
    ):
        in_force = newest.setdefault(report, number)
        yield Found(pk, content_hash, shown_hash, number, in_force)


def missing() -> list[tuple[Found, ReportFile]]:
    """The files that are not there as they should be, those of editions in force first."""
    good = EditionFile.objects.exclude(sha256="").exclude(is_redrawn=True)
    there = set(good.values_list("edition", "extension", "drawn_of"))
    found = [
        (edition, file)
        for edition in editions_to_read()
        for file in DRAWN
        if (edition.pk, file.extension, drawn_of(edition)) not in there
    ]
    return sorted(found, key=lambda pair: pair[0].number != pair[0].newest)


def make_missing() -> Made:
    """Draw whatever is missing and may be tried now; run by the worker, and by cron."""
    done = failed = 0
    for found, file in missing():
        row = claim(found, file)
        if row is None:
            continue
        if draw(row, found, file):
            done += 1
        else:
            failed += 1
    if done and missing():
        # A newer edition came meanwhile.
        more = make_missing()
        done, failed = done + more.done, failed + more.failed
    return Made(done, failed)


def claim(found: Found, file: ReportFile) -> EditionFile | None:
    """Take a file for oneself; None where somebody else draws it or just has, or it failed a moment ago."""
    row, _ = EditionFile.objects.get_or_create(edition_id=found.pk, extension=file.extension)
    now = timezone.now()
    wanted = ~Q(drawn_of=drawn_of(found)) | Q(is_redrawn=True)
    free = EditionFile.objects.filter(wanted, pk=row.pk).filter(
        Q(claimed_until=None) | Q(claimed_until__lt=now)
    )
    row.claimed_until = now + CLAIM
    return row if free.update(claimed_until=row.claimed_until) else None


def draw(row: EditionFile, found: Found, file: ReportFile) -> bool:
    """Draw one file and put it in the place of the one before; tells whether it is there."""
    try:
        content = file.write(read(found))
        name = keep(content, file.extension)
    except PdfUnavailable as error:
        return give_up(row, str(error))
    except EditionFault:
        return give_up(row, "版が検査に通らないため、ファイルを作りません。")
    except OSError:
        logger.exception("a file of an edition could not be stored")
        return give_up(row, NO_ROOM)
    except Exception:
        logger.exception("a file of an edition could not be drawn")
        return give_up(row, BROKEN)
    with transaction.atomic():
        before = row.file.name
        values = {
            "file": name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
            "drawn_of": drawn_of(found),
            "made_at": timezone.now(),
            "claimed_until": None,
            "is_redrawn": False,
            "attempts": 0,
            "failure": "",
        }
        # The row is gone where words were taken out of the edition meanwhile, and is somebody else's where
        # this took too long.
        own = EditionFile.objects.filter(pk=row.pk, claimed_until=row.claimed_until)
        is_kept = bool(own.update(**values))
        unwanted = before if is_kept and before != name else "" if is_kept else name
        transaction.on_commit(lambda: remove(unwanted), robust=True)
    return is_kept


def keep(content: bytes, extension: str) -> str:
    """Store bytes under their hash, and see that they arrived."""
    if not is_our_store():
        raise OSError("the store is not the one that the files are in")
    if not default_storage.exists(MARK):
        default_storage.save(MARK, ContentFile("検討会議ポータルの版のファイル\n".encode()))
    name = f"{FOLDER}/{hashlib.sha256(content).hexdigest()}.{extension}"
    if default_storage.exists(name):
        if stored_bytes(name) == content:
            return name
        default_storage.delete(name)
    name = default_storage.save(name, ContentFile(content))
    if stored_bytes(name) != content:
        remove(name)
        raise OSError("what was stored is not what was written")
    return name


def is_our_store() -> bool:
    """Whether the store is where the files are: an empty folder in place of a lost mount is not."""
    return default_storage.exists(MARK) or not EditionFile.objects.exclude(file="").exists()


def stored_bytes(name: str) -> bytes:
    with default_storage.open(name) as file:
        return bytes(file.read())


def give_up(row: EditionFile, why: str) -> bool:
    """Note why, and when it may be tried again."""
    attempts = row.attempts + 1
    wait = min(timedelta(minutes=2 ** min(attempts - 1, 10)), LONGEST_WAIT)
    EditionFile.objects.filter(pk=row.pk, claimed_until=row.claimed_until).update(
        attempts=attempts, failure=why, claimed_until=timezone.now() + wait
    )
    if attempts == TRIES:
        # Once: whoever published it can have it mended.
        text = f"{row}のファイルを{attempts}回試しましたが、作れませんでした。\n\n{why}\n"
        notify_staff(row.edition.published_by, "年次報告書のファイルを作れません", text)
    return False


def ready(found: Found, extension: str) -> bytes | None:
    """A file's bytes, checked; None where it is not made yet, or not there as it was made."""
    row = EditionFile.objects.filter(
        edition=found.pk, extension=extension, drawn_of=drawn_of(found), file__gt=""
    ).first()
    if row is None:
        return None
    try:
        content = stored_bytes(row.file.name)
    except OSError:
        logger.exception("a file of an edition cannot be read")
        return None
    if hashlib.sha256(content).hexdigest() != row.sha256:
        logger.error("a file of an edition is not what was stored: %s", row.file.name)
        return None
    return content


def check_stored() -> int:
    """Let be drawn anew what is lost or changed, and remove what belongs to no edition; returns how many."""
    if not is_our_store():
        raise OSError("the store is not the one that the files are in")
    rows = list(EditionFile.objects.exclude(file=""))
    lost = [row.pk for row in rows if ready_bytes(row) is None]
    EditionFile.objects.filter(pk__in=lost).update(drawn_of="", sha256="", claimed_until=None)
    known = {MARK, *(row.file.name for row in rows if row.pk not in lost)}
    _, names = default_storage.listdir(FOLDER) if default_storage.exists(FOLDER) else ([], [])
    stray = [name for each in names if (name := f"{FOLDER}/{each}") not in known and is_old(name)]
    for name in stray:
        remove(name)
    return len(lost) + len(stray)


def ready_bytes(row: EditionFile) -> bytes | None:
    try:
        content = stored_bytes(row.file.name)
    except FileNotFoundError:
        return None
    return content if hashlib.sha256(content).hexdigest() == row.sha256 else None


def is_old(name: str) -> bool:
    """Whether nobody is about to name it in a row."""
    return default_storage.get_modified_time(name) < timezone.now() - CLAIM


def draw_anew(report: AnnualReport) -> None:
    """Let all files of a report be made again: once what failed is mended, or to have them otherwise."""
    EditionFile.objects.filter(edition__report=report).update(
        is_redrawn=True, claimed_until=None, attempts=0, failure=""
    )


def remove(name: str) -> None:
    """Remove stored bytes that no row names any more."""
    if name and not EditionFile.objects.filter(file=name).exists():
        default_storage.delete(name)


def remove_with_row(sender: Any, instance: EditionFile, **kwargs: Any) -> None:
    """A row's bytes go with it: connected to its deletion, as when words are taken out of an edition."""
    name = instance.file.name or ""
    transaction.on_commit(lambda: remove(name), robust=True)


@dataclass(frozen=True, slots=True)
class State:
    """How it stands with one file of an edition, for staff."""

    label: str
    text: str
    is_wrong: bool = False


def states(report: AnnualReport) -> list[State]:
    """Each costly file of the edition in force, made, waiting or failed; none where nothing is public."""
    found = find(report.council_year.council.slug, report.council_year.year)
    if found is None:
        return []
    rows = {row.extension: row for row in EditionFile.objects.filter(edition=found.pk)}
    published = ReportEdition.objects.values_list("published_at", flat=True).get(pk=found.pk)
    return [state_of(file, rows.get(file.extension), found, published) for file in DRAWN]


def state_of(file: ReportFile, row: EditionFile | None, found: Found, published: Any) -> State:
    if row and row.sha256 and row.made_at and row.drawn_of == drawn_of(found) and not row.failure:
        moment = timezone.localtime(row.made_at)
        return State(file.label, f"作成済み（{moment:%m月%d日%H時%M分}、{max(row.size // 1024, 1):,}KB）")
    if row and row.failure:
        return State(file.label, f"作れませんでした（{row.attempts}回）：{row.failure}", is_wrong=True)
    if timezone.now() - published > SOON:
        return State(
            file.label, "待っています。ファイルを作る処理（ワーカー）が動いていないようです。", is_wrong=True
        )
    return State(file.label, "作成中です。")
