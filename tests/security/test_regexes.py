"""No regular expression of the portal takes a hostile text for hours."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("council", "surveys", "meetings", "members")


def look(*files: Path) -> list[str]:
    """What the checker says of the regular expressions in these files."""
    checker = Path(sys.executable).parent / "regexploit-py"
    done = subprocess.run([checker, *map(str, files)], capture_output=True, text=True, check=False)
    return [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]


def test_every_expression_is_bounded() -> None:
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    *found, last = look(*files)
    assert found == []
    assert int(last.split()[1]) > 100


def test_the_checker_finds_one_that_is_not(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("import re\nBAD = re.compile(r'(a+)+$')\nALSO = re.compile(r'\\s+\\s+x')\n")
    assert any("bad.py" in line for line in look(bad))
