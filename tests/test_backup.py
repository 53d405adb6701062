"""The drill: a backup is made while 64 bodies hand in, put back elsewhere, and is the same there.

Real processes on databases of their own, as in ``test_load``; on SQLite and on PostgreSQL.
"""

import io
import json
import os
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.own_portal import Portal, own_portal
from tests.test_load import PREPARE, Municipality

REPORT = """
import json
from council.models import ReportEdition
from members.common.merging import digest
from members.models import AuditEntry
from surveys.models import Submission
own = Submission.objects.filter(target__survey__key__startswith="survey-")
rows = {}
for submission in own.prefetch_related("answers", "revisions"):
    last = list(submission.revisions.all())[-1]
    whole = last.content_hash == submission.content_hash == digest(last.content)
    note = [answer.text for answer in submission.answers.all() if answer.text]
    rows[note[0] if note else ""] = whole and len(submission.answers.all()) == 2
print(json.dumps({
    "answers": rows,
    "editions": list(ReportEdition.objects.order_by("pk").values_list("chain_hash", flat=True)),
    "entries": AuditEntry.objects.count(),
}))
"""
UPLOAD = """
from django.core.files.base import ContentFile
from meetings.models import Material, MaterialVersion, Meeting
material = Material.objects.create(meeting=Meeting.objects.first(), title="控えの資料")
MaterialVersion.objects.create(
    material=material, file=ContentFile(b"whole", "x"), name="x.txt", content_type="text/plain", size=5,
    sha256="",
)
"""


def refused(portal: Portal, *args: str) -> str:
    process = portal.start_command(*args)
    _, errors = process.communicate()
    assert process.returncode == 1, errors
    assert "Traceback" not in errors
    return errors


def backup(portal: Portal, folder: Path, **env: str) -> Path:
    process = portal.start_command("backup", "--to", str(folder), **env)
    out, errors = process.communicate()
    assert process.returncode == 0, errors
    return Path(out.partition("：")[2].split("\n")[0])


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with own_portal(tmp_path_factory.mktemp("source")) as portal:
        portal.run("load_demo")
        portal.shell(UPLOAD)
        yield portal


@pytest.fixture(scope="module")
def key(source: Portal, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The public half, and the file of the other one."""
    out = source.run("backup", "--new-key")
    file = tmp_path_factory.mktemp("key") / "identity.txt"
    file.write_text(f"# 保管用\n{out.split()[-1]}\n")
    return out.partition("BACKUP_RECIPIENT=")[2].split()[0], file


@pytest.fixture(scope="module")
def kept(source: Portal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain backup of a portal at rest."""
    return backup(source, tmp_path_factory.mktemp("kept"))


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Portal]:
    with own_portal(tmp_path / "elsewhere", empty=True) as portal:
        yield portal


def changed(kept: Path, to: Path, change: Any) -> Path:
    """A backup with its manifest changed, or with a member exchanged, as a clever hand would."""
    with tarfile.open(kept) as old, tarfile.open(to, "w") as new:
        for info in old:
            content = old.extractfile(info)
            assert content
            data = content.read()
            if info.name == "manifest.json":
                manifest = json.loads(data)
                change(manifest)
                data = json.dumps(manifest).encode()
            info.size = len(data)
            new.addfile(info, io.BytesIO(data))
    return to


