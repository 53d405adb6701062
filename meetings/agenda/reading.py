"""Reading a 次第 that was pasted from Word, mail or Excel.

Finds the title, the day, the time, the place and the way of meeting in the lines
above the items, and the items by their bullets, whatever they look like. What is
found is a proposal: staff see and correct it before anything is saved.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date, time
from itertools import pairwise
from typing import Any

from meetings.agenda.pasted_lines import CIRCLED, Line, read_lines
from meetings.models import Meeting
from members.common.text.eras import find_date, kanji_number

MAX_LENGTH = 20_000
MAX_ITEMS = 100

KANJI = "一二三四五六七八九十"
# A bullet before an item, the more telling ones first. NFKC has been applied but to ①.
BULLETS = (
    ("circled", re.compile(rf"^([{CIRCLED}])[\s.、．:：]*")),
    (
        "named",
        re.compile(
            rf"^((?:議題|議事|議案|報告|協議)\s*\(?\s*(?:[0-9]{{1,2}}|[{KANJI}]+)\s*\)?)(?:[\s.、:]+|(?=[^\s]))"
        ),
    ),
    ("ordinal", re.compile(rf"^(第\s*(?:[0-9]{{1,2}}|[{KANJI}]+)(?:号|項)?)(?:[\s.、:]+)(?!回)")),
    ("bracketed", re.compile(rf"^(\(\s*(?:[0-9]{{1,2}}|[{KANJI}]+|[ア-ン])\s*\))[\s.、:]*")),
    ("half", re.compile(r"^([0-9]{1,2}\))[\s.、:]*")),
    ("number", re.compile(r"^([0-9]{1,2})(?:[.、:]\s*(?=\D)|\s+(?=\S))")),
    ("kanji", re.compile(rf"^([{KANJI}]{{1,3}})(?:[.、:]\s*|\s+)")),
    ("dot", re.compile(r"^([・•●○◎◇◆■□▪‣*-])\s*(?=\S)")),
)
# What stands behind the items: papers, whom to ask, the record itself.
BEHIND = re.compile(
    r"^(?:配[付布]資料|資料一覧|添付資料|参考資料|出席者|議事(?:概要|録|要旨)|発言要旨|【?(?:担当|問い?合わ?せ|連絡先)"
    r"|以上|次回|--)"
)
NUMBER = re.compile(r"第\s*([0-9]{1,3}|[一二三四五六七八九十]{1,3})\s*回")
# Lines that stand in a 次第 without being one of its items.
HEADINGS = re.compile(r"^(次第|会議次第|議事次第|事項書|議事|議題|次\s*第|式次第|会\s*議\s*次\s*第)$")
FRAME = re.compile(r"^(開会|閉会|開\s+会|閉\s+会|挨拶|あいさつ|その他|事務連絡|以上|記|休憩)$")
LABELLED = re.compile(
    r"^\s*(?:[0-9]+(?:[.、]\s*|\s+))?(日\s*時|開催日時?|期\s*日|と\s*き|場\s*所|会\s*場|と\s*こ\s*ろ|開催方法|方\s*法)\s*[:\s]\s*(.+)$"
)
MODES = (
    (Meeting.Mode.HYBRID, re.compile("併用|ハイブリッド")),
    (Meeting.Mode.WRITTEN, re.compile("書面")),
    (Meeting.Mode.ONLINE, re.compile(r"web\s*会議|オンライン|zoom|teams|webex|リモート", re.I)),
    (Meeting.Mode.IN_PERSON, re.compile("対面|参集")),
)
CLOCK = re.compile(
    r"(?P<half>午前|午後)?\s*(?<![0-9])(?P<hour>[0-9]{1,2})\s*(?:時\s*(?:(?P<minute>[0-9]{1,2})\s*分|(?P<half_past>半))?|:\s*(?P<minute2>[0-9]{2}))"
)


@dataclass
class AgendaProposal:
    """What was read out of a pasted 次第; what was not found is empty."""

    title: str = ""
    number: int | None = None
    held_on: date | None = None
    start_time: time | None = None
    end_time: time | None = None
    place: str = ""
    mode: str = ""
    items: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_agenda(text: str, year: int) -> AgendaProposal:
    """Read a pasted 次第; ``year`` is the fiscal year that a date without a year belongs to."""
    proposal = AgendaProposal()
    if not text.strip():
        proposal.problems.append("次第が空です。Wordやメールから次第をコピーして貼り付けてください。")
        return proposal
    if len(text) > MAX_LENGTH:
        proposal.problems.append(
            f"貼り付けた文章が長すぎます（{len(text):,}文字）。次第の部分だけを{MAX_LENGTH:,}文字までで貼り付けてください。"
        )
        return proposal
    body: list[Line] = []
    for line in read_lines(text):
        if body and BEHIND.match(_split_bullet(line)[1].text):
            break
        found = _read_frame(line, proposal, year)
        if found is None:
            body += inline_items(line)
        else:
            proposal = replace(proposal, **found)
    proposal.items = _read_items(body)
    if not proposal.items:
        proposal.problems.append("議題を見つけられませんでした。1行に1つずつ、議題を入力してください。")
    if len(proposal.items) > MAX_ITEMS:
        proposal.problems.append(f"議題が{MAX_ITEMS}件を超えています。貼り付けた範囲を確かめてください。")
        del proposal.items[MAX_ITEMS:]
    return proposal


def inline_items(line: Line) -> list[Line]:
    """The items of a line that holds several: 「（１）… （２）…」."""
    starts = [match.end() for match in re.finditer(rf"(?:^| )(?=\([0-9]{{1,2}}\)|[{CIRCLED}])", line.text)]
    if len(starts) < 2 or starts[0] != 0:
        return [line]
    return [line.part(start, end) for start, end in pairwise([*starts, len(line.text)])]


def meeting_number(text: str) -> int | None:
    """The N of 第N回, also in kanji."""
    match = NUMBER.search(text)
    if match is None:
        return None
    return int(match[1]) if match[1].isdecimal() else kanji_number(match[1])


def _read_frame(line: Line, known: AgendaProposal, year: int) -> dict[str, Any] | None:
    """Fields of the proposal that a line around the items tells; None where it is no such line.

    ``known`` is what the lines above have told. A heading such as 「次第」 tells nothing.
    """
    if _is_heading(line.text):
        return {}
    labelled = LABELLED.match(line.text)
    if labelled:
        return _read_labelled(line, labelled, known, year)
    return None if _has_bullet(line.text) else _read_unlabelled(line, known, year)


def _read_labelled(line: Line, labelled: re.Match[str], known: AgendaProposal, year: int) -> dict[str, Any]:
    """What a line tells that says itself what it is: 「場所：…」, 「日時：…」."""
    label = re.sub(r"\s", "", labelled[1])
    content = labelled[2].strip()
    shown = line.after(labelled.start(2)).stored
    if label in {"場所", "会場", "ところ"}:
        return {"place": shown, "mode": known.mode or find_mode(content)}
    if label in {"開催方法", "方法"}:
        return {"mode": find_mode(content)}
    day = find_date(content, year)
    if day is None:
        problem = f"「{shown}」から開催日を読み取れませんでした。開催日を入力してください。"
        return {"problems": [*known.problems, problem]}
    return _day_and_times(day, content)


def _read_unlabelled(line: Line, known: AgendaProposal, year: int) -> dict[str, Any] | None:
    """The day or the title, where a line without label or bullet is one; None where it is neither."""
    text = line.text
    # A longer line that names a day is a sentence about it.
    day = find_date(text, year) if known.held_on is None and len(text) <= 40 else None
    if day:
        return _day_and_times(day, text)
    if not known.title and "会" in text and "について" not in text:
        title = re.sub(r"\s*(会議次第|議事次第|次第|事項書)$", "", line.stored)
        return {"title": title, "number": meeting_number(text)}
    return None


def _day_and_times(day: date, text: str) -> dict[str, Any]:
    """The day of a meeting, with the times that stand beside it."""
    start, end = find_times(text)
    return {"held_on": day, "start_time": start, "end_time": end}


def _is_heading(text: str) -> bool:
    """Whether a line only says that the agenda begins: 「次第」, 「議題：」."""
    return bool(HEADINGS.match(text.rstrip(": ")))


def _has_bullet(line: str) -> bool:
    return any(pattern.match(line) for _, pattern in BULLETS)


def _split_bullet(line: Line) -> tuple[str, Line]:
    """Take the bullets off a line, doubled ones too; returns the first one's style and the rest."""
    style = ""
    for _ in range(3):
        for name, pattern in BULLETS:
            match = pattern.match(line.text)
            if match and line.text[match.end() :].strip():
                style = style or name
                line = line.after(match.end())
                break
        else:
            break
    return style, line


