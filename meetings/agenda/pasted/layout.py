"""The shape of a pasted text: cells, columns, pages and quotes become lines, one below the other."""

import re
import unicodedata
from itertools import pairwise

from meetings.agenda.pasted.lines import Line, read_line

RULE = re.compile(r"^[-=*_＊―─━＝－ー～]{5,}$")
REACHED_BY = re.compile(
    r"TEL|Tel|ＴＥＬ|電話|E-?mail|Ｅ-?ｍａｉｌ|メール ?[:：]|〒|[\w.-]{1,60}@[\w.-]{1,60}", re.IGNORECASE
)
# Of a signature between two rules, or below one.
SIGNED_WITHIN = 8

# How mail programs mark the lines they answer to.
QUOTED = re.compile(r"^(?:[>＞] ?){1,9}", re.MULTILINE)


NUMERAL = re.compile("[0-9０-９①-⑳一二三四五六七八九十]")


def closed_up(lines: list[str]) -> list[str]:
    """Lines of a justified PDF, where a blank stands behind every character, without these blanks."""
    spaced = [is_spaced(line) for line in lines]
    longer = [line for line in lines if len(line.split()) > 3]
    # One heading alone may be spread over its column: 「５ そ の 他」.
    if sum(spaced) < max(3, 0.85 * len(longer)):
        return lines
    return [close_up(line) if each else line for line, each in zip(lines, spaced, strict=True)]


def close_up(line: str) -> str:
    """A spaced line without its blanks, but for the one behind its number."""
    first, second, *more = line.split()
    gap = (
        "　"
        if NUMERAL.match(first) and not NUMERAL.match(second) and second not in ".．、)）年月日時"
        else ""
    )
    return first + gap + second + "".join(more)


def is_spaced(line: str) -> bool:
    tokens = line.split()
    return len(tokens) > 3 and all(len(token) == 1 for token in tokens)


def unsigned(lines: list[str]) -> list[str]:
    """A mail's lines up to the rule above its signature, which names a body that explains nothing."""
    for place, line in enumerate(lines):
        below = lines[place + 1 : place + 1 + SIGNED_WITHIN]
        if RULE.match(line.strip()) and place and any(REACHED_BY.search(each) for each in below):
            return lines[:place]
    return lines


# A cell of several lines, as Excel hands it over: between quotes, beside a tab.
WRAPPED_CELL = re.compile(r'(?<=\t)"([^"\t\n]{0,200}(?:\n[^"\t\n]{0,200}){1,5})"(?=\t|\n|$)')
# 「----- ここから -----」 in a mail.
CUT_HERE = re.compile(r"^[-=＝]{3,20}[^-=＝\n]{1,20}[-=＝]{3,20} {0,4}$", re.MULTILINE)
# 「―― 休憩（10分） ――」 between two parts.
BETWEEN_RULES = re.compile(
    r"^[ 　]*[―─—－～〜-]{1,10}[ 　]*(休[ 　]?憩[^―─—－\n]{0,20}?)[ 　]*[―─—－～〜-]{1,10}[ 　]*$",
    re.MULTILINE,
)
# What a table says of the meeting, with its label in a cell of its own.
LABEL_CELL = re.compile(
    r"^(会議名|件名|日[ 　]?時|場[ 　]?所|会[ 　]?場|会議の公開|傍聴[^\t\n]{0,6})\t+", re.MULTILINE
)
LISTED = re.compile(r"[ 　]*(?:[・○●◇◆■□※①-⑳\-]|[（(]?[0-9０-９ア-ン一二三四五六七八九十]{1,2}[）)．.、 　])")
# 「資 料 １」 of a heading that was spaced out.
SPACED_PAPER = re.compile(r"資[ 　]料[ 　]?(?=[0-9０-９])")


def whole_cells(text: str) -> str:
    """A text whose cells of several lines stand in one; of a list each line stays its own."""

    def joined(cell: re.Match[str]) -> str:
        lines = cell[1].split("\n")
        is_list = any(LISTED.match(line) for line in lines[1:])
        return cell[0] if is_list else "".join(lines)

    return WRAPPED_CELL.sub(joined, text.replace("\r\n", "\n"))


# 「１　日時」 in a line of its own, and what it is below.
LABEL_ALONE = re.compile(
    r"^([ 　]{0,20}(?:[（(]?[0-9０-９]{1,2}[)）]?[.．、 　]{0,4}|[○●◯◇◆■□・] ?)?"
    r"(?:(?:開催)?(?:日[ 　]{0,4}時|[場会][ 　]{0,4}[所場])|開催方法|方[ 　]{0,4}法|\S{0,6}期限))"
    # Below a number it need not stand to the right.
    r"[ 　]{0,20}\n(?:[ 　]{1,40}|(?<=\n)(?=[^\n]{0,12}[0-9０-９一-十]{1,4}[年月階日F]))(?=\S)",
    re.MULTILINE,
)


