"""The lines of a proposed agenda: what kind each is, and how deep it stands."""

import re
from dataclasses import dataclass, field
from datetime import time
from itertools import takewhile

from meetings.agenda import words

# The order of a meeting, as against its business.
FORMAL = re.compile(rf"^(?:{words.FORMAL})(?:[(（].{{1,20}}[)）])?$")
HEADING = re.compile(rf"^(?:{words.HEADING})(?:[(（].{{1,14}}[)）])?$")
# What may be a heading where something stands below it.
GROUP = re.compile(rf"(?:{words.GROUPS})(?:[(（].{{1,14}}[)）])?$")
GROUPING_STYLES = {"part", "roman"}
# Of a line that stands to the right of a numbered heading, without a number of its own.
INDENTED = "indented"


@dataclass
class ProposedLine:
    """One line of an agenda as it was read, with where it was read from and what is doubtful."""

    title: str
    kind: str = "item"
    level: int = 0
    label: str = ""
    presenter: str = ""
    start_time: time | None = None
    minutes: int | None = None
    documents: list[str] = field(default_factory=list)
    source: str = ""
    doubts: list[str] = field(default_factory=list)
    style: str = ""
    # How far to the right it stood.
    indent: int = 0
    # Where who explains it stands on a line of its own below; -1 where nobody does.
    speaker_indent: int = -1
    # Whether it is a word in brackets on a line of its own: it says something only where it groups.
    is_box: bool = False
    has_children: bool = False

    @property
    def is_empty_box(self) -> bool:
        return self.is_box and not self.has_children and self.kind != "formal" and self.title != "その他"


# 「事務局説明 15分、意見交換 20分」 below an item: how its time is spent.
SPENT = re.compile(r"(?P<what>[^0-9、,]{2,12}) ?(?P<minutes>[0-9]{1,3})分(?:間|程度)?(?:[、,・/] ?|$)")
# 「３　第１部　話題提供」: a part under a number of its own.
PART = re.compile("^第 ?[0-9０-９一二三四五六七八九十]{1,2} ?(?:部|章|セッション)")


def squeezed(title: str) -> str:
    """「開　会」 is 開会: blanks that only spread a word over its column are no part of it."""
    tokens = re.split(r"[\s　]+", title)
    if len(tokens) > 1 and all(len(token) == 1 for token in tokens):
        return "".join(tokens)
    return title


def is_formal(title: str) -> bool:
    plain = re.sub(r"[\s　]", "", title)
    # 「受付・接続確認」: each of them is.
    return bool(FORMAL.match(plain)) or all(
        FORMAL.match(part) for part in re.split("[・、]|及び|並びに", plain)
    )


def is_heading(title: str) -> bool:
    return bool(HEADING.match(squeezed(title).rstrip(":： ")))


def is_formal_within(line: ProposedLine, above: ProposedLine | None) -> bool:
    """Whether a formality is of the group it stands in: right behind a box, or an interval by the clock."""
    is_first = bool(above and above.is_box and above.kind == "heading") and not re.match(
        "閉会|閉式|散会", line.title
    )
    return is_first or ("休憩" in line.title and line.start_time is not None and not line.is_box)


def minutes_spent(text: str) -> int:
    """How long all parts of an item take together, where a line tells nothing but that; else 0."""
    parts = list(SPENT.finditer(text))
    is_all = len(parts) > 1 and "".join(part[0] for part in parts) == text
    return sum(int(part["minutes"]) for part in parts) if is_all else 0


def set_levels(lines: list[ProposedLine]) -> None:
    """How deep each line stands: by its bullet's style among those still open above it."""
    stack: list[str] = []
    for place, line in enumerate(lines):
        if not line.style:
            # Without a bullet it stands at the left, or below the last heading that had none either,
            # or in the part (the day) that it follows, up to the closing.
            if stack[:1] == ["part"] and not re.match("閉会|閉式|散会", line.title):
                is_first = place and lines[place - 1].style == "part"
                is_amid = bool(is_first) or goes_on_in_part(lines[place + 1 :])
                line.level, stack = int(line.kind == "item" or is_amid), ["part"]
                continue
            is_within = line.kind == "item" or is_formal_within(line, lines[place - 1] if place else None)
            under = stack[:1] == [""] and is_within
            line.level = 1 if under else 0
            if not under:
                stack = [""] if line.kind == "heading" else []
            continue
        if not stack and below_clock(line, lines[:place]):
            stack = ["clock"]
        if stack and is_beside(line, lines[place - 1]):
            # 「第２号議案」, and 「報告事項１」 at the same column.
            stack[-1] = line.style
        if line.style in stack:
            del stack[stack.index(line.style) + 1 :]
        else:
            stack.append(line.style)
        line.level = min(len(stack) - 1, 3)


def groups_below(title: str) -> bool:
    """Whether a title may stand for nothing but what is below it: 「４　協議・調整事項」."""
    title = squeezed(title)
    return title != "その他" and (is_heading(title) or bool(GROUP.search(title)))


def is_beside(line: ProposedLine, above: ProposedLine) -> bool:
    """Whether two numbers of different kinds stand side by side: both are called by a word."""
    return {line.style, above.style} == {"item", "named"} and line.indent == above.indent


def below_clock(line: ProposedLine, above: list[ProposedLine]) -> bool:
    """Whether a line with a mark stands to the right below one that only has its time."""
    last = next((each for each in reversed(above) if not each.style), None)
    return bool(last and last.start_time and line.start_time is None and line.indent > last.indent)


def goes_on_in_part(below: list[ProposedLine]) -> bool:
    """Whether more of a part follows: an interval that the next part follows stands between the two."""
    within = takewhile(lambda line: line.style != "part", below)
    return any(line.kind == "item" for line in within)


def stands_for_itself(line: ProposedLine) -> bool:
    """Whether a heading's word without lines below it is business: it is numbered, or has its time."""
    return bool(line.style or line.start_time or line.title == "その他")


def set_kinds(lines: list[ProposedLine]) -> None:
    """Which lines only group what stands below them."""
    for place, line in enumerate(lines, start=1):
        has_children = line.has_children = place < len(lines) and lines[place].level > line.level
        groups = GROUP.search(squeezed(line.title)) or PART.match(line.title) or line.style in GROUPING_STYLES
        # 「研究会の設置について」 is a matter, whatever stands below it.
        groups = groups and not line.title.endswith("について")
        if line.kind == "formal":
            continue
        if has_children and groups:
            line.kind = "heading"
        elif not has_children and line.kind == "heading" and stands_for_itself(line):
            if place < len(lines) and lines[place].is_box and not line.is_box and line.style:
                # 「３ 議題」 and then 【報告】: the boxes part what it groups.
                continue
            line.kind = "item"
