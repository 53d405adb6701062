"""Splitting a whole minutes text into entries, by its bullets, speakers, questions and headings.

A proposal only: kind, speaker, owner and agenda item are guesses that staff correct
before anything is saved. What is passed over is told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from meetings.agenda.bullets import BULLETS
from meetings.agenda.pasted.lines import Line, read_line
from meetings.minutes.speakers import CHAIRS, CHAT, HOSTS, SPREAD, People, key_of
from meetings.minutes.tables import flattened
from meetings.minutes.tasks import Days, read_task
from meetings.models import MinuteEntry

MAX_LENGTH = 100_000
MAX_ENTRIES = 300
Kind = MinuteEntry.Kind
KINDS = (
    # 「5月28日までに県へ送付」: somebody is to; what was sent until then is told.
    (
        Kind.FOLLOW_UP,
        re.compile(
            "まで(?:に|、|へ).{0,30}(?:送付|提出|返送|回答|報告|確認|作成|準備|記入)(?!.{0,8}(?:した|あった|済))"
        ),
    ),
    (Kind.DECISION, re.compile("決定|決まった|決めた|こととした|ことにした|ことになった|了承|承認")),
    (Kind.ELECTION, re.compile("選出|互選")),
    (Kind.LECTURE, re.compile("講演|講義|講師")),
    (Kind.CASE, re.compile("事例.{0,12}(発表|紹介)|(発表|紹介).{0,6}事例")),
    (Kind.FORMAT, re.compile("(Web会議|オンライン|書面|対面).{0,8}開催")),
    (Kind.REPORT, re.compile("報告|説明")),
    (Kind.SHARING, re.compile("共有")),
)
_OPEN, _CLOSE = r"^[○◯●◎■□◆・\[(【<〔]*(?:(?<=[■□◆○◯●◎・]) )?", r"[\])】>〕]*"
DECIDED = r"(?:主な)?(?:決定|合意|確認|了承)(?:事項)?|結論"
TO_DO = (
    r"(?:次回への?)?課題(?=:)|今後の対応(?:方針|事項)?|対応事項|宿題(?:事項)?|持ち帰り(?:事項)?"
    r"|課題と対応|アクション|TODO|ToDo"
)
TALK = r"(?:主な)?(?:質疑応答?|意見交換|意見|発言|質疑・意見|要望)(?:要旨|等)?"
HEADINGS = (
    (Kind.DECISION.value, re.compile(rf"{_OPEN}(?:{DECIDED}){_CLOSE} ?:?$")),
    (Kind.FOLLOW_UP.value, re.compile(rf"{_OPEN}(?:{TO_DO}){_CLOSE} ?:?$")),
    ("", re.compile(rf"{_OPEN}(?:{TALK}){_CLOSE} ?:?$")),
)
MARKS = (
    (Kind.DECISION.value, re.compile(rf"{_OPEN}(?:{DECIDED})[0-9]{{0,2}}(?:[\])】>〕]+ ?:?|:| (?=\S)) ?")),
    (Kind.FOLLOW_UP.value, re.compile(rf"{_OPEN}(?:{TO_DO})[0-9]{{0,2}}(?:[\])】>〕]+ ?:?|:| (?=\S)) ?")),
    (
        Kind.QUESTION.value,
        re.compile(
            r"^[・○]?(?:(?:Q|問|質問|質疑)[0-9]{0,2}(?:[.:/、]| (?=\S))"
            r"|[(【\[](?:Q|問|質問|質疑)[0-9]{0,2}[)】\]]:?) ?"
        ),
    ),
    (
        Kind.ANSWER.value,
        re.compile(
            r"^[・○]?(?:(?:A|答|回答)[0-9]{0,2}(?:[.:/、]| (?=\S))"
            r"|[(【\[](?:A|答|回答)[0-9]{0,2}[)】\]]:?|[→⇒]) ?"
        ),
    ),
)
NEXT_TIME = re.compile("^次回(?:会議)?までに")
TWO_IN_ONE = re.compile(r"[/／]\s?(?=(?:答|A)[:：])")
FRAME = re.compile(
    r"^(?:日 ?時|場 ?所|会 ?場|出 ?席 ?者?|欠 ?席 ?者?|傍聴者?|配[付布]資料|次回[: ]|以 ?上$"
    r"|[○◎・]?休憩(?: |$)"
    r"|(?:午[前後] ?)?[0-9]{1,2}[時:] ?[0-9]{0,2}分? ?(?:開会|閉会|再開|休憩)|(?:開会|閉会)$)"
)
# 「決定事項：なし」, 「なし（議題5）」.
NONE = re.compile(
    r"^[・○]?(?:決定(?:事項)?|宿題|今後の対応|特に)? ?:? ?(?:なし|無し|ありません)(?:[(][^()]{1,20}[)])?。?$"
)
DECIDED_BEHIND = re.compile(r"[(](?:決定|了承)[)]。?$")
CALLS = re.compile(r"^[(].{1,40}(?:と呼ぶ者あり|拍手|笑声).{0,10}[)]$")
ASIDE = re.compile(r"^[(](?:以下、|中略|省略)")
TITLE = re.compile(
    r"^[◎○【\[]?(?:議題|議事|議案|報告|協議|審議)(?:事項)? ?[(]?[0-9一二三四五六七八九十]{1,3}[)]?[】\]]?"
)
SPEAKER = re.compile(
    r"^(?:[○◯]?【(?P<boxed>[^】]{1,60})】:?|[・○◯●]?[(](?P<round>[^()]{1,60})[)]:?(?=\s?\S)"
    r"|[○◯](?P<circle>[^\s。:]{1,20}(?:[(][^()]{1,30}[)])?)(?= )"
    r"|[・○◯]?(?P<colon>[^。:]{1,40}):)\s*(?P<rest>.+)$"
)
SPACED = re.compile(r"^[・○◯](?P<name>[^\s。:]{1,30}) (?P<rest>\S.*)$")
# 「事務局から、資料1により説明」: the words stay as they are.
FROM = re.compile(
    r"^(?:\[[^\]]{1,6}\])?(?P<name>[^、。()\[\]]{1,30}?)(?:から|より)"
    r".*(?:説明|報告|紹介|要望|意見|提案|質問|発言|回答|指摘)"
)
BETWEEN_SIGNS = re.compile(r"^(?:<[^<>]{1,30}>|-{2,}.{1,30}-{2,}|―{1,}.{1,30}―{1,})$")
COLUMN = re.compile(r"^(?P<name>[^\s。:、]{1,20}) (?P<rest>\S.*)$")
HEAD_LINE = re.compile(
    r"(?:議事要旨|議事録|議事概要|会議録|会議概要|次第|メモ|会議結果|決定事項等?一覧)(?:[(].{1,10}[)])?$"
)
EXPLAINER = re.compile(r"^[(](?:説明者?|報告者?|発表者?) ?: ?(?P<name>[^()]{1,40})[)]$")
BEHIND = re.compile(r"(?P<rest>^.+?)[(](?P<name>[^()]{1,60})[)][。]?$")
ASKS = re.compile(r"(?:か|かどうか|いかが)[。?]?$|[?]$")


@dataclass
class EntryProposal:
    """One entry as read out of a text."""

    kind: str
    body: str
    speaker_name: str = ""
    speaker: str = ""
    agenda_item: str = ""
    owner: str = ""
    due_on: str = ""


@dataclass
class Reading:
    """A text as it is being read: its entries, what a line belongs to, what was passed over."""

    titles: dict[str, str]
    people: People
    entries: list[EntryProposal] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    item: str = ""
    # The kind that a heading says for what follows, as 決定事項.
    section: str = ""
    follows: bool = False
    # Who explains stands above what is explained: （説明：県防災企画課）.
    explainer: str = ""


def read_minutes(
    text: str,
    agenda: Mapping[str, str],
    speakers: Mapping[str, str],
    days: Days | None = None,
) -> Reading:
    """Split a text; ``agenda`` maps anchors to titles, ``speakers`` maps form keys to names.

    Raises ``ValueError`` with what to do when there is nothing to split, or too much.
    """
    if not text.strip():
        raise ValueError("議事概要が空です。Wordなどから文章をコピーして貼り付けてください。")
    if len(text) > MAX_LENGTH:
        raise ValueError(
            f"文章が長すぎます（{len(text):,}文字）。{MAX_LENGTH:,}文字までに分けて貼り付けてください。"
        )
    titles = {key_of(title): anchor for anchor, title in agenda.items()}
    # A title of signs alone is found nowhere.
    titles.pop("", None)
    reading = Reading(titles, People(speakers))
    for raw in flattened(text).split("\n"):
        for part in TWO_IN_ONE.split(raw):
            read_one(reading, read_line(part))
    if len(reading.entries) > MAX_ENTRIES:
        raise ValueError(f"項目が{MAX_ENTRIES}件を超えます。いくつかに分けて貼り付けてください。")
    finish(reading, days or Days(date.today()))
    return reading


def read_one(reading: Reading, line: Line) -> None:
    """A line: a heading, a part of the frame, an entry, or what goes on with the one before."""
    if not line.text:
        reading.follows = False
        return
    found, bulleted = strip_bullet(line)
    if is_heading(reading, line, found):
        reading.follows = False
        return
    entry = read_entry(reading, line, found, bulleted=bulleted)
    if entry is None:
        if not reading.follows or not reading.entries:
            entry = EntryProposal(kind=reading.section, body=found.stored)
        else:
            reading.entries[-1].body += f"\n{found.stored}"
            return
    if reading.explainer and not (entry.kind or entry.speaker or entry.speaker_name):
        entry.speaker = reading.people.find(reading.explainer)
        entry.speaker_name = "" if entry.speaker else reading.explainer
    reading.explainer = ""
    entry.agenda_item = reading.item
    reading.entries.append(entry)
    reading.follows = True


def is_heading(reading: Reading, line: Line, found: Line) -> bool:
    """Take up what a line says of those that follow; whether it is no entry itself."""
    for name in (found.text, TITLE.sub("", line.text)):
        if heading := reading.titles.get(key_of(name)):
            reading.item, reading.section = heading, ""
            return True
    for kind, pattern in HEADINGS:
        if pattern.match(line.text):
            reading.section = kind
            return True
    if is_unknown_item(line, found):
        reading.passed_over.append(line.stored)
        reading.item, reading.section = "", ""
        return True
    if CALLS.match(line.text):
        # The one who speaks goes on behind it.
        reading.passed_over.append(line.stored)
        return not reading.follows
    if explainer := EXPLAINER.match(line.text):
        reading.explainer = explainer["name"].strip()
        return True
    if is_frame(reading, line):
        reading.passed_over.append(line.stored)
        return True
    return False


def is_unknown_item(line: Line, found: Line) -> bool:
    """An item that the agenda does not have, or words differently."""
    is_named = TITLE.match(line.text) and not ASKS.search(line.text)
    return len(found.text) < 60 and bool(is_named or (found is not line and found.text.endswith("について")))


def is_frame(reading: Reading, line: Line) -> bool:
    """What stands around the minutes: place and day, breaks, signs, a message to one person alone."""
    is_head = not reading.entries and HEAD_LINE.search(line.text)
    is_private = "(プライベート)" in line.text and CHAT.match(line.text)
    frames = (FRAME, ASIDE, BETWEEN_SIGNS, NONE)
    return bool(is_head or is_private or any(frame.match(line.text) for frame in frames))


def read_entry(reading: Reading, line: Line, found: Line, *, bulleted: bool) -> EntryProposal | None:
    """The entry that begins with a line; None where nothing says that one does."""
    if chat := read_chat(reading, line):
        return chat
    for kind, pattern in MARKS:
        if (match := pattern.match(line.text)) and line.text[match.end() :].strip():
            rest = line.after(match.end())
            speech = read_speech(rest, reading.people) or EntryProposal("", rest.stored)
            speech.kind = kind
            if kind in MinuteEntry.NUMBERED:
                # Who stands there is to do it, not who says it.
                speech = EntryProposal(kind, rest.stored)
            return take_behind(speech, reading.people)
    if NEXT_TIME.match(found.text):
        return EntryProposal(Kind.FOLLOW_UP.value, found.stored)
    if reading.section:
        return EntryProposal(reading.section, found.stored) if bulleted or not is_aside(line) else None
    said = read_speech(line, reading.people) or (read_speech(found, reading.people) if bulleted else None)
    said = said or read_column(line, reading.people) or read_from(found, reading.people)
    if said:
        return said
    if bulleted:
        return take_behind(EntryProposal("", found.stored), reading.people)
    behind = take_behind(EntryProposal("", found.stored), reading.people)
    return behind if behind.speaker or behind.speaker_name else None


def read_from(line: Line, people: People) -> EntryProposal | None:
    """What somebody is reported to have said: 「志摩市から、…との要望があった」."""
    match = FROM.match(line.text)
    if match is None or not people.is_somebody(match["name"]):
        return None
    key = people.find(match["name"])
    return EntryProposal("", line.stored, "" if key else match["name"].strip(), key)


def read_column(line: Line, people: People) -> EntryProposal | None:
    """Verbatim minutes: who speaks in a column of their own, behind a tab or a wide blank."""
    spread = SPREAD.match(line.text)
    match = COLUMN.match(line.text)
    if spread:
        name, start = spread[0].replace(" ", ""), spread.end()
    elif match and line.pasted[line.places[match.end("name")]] in "\t\u3000":
        name, start = match["name"], match.start("rest")
    elif place := wide_blank_behind_a_name(line, people):
        # 「津市 情報政策課　…」: body and section, with a narrow blank between them.
        name, start = line.text[:place], place
    else:
        return None
    if not people.is_somebody(name):
        return None
    key = people.find(name)
    return EntryProposal("", line.after(start).stored, "" if key else name, key)


def wide_blank_behind_a_name(line: Line, people: People) -> int:
    """Where a full-width blank or a tab follows somebody of the year; 0 where none does."""
    for place, (letter, at) in enumerate(zip(line.text[:60], line.places, strict=False)):
        if letter == " " and line.pasted[at] in "\t\u3000" and people.find(line.text[:place]):
            return place
    return 0


def read_chat(reading: Reading, line: Line) -> EntryProposal | None:
    """A line of a web meeting's chat; what went to one person alone is no part of a record."""
    match = CHAT.match(line.text)
    if match is None:
        return None
    key = reading.people.find(match["name"])
    return EntryProposal("", line.after(match.start("rest")).stored, "" if key else match["name"], key)


