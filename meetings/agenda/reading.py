"""Reading a 次第 that was pasted from Word, mail or Excel.

Finds the day, the time, the place and the way of meeting in the lines around the items,
and the items by their bullets, whatever they look like. What is found is a proposal:
staff see and correct it, line beside line, before anything is saved.
"""

from dataclasses import dataclass, field
from datetime import date, time

from meetings.agenda.lines import ProposedLine, set_kinds, set_levels
from meetings.agenda.pasted.layout import read_lines
from meetings.agenda.reader import Reader

MAX_LENGTH = 20_000
MAX_ITEMS = 100


@dataclass
class AgendaProposal:
    """What was read out of a pasted 次第; what was not found is empty."""

    number: int | None = None
    held_on: date | None = None
    start_time: time | None = None
    end_time: time | None = None
    place: str = ""
    mode: str = ""
    lines: list[ProposedLine] = field(default_factory=list)
    # Papers that the text lists by number, with their titles.
    papers: dict[str, str] = field(default_factory=dict)
    # What was read into nothing, to be looked at.
    left_out: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def items(self) -> list[str]:
        """The titles of the business."""
        return [line.title for line in self.lines if line.kind == "item"]


def read_agenda(text: str, year: int) -> AgendaProposal:
    """Read a pasted 次第; ``year`` is the fiscal year that a date without a year belongs to."""
    if not text.strip():
        return AgendaProposal(problems=["次第が空です。Wordやメールから次第をコピーして貼り付けてください。"])
    if len(text) > MAX_LENGTH:
        problem = (
            f"貼り付けた文章が長すぎます（{len(text):,}文字）。"
            f"次第の部分だけを{MAX_LENGTH:,}文字までで貼り付けてください。"
        )
        return AgendaProposal(problems=[problem])
    reader = Reader(read_lines(text), year)
    reader.read()
    set_levels(reader.entries)
    set_kinds(reader.entries)
    return _proposal(reader)


def _proposal(reader: Reader) -> AgendaProposal:
    frame, problems = reader.frame, list(reader.frame.problems)
    lines = [entry for entry in reader.entries if not entry.is_empty_box]
    if not lines:
        problems.append("議題を見つけられませんでした。1行に1つずつ、議題を入力してください。")
    if len(lines) > MAX_ITEMS:
        problems.append(f"議題が{MAX_ITEMS}件を超えています。貼り付けた範囲を確かめてください。")
    return AgendaProposal(
        number=frame.number,
        held_on=frame.held_on,
        start_time=frame.start_time,
        end_time=frame.end_time,
        place=frame.place,
        mode=frame.mode or reader.mode_of_links(),
        lines=lines[:MAX_ITEMS],
        papers=reader.papers,
        left_out=reader.left_out,
        problems=problems,
    )
