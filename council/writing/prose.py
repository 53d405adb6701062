"""Prose that quotes figures by name: ``{progressed}``, ``{progressed.count}`` …

A token is replaced by the figure's present value and links to its page, so that
no number of a report is typed. Around the tokens, prose is written in the same
small subset of Markdown as the minutes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from meetings.minutes.markup import Paragraph as Written
from meetings.minutes.markup import Run, paragraphs
from surveys.results.indicator_tallies import Tally

BRACES = re.compile(r"\{([^{}]*)\}")
# The part after the dot, and what it quotes.
PARTS = {
    "share": "割合と母数（例: 86%（28市町中24市町））",
    "percent": "割合（例: 86%）",
    "count": "数（例: 24）",
    "base": "母数（例: 28）",
}
UNPUBLISHED = "（未公開の数値）"
# Stand for a token's braces while Markdown is read: letters of no script, so that no
# underscore or asterisk of a name is taken for emphasis.
HELD = "\ue000{}\ue001"
HELD_TOKEN = re.compile("\ue000([0-9]+)\ue001")


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of prose: words, or a quotation of the figure named ``figure``.

    ``style`` is empty, ``strong`` or ``em``; ``href`` is set where the words are a link;
    ``ruby`` says how they are read, where that was written.
    """

    text: str
    figure: str = ""
    style: str = ""
    href: str = ""
    ruby: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, or an item of a list: that one has a marker (・ or 1.) and a level from 1."""

    segments: tuple[Segment, ...]
    marker: str = ""
    level: int = 0


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


def links(text: str) -> list[str]:
    """The addresses that a text links to, each once."""
    found = (run.href for paragraph in paragraphs(text) for run in paragraph.runs if run.href)
    return list(dict.fromkeys(found))


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


def parse(
    text: str,
    tallies: Mapping[str, Tally],
    *,
    quote: Callable[[Tally, str], str] = quote,
    has_ruby: bool = False,
) -> tuple[Paragraph, ...]:
    """Read a text as paragraphs and list items of plain and quoted segments.

    A figure that is not among ``tallies`` is one the reader may not see: words
    stand in its place, never its token or its value. ``quote`` writes it in another
    language; with ``has_ruby`` 漢字《かんじ》 tells how the word before is read.
    """
    text = text.replace("\ue000", "").replace("\ue001", "")
    tokens = BRACES.findall(text)
    numbers = iter(range(len(tokens)))
    held = BRACES.sub(lambda _: HELD.format(next(numbers)), text.replace("\r\n", "\n"))
    return tuple(
        Paragraph(
            tuple(
                segment
                for run in found.runs
                for piece in _segments(run, tokens, tallies, quote)
                for segment in (split_ruby(piece) if has_ruby else [piece])
            ),
            found.marker,
            found.level,
        )
        for found in paragraphs(held)
    )


# 漢字《かんじ》; where it begins elsewhere than with its kanji, ｜ says where.
RUBY = re.compile(
    r"(?:[｜|](?P<marked>[^｜|《》\n]{1,30})|(?P<word>[一-龥々〆ヵヶ]{1,30}|[%％]))"
    r"《(?P<ruby>[ぁ-んァ-ヶー・ 　]{1,40})》"
)
STRAY_RUBY = re.compile("[《》｜]")


def split_ruby(segment: Segment) -> Iterator[Segment]:
    """A run of words, its annotated ones apart; a quoted figure is none."""
    if segment.figure:
        yield segment
        return
    at = 0
    for match in RUBY.finditer(segment.text):
        if match.start() > at:
            yield replace(segment, text=segment.text[at : match.start()])
        yield replace(segment, text=match["marked"] or match["word"], ruby=match["ruby"])
        at = match.end()
    if at < len(segment.text):
        yield replace(segment, text=segment.text[at:])


def without_ruby(text: str) -> str:
    """A text as it is read without its annotations."""
    return RUBY.sub(lambda match: match["marked"] or match["word"], text)


def _segments(
    run: Run, tokens: list[str], tallies: Mapping[str, Tally], quote: Callable[[Tally, str], str]
) -> Iterable[Segment]:
    whole = Segment("", style=run.style, href=HELD_TOKEN.sub("", run.href))
    # re.split with one group alternates between plain text and a token's number.
    for index, piece in enumerate(HELD_TOKEN.split(run.text)):
        if index % 2 == 0:
            if piece:
                yield replace(whole, text=piece)
            continue
        key, part = split_token(tokens[int(piece)])
        tally = tallies.get(key)
        if tally:
            yield replace(whole, text=quote(tally, part), figure=key, href="")
        else:
            yield replace(whole, text=UNPUBLISHED)


def plain(paragraph: Paragraph) -> str:
    """A paragraph in words alone; an item of a list with its marker, indented by its level."""
    runs = tuple(Run(annotated(segment)) for segment in paragraph.segments)
    return words(Written(runs, paragraph.marker, paragraph.level))


def annotated(segment: Segment) -> str:
    """Its words, with how they are read in brackets."""
    return f"{segment.text}（{segment.ruby}）" if segment.ruby else segment.text


def words(paragraph: Written) -> str:
    text = "".join(run.text for run in paragraph.runs)
    indent = "　" * max(paragraph.level - 1, 0)
    return f"{indent}{paragraph.marker}{text}" if paragraph.marker else text