def is_aside(line: Line) -> bool:
    """A line that only adds to the one above it."""
    return line.text.startswith(("(", "※", "なお、", "ただし"))


def read_speech(line: Line, people: People) -> EntryProposal | None:
    """What somebody said, where a line begins with who it was; None where it does not."""
    said = SPEAKER.match(line.text) or SPACED.match(line.text)
    if said is None:
        return None
    part = next(part for part in ("boxed", "round", "circle", "colon", "name") if said.groupdict().get(part))
    name = said[part].strip()
    # In brackets before a text, or with a colon, it must be somebody; 【みほん県】 is, whoever it is.
    is_known = people.is_somebody(name) if part != "boxed" else not is_paper(name, people)
    if not is_known:
        return None
    key = people.find(name)
    return EntryProposal(
        kind="",
        body=line.after(said.start("rest")).stored,
        speaker=key,
        speaker_name="" if key else line.part(*said.span(part)).stored,
    )


def is_paper(name: str, people: People) -> bool:
    """Whether a box holds a paper or a heading: 【資料1】, 【議題2】."""
    return bool(
        re.match("資料|参考|別[紙添]|様式|議題|議案|報告|協議|決定|宿題|要望|意見|結論|照会", name)
    ) and not people.find(name)


def take_behind(entry: EntryProposal, people: People) -> EntryProposal:
    """Who spoke, where it stands in brackets at the end: 「…との意見があった。（津市）」."""
    line = read_line(entry.body)
    match = BEHIND.match(line.text)
    if match and entry.kind not in MinuteEntry.NUMBERED and not (entry.speaker or entry.speaker_name):
        name = match["name"].strip()
        key = people.find(name)
        if people.is_somebody(name):
            entry.speaker, entry.speaker_name = key, "" if key else name
            entry.body = line.part(0, match.end("rest")).stored
    return entry


