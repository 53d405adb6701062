"""Prose that quotes figures by name: ``{progressed}``, ``{progressed.count}`` …

A token is replaced by the figure's present value and links to its page, so that
no number of a report is typed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from surveys.tally import Tally

BRACES = re.compile(r"\{([^{}]*)\}")
# The part after the dot, and what it quotes.
PARTS = {
    "share": "割合と母数（例: 86%（28市町中24市町））",
    "percent": "割合（例: 86%）",
    "count": "数（例: 24）",
    "base": "母数（例: 28）",
}
UNPUBLISHED = "（未公開の数値）"


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of prose: plain text, or a quotation of the figure named ``figure``."""

    text: str
    figure: str = ""


Paragraph = tuple[Segment, ...]


def split_token(token: str) -> tuple[str, str]:
    """Split ``key.part``; a key alone quotes its share."""
    key, _, part = token.strip().partition(".")
    return key, part or "share"


def quoted_figures(text: str) -> set[str]:
    """Name the figures that a text quotes."""
    return {split_token(token)[0] for token in BRACES.findall(text)}


def unknown_tokens(text: str, keys: Iterable[str]) -> list[str]:
    """List the tokens, with their braces, that name no figure or no part of one."""
    known = set(keys)
    return [
        f"{{{token}}}"
        for token in BRACES.findall(text)
        if (split := split_token(token))[0] not in known or split[1] not in PARTS
    ]


def quote(tally: Tally, part: str) -> str:
    """What a token with this part is replaced by."""
    match part:
        case "percent":
            return tally.percent_text
        case "count":
            return str(tally.count)
        case "base":
            return str(tally.base)
        case _:
            return tally.share_text


def parse(text: str, tallies: Mapping[str, Tally]) -> tuple[Paragraph, ...]:
    """Split a text into paragraphs (at blank lines) of plain and quoted segments.

    A figure that is not among ``tallies`` is one the reader may not see: words
    stand in its place, never its token or its value.
    """
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return tuple(tuple(_segments(block, tallies)) for block in blocks if block.strip())


def _segments(block: str, tallies: Mapping[str, Tally]) -> Iterable[Segment]:
    # re.split with one group alternates between plain text and token.
    for index, piece in enumerate(BRACES.split(block)):
        if index % 2 == 0:
            if piece:
                yield Segment(piece)
            continue
        key, part = split_token(piece)
        tally = tallies.get(key)
        yield Segment(quote(tally, part), figure=key) if tally else Segment(UNPUBLISHED)