def _read_items(lines: list[Line]) -> list[str]:
    """The items of the agenda: the deepest numbered level that holds the business."""
    rows = [_split_bullet(line) for line in lines]
    outer = _outer_style(rows)
    has_bullets = any(style for style, _ in rows)
    items: list[str] = []
    for style, line in rows:
        if _stands_around(style, line, outer):
            continue
        if style or not has_bullets:
            items.append(line.stored)
        elif items and _goes_on(items[-1], line):
            items[-1] += line.stored
    return items


def _outer_style(rows: list[tuple[str, Line]]) -> str:
    """The style of the bullets before headings, where the items stand below one; else empty."""
    # A heading such as 「2 議題」 has items of another style below it: then those are the items.
    nested = any(
        style and _is_heading(line.text) and following not in {"", style}
        for (style, line), (following, _) in pairwise(rows)
    )
    if not nested:
        return ""
    return next(style for style, line in rows if style and (_is_heading(line.text) or FRAME.match(line.text)))


def _stands_around(style: str, line: Line, outer: str) -> bool:
    """Whether a line is no business: a heading, one of the outer level, or a bare 「開会」."""
    if _is_heading(line.text) or (outer and style == outer):
        return True
    return not style and bool(FRAME.match(line.text))


def _goes_on(item: str, line: Line) -> bool:
    """Whether a line without a bullet goes on with the item above it."""
    is_finished = re.search(r"[。）)]$", item)
    return not is_finished and not line.text.startswith(("※", "資料", "【", "("))


def find_times(text: str) -> tuple[time | None, time | None]:
    """Find when a meeting begins and ends: 13:30~15:00, 午後1時30分から3時まで."""
    found: list[time] = []
    afternoon = False
    for match in CLOCK.finditer(text):
        # 午後 holds for the times behind it too.
        afternoon = match["half"] == "午後" if match["half"] else afternoon
        clock = _read_clock(match, afternoon)
        if clock is not None:
            found.append(clock)
    start = found[0] if found else None
    end = found[1] if len(found) > 1 and found[1] > found[0] else None
    return start, end


def _read_clock(match: re.Match[str], afternoon: bool) -> time | None:
    """The time of day that is written; None where there is none such, as 25時."""
    hour = int(match["hour"])
    minute = int(match["minute"] or match["minute2"] or (30 if match["half_past"] else 0))
    if afternoon and hour < 12:
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None


def find_mode(text: str) -> str:
    """Find the way of meeting in words; empty where none is named."""
    return next((mode.value for mode, pattern in MODES if pattern.search(text)), "")
