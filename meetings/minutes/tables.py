"""A table of remarks, pasted with its tabs, as the lines that a text would have."""

import re
from collections.abc import Iterator

from meetings.agenda.pasted.lines import read_line

SPEAKERS = re.compile("^(?:発言者?|発言団体|団体名?|市町名?|質問者)$")
WORDS = re.compile("^(?:内容|発言内容|発言要旨|意見|意見・質問|質問|質問・意見|要旨)$")
ANSWERS = re.compile("^(?:対応|回答|回答・対応|対応・回答|事務局回答|県の回答)$")
DECIDED = re.compile("^(?:決定|結論)")
TO_DO = re.compile("(?:検討|修正|対応|確認|調整|送付|提出|周知|作成)(?:する|予定|。?$|[（(])|要検討|再検討")
NOTHING = re.compile("^[-―—–ー－\\s]*$")
DITTO = ("〃", "同上", "々")


def flattened(text: str) -> str:
    """The text with each table of remarks as lines: 【津市】…, →…, 決定：…; other text stays."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    out: list[str] = []
    place = 0
    while place < len(lines):
        columns = columns_of(lines[place])
        if columns is None:
            out.append(lines[place])
            place += 1
            continue
        rows, place = rows_behind(lines, place, {line.strip() for line in lines[:place]})
        out += told(rows, columns)
    return "\n".join(out)


def columns_of(line: str) -> tuple[int, int, int | None] | None:
    """Where speaker, words and answer stand, if a line heads such a table."""
    cells = [read_line(cell).text for cell in line.split("\t")]
    found = [
        next((n for n, cell in enumerate(cells) if kind.match(cell)), None) for kind in (SPEAKERS, WORDS)
    ]
    speaker, words = found
    if speaker is None or words is None:
        return None
    return speaker, words, next((n for n, cell in enumerate(cells) if ANSWERS.match(cell)), None)


def rows_behind(lines: list[str], start: int, before: set[str]) -> tuple[list[list[str]], int]:
    """The rows below a heading, cells with line breaks put together, and where the table ends."""
    heading = lines[start].strip()
    breaks = lines[start].rstrip("\n").count("\t")
    rows: list[str] = []
    place = start + 1
    while place < len(lines):
        line = lines[place]
        is_whole = not rows or rows[-1].count("\t") >= breaks
        if line.strip() == heading or line.strip() in before or not read_line(line).text:
            # A page break repeats the heading.
            place += 1
            continue
        if "\t" not in line and is_whole and not (rows and place == start + 1 + len(rows)) and is_end(line):
            break
        if is_whole and "\t" in line:
            rows.append(line)
        elif rows:
            rows[-1] += f"\n{line}"
        else:
            break
        place += 1
    return [row.split("\t") for row in rows], place


def is_end(line: str) -> bool:
    """Whether a line without columns is of what follows the table, not of its last cell."""
    return bool(re.match(r"^\s*(?:[○●◎■□◆【]|[0-9０-９]+[.．]|(?:決定|今後|宿題|次回|以上))", line))


def told(rows: list[list[str]], columns: tuple[int, int, int | None]) -> Iterator[str]:
    speaker_at, words_at, answer_at = columns
    last = ""
    for row in rows:
        cells = [*row, "", "", "", ""]
        speaker = "、".join(part.strip() for part in cells[speaker_at].split("\n") if part.strip())
        speaker = last if speaker in DITTO else speaker.strip("（）()")
        last = speaker or last
        words, answer = (
            cells[words_at].strip().replace("\n", "　"),
            cells[answer_at].strip() if answer_at is not None else "",
        )
        yield ""
        if DECIDED.match(cells[0].strip()) or DECIDED.match(speaker):
            yield f"決定：{words}"
        elif words:
            yield f"【{speaker}】{words}" if speaker else f"・{words}"
        if not NOTHING.match(answer):
            yield (
                answer
                if answer.startswith("→")
                else f"{'宿題' if TO_DO.search(answer) else '回答'}：{answer}"
            )
