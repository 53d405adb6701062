"""A 次第 that is a table: its first row names the columns, the others are read by them."""

import re
from dataclasses import dataclass

from meetings.agenda.bullets import split_bullet
from meetings.agenda.details import DOCUMENT, Details, document_names, take_behind, take_time_ahead
from meetings.agenda.pasted.lines import Line, read_line

HEADS = {
    # 協議 or 報告: told in the table, kept nowhere of its own.
    "sort": re.compile(r"区分|種別|分類"),
    "minutes": re.compile(r"所要|分"),
    "time": re.compile(r"時間|時刻|日時|開始"),
    "title": re.compile(r"議題|内容|項目|次第|議事|件名|プログラム|事項"),
    "presenter": re.compile(r"説明|担当|発表|講師|報告者|提案|所管|主管|提出"),
    "documents": re.compile(r"資料"),
    # Where it is, what to bring: told in the table, kept nowhere.
    "remarks": re.compile(r"備考|場所|会場|形式|方法"),
    "label": re.compile(r"番号|No|^#$"),
}
NOTHING = {"", "-", "―", "ー", "なし"}


@dataclass(frozen=True, slots=True)
class Columns:
    """What stands in each column."""

    names: dict[str, int]

    @property
    def is_table(self) -> bool:
        return len(self.names) > 1

    def read(self, line: Line) -> tuple[Line, str, str, Details] | None:
        """A row's title, the style and label of its number, and its details; None where it is no row."""
        if "\t" not in line.pasted:
            return None
        cells = [read_line(cell) for cell in line.pasted.split("\t")]
        empty = Line("", "", ())
        found = {name: cells[at] if at < len(cells) else empty for name, at in self.names.items()}
        title = self.title_of(line.pasted.split("\t"))
        if not title.text:
            return None
        details = Details()
        take_time_ahead(found.get("time", empty), details)
        if minutes := re.search(r"[0-9]{1,3}", found.get("minutes", empty).text):
            details.minutes = int(minutes[0])
        style, label, rest = split_bullet(title)
        rest = take_behind(rest, details)
        who = found.get("presenter", empty)
        # A dash stands in an empty cell.
        details.presenter = details.presenter or ("" if who.text in NOTHING else who.stored)
        papers = found.get("documents", empty).text
        if not papers and DOCUMENT.match(found.get("remarks", empty).text):
            papers = found["remarks"].text
        if papers not in NOTHING:
            details.documents += document_names(papers if DOCUMENT.search(papers) else f"資料{papers}")
        return rest, style, label or found.get("label", empty).stored, details

    def title_of(self, cells: list[str]) -> Line:
        """The title with what stands in columns without a name right behind it: 「(1)」, then its words."""
        at = self.names.get("title")
        if at is None:
            return Line("", "", ())
        end = min((place for place in self.names.values() if place > at), default=len(cells))
        return read_line(" ".join(cell.strip() for cell in cells[at:end] if cell.strip()))


def find_columns(line: Line) -> Columns | None:
    """The columns that a line names, where each of its cells is the name of one."""
    is_table = "\t" in line.pasted.strip()
    parts = line.pasted.split("\t") if is_table else re.split(r"\t|[ 　]{2,}", line.pasted.strip())
    names: dict[str, int] = {}
    for index, cell in enumerate(part.strip() for part in parts):
        if is_table and not cell:
            continue
        plain = read_line(cell).text.replace(" ", "")
        name = next((name for name, head in HEADS.items() if head.search(plain)), "")
        if not name or len(plain) > 8 or name in names:
            return None
        names[name] = index
    return Columns(names) if names else None
