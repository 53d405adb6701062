"""Pasted lines: cleaned for recognising what they are, with the way back to what was pasted.

Full-width digits, ㈱ or （案） are recognised by their plain forms; what is stored is
what stood in the office's text, character for character.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from members.common.text.cleaning import compatible, printable

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
# What word processors and page breaks leave between the lines.
PAGE = re.compile(
    r"^(-+\s*[0-9]+\s*-+|[0-9]+\s*/\s*[0-9]+(\s*ページ)?|ページ\s*[0-9]+|-{3,}|={3,}|_{3,}|[*]{3,})$"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is read (``text``) and where each of its characters stood in ``pasted``."""

    pasted: str
    text: str
    places: tuple[int, ...]

    def after(self, position: int) -> "Line":
        """What follows a place in ``text``, without blanks before it."""
        while position < len(self.text) and self.text[position] == " ":
            position += 1
        return Line(self.pasted, self.text[position:], self.places[position:])

    def part(self, start: int, end: int) -> "Line":
        """A stretch of the line."""
        text = self.text[start:end].rstrip()
        return Line(self.pasted, text, self.places[start : start + len(text)])

    def is_gap(self, position: int) -> bool:
        """Whether the blank at a place in ``text`` was wide: a tab, or more than one blank."""
        if position + 1 >= len(self.places):
            return False
        between = self.pasted[self.places[position] : self.places[position + 1]]
        return len(between) > 1 or "\t" in between

    @property
    def indent(self) -> int:
        """How far to the right the line begins; a full-width blank is two wide."""
        blanks = self.pasted[: len(self.pasted) - len(self.pasted.lstrip(" 　\t"))]
        return sum(2 if blank == "　" else 4 if blank == "\t" else 1 for blank in blanks)

    def gap(self, position: int) -> int:
        """How many blanks stand at a place in ``text``."""
        end = self.places[position + 1] if position + 1 < len(self.places) else self.places[position]
        return end - self.places[position]

    @property
    def stored(self) -> str:
        """The same stretch as it was pasted; a tab, which no field shows, is a blank."""
        if not self.places:
            return ""
        found = self.pasted[self.places[0] : self.places[-1] + 1]
        return printable(found).replace("\t", " ").strip()


def read_line(pasted: str) -> Line:
    """Clean a line for recognising it; a page number or a rule comes out empty."""
    text: list[str] = []
    places: list[int] = []
    for place, character in enumerate(pasted):
        # NFKC would make ① a bare 1 and lose the bullet.
        plain = character if character in CIRCLED else compatible(character)
        for each in plain:
            if _is_left_out(each, text[-1] if text else " "):
                continue
            text.append(" " if each.isspace() else each)
            places.append(place)
    while text and text[-1] == " ":
        text.pop()
        places.pop()
    found = "".join(text)
    return Line(pasted, "", ()) if PAGE.match(found) else Line(pasted, found, tuple(places))


def _is_left_out(character: str, before: str) -> bool:
    """Whether a character tells nothing: a control character, or a blank behind another."""
    if character.isspace():
        return before == " "
    return unicodedata.category(character)[0] == "C"


BOXED_AGENDA = re.compile(r"^(?:[【<〔\[](?:次第|議題|議事|内容)[】>〕\]]|(?:会議)?次第 ?:) ?(?=\S)")
NUMBERED_WITHIN = rf"(?:^| )(?=\([0-9]{{1,2}}\)|[{CIRCLED}]|[0-9]{{1,2}}[ .、] ?[^ 0-9])"


def inline_items(line: Line) -> list[Line]:
    """The items of a line that holds several: 「（１）… （２）…」."""
    if boxed := BOXED_AGENDA.match(line.text):
        # 「【次第】１ 開会　２ 議題　（１）…」: the whole of it in one line.
        rest = line.after(boxed.end())
        starts = [match.end() for match in re.finditer(NUMBERED_WITHIN, rest.text)]
        if len(starts) > 2 and starts[0] == 0:
            return [rest.part(start, end) for start, end in pairwise([*starts, len(rest.text)])]
    starts = [match.end() for match in re.finditer(rf"(?:^| )(?=\([0-9]{{1,2}}\)|[{CIRCLED}])", line.text)]
    if len(starts) < 2 or starts[0] != 0:
        return [line]
    return [line.part(start, end) for start, end in pairwise([*starts, len(line.text)])]
