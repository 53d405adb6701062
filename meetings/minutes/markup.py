"""The small subset of Markdown that minutes and reports are written in."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import markdown
import nh3
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}
BULLET = "・"


def render(text: str) -> SafeString:
    """Turn a text into HTML: paragraphs, line breaks, lists, emphasis and links, nothing else.

    What is not in the subset, raw HTML included, loses its tags and keeps its words.
    """
    text = text[:LONGEST]
    try:
        html = plain(text) if text.count("\n") > MOST_LINES else marked(text)
    except RecursionError:
        # Lists in lists in lists, a thousand deep: shown as they were typed.
        html = plain(text)
    clean = nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})
    return mark_safe(clean)  # noqa: S308 (cleaned just above)


# No field takes more letters; a preview of what is refused draws no more either.
LONGEST = 60_000
# More lines than any chapter has are shown as they were typed: each list item has its price.
MOST_LINES = 3_000


def marked(text: str) -> str:
    return markdown.markdown(tamed(text), extensions=["nl2br", "sane_lists"], output_format="html")


def plain(text: str) -> str:
    return str(linebreaks(text, autoescape=True))


# More marks of a link in one text than any minutes have cost the reader of Markdown seconds.
MOST_MARKS = 300
MARKS = re.compile(r"[\[\]<!`]")


def tamed(text: str) -> str:
    """A text whose marks are shown as they stand where there are too many to be links."""
    if len(MARKS.findall(text)) <= MOST_MARKS:
        return text
    return MARKS.sub(lambda mark: f"&#{ord(mark[0])};", text)


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one look: ``style`` is empty, ``strong`` or ``em``; ``href`` where they are a link."""

    text: str
    style: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, or an item of a list: that one has a marker (・ or 1.) and a level from 1."""

    runs: tuple[Run, ...]
    marker: str = ""
    level: int = 0


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Read a text as what :func:`render` shows of it, for files that are not HTML."""
    reader = Reader()
    reader.feed(render(text))
    reader.close()
    return tuple(
        Paragraph(tuple(runs), marker, level)
        for runs, marker, level in reader.found
        if any(run.text.strip() for run in runs)
    )


class Reader(HTMLParser):
    """Gathers cleaned HTML as paragraphs of runs."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[list[Run], str, int]] = []
        self.lists: list[int | None] = []
        self.styles: list[str] = []
        self.href = ""
        # Words outside a paragraph, as of a heading that lost its tags, open one.
        self.is_open = False

    def open(self, marker: str = "") -> None:
        self.found.append(([], marker, len(self.lists)))
        self.is_open = True

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in {"ul", "ol"}:
            self.lists.append(0 if tag == "ol" else None)
            self.is_open = False
        elif tag == "li":
            self.open(self.next_marker())
        elif tag == "p" and not self.is_at_beginning:
            self.open()
        elif tag == "br":
            self.add("\n")
        elif tag in {"strong", "em"}:
            self.styles.append(tag)
        elif tag == "a":
            self.href = dict(attrs).get("href") or ""

    @property
    def is_at_beginning(self) -> bool:
        """Whether a paragraph is open that has no words yet, as an item just begun."""
        return self.is_open and not self.found[-1][0]

    def next_marker(self) -> str:
        """What the next item of the innermost list begins with: its number, or ・ in a list without."""
        number = self.lists[-1] if self.lists else None
        if number is None:
            return BULLET
        self.lists[-1] = number + 1
        return f"{number + 1}."

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
        if tag in {"p", "li", "ul", "ol"}:
            self.is_open = False
        elif tag in {"strong", "em"} and self.styles:
            self.styles.pop()
        elif tag == "a":
            self.href = ""

    def handle_data(self, data: str) -> None:
        words = data.strip("\n")
        if words.strip() or (self.is_open and words):
            if not self.is_open:
                self.open()
            self.add(words)

    def add(self, words: str) -> None:
        if not self.is_open:
            return
        runs = self.found[-1][0]
        style = "strong" if "strong" in self.styles else self.styles[-1] if self.styles else ""
        if runs and (runs[-1].style, runs[-1].href) == (style, self.href):
            words = runs.pop().text + words
        runs.append(Run(words, style, self.href))
