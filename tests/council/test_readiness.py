"""``/healthz`` says that a process lives, ``/readyz`` whether it can do its work."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.test import Client

from council.doctor import readiness, services
from council.doctor.findings import Finding, bad
from members.models import AuditEntry
from tests.own_portal import own_portal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(readiness, "_last", (0.0, {}))
    return tmp_path


def ask() -> tuple[int, str]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.content.decode()


def failing() -> Iterator[Finding]:
    yield bad("データベース", "秘密のサーバー名に書き込めません。", "直してください。")


def test_a_server_that_can_work_is_ready_and_leaves_nothing(store: Path) -> None:
    assert ask() == (200, "database: ok\nmigrations: ok\ncache: ok\nfiles: ok\nworker: ok\n")
    assert not Session.objects.exists()
    assert not AuditEntry.objects.exists()
    assert list(store.iterdir()) == []


@pytest.mark.parametrize("name", [name for name in readiness.CHECKS if name not in readiness.ELSEWHERE])
def test_what_fails_is_named_and_nothing_more(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(readiness.CHECKS, name, failing)
    status, text = ask()
    assert status == 503
    assert f"{name}: failed\n" in text
    assert "秘密" not in text
    assert Client().get("/healthz").content == b"ok\n"


def test_a_worker_that_is_late_takes_no_server_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(readiness.CHECKS, "worker", failing)
    status, text = ask()
    assert (status, "worker: failed\n" in text) == (200, True)


def test_a_check_that_breaks_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[Finding]:
        raise DatabaseError("password=secret")

    monkeypatch.setitem(readiness.CHECKS, "cache", broken)
    status, text = ask()
    assert (status, "secret" in text) == (503, False)


def test_who_asks_often_hears_what_was_found_just_now(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    ask()
    monkeypatch.setitem(readiness.CHECKS, "database", failing)
    with django_assert_num_queries(0):
        assert ask()[0] == 200
    monkeypatch.setattr(readiness, "_last", (time.monotonic() - 3, readiness._last[1]))
    assert ask()[0] == 503


def test_files_that_cannot_be_written(settings: Any, store: Path) -> None:
    file = store / "not-a-folder"
    file.write_text("x")
    settings.MEDIA_ROOT = file
    status, text = ask()
    assert (status, "files: failed" in text) == (503, True)
    assert str(store) not in text


def test_how_long_it_waits_for_a_lock_is_its_own(store: Path) -> None:
    def patience() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                "PRAGMA busy_timeout" if connection.vendor == "sqlite" else "SHOW statement_timeout"
            )
            return cursor.fetchone()

    before = patience()
    with readiness.impatient():
        assert patience() != before
    assert patience() == before


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a lock on the whole database is SQLite's")
def test_a_locked_database_is_told_within_seconds_and_ready_again_by_itself(tmp_path: Path) -> None:
    from urllib.error import HTTPError
    from urllib.request import urlopen

    with own_portal(tmp_path / "portal") as portal:
        portal.serve()
        base = f"http://127.0.0.1:{portal.port}"
        assert urlopen(f"{base}/readyz").status == 200
        (file,) = (tmp_path / "portal").glob("*.sqlite3")
        lock = sqlite3.connect(file, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        time.sleep(readiness.FRESH_SECONDS + 0.2)
        begun = time.monotonic()
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{base}/readyz", timeout=20)
        assert refused.value.code == 503
        assert b"database: failed" in refused.value.read()
        assert time.monotonic() - begun < 12
        assert urlopen(f"{base}/healthz", timeout=5).status == 200
        lock.execute("ROLLBACK")
        lock.close()
        time.sleep(readiness.FRESH_SECONDS + 0.2)
        assert urlopen(f"{base}/readyz").status == 200


def test_services_are_those_of_the_doctor() -> None:
    assert readiness.CHECKS["database"] is services.database
