"""What pages look like beside how they looked when somebody last looked, so that a change is seen."""

from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageChops

# A page at this share of its dots is another one; below it browsers only smooth letters otherwise.
ALIKE = 0.002
# How far a dot's grey may be off.
TONE = 40
# Colours in a kept picture: enough for a page, and a fraction of its size.
COLOURS = 48


def keep_small(path: Path) -> None:
    """Store a picture with few colours."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def changed_share(before: Path, after: Path) -> float:
    """The share of a picture's dots that are plainly another grey; all of it where its size is another."""
    with Image.open(before) as first, Image.open(after) as second:
        if first.size != second.size:
            return 1.0
        size = (first.width // 2, first.height // 2)
        grey = [
            each.convert("RGB").convert("L").resize(size, Image.Resampling.BOX) for each in (first, second)
        ]
    off = ImageChops.difference(*grey).point([0] * TONE + [255] * (256 - TONE))
    return off.histogram()[255] / (size[0] * size[1])


def changes(kept: Path, made: Path, names: Iterable[str]) -> dict[str, float]:
    """The pictures that are not as they were kept, each with the share that differs."""
    shares = {name: changed_share(kept / f"{name}.png", made / f"{name}.png") for name in names}
    return {name: round(share, 4) for name, share in shares.items() if share > ALIKE}
