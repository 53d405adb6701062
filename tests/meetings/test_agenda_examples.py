"""A 次第 as offices write it, and each line that must come of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from meetings.agenda.lines import ProposedLine
from meetings.agenda.pasted.splitting import split_meetings
from meetings.agenda.reading import read_agenda


def examples() -> dict[str, tuple[str, list[str]]]:
    """Each example's name, text and lines (kind|level|label|title|presenter|start|minutes|papers)."""
    found = {}
    for block in (Path(__file__).parent / "agenda_examples.txt").read_text().split("=== ")[1:]:
        name, _, rest = block.partition("\n")
        text, _, lines = rest.partition("\n---\n")
        found[name] = (text, lines.strip().split("\n"))
    return found


def written(line: ProposedLine) -> str:
    start = f"{line.start_time:%H:%M}" if line.start_time else ""
    parts = [line.kind, line.level, line.label, line.title, line.presenter, start, line.minutes or ""]
    return "|".join([*map(str, parts), ",".join(line.documents)])


EXAMPLES = examples()


@pytest.mark.parametrize(("text", "lines"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_every_line_is_read_exactly(text: str, lines: list[str]) -> None:
    (part,) = split_meetings(text)
    assert [written(line) for line in read_agenda(part, 2020).lines] == lines


CASES = json.loads((Path(__file__).parent / "agenda_cases.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_others_wrote_is_read_exactly(case: dict[str, Any]) -> None:
    """Texts by people who had not seen the code, with what a careful clerk reads in them."""
    (part,) = split_meetings(case["text"])
    found = read_agenda(part, case["year"])
    lines = [
        {
            "kind": line.kind,
            "title": line.title,
            "level": line.level,
            "presenter": line.presenter,
            "start": line.start_time and f"{line.start_time:%H:%M}",
            "minutes": line.minutes,
            "documents": line.documents,
        }
        for line in found.lines
    ]
    wanted = case["expected"]
    assert lines == wanted["items"], case["why"]
    times = [clock and f"{clock:%H:%M}" for clock in (found.start_time, found.end_time)]
    assert [found.held_on and found.held_on.isoformat(), *times] == [
        wanted[name] for name in ("held_on", "start_time", "end_time")
    ], case["why"]
    assert [found.number, found.place, found.mode] == [
        wanted[name] for name in ("number", "place", "mode")
    ], case["why"]