# 「（休憩　10分）」 between two items.
INTERVAL = re.compile(
    r"^[ 　]{0,20}[（(＜<〈【]((?:昼食?)?休憩[^（）()＜＞<>〈〉【】\n]{0,16})[）)＞>〉】][ 　]{0,20}$",
    re.MULTILINE,
)
# 「次回開催予定 …」 above the closing: the items are not over yet.
NEXT_TIME = re.compile(
    r"^[ 　]{0,20}(次回(?:開催)?(?:予定|日程)?(?:[：: 　は][^\n]{0,40})?)\n(?=[^\n]{0,8}閉[ 　]?会)",
    re.MULTILINE,
)
# 「◆市町村課長会議」 above its day is a title, and no matter.
MARKED_TITLE = re.compile(
    r"^[◆■●○◇□▼〇]([^\n]{4,60}会議?)[ 　]*\n"
    r"(?=[ 　]*[◆■●○◇□・〇]?[ 　]*(?:日[ 　]?時|期[ 　]?日|と[ 　]?き|開催日))",
    re.MULTILINE,
)
# 「１開会」: a number that nothing parts from its words, unless it counts something.
GLUED = re.compile(
    r"^([ 　]{0,20})([0-9０-９]{1,2})(?=[一-龥ァ-ヶぁ-ん])"
    r"(?!年|月|日|時|分|回|階|名|人|件|市|町|村|か|カ|ヶ|つ)",
    re.MULTILINE,
)


def parted(text: str) -> str:
    """A text whose numbers stand apart from their words, where they count its lines from 1 on."""
    numbers = [int(found[2]) for found in GLUED.finditer(text)]
    counts = len(numbers) > 2 and numbers == list(range(1, len(numbers) + 1))
    return GLUED.sub(r"\1\2　", text) if counts else text


# A number in a line of its own, and its words below.
NUMBER_ALONE = re.compile(
    r"^[ 　]{0,20}((?:[0-9０-９]{1,2}|[（(][0-9０-９]{1,2}[)）]|[①-⑳]|[ア-ン])[.．、]?)"
    r"[ 　]{0,20}\n(?=[ 　]{0,20}\S)",
    re.MULTILINE,
)
# 「報告事項」 in the first column of a table stands for the rows below it, whose first cell is empty.
GROUP_CELL = re.compile(
    r"^([^\t\n]{1,10}(?:事項|案件)|報告|協議|審議|議事|議題|その他)\t(?=[^\n]*\S)", re.MULTILINE
)
EMPTY_FIRST = re.compile(r"^\t[ 　]?[0-9０-９(（]", re.MULTILINE)
# 「次第　　　　配付資料」: two columns side by side.
TWO_COLUMNS = re.compile(r"^[ 　]*\S?[ 　]*次[ 　]*第[ 　]{3,80}([配会][付布議]資料)[ 　]*$", re.MULTILINE)
RIGHT_COLUMN = re.compile(r"[ 　]{3,80}(・[^\n]{1,200})$", re.MULTILINE)


# 「１　開会　　　　　　【配布資料】」: the papers stand to the right of the items, in a column of their own.
PAPERS_BESIDE = re.compile(r"^(.*\S)[ 　]{3,80}([【<〔\[(（]?[配会][付布議]資料[】>〕\])）]?)[ 　]*$")
GAP = re.compile(r"[ 　]{2,80}(?=\S)")


def width(text: str) -> int:
    """How wide a text is printed: a full-width character is two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WFA" else 1 for each in text)


def papers_below(text: str) -> str:
    """A text whose papers are listed at its right edge: they stand below it, as papers."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        head = PAPERS_BESIDE.match(line)
        if head is None:
            continue
        column = width(line[: head.start(2)])
        papers: list[str] = []
        for below in range(at + 1, len(lines)):
            gaps = [found for found in GAP.finditer(lines[below]) if found.start()]
            gap = next((each for each in gaps if abs(width(lines[below][: each.end()]) - column) <= 4), None)
            if gap:
                papers.append(lines[below][gap.end() :])
                lines[below] = lines[below][: gap.start()]
        lines[at] = head[1]
        return "\n".join([*lines, head[2], *papers]) if papers else text
    return text


def joined_numbers(text: str) -> str:
    """A text whose numbers do not stand in lines of their own."""
    return NUMBER_ALONE.sub(r"\1　", text) if len(NUMBER_ALONE.findall(text)) > 2 else text


def grouped_rows(text: str) -> str:
    """A table's text with each group in a line above its rows, where it stands only in the first of them."""
    return GROUP_CELL.sub(r"\1\n\t", text) if EMPTY_FIRST.search(text) else text


