"""What stands in ``deploy/`` and in the handbook can be run: commands, options, variables and files exist."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[1]
UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
HANDBOOK = (ROOT / "docs" / "operations.md").read_text()
README = (ROOT / "README.md").read_text()


def commands_in_units() -> list[str]:
    return [
        found[1]
        for unit in UNITS
        for found in re.finditer(r"^ExecStart=-?\S+/python manage\.py (.+)$", unit.read_text(), re.M)
    ]


def commands_in_handbook() -> list[str]:
    """Each 「portal …」, with words that stand for somebody's own left in."""
    found = re.findall(r"`portal ([^`]+)`", HANDBOOK)
    return found + re.findall(r"^ *portal ([a-z_].*)$", HANDBOOK, re.M)


@pytest.mark.parametrize("line", [*commands_in_units(), *commands_in_handbook()])
def test_every_command_and_option_exists(line: str) -> None:
    for part in line.split("&& portal "):
        name, *words = shlex.split(part.partition(" && ")[0])
        assert name in get_commands(), line
        command = load_command_class(get_commands()[name], name)
        known = {
            option for action in command.create_parser("", name)._actions for option in action.option_strings
        }
        assert {word for word in words if word.startswith("--")} <= known, line


def test_the_handbook_has_some() -> None:
    assert len(commands_in_units()) == 12
    assert len(commands_in_handbook()) > 15


def test_every_unit_is_named_and_written_where_the_portal_may_write() -> None:
    for unit in UNITS:
        parsed = configparser.RawConfigParser(strict=False)
        parsed.optionxform = str  # type: ignore[assignment,method-assign]
        parsed.read_string(unit.read_text())
        assert unit.suffix in {".service", ".timer"}
        assert parsed["Unit"]["Description"]
        if unit.suffix == ".timer":
            assert unit.with_suffix(".service").exists()
            continue
        service = parsed["Service"]
        assert service["User"] == "portal"
        assert service["ProtectSystem"] == "strict"
        assert "/srv/portal/var" in service["ReadWritePaths"]
    # Timers start their services; the rest is started by name.
    named = re.search(r"enable --now (.+)", HANDBOOK)
    assert named
    enabled = {each if "." in each else f"{each}.service" for each in named[1].split()}
    assert enabled == {unit.name for unit in UNITS if "WantedBy" in unit.read_text()}


def test_every_variable_of_the_example_is_explained() -> None:
    example = (ROOT / "deploy" / "portal.env.example").read_text()
    names = re.findall(r"^([A-Z_]+)=", example, re.M)
    assert len(names) > 10
    assert [name for name in names if f"`{name}`" not in README] == []
    # No secret of anybody's, and nothing that would start as it is.
    assert "SECRET_KEY=\n" in example
    assert "ALLOWED_HOSTS=\n" in example


def test_files_that_the_handbook_names_are_there() -> None:
    for name in re.findall(r"(?:deploy|docs)/[\w./-]+", HANDBOOK):
        assert list(ROOT.glob(f"{name}*")), name


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        # Programs and users of the server are not here.
        text = re.sub(r"^(ExecStart=-?)\S+", r"\1/bin/true", unit.read_text(), flags=re.M)
        (tmp_path / unit.name).write_text(re.sub(r"^(User|Group|EnvironmentFile)=.*\n", "", text, flags=re.M))
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    faults = [
        line for line in done.stderr.splitlines() if "portal" in line and "WorkingDirectory" not in line
    ]
    assert faults == []
