"""The apps' layers: imports run downward only, and no lower app names an upper one."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# From the top down.
LAYERS = ["council", "surveys", "meetings", "members"]


def modules(app: str) -> list[Path]:
    return [path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]


def imported_apps(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "relative imports hide the layer they cross"
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("app", LAYERS)
def test_imports_run_downward(app: str) -> None:
    above = set(LAYERS[: LAYERS.index(app)])
    for path in modules(app):
        assert not imported_apps(ast.parse(path.read_text())) & above, path


@pytest.mark.parametrize("app", LAYERS)
def test_no_lower_app_names_an_upper_one(app: str) -> None:
    above = LAYERS[: LAYERS.index(app)]
    for path in modules(app):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not any(node.value.startswith(f"{name}.") for name in above), (path, node.value)


def test_the_common_library_imports_nothing_of_the_roster() -> None:
    """``members/common`` is what all apps share; it knows no model of the roster."""
    for path in (ROOT / "members" / "common").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("members"):
                assert node.module.startswith("members.common"), (path, node.module)


@pytest.mark.parametrize("app", LAYERS)
def test_the_product_calls_no_test_tools(app: str) -> None:
    for path in modules(app):
        source = path.read_text()
        assert "django.test" not in source, path
        assert "import pytest" not in source, path


def test_folders_and_files_stay_small() -> None:
    """A folder that one takes in at a glance, a module that one reads in one sitting."""
    for app in LAYERS:
        for path in modules(app):
            assert len(path.read_text().splitlines()) <= 400, path
            siblings = [each for each in path.parent.glob("*.py") if each.name != "__init__.py"]
            assert len(siblings) <= 14, path.parent
