"""What a line below an entry of a 次第 says of it: who explains, its theme, how its words go on."""

import re

from meetings.agenda.details import (
    LEADER,
    NAMED,
    Details,
    document_names,
    is_body,
    is_presenter,
    take_behind,
    take_papers,
    unbracketed,
)
from meetings.agenda.lines import (
    INDENTED,
    ProposedLine,
    groups_below,
    is_formal,
    is_heading,
    minutes_spent,
    squeezed,
)
from meetings.agenda.pasted.lines import Line

# 【報告】 in a line of its own groups what stands below it.
BOXED = re.compile(
    r"^(?:【([^】]{1,40})】|<([^>]{1,40})>|〔([^〕]{1,40})〕|《([^》]{1,40})》|\[([^\]]{1,40})\])"
    # 「＜午前の部＞　10:30～12:00」.
    r"(?: ?\(?(?=[0-9午])[0-9:~〜\-‐–―午前後時分半からまで ]{4,30}\)?)?$"
)
CARRY_ON = re.compile(r"^[、。)）」]|^(?:及び|並びに|について|に関する|に係る|の|を|と|へ)")
# 「演題：…」 below a lecture says more of it and is nothing of its own.
THEME = re.compile(r"^(?:演題|題目|演目|テーマ|タイトル|サブテーマ|副題) ?:|^[~〜].{1,60}[~〜]$")


# 「…」 below 「基調講演」 is what the lecture is called.
QUOTED = re.compile(r"^「[^「」]{2,60}」$")


def tells_more(last: ProposedLine, rest: Line, details: Details) -> bool:
    """Whether a line is the theme of the entry above, or how its time is spent."""
    spent = minutes_spent(rest.text)
    last.minutes = last.minutes or spent or None
    return bool(spent) or (bool(THEME.match(rest.text)) and not details.is_timed)


def goes_on(last: ProposedLine, rest: Line, *, is_cells: bool) -> bool:
    """Whether a line without a bullet goes on with the item above it, and is taken into it."""
    shorter = Details()
    rest = take_behind(rest, shorter)
    title = squeezed(rest.stored)
    is_own = is_formal(title) or is_heading(title) or BOXED.match(rest.text) or title == "その他"
    is_own = is_own or last.title == "その他"
    if shorter.is_timed or rest.indent < last.indent:
        # What has a time of its own, or stands to the left, is something of its own.
        return False
    if last.start_time and last.kind == "item" and QUOTED.match(rest.text) and "「" not in last.title:
        last.title += rest.stored
        last.source += f"\n{rest.stored}"
        return True
    if is_own or _stands_below(last, rest) or last.kind != "item" or not (last.style or is_cells):
        return False
    if re.search(r"[。）)]$", last.title) and not CARRY_ON.match(rest.text):
        last.doubts.append(f"次の行「{rest.stored[:30]}」は読みませんでした。")
        return True
    last.title += rest.stored
    last.source += f"\n{rest.stored}"
    last.documents += shorter.documents
    last.presenter = last.presenter or shorter.presenter
    last.doubts.append("2行を1つの議題として読みました。")
    return True


def _stands_below(last: ProposedLine, rest: Line) -> bool:
    """Whether a line without a bullet is a matter of the heading above it, or one more beside the last."""
    if last.style == INDENTED:
        return rest.indent <= last.indent and not CARRY_ON.match(rest.text)
    is_below = rest.indent >= last.indent and groups_below(last.title)
    return bool(last.style) and is_below and not CARRY_ON.match(rest.text)


# 「環境課：ごみの減量について」.
WHO_AHEAD = re.compile(r"^(?P<who>[^: ]{2,20}) ?: ?(?=\S)")


def take_speaker_ahead(line: Line, details: Details) -> Line:
    """Take who explains off the head of an item, where a colon stands behind it."""
    ahead = WHO_AHEAD.match(line.text)
    if ahead is None or details.presenter or not is_presenter(ahead["who"]):
        return line
    details.presenter = line.part(*ahead.span("who")).stored
    return line.after(ahead.end())


# 「【資料１】こども課」.
PAPERS_AHEAD = re.compile(r"^[\[【〔(](?=資料|別紙|参考)(?P<docs>[^\]】〕)]{2,40})[\]】〕)] ?(?=\S)")


MOST_OF_SPEAKERS = 100


def is_spoken_for(last: ProposedLine, rest: Line) -> bool:
    """Whether a line tells who explains the entry above, with papers ahead or behind; noted there."""
    if is_formal(rest.text.split()[0]) or is_formal(squeezed(rest.text)) or BOXED.match(rest.text):
        return False
    papers = Details()
    if ahead := PAPERS_AHEAD.match(rest.text):
        papers.documents = document_names(ahead["docs"])
        rest = rest.after(ahead.end())
    is_deeper = bool(last.style or last.start_time) and rest.indent > last.indent
    # 「【説明：政策局長】　資料１」: the paper stands behind who explains.
    said = take_speaker(rest, is_apart=is_deeper) or take_speaker(
        take_papers(rest, papers), is_apart=is_deeper
    )
    if not said and is_deeper and is_body(rest.text):
        said = rest.stored
    if not said and rest.indent == last.speaker_indent and not re.search("について|の件$", rest.text):
        # One more below those who explain, whatever body it is.
        said = rest.stored
    if said:
        last.speaker_indent = rest.indent if is_deeper else -1
        # Several who explain, one below the other, to the right of their matter.
        both = f"{last.presenter}、{said}" if is_deeper and last.presenter else said
        last.presenter = both if len(both) <= MOST_OF_SPEAKERS and is_deeper else last.presenter or said
        last.documents += papers.documents
    return bool(said)


def take_speaker(line: Line, *, is_apart: bool = False) -> str:
    """Who explains, where a whole line says nothing else; ``is_apart``: where it stands to the right."""
    named = NAMED.search(line.text)
    if named and named.start("role") <= 1:
        return line.part(*named.span("who")).stored
    leader = LEADER.match(line.text)
    line = line.after(leader.end()) if leader else line
    bare = unbracketed(line.text)
    is_apart = is_apart or bool(leader) or bare != line.text
    return line.stored.strip("（）()[]　 ") if is_presenter(bare, in_column=is_apart) else ""