def one_column(text: str) -> str:
    """A text without the papers that are listed to the right of its agenda: they stand below it."""
    found = TWO_COLUMNS.search(text)
    if found is None:
        return text
    head, agenda = text[: found.start()], text[found.end() :]
    papers = [match[1] for match in RIGHT_COLUMN.finditer(agenda)]
    return "\n".join([head, "次第", RIGHT_COLUMN.sub("", agenda), found[1], *papers])


RUN_ON = re.compile(
    r" (?=(?:日時|期日|場所|会場|方法|次第|議事日程) )| (?=\([0-9]{1,2}\) ?\S)| (?=([0-9]{1,2})[ .、] ?\S)"
)


def broken_up(line: str) -> list[str]:
    """The lines of a whole 次第 that came in one line, as some viewers of PDF hand it over."""
    read = read_line(line)
    plain = read.text
    is_whole = re.search(r" (?:会議)?次第 |^次第 |(?:^| )1[ .、] ?開 ?会 ", plain)
    if len(plain) < 40 or not is_whole:
        return [line]
    expected, starts = 1 + plain.startswith("1"), [0]
    for found in RUN_ON.finditer(plain):
        if found[1] and int(found[1]) != expected:
            # A figure within words: only the next number begins an item.
            continue
        expected += bool(found[1])
        starts.append(found.end())
    if expected < 4:
        return [line]
    cuts = [0, *(read.places[start] for start in starts[1:]), len(line)]
    return [line[start:end] for start, end in pairwise(cuts)]


# 「## 次第」, 「**日時**」 of a mail that was written in Markdown.
MARKED_HEAD = re.compile(r"^[ 　]{0,3}#{1,6}[ 　]+(?=\S)", re.MULTILINE)
MARKED_WORDS = re.compile(r"(\*\*|__)(?=\S)([^*_\n]{1,100})(?<=\S)\1")
LIST_LABEL = re.compile(
    r"^[ 　]{0,3}[-*・][ 　]+(?=(?:日[ 　]?時|場[ 　]?所|会[ 　]?場|開催方法)[ 　]?[:：])", re.MULTILINE
)


def plain_marks(text: str) -> str:
    """A text without the marks of Markdown, which say how it looks and not what it says."""
    return LIST_LABEL.sub("", MARKED_WORDS.sub(r"\2", MARKED_HEAD.sub("", text)))


CLOCK_ALONE = re.compile(
    r"^[ 　]*(?:午[前後])?[0-9０-９]{1,2}[:：時][0-9０-９]{0,2}分?"
    r"(?:[~〜～\-－―から]{1,2}[0-9０-９:：時分]{0,6})?[ 　]*$"
)
COLUMN_NAME = re.compile(
    r"^[ 　]*(?:内[ 　]?容|議[ 　]?題|次[ 　]?第|項[ 　]?目|事[ 　]?項|プログラム)[ 　]*$"
)


def side_by_side(text: str) -> str:
    """A text whose times were copied as one column and their matters as the next, each beside its own."""
    lines = text.split("\n")
    is_time = [bool(CLOCK_ALONE.match(line)) for line in lines]
    start = next((at for at in range(len(lines) - 2) if all(is_time[at : at + 3])), None)
    if start is None:
        return text
    end = next((at for at in range(start, len(lines)) if not is_time[at]), len(lines))
    begin = end + 1 if end < len(lines) and COLUMN_NAME.match(lines[end]) else end
    matters = lines[begin : begin + end - start]
    if len(matters) < end - start or not all(line.strip() for line in matters):
        return text
    rows = [
        f"{clock.strip()}　{matter.strip()}" for clock, matter in zip(lines[start:end], matters, strict=True)
    ]
    return "\n".join([*lines[:start], *rows, *lines[begin + end - start :]])


def read_lines(text: str) -> list[Line]:
    """Every line of a text that says something."""
    text = side_by_side(plain_marks(QUOTED.sub("", whole_cells(text))))
    text = LABEL_CELL.sub(r"\1：", CUT_HERE.sub("", BETWEEN_RULES.sub(r"\1", text)))
    # Marked as a note: it is told to be left out.
    text = NEXT_TIME.sub(r"※\1\n", MARKED_TITLE.sub(r"\1\n", text))
    text = joined_numbers(grouped_rows(papers_below(one_column(text))))
    text = "\n".join(part for line in text.split("\n") for part in broken_up(line))
    text = parted(INTERVAL.sub(r"\1", LABEL_ALONE.sub(r"\1：", text)))
    text = "\n".join(closed_up(unsigned(re.split(r"[\n\r\f\v]+", text))))
    text = SPACED_PAPER.sub("資料", text)
    found = (read_line(raw) for raw in re.split(r"[\n\r\f\v]+", text))
    return [line for line in found if line.text]
