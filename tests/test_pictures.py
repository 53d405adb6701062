"""The comparison of pictures sees what a person would, and no more."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.pictures import ALIKE, changed_share, changes, keep_small


def page(path: Path, *, at: int = 40, colour: str = "#0017c1", size: tuple[int, int] = (1000, 700)) -> Path:
    """Lines of text as a browser draws them, roughly."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for row in range(12):
        pen.text((40, at + 40 * row), "Answers of 28 municipalities" * 3, fill=colour)
    pen.rectangle((40, 600, 240, 640), fill="#1a1a1c")
    picture.save(path)
    return path


@pytest.mark.parametrize(
    "other", [{"at": 52}, {"colour": "#ffffff"}, {"size": (1000, 720)}], ids=["moved", "unread", "longer"]
)
def test_a_change_is_seen(tmp_path: Path, other: dict[str, object]) -> None:
    kept, made = page(tmp_path / "kept.png"), page(tmp_path / "made.png", **other)  # type: ignore[arg-type]
    assert changed_share(kept, made) > ALIKE


def test_another_smoothing_and_few_colours_are_none(tmp_path: Path) -> None:
    kept, made = tmp_path / "kept", tmp_path / "made"
    for folder, colour in ((kept, "#0017c1"), (made, "#0a1fb8")):
        folder.mkdir()
        page(folder / "a.png", colour=colour)
    keep_small(kept / "a.png")
    assert changes(kept, made, ["a"]) == {}
    page(made / "a.png", at=70)
    assert list(changes(kept, made, ["a"])) == ["a"]