def test_a_backup_under_load_comes_back_whole(
    source: Portal, key: tuple[str, Path], empty: Portal, tmp_path: Path
) -> None:
    tokens = source.shell(PREPARE)
    source.serve()
    bodies = [Municipality(source, token, number) for number, token in enumerate(tokens)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        running = [pool.submit(body.submit) for body in bodies]
        while sum(future.done() for future in running) < 8:
            time.sleep(0.01)
        before = {f"回答{number}" for number, future in enumerate(running) if future.done()}
        made = backup(source, tmp_path / "backups", BACKUP_RECIPIENT=key[0])
        still_open = sum(not future.done() for future in running)
        assert all(future.result() for future in running)
    source.kill()
    # It was made while people wrote, and disturbed none of them.
    assert still_open
    assert made.stat().st_mode & 0o777 == 0o600
    assert b"\xe5\x9b\x9e\xe7\xad\x94" not in made.read_bytes()
    told = empty.run("restore", str(made), "--identity", str(key[1]))
    assert "控えたときと同じです" in told
    # What the portal itself finds there, beside what the archive says of itself.
    then, now = empty.shell(REPORT), source.shell(REPORT)
    assert all(then["answers"].values())
    assert before <= {*then["answers"]} <= {*now["answers"]}
    assert then["editions"] == now["editions"] != []
    assert "変わったものはありません" in empty.run("verify_audit")
    assert "変わった版はありません" in empty.run("verify_editions")
    files = Path(empty.env["VAR_DIR"]) / "files"
    assert any(path.read_bytes() == b"whole" for path in files.rglob("*") if path.is_file())
    assert not list(files.parent.glob(".restoring*"))
    empty.serve()


def test_a_system_with_records_is_not_written_over(source: Portal, kept: Path) -> None:
    before = source.shell(REPORT)
    assert "空のデータベースにだけ戻せます。何も変えていません" in refused(source, "restore", str(kept))
    assert source.shell(REPORT) == before


def test_the_wrong_key_and_a_broken_file_put_nothing_back(
    source: Portal, key: tuple[str, Path], kept: Path, empty: Portal, tmp_path: Path
) -> None:
    sealed = backup(source, tmp_path / "sealed", BACKUP_RECIPIENT=key[0])
    wrong = tmp_path / "wrong.txt"
    wrong.write_text(source.run("backup", "--new-key").split()[-1])
    assert "--identity に秘密鍵" in refused(empty, "restore", str(sealed))
    assert "秘密鍵が違うか" in refused(empty, "restore", str(sealed), "--identity", str(wrong))
    cut = tmp_path / "cut.tar"
    cut.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    assert "壊れています" in refused(empty, "restore", str(cut))
    flipped = bytearray(kept.read_bytes())
    flipped[flipped.index(b"whole")] ^= 1
    broken = tmp_path / "flipped.tar"
    broken.write_bytes(flipped)
    assert "控えたときと違います" in refused(empty, "restore", str(broken))
    # None of them has left anything: the right one goes in.
    assert "控えたときと同じです" in empty.run("restore", str(kept))


def test_a_restore_that_was_cut_off_says_so_and_can_be_done_again(kept: Path, empty: Portal) -> None:
    files = Path(empty.env["VAR_DIR"]) / "files"
    files.mkdir(parents=True)
    (files / ".restoring").touch()
    (files / "half").write_text("half")
    (files / "folder").mkdir()
    assert "途中で止まっています" in finding(empty)
    assert "控えたときと同じです" in empty.run("restore", str(kept))
    assert not (files / "half").exists()
    assert not (files / ".restoring").exists()
    assert "途中で止まっています" not in finding(empty)


def finding(portal: Portal) -> str:
    out, _ = portal.start_command("doctor").communicate()
    return out


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_named(source: Portal, tmp_path: Path) -> None:
    file = next(path for path in (Path(source.env["VAR_DIR"]) / "files").rglob("*") if path.is_file())
    file.chmod(0)
    try:
        assert f"{file.name}」を読めません" in refused(source, "backup", "--to", str(tmp_path))
    finally:
        file.chmod(0o600)


def test_a_backup_of_a_newer_version_or_another_database_is_refused(
    kept: Path, empty: Portal, tmp_path: Path
) -> None:
    newer = changed(kept, tmp_path / "newer.tar", lambda each: each["migrations"].append("surveys.9999_x"))
    assert "新しい版のポータルで作られています" in refused(empty, "restore", str(newer))
    other = changed(kept, tmp_path / "other.tar", lambda each: each.update(engine="oracle"))
    assert "戻せません" in refused(empty, "restore", str(other))
    unknown = changed(kept, tmp_path / "unknown.tar", lambda each: each.update(format=2))
    assert "この版のポータルは知りません" in refused(empty, "restore", str(unknown))


def test_keys_that_are_not_here_are_told_before_anything_is_put_back(kept: Path, empty: Portal) -> None:
    key = "another-key-that-is-long-enough-and-guards-nothing-at-all"
    errors = refused_with(empty, "restore", str(kept), SECRET_KEY=key)
    assert "SECRET_KEY か EDITION_KEY が、控えたときと違います" in errors
    process = empty.start_command("restore", str(kept), "--other-key", SECRET_KEY=key)
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "署名" in refused_with(empty, "verify_editions", SECRET_KEY=key)
    # Where the key is found again after all, everything holds.
    assert "変わった版はありません" in empty.run("verify_editions")


def test_what_was_changed_with_its_hashes_is_found_by_counts_and_chains(
    kept: Path, empty: Portal, tmp_path: Path
) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["counts"]["surveys_answer"] += 1
        manifest["trail"] = "1:0"

    forged = changed(kept, tmp_path / "forged.tar", change)
    errors = refused(empty, "restore", str(forged))
    assert "surveys_answer：" in errors
    assert "監査記録の最後が、控えたときと違います" in errors


def test_missing_files_make_no_backup_that_would_push_out_good_ones(source: Portal, tmp_path: Path) -> None:
    errors = refused_with(source, "backup", "--to", str(tmp_path), FILES_DIR=str(tmp_path / "not-mounted"))
    assert "件が見つかりません" in errors
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def refused_with(portal: Portal, *args: str, **env: str) -> str:
    process = portal.start_command(*args, **env)
    _, errors = process.communicate()
    assert process.returncode == 1, errors
    return errors


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_a_full_disk_leaves_the_earlier_ones(source: Portal, kept: Path, tmp_path: Path) -> None:
    if os.system(f"mount -t tmpfs -o size=512k none {tmp_path} 2>/dev/null"):
        pytest.skip("no tmpfs here")
    try:
        old = tmp_path / kept.name
        old.write_bytes(b"earlier")
        errors = refused(source, "backup", "--to", str(tmp_path), "--keep", "1")
        assert "控えを書き込めません" in errors
        assert "空きは" in errors
        assert {path.name for path in tmp_path.iterdir()} == {kept.name, ".lock"}
    finally:
        os.system(f"umount {tmp_path}")
