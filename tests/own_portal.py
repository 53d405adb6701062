"""A portal of a test's own, for what takes real processes: a server that can be killed, commands, a database.

Making its tables takes longer than most of what is done with them; so that happens
once for all workers of a run, and each portal begins as a copy.
"""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Workers of a run inherit it from the process that starts them; each of several runs has its own.
TEMPLATE = f"portal_{os.environ.setdefault('PORTAL_TEST_RUN', uuid4().hex[:12])}"
FOLDER = Path(tempfile.gettempdir()) / TEMPLATE


class Portal:
    """A portal of its own: commands, and a server that can be killed."""

    def __init__(self, folder: Path, url: str) -> None:
        self.env = {**os.environ, "DEMO": "1", "VAR_DIR": str(folder), "DATABASE_URL": url, "PYTHONUTF8": "1"}
        self.env.pop("DJANGO_SETTINGS_MODULE", None)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.server: subprocess.Popen[bytes] | None = None

    def start_command(self, *args: str, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *args],
            cwd=ROOT,
            env={**self.env, **env},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *args: str) -> str:
        process = self.start_command(*args)
        out, errors = process.communicate()
        assert process.returncode == 0, errors
        return out

    def shell(self, code: str) -> Any:
        out = self.run("shell", "-v", "0", "-c", code)
        return json.loads(out) if out.strip() else None

    def serve(self) -> None:
        command = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers", "2", "--respawn-failed-workers"]
        self.server = subprocess.Popen(
            [*command, "council.asgi:application"],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz")
                return
            except OSError:
                time.sleep(0.1)
        pytest.fail("the server did not start")

    def kill(self) -> None:
        if self.server:
            os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()
            self.server = None


def server_url() -> str:
    """Where databases are made; empty on SQLite."""
    url = os.environ.get("DATABASE_URL", "")
    return url if url.startswith("postgres") else ""


def database(name: str) -> str:
    return server_url().rpartition("/")[0] + f"/{name}"


@contextmanager
def own_portal(folder: Path, *, empty: bool = False) -> Iterator[Portal]:
    """A portal with a database of its own, gone afterwards; ``empty`` leaves it without tables."""
    if not empty:
        prepare_once()
        shutil.copytree(FOLDER / "var", folder, dirs_exist_ok=True)
    name = f"load_{uuid4().hex[:12]}"
    if server_url():
        on_server(f"CREATE DATABASE {name}" + ("" if empty else f" TEMPLATE {TEMPLATE}"))
    portal = Portal(folder, database(name) if server_url() else "")
    try:
        yield portal
    finally:
        portal.kill()
        if server_url():
            on_server(f"DROP DATABASE {name} WITH (FORCE)")


def prepare_once() -> None:
    """Make the tables and static files that every portal of this run begins with."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (FOLDER / "done").exists():
            return
        if server_url():
            on_server(f"CREATE DATABASE {TEMPLATE}")
        made = Portal(FOLDER / "var", database(TEMPLATE) if server_url() else "")
        made.run("migrate", "-v", "0")
        made.run("createcachetable")
        made.run("collectstatic", "--no-input", "-v", "0")
        (FOLDER / "done").touch()


def forget_prepared() -> None:
    """At the end of a run."""
    if not FOLDER.exists():
        return
    shutil.rmtree(FOLDER)
    if server_url():
        on_server(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")


def on_server(statement: str) -> None:
    import psycopg

    with psycopg.connect(server_url(), autocommit=True) as server:
        server.execute(statement)
