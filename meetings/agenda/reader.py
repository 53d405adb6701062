"""Goes through the lines of a 次第 from the top down, and tells what each of them is."""

import re

from meetings.agenda import frame as around
from meetings.agenda.bullets import has_bullet, split_bullet
from meetings.agenda.columns import Columns, find_columns
from meetings.agenda.details import (
    DASH,
    DOCS_ONLY,
    Details,
    document_names,
    is_bare_time,
    is_timed,
    take_behind,
    take_time_ahead,
    unbracketed,
)
from meetings.agenda.following import BOXED, goes_on, is_spoken_for, take_speaker_ahead, tells_more
from meetings.agenda.frame import Frame, find_mode
from meetings.agenda.lines import INDENTED, ProposedLine, groups_below, is_formal, is_heading, squeezed
from meetings.agenda.pasted.lines import Line, inline_items
from members.common.text.clocks import find_clocks, find_times

PAPER = re.compile(
    r"^(?:→|⇒|※)? ?[\[【〔(<]? ?(?P<doc>(?:当日|参考|追加)?資料 ?(?:No\.? ?)?"
    r"[0-9]{1,2}(?:[-‐-―−ー][0-9]{1,2}){0,2}"
    r"|(?:別紙|別添) ?[0-9]{0,2}) ?[\]】〕)>]?[ :、.]{1,3}(?P<title>\S.*)$"
)
# 「【第２日】 令和７年８月２２日」 groups what is done on that day.
DAY_PART = re.compile(
    r"^[\[【<(]?(?P<part>第 ?[0-9一二三]{1,2} ?日目?|[0-9]{1,2} ?日目|初日|最終日)[\]】>)]?"
    r"(?: ?[(]?[^()]{2,20}日 ?(?:[(][^()]{1,5}[)])?[)]?(?: ?(?:会場|場所|於) ?:? ?.{2,40})?)?$"
)
UNTIL = re.compile(
    rf"^{DASH} ?(?:午前|午後)? ?[0-9]{{1,2}} ?[:時] ?(?:[0-9]{{2}}|[0-9]{{1,2}}分|半)?(?:まで)?$"
)
# 「資料：資料1、参考資料1」 below an item.
HANDED_OUT = re.compile(r"^(?:配[付布]|使用|説明|会議)?資料 ?: ?(?=\S)")
# 「［資料１］［資料２］」.
BETWEEN = re.compile(r"[\]】〕)] ?[\[【〔(](?=資料|参考|別[紙添冊])")
FURTHER_PARTS = {"part", "roman"}


