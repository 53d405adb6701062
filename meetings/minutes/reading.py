"""Splitting a whole minutes text into entries, by its bullets, speakers and headings.

A proposal only: kind, speaker and agenda item are guesses that staff correct
before anything is saved.
"""

import re
from dataclasses import dataclass

from meetings.agenda.bullets import BULLETS
from meetings.agenda.pasted_lines import Line, read_line
from meetings.models import MinuteEntry
from members.common.text.folding import fold

MAX_LENGTH = 100_000
MAX_ENTRIES = 300
Kind = MinuteEntry.Kind
KINDS = (
    (Kind.DECISION, re.compile("決定|決まった|決めた|こととした|ことにした|ことになった|了承|承認")),
    (Kind.ELECTION, re.compile("選出|互選")),
    (Kind.LECTURE, re.compile("講演|講義|講師")),
    (Kind.CASE, re.compile("事例.{0,12}(発表|紹介)|(発表|紹介).{0,6}事例")),
    (Kind.FORMAT, re.compile("(Web会議|オンライン|書面|対面).{0,8}開催")),
    (Kind.REPORT, re.compile("報告|説明")),
    (Kind.SHARING, re.compile("共有")),
)
SPEAKER = re.compile(
    r"^(?:【(?P<boxed>[^】]{1,60})】|[(](?P<round>[^()]{1,60})[)]\s*(?=\S)|(?P<colon>[^。、:：]{1,40})[:：])\s*(?P<rest>.+)$"
)


@dataclass
class EntryProposal:
    """One entry as read out of a text."""

    kind: str
    body: str
    speaker_name: str = ""
    speaker: str = ""
    agenda_item: str = ""


def read_minutes(text: str, agenda: dict[str, str], speakers: dict[str, str]) -> list[EntryProposal]:
    """Split a text; ``agenda`` maps anchors to titles, ``speakers`` maps form keys to names.

    Raises ``ValueError`` with what to do when there is nothing to split, or too much.
    """
    if not text.strip():
        raise ValueError("議事概要が空です。Wordなどから文章をコピーして貼り付けてください。")
    if len(text) > MAX_LENGTH:
        raise ValueError(
            f"文章が長すぎます（{len(text):,}文字）。{MAX_LENGTH:,}文字までに分けて貼り付けてください。"
        )
    titles = {_key(title): anchor for anchor, title in agenda.items()}
    # A title of signs alone is found nowhere.
    titles.pop("", None)
    people = {_key(name): key for key, name in speakers.items()}
    entries = _read_entries(text, titles, people)
    if len(entries) > MAX_ENTRIES:
        raise ValueError(f"項目が{MAX_ENTRIES}件を超えます。いくつかに分けて貼り付けてください。")
    for entry in entries:
        entry.kind = guess_kind(entry.body)
    return entries


def _read_entries(text: str, titles: dict[str, str], people: dict[str, str]) -> list[EntryProposal]:
    """The entries of a text, each with the agenda item it stands below; their kind is not known yet."""
    entries: list[EntryProposal] = []
    item, follows = "", False
    for raw in re.split(r"\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        line = read_line(raw)
        if not line.text:
            follows = False
            continue
        found, bulleted = _strip_bullet(line)
        heading = titles.get(_key(found.text))
        if heading:
            item, follows = heading, False
            continue
        speech = _read_speech(found, people)
        if follows and not bulleted and speech is None:
            entries[-1].body += f"\n{found.stored}"
            continue
        entry = speech or EntryProposal(kind="", body=found.stored)
        entry.agenda_item = item
        entries.append(entry)
        follows = True
    return entries


def _read_speech(line: Line, people: dict[str, str]) -> EntryProposal | None:
    """What somebody said, where a line begins with who it was; None where it does not."""
    said = SPEAKER.match(line.text)
    if said is None:
        return None
    part = next(part for part in ("boxed", "round", "colon") if said[part])
    key = _find_speaker(said[part], people)
    # A colon or bracket alone is not yet a speaker: it must be somebody known, or be boxed.
    if not key and not said["boxed"]:
        return None
    return EntryProposal(
        kind="",
        body=line.after(said.start("rest")).stored,
        speaker=key,
        speaker_name="" if key else line.part(*said.span(part)).stored,
    )


def guess_kind(body: str) -> str:
    """Guess what an entry is from its words; talk is 意見交換."""
    return next((kind.value for kind, pattern in KINDS if pattern.search(body)), Kind.DISCUSSION.value)


def _strip_bullet(line: Line) -> tuple[Line, bool]:
    for _, pattern in BULLETS:
        match = pattern.match(line.text)
        if match and line.text[match.end() :].strip():
            return line.after(match.end()), True
    return line, False


def _key(text: str) -> str:
    return re.sub(r"[\s・、。()]", "", fold(text))


def _find_speaker(name: str, people: dict[str, str]) -> str:
    wanted = _key(name)
    return people.get(wanted, "") if wanted else ""
