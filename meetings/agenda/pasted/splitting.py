"""Telling the meetings of a pasted text apart: an annual report's 開催実績 is no single 次第."""

import csv
import io
import re
from itertools import pairwise

from meetings.agenda.bullets import BULLETS
from meetings.agenda.frame import NUMBER, meeting_number
from meetings.agenda.pasted.layout import whole_cells
from meetings.agenda.pasted.lines import Line, read_line
from members.common.text.eras import find_date

# A line that begins another meeting: 第2回 …, 〇第2回会議, 【第2回】.
OPENING = re.compile(rf"^[〇○●◎■□◆◇◯【\[<《(・]?\s*{NUMBER.pattern}(?![でのにをはがともへ、。])")
# 第1回～第3回: which item is whose cannot be known.
RANGE = re.compile(rf"{NUMBER.pattern}\s*(?:[~〜～・,、-]|から|及び|と)\s*{NUMBER.pattern}")
COLUMNS = {
    "日時": re.compile("日"),
    "場所": re.compile("場所|会場"),
    "議題": re.compile("議題|次第|議事|内容"),
}
# A title that names its council; 「第1回検討会議次第」 is any.
FULL_TITLE = 14
DAY = re.compile(r"令和|平成|[RH]\s*[0-9元]|[0-9]{4}\s*[年./-]")
# Where a day, with its weekday, ends and a place begins.
DAY_END = re.compile(r"(?<=[)）])[\s　]+|[\s　]{2,}|(?<=日)[\s　]+(?![(（])")


def split_meetings(text: str) -> list[str]:
    """The text of each meeting, in order; one where it tells of one, or of none by number.

    Raises ``ValueError`` with a sentence where two meetings cannot be told apart.
    """
    text = whole_cells(text)
    lines = table_lines(text) if "\t" in text else re.split(r"[\n\r\f\v]+", text)
    starts = find_openings(lines)
    if len(starts) < 2:
        return ["\n".join(lines)] if "\t" in text else [text]
    refuse_same_number([number for _, number in starts])
    places = [*(index for index, _ in starts), len(lines)]
    blocks = [lines[start:end] for start, end in pairwise(places)]
    if all(is_one_line(block) for block in blocks[:-1]) and not is_one_line(blocks[-1]):
        # A letter's list of days, and one agenda below it, for each of them.
        blocks = [[block[0], *blocks[-1][1:]] for block in blocks]
    return ["\n".join(apart(block)) for block in blocks]


def is_one_line(block: list[str]) -> bool:
    """Whether a meeting is only named, with its day, and has no agenda of its own."""
    return bool(DAY.search(read_line(block[0]).text)) and not any(line.strip() for line in block[1:])


def find_openings(lines: list[str]) -> list[tuple[int, int]]:
    """Where each meeting begins, and its number; raises ``ValueError`` where one line names several."""
    starts: list[tuple[int, int]] = []
    headed: set[str] = set()
    for index, raw in enumerate(lines):
        line = read_line(raw)
        number = opens(line)
        if number is None or (line.text in headed and len(line.text) >= FULL_TITLE):
            # The same full title again heads the next page, and no other meeting; a bare 第1回 might.
            continue
        headed.add(line.text)
        if RANGE.search(line.text[:40]):
            raise ValueError(
                f"「{line.stored[:40]}」は、どの回の議題か分かりません。1回分ずつに分けて貼り付けてください。"
            )
        starts.append((index, number))
    return starts


def refuse_same_number(numbers: list[int]) -> None:
    """Raise ``ValueError`` where two meetings have one number: they are of different councils or years."""
    twice = next((number for number in numbers if numbers.count(number) > 1), None)
    if twice is not None:
        raise ValueError(
            f"第{twice}回が2つあります。別の会議の次第が混じっていないか確かめ、1回分ずつ貼り付けてください。"
        )