class Reader:
    """The lines of one 次第, and what has been read from them so far."""

    def __init__(self, lines: list[Line], year: int) -> None:
        self.year = year
        self.lines = [part for line in lines for part in inline_items(line)]
        self.frame = Frame()
        self.entries: list[ProposedLine] = []
        self.papers: dict[str, str] = {}
        self.left_out: list[str] = []
        # A time in a line of its own, to be the next entry's.
        self.pending = Details()
        self.at = 0
        # How many lines stand above the first entry: the sheet's title is among them.
        self.head = 0
        # Whether sentences have followed the last entry: what stands behind them does not go on with it.
        self.is_past = False
        # Whether a letter has gone on from its agenda to other matters.
        self.is_outside = False
        self.columns: Columns | None = None
        texts = [line.text for line in self.lines]
        self.letter_ends = texts.index("記") if "記" in texts else -1
        self.in_letter = self.letter_ends >= 0 or any(around.LETTER.search(text) for text in texts)
        # 「内容　別紙次第のとおり」: the letter has no agenda of its own.
        is_apart = any(re.search("別紙.{0,10}(?:のとおり|参照)", text) for text in texts)
        heads = [place for place, text in enumerate(texts) if is_apart and around.HEADS_SHEET.search(text)]
        self.sheet_begins = heads[-1] if self.letter_ends >= 0 and heads else 0
        # Cells that were pasted one below the other: a time alone, then what is done then.
        below = self.lines[self.letter_ends + 1 :]
        self.is_cells = sum(map(is_bare_time, below)) > 2
        # Papers may be listed above the agenda itself.
        self.begins = max(
            (place for place, text in enumerate(texts) if around.BEGINS.match(text)), default=-1
        )
        self.is_among_papers = False
        self.has_structure = self.is_cells or any(has_bullet(line) or is_timed(line) for line in below)

    def read(self) -> None:
        """Read every line, up to where the items are over; one that told nothing is told to be left out."""
        for index, line in enumerate(self.lines):
            self.at = index
            before = self._state()
            if index < self.begins and self._is_of_papers_above(line):
                continue
            if self._ends_at(line):
                self._read_papers(self.lines[index:])
                self.left_out += [each.stored for each in self.lines[index:]]
                break
            is_begin = index > max(self.letter_ends, self.sheet_begins - 1) and self._read_begin(line)
            if index <= self.letter_ends:
                around.read_loose(self.frame, line, self.year, in_letter=True)
            elif index < self.sheet_begins:
                self._read_labelled(line)
            elif not is_begin and not self._read_labelled(line):
                self._read_line(line)
            if not is_begin and self._state() == before:
                self.left_out.append(line.stored)
            if not self.entries:
                self.head = index + 1

    def _is_of_papers_above(self, line: Line) -> bool:
        """Whether a line is of a list of papers above the agenda, and no label of the meeting."""
        self.is_among_papers = self.is_among_papers or bool(around.PAPERS_HEAD.match(line.text))
        if not self.is_among_papers or self._read_labelled(line):
            return False
        self._read_papers([line])
        self.left_out.append(line.stored)
        return True

    def _state(self) -> str:
        """All that has been read so far, but for what the lines before the last became."""
        last = self.entries[-1:]
        return repr((len(self.entries), last, self.frame, self.pending, self.papers, len(self.left_out)))

    def mode_of_links(self) -> str:
        """How the meeting is held, where only its place or a link to take part by tells it."""
        if mode := find_mode(self.frame.place):
            return mode
        if any(around.REMOTE.search(line.text) for line in self.lines):
            return "hybrid" if self.frame.place else "online"
        is_linked = any(around.LINK.search(line.text) for line in self.lines)
        if is_linked and not self.frame.place:
            return "online"
        return "written" if self.frame.is_written else ""

    def _ends_at(self, line: Line) -> bool:
        """Whether the items are over: papers, who took part, or what stands behind the closing."""
        if not self.entries:
            return False
        style, _, rest = split_bullet(line)
        if not style and around.AUDIENCE.match(rest.text):
            return True
        if (around.BEHIND.match(rest.text) or around.BEHIND.match(line.text)) and not is_formal(rest.text):
            return True
        last = self.entries[-1]
        if not (last.kind == "formal" and re.search("閉会|閉式|散会", last.title)):
            return False
        # A first part may close, and a second begin.
        is_part = BOXED.match(line.text) and re.search("[部日]", line.text)
        goes_on = (
            is_part
            or style in FURTHER_PARTS
            or (style and style == last.style)
            or is_timed(line)
            or self.is_cells
        )
        return not goes_on and not is_formal(rest.text)

    def _read_begin(self, line: Line) -> bool:
        """A line that says that the agenda begins, or what the columns of its table hold."""
        style, _, rest = split_bullet(line)
        # 「３ 内容」 among a letter's own numbers.
        is_letters = around.CONTENT.match(rest.text) and (
            style.startswith("dot") or style == self.frame.style != ""
        )
        if around.BEGINS.match(line.text) or (
            not self.entries and (is_letters or around.BEGINS.match(rest.text))
        ):
            self.is_outside = False
            # 「三 次第」 is of the letter's own numbers; below a bare 「次第」 the agenda has its own.
            self.frame.style = self.frame.style or style if style else ""
            return True
        if self.entries:
            return False
        if not style and around.HEADS_SHEET.search(line.text):
            # The sheet behind a letter has numbers of its own.
            self.frame.style, self.is_outside = "", False
        if columns := find_columns(line):
            self.columns = columns if columns.is_table else self.columns
            return columns.is_table or self.is_cells
        return False

    def _read_labelled(self, line: Line) -> bool:
        """A line that says itself what it is: the day, the place; 「議題：…」 is an item."""
        found = around.labelled(line)
        if found is None or is_timed(line):
            return False
        name, style, content = found
        # The colon of a clock is none: 「４ 議事 （14:15）」.
        has_colon = bool(re.search(r"(?<![0-9]):", line.text[:12]))
        if name == "subject":
            return self._read_subject(line, content, has_colon=has_colon)
        if self.entries and not (style == self.frame.style or has_colon or find_times(content.text)[0]):
            return False
        self.frame.style = self.frame.style or style
        around.read_label(self.frame, name, content, self.year)
        return True

    def _read_subject(self, line: Line, content: Line, *, has_colon: bool) -> bool:
        """「議題：電子申請について」 is an item; 「３ 議題 （１）…」 a heading and its first item."""
        style, label, rest = split_bullet(line)
        if has_bullet(content):
            heading = rest.part(0, len(rest.text) - len(content.text))
            self.is_outside = False
            self._append(line, heading, style, label, Details())
        elif not has_colon:
            return False
        self._read_entry(content)
        return True

    def _read_line(self, line: Line) -> None:
        """A line that is an entry, or is left out."""
        row = self.columns.read(line) if self.columns else None
        if row is not None:
            self._append(line, *row)
        elif self._is_around(line):
            self.left_out.append(line.stored)
            self.is_past = self.is_past or bool(self.entries and re.search(r"。$", line.text))
        else:
            self._read_entry(line)

    def _is_around(self, line: Line) -> bool:
        """Whether a line is no entry: a note, a greeting, the title, whom to ask."""
        style, _, rest = split_bullet(line)
        if is_formal(take_behind(rest, Details()).text):
            return False
        if DAY_PART.match(line.text):
            if not self.entries:
                around.read_loose(self.frame, line, self.year, in_letter=self.in_letter)
            return False
        if around.is_other(line):
            self._go_on_with_the_letter(style)
            return True
        if around.is_note(rest) or (not style and around.is_noise(rest, is_below=bool(self.entries))):
            return True
        if self.entries:
            return bool(around.DAY_ALONE.match(line.text)) or self._is_running_title(style, line)
        is_box = BOXED.match(line.text) and not around.BOXED_TITLE.match(line.text)
        return not is_box and self._is_above(line, style, rest)

    def _go_on_with_the_letter(self, style: str) -> None:
        """「４ 提出期限」: the letter goes on with what is its own."""
        if style and self.in_letter:
            self.frame.style = self.frame.style or style
        goes_on = self.in_letter or bool(self.entries)
        self.is_outside = self.is_outside or bool(goes_on and style and style == self.frame.style)

    def _is_above(self, line: Line, style: str, rest: Line) -> bool:
        """Whether a line above the items tells of the meeting itself, or for whom the letter is."""
        if around.is_addressee(line):
            return True
        if is_timed(line):
            # 「9:00～10:15　＠特別会議室」 below the day is the meeting's own time.
            return around.is_of_the_day(self.frame, line)
        if around.read_loose(self.frame, line, self.year, in_letter=self.in_letter):
            return True
        stands_alone = not style and not is_heading(rest.text) and not is_bare_time(line)
        return self.has_structure and stands_alone and not self.pending.start_time

    def _is_running_title(self, style: str, line: Line) -> bool:
        """Whether a line is the sheet's own title again, as at the head of its second page."""
        if style or len(line.text) < 8:
            return False
        return any(each.text.startswith(line.text) for each in self.lines[: self.head])

    def _read_entry(self, line: Line) -> None:
        """An entry, or what belongs to the one above it."""
        details, self.pending = self.pending, Details()
        rest = take_time_ahead(line, details)
        if not rest.text:
            self.pending = details
            return
        if end := UNTIL.match(rest.text):
            # 「9:30」, and 「～9:35」 on the line below.
            details.end_at(find_clocks(end[0]))
            self.pending = details
            return
        style, label, rest = split_bullet(rest)
        rest = take_time_ahead(rest, details)
        if self._stands_behind(style, rest, details):
            self.left_out.append(rest.stored)
            return
        if self._is_of_the_letter(style, rest) or self._belongs_above(style, rest, details):
            return
        if not BOXED.match(rest.text) or rest.text[-1] not in "】>〕》]":
            rest = take_speaker_ahead(take_behind(rest, details), details)
        self._append(line, rest, style, label, details)

    def _stands_behind(self, style: str, rest: Line, details: Details) -> bool:
        """Whether a bare line stands behind the sentences that end an agenda: whom to ask, who sends it."""
        title = squeezed(rest.stored)
        is_own = (
            is_formal(title)
            or is_heading(title)
            or (BOXED.match(rest.text) and not re.search("事務局|担当", title))
        )
        return self.is_past and self.has_structure and not (style or details.is_timed or is_own)

    def _is_of_the_letter(self, style: str, rest: Line) -> bool:
        """Whether a line is of a letter's own numbers: 「１ 日時 … ４ 出席者」 around 「３ 議題」."""
        if self.frame.style and style == self.frame.style:
            title = squeezed(take_behind(rest, Details()).stored)
            is_own = is_heading(title) or is_formal(title) or title == "その他"
            # A mark is used for the letter's matters and below its headings alike.
            self.is_outside = not is_own and not style.startswith("dot")
        if BOXED.match(rest.text):
            # 【審議事項】 begins the matters, whatever stood above it.
            self.is_outside = False
        if self.is_outside:
            self.left_out.append(rest.stored)
        return self.is_outside

    def _belongs_above(self, style: str, rest: Line, details: Details) -> bool:
        """Whether a line only goes on with the entry above: its papers, its speaker, its own words."""
        paper = PAPER.match(rest.text)
        is_loose = not style or style.startswith("dot")
        if not self.entries:
            return bool(paper) and not style
        last = self.entries[-1]
        if is_loose and tells_more(last, rest, details):
            self.left_out.append(rest.stored)
            return True
        if papers := DOCS_ONLY.match(BETWEEN.sub("、", HANDED_OUT.sub("", rest.text))):
            last.documents += document_names(papers["docs"])
            return True
        if paper and is_loose:
            self._read_papers([rest])
            last.documents += document_names(paper["doc"]) if last.kind == "item" else []
            return True
        if details.is_timed:
            return False
        if is_loose and not self._is_one_of_several(style) and is_spoken_for(last, rest):
            return True
        return not style and self.has_structure and goes_on(last, rest, is_cells=self.is_cells)

    def _append(self, line: Line, rest: Line, style: str, label: str, details: Details) -> None:
        self.is_past = False
        day = DAY_PART.match(rest.text)
        if day:
            # What stands behind a day is where it is held, and nobody who explains it.
            rest, style, details = rest.part(*day.span("part")), "part", Details()
        box = BOXED.match(rest.text) if not style else None
        if box:
            rest = rest.part(*box.span(box.lastindex or 0))
        title = squeezed(rest.stored.rstrip(" 　:："))
        if is_formal(unbracketed(rest.text)):
            title = title.strip("（）()[]")
        if style and title.endswith("の部") and is_heading(title):
            # 「■ 午前の部」: what stands below it by the clock is of it, as of a part.
            style = "part"
        if (
            not style
            and not (details.is_timed or is_formal(title) or is_heading(title))
            and self._is_indented(line)
        ):
            style = INDENTED
        is_group = is_heading(title) or style == "part" or bool(box)
        self.entries.append(
            ProposedLine(
                title=title,
                kind="formal" if is_formal(title) else "heading" if is_group else "item",
                label=label,
                presenter=details.presenter,
                start_time=details.start_time,
                minutes=details.minutes,
                documents=details.documents,
                source=line.stored,
                style=style,
                indent=line.indent,
                is_box=bool(box),
            )
        )

    def _is_one_of_several(self, style: str) -> bool:
        """Whether a mark stands before the next line too, or stood before the last: a list, not a speaker."""
        below = self.lines[self.at + 1 : self.at + 2]
        return bool(style) and any(
            style == each for each in [self.entries[-1].style, *(split_bullet(line)[0] for line in below)]
        )

    def _is_indented(self, line: Line) -> bool:
        """Whether a line without a number stands to the right of a numbered heading, or of one such."""
        if not self.entries or self.columns:
            return False
        last = self.entries[-1]
        if last.style == INDENTED:
            return line.indent >= last.indent
        is_numbered = last.style not in {"", "part"} and not last.is_box
        if last.title == "その他":
            return is_numbered and line.indent > last.indent
        return is_numbered and line.indent >= last.indent and groups_below(last.title)

    def _read_papers(self, lines: list[Line]) -> None:
        """The titles of papers that are listed by their number."""
        for line in lines:
            _, _, rest = split_bullet(line)
            if found := PAPER.match(rest.text):
                name = document_names(found["doc"])[0]
                self.papers.setdefault(name, rest.after(found.start("title")).stored)
