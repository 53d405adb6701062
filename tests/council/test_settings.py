"""Settings are safe for production unless the demo is asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def manage(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", **env}
    command = [sys.executable, "manage.py", *args]
    return subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("env", "words"),
    [({}, "SECRET_KEY"), ({"SECRET_KEY": "x" * 60}, "ALLOWED_HOSTS")],
)
def test_it_refuses_to_start_and_says_what_to_set(env: dict[str, str], words: str) -> None:
    result = manage("check", **env)
    assert result.returncode != 0
    assert f"環境変数 {words} がありません" in result.stderr


def test_production_passes_the_deployment_check(tmp_path: Path) -> None:
    key = "k9v2Qw7Zr4Xt1Yp8Lm3Nb6Hc5Jd0Fg-SaEuIoWiRqTyUvBn_MzKxCjVh"  # pragma: allowlist secret
    result = manage(
        "check", "--deploy", "--fail-level", "WARNING",
        SECRET_KEY=key, ALLOWED_HOSTS="portal.example.lg.jp", VAR_DIR=str(tmp_path),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr


def test_the_demo_makes_its_own_key_and_keeps_it(tmp_path: Path) -> None:
    for _ in range(2):
        result = manage("check", DEMO="1", VAR_DIR=str(tmp_path))
        assert result.returncode == 0, result.stderr
    kept = tmp_path / "secret-key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(kept.read_text()) == 50


def test_sqlite_is_set_up_for_several_writers(tmp_path: Path) -> None:
    code = (
        "from django.db import connection as c; k = c.cursor();"
        "print([k.execute(f'PRAGMA {p}').fetchone()[0]"
        " for p in ('journal_mode', 'synchronous', 'busy_timeout')], c.transaction_mode)"
    )
    result = manage("shell", "-v", "0", "-c", code, DEMO="1", VAR_DIR=str(tmp_path))
    assert result.stdout.strip() == "['wal', 2, 20000] IMMEDIATE", result.stderr