def finish(reading: Reading, days: Days) -> None:
    """Say of each entry what it is, and of what is to be done by whom until when."""
    before = owner = ""
    for entry in reading.entries:
        decided = DECIDED_BEHIND.search(read_line(entry.body).text)
        entry.kind = (
            entry.kind
            or (Kind.DECISION.value if decided else "")
            or guess_speech(entry, before)
            or guess_kind(entry.body)
        )
        if entry.kind in MinuteEntry.NUMBERED:
            head, *more = entry.body.split("\n")
            task = read_task(read_line(head), days, reading.people, owner)
            if task.cuts and task.words:
                entry.body = "\n".join([task.words, *more])
            entry.owner = owner = task.owner
            entry.due_on = task.due_on.isoformat() if task.due_on else ""
        before = entry.kind


def guess_speech(entry: EntryProposal, before: str) -> str:
    """What somebody says by how it ends, and whom it answers; empty where that tells nothing."""
    name = entry.speaker_name
    if not (entry.speaker or name) or CHAIRS.match(name):
        return Kind.DISCUSSION.value if CHAIRS.match(name) else ""
    if any(ASKS.search(read_line(part).text) for part in entry.body.split("\n")) and not HOSTS.search(name):
        return Kind.QUESTION.value
    if before == Kind.QUESTION:
        return Kind.ANSWER.value
    return ""


def guess_kind(body: str) -> str:
    """Guess what an entry is from its words; talk is 意見交換."""
    return next((kind.value for kind, pattern in KINDS if pattern.search(body)), Kind.DISCUSSION.value)


def strip_bullet(line: Line) -> tuple[Line, bool]:
    for _, pattern in BULLETS:
        match = pattern.match(line.text)
        if match and line.text[match.end() :].strip():
            return line.after(match.end()), True
    return line, False
