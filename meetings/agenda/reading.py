"""Reading a 次第 that was pasted from Word, mail or Excel.

Finds the title, the day, the time, the place and the way of meeting in the lines
above the items, and the items by their bullets, whatever they look like. What is
found is a proposal: staff see and correct it before anything is saved.
"""

import re
from dataclasses import dataclass, field
from datetime import date, time
from itertools import pairwise

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
    r"^\s*(?:[0-9]+(?:[.、]\s*|\s+))?(日\s*時|開催日時?|期\s*日|と\s*き|場\s*所|会\s*場|と\s*こ\s*ろ|開催方法|方\s*法)\s*[::\s]\s*(.+)$"
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
        body += [] if _read_frame(line, proposal, year) else inline_items(line)
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


def _read_frame(found: Line, proposal: AgendaProposal, year: int) -> bool:
    """Take title, day, place and way of meeting out of a line; tells whether it was such a line."""
    line = found.text
    if HEADINGS.match(line.rstrip(": ")):
        return True
    labelled = LABELLED.match(line)
    content = labelled[2].strip() if labelled else line
    shown = found.after(labelled.start(2)).stored if labelled else found.stored
    label = re.sub(r"\s", "", labelled[1]) if labelled else ""
    if label in {"場所", "会場", "ところ"}:
        proposal.place = shown
        proposal.mode = proposal.mode or find_mode(content)
        return True
    if label in {"開催方法", "方法"}:
        proposal.mode = find_mode(content)
        return True
    if label or (proposal.held_on is None and not _has_bullet(line)):
        day = find_date(content, year)
        if day and (label or len(line) <= 40):
            proposal.held_on = day
            proposal.start_time, proposal.end_time = find_times(content)
            return True
        if label:
            proposal.problems.append(
                f"「{shown}」から開催日を読み取れませんでした。開催日を入力してください。"
            )
            return True
    if (
        not proposal.title
        and not proposal.items
        and not _has_bullet(line)
        and "会" in line
        and "について" not in line
    ):
        proposal.title = re.sub(r"\s*(会議次第|議事次第|次第|事項書)$", "", found.stored)
        proposal.number = meeting_number(line)
        return True
    return False


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
    # A heading such as 「2 議題」 has items of another style below it: then those are the items.
    nested = any(
        style and HEADINGS.match(line.text.rstrip(": ")) and following not in {"", style}
        for (style, line), (following, _) in pairwise(rows)
    )
    headings = (
        style
        for style, line in rows
        if style and (HEADINGS.match(line.text.rstrip(": ")) or (nested and FRAME.match(line.text)))
    )
    outer = next(headings, "")
    items: list[str] = []
    for style, line in rows:
        text = line.text
        if HEADINGS.match(text.rstrip(": ")) or (nested and style == outer):
            continue
        if FRAME.match(text) and not style:
            continue
        if style or not any(row[0] for row in rows):
            items.append(line.stored)
        elif (
            items and not re.search(r"[。）)]$", items[-1]) and not text.startswith(("※", "資料", "【", "("))
        ):
            # A line without a bullet goes on with the item above it.
            items[-1] += line.stored
    return items


def find_times(text: str) -> tuple[time | None, time | None]:
    """Find when a meeting begins and ends: 13:30~15:00, 午後1時30分から3時まで."""
    found: list[time] = []
    afternoon = False
    for match in CLOCK.finditer(text):
        hour = int(match["hour"])
        minute = int(match["minute"] or match["minute2"] or (30 if match["half_past"] else 0))
        afternoon = match["half"] == "午後" if match["half"] else afternoon
        if afternoon and hour < 12:
            hour += 12
        if hour < 24 and minute < 60:
            found.append(time(hour, minute))
    start = found[0] if found else None
    end = found[1] if len(found) > 1 and start and found[1] > start else None
    return start, end


def find_mode(text: str) -> str:
    """Find the way of meeting in words; empty where none is named."""
    return next((mode.value for mode, pattern in MODES if pattern.search(text)), "")