def opens(line: Line) -> int | None:
    """The number of the meeting that a line begins; None where it begins none."""
    text = line.text
    if re.search(" ?[>›»] ?", text[1:]):
        # The way to a page of the web, which ends with its title.
        return None
    if re.search(r"について|議事録の?確認|の日程$", text) and not find_date(text, 2000):
        return None
    if OPENING.match(text):
        return meeting_number(text)
    # 「○○検討会議 第2回」, a title of its own; not an item with its bullet, nor a sentence.
    if any(pattern.match(text) for _, pattern in BULLETS) or len(text) > 60 or "。" in text:
        return None
    title = re.search(rf"会議?\s*\(?{NUMBER.pattern}\)?\s*(?:会?議?次第|議事録|議事次第)?$", text)
    dated = re.search(rf"(?:年度\s*){NUMBER.pattern}.*会", text)
    return meeting_number(text) if title or dated else None


def apart(lines: list[str]) -> list[str]:
    """A meeting's lines, with number, day and items that stand side by side one below the other."""
    head, *items = re.split(r"[\s　]+(?=[（(][0-9０-９]{1,2}[)）]|[①-⑳]|・)|\t+", lines[0])
    line = read_line(head)
    day = DAY.search(line.text)
    found = [head]
    if day and find_date(line.text[day.start() :], 2000):
        when, *where = DAY_END.split(line.after(day.start()).stored, maxsplit=1)
        found = [line.part(0, day.start()).stored.rstrip("（([ 　"), f"日時：{when.rstrip('）)]')}"]
        found += [f"場所：{each}" for each in where if each.strip()]
    found[0] = found[0].lstrip("〇○●◎■□◆◇◯【[<《(・ 　")
    if "会" not in found[0]:
        # The title of a 次第, which 「第2回」 alone is not.
        found[0] += " 会議"
    return [*found, *items, *lines[1:]]


def table_lines(text: str) -> list[str]:
    """Rows pasted from Excel, cell by cell; a row of headings tells what the cells are."""
    heads: dict[int, str] = {}
    lines: list[str] = []
    last = ""
    for row in csv.reader(io.StringIO(text), delimiter="\t"):
        cells = [cell.strip() for cell in row]
        if heads and not any(cells):
            # An empty row within a table says nothing.
            continue
        found = read_heads(cells) if not heads else {}
        if found:
            heads = found
        elif heads:
            # The same number on the next row: one more item of the same meeting.
            again = bool(cells[0]) and cells[0] == last
            last = cells[0] or last
            lines += row_lines(cells, heads, only_items=again)
        else:
            lines += loose_row_lines(row)
    return lines


def row_lines(cells: list[str], heads: dict[int, str], *, only_items: bool) -> list[str]:
    """A row below its headings as lines of a 次第."""
    lines: list[str] = []
    for index, cell in enumerate(cells):
        name = heads.get(index, "")
        if cell and (name == "議題" or not only_items):
            lines += labelled(name, cell)
    return lines


def loose_row_lines(row: list[str]) -> list[str]:
    """A row without headings as lines: cell by cell where it begins a meeting, else as it was pasted."""
    cells = [cell.strip() for cell in row]
    if len(cells) > 1 and OPENING.match(read_line(cells[0]).text):
        return [cells[0], *(part for cell in cells[1:] if cell for part in cell_lines(cell))]
    return "\t".join(row).split("\n")


def read_heads(cells: list[str]) -> dict[int, str]:
    """What the columns of a table hold, if this row is the one that says so."""
    if len(cells) < 3 or not any(COLUMNS["議題"].search(cell) for cell in cells):
        return {}
    if any(NUMBER.search(read_line(cell).text) for cell in cells):
        return {}
    found = {
        index: name
        for index, cell in enumerate(cells)
        for name, words in COLUMNS.items()
        if words.search(cell)
    }
    return found if len(found) > 1 else {}


def labelled(name: str, cell: str) -> list[str]:
    """A cell as lines of a 次第."""
    if name in {"日時", "場所"}:
        return [f"{name}：{' '.join(cell.split())}"]
    parts = cell.split("\n")
    if name == "議題":
        return [
            part if any(p.match(read_line(part).text) for _, p in BULLETS) else f"・{part}"
            for part in parts
            if part.strip()
        ]
    return parts


def cell_lines(cell: str) -> list[str]:
    """A cell of a row without headings: a day says that it is one."""
    line = read_line(cell.split("\n")[0])
    if "\n" not in cell and len(line.text) < 30 and find_date(line.text, 2000):
        return [f"日時：{cell}"]
    return cell.split("\n")
