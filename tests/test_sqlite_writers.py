"""Two processes write to one SQLite file: with Django's defaults most of this is lost."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 60

# Reads, then writes what it read plus one: the shape in which updates get lost.
WORK = f"""
from django.db import transaction
from members.models import Organization
for _ in range({ROUNDS}):
    with transaction.atomic():
        row = Organization.objects.get()
        row.kana = str(int(row.kana) + 1)
        row.save()
"""


def test_no_update_is_lost(tmp_path: Path) -> None:
    env = {**os.environ, "DEMO": "1", "VAR_DIR": str(tmp_path), "DATABASE_URL": "", "PYTHONUTF8": "1"}
    env.pop("DJANGO_SETTINGS_MODULE", None)

    def run(*args: str) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", *args]
        return subprocess.Popen(
            command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def finish(process: subprocess.Popen[str]) -> str:
        out, errors = process.communicate()
        assert process.returncode == 0, errors
        return out.strip()

    create = "Organization.objects.create(code='242012', name='津市', kana='0', kind='city')"
    finish(run("migrate", "-v", "0"))
    finish(run("shell", "-v", "0", "-c", create))
    for writer in [run("shell", "-v", "0", "-c", WORK) for _ in range(3)]:
        finish(writer)
    show = run("shell", "-v", "0", "-c", "print(Organization.objects.get().kana)")
    assert finish(show) == str(3 * ROUNDS)
