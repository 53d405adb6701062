"""Where a line of Japanese may break: between phrases, never inside a word."""

import re
from functools import cache
from typing import Any

# A longer phrase has to break somewhere, or it would stand out of its column.
LONGEST = 14
# These know by themselves where a line may not break, and how wide they are beside each other.
MARKS = re.compile(r"([\s、。，．・：；（）［］「」『』【】〔〕／！？])")


@cache
def parser() -> Any:
    """The segmenter with the model that comes in its package."""
    import budoux

    return budoux.load_default_japanese_parser()


def phrases(text: str) -> list[str]:
    """A short text in the pieces that stay whole; blanks, marks, and what is too long come one by one."""
    pieces: list[str] = []
    for phrase in parser().parse(text) if text else []:
        for part in MARKS.split(phrase):
            pieces += [part] if len(part) <= LONGEST else list(part)
    return [piece for piece in pieces if piece]
