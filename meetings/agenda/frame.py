"""What a 次第 or a letter says around its items: title, day, time, place and way of meeting."""

import re
from dataclasses import dataclass, field
from datetime import date, time

from meetings.agenda import words
from meetings.agenda.bullets import KANJI, has_bullet, split_bullet
from meetings.agenda.details import DASH
from meetings.agenda.pasted.lines import Line
from meetings.models import Meeting
from members.common.text.clocks import CLOCK, find_times
from members.common.text.eras import find_date, kanji_number

NUMBER = re.compile(r"第\s*([0-9]{1,3}|[一二三四五六七八九十]{1,3})\s*回")
_ROOM = "(?:対面|会場|参集|集合)"
MODES = (
    (Meeting.Mode.IN_PERSON, re.compile("(?:対面|参集|集合)(?:による開催)?のみ")),
    (
        Meeting.Mode.HYBRID,
        re.compile(rf"併用|ハイブリッド|{_ROOM}.{{0,6}}(?:及び|と|または|又は|・|、|もしくは|併せ)"),
    ),
    (Meeting.Mode.WRITTEN, re.compile("書面")),
    (
        Meeting.Mode.ONLINE,
        re.compile(
            r"web|ウェブ|ウェビナー|オンライン|zoom|teams|webex|google ?meet|skype|リモート|テレビ会議",
            re.IGNORECASE,
        ),
    ),
    (Meeting.Mode.IN_PERSON, re.compile("対面|参集|集合")),
)
# A link to take part by, where nothing says how the meeting is held.
LINK = re.compile(
    r"(?:teams|zoom|webex)\S* ?(?:会議|ミーティング|URL|ID|:)|(?:会議|ミーティング) ?(?:ID|番号|URL)",
    re.IGNORECASE,
)
REMOTE = re.compile(r"(?:web|オンライン)(?:で|による|での|にて)?の?(?:参加|出席)", re.IGNORECASE)
_REMOTE = r"(?:web|ウェブ|オンライン|zoom|teams|webex|リモート)(?:会議|ミーティング|開催|形式)?(?:システム)?"
# A place that is none: 「Zoom（IDは別途連絡）」; and one beside another: 「講堂及びWeb」.
ONLY_REMOTE = re.compile(
    rf"^(?:microsoft ?|cisco ?)?{_REMOTE}(?:による開催)?(?: ?\([^()]{{1,40}}\))?$", re.IGNORECASE
)
AND_REMOTE = re.compile(rf" ?(?:及び|並びに|と|または|又は|・|、|\+|/) ?{_REMOTE}$", re.IGNORECASE)
WRITTEN = re.compile(r"書面(?:による)?(?:開催|表決|協議|会議|審議|決議|議決|評決)|書面により開催")
_OPEN, _CLOSE = r"[\[【〈<(]", r"[\]】〉>)]"
LABELS = {
    name: re.compile(rf"^{_OPEN}? ?(?:{label}) ?{_CLOSE}? ?(?:[:/] ?| |(?<={_CLOSE}))(.+)$")
    for name, label in words.LABELS.items()
}
OTHER = re.compile(
    rf"^{_OPEN}? ?(?:{words.OTHER}|{words.OTHER_PLAIN}) ?{_CLOSE}? ?(?:[:/]| |(?<={_CLOSE}))", re.IGNORECASE
)
OTHER_ALONE = re.compile(
    rf"^(?:{words.OTHER}|{words.OTHER_PLAIN})(?:(?:及び|・|、).{{1,12}})?$", re.IGNORECASE
)
# 「於：三重県庁」, 「会場：…」 behind a day.
AT = re.compile(
    r"(?:[ (、]|^)(?:於|@|at|場所|会場|ところ) ?[: ]? ?(?P<place>[^()@]{2,60}?(?:\([^()]*\))?) ?\)?$"
)
NOISE = re.compile(
    r"^(?:https?://|www\.|記$|以 ?上$|敬具$|拝啓|前略|草々"
    r"|\(?公 ?印 ?省 ?略|各位|[—―─━=~*_┌┐└┘-]{3,}|<{2,}|>{2,})"
    r"|^(?:ホーム|トップ\S{0,6}|HOME|Home) ?[>›»]| [>›»] \S{1,30} [>›»] "
    r"|^お?申し?込み?(?:は|方法|先| ?[:/])"
    r"|https?://|[\w.+-]{1,60}@[\w-]{1,60}\.|TEL|FAX|電話 ?[0-9(]"
    r"|内線 ?[0-9]|^〒|[0-9]{2,4}-[0-9]{2,4}-[0-9]{3,4}"
)
HEADS_LETTER = re.compile(
    r"^[\[【<〔《(]? ?(?:事 ?務 ?連 ?絡|(?:報道|記者)(?:提供|発表|投込み?)(?:資料)?|プレスリリース"
    r"|お知らせ|開催(?:案内|通知)|再送|重要)"
    r" ?[\]】>〕》)]?$"
)
SENTENCE = re.compile(
    r"。[)]?$|の(?:上|うえ)、.{2,60}(?:まで|へ)$|です$|ます$|ください$|下さい$|お願い(?:し|いた|申)|申し上げ|ございます|よろしく|お世話|のとおり(?:開催|です|とし)"
)
VENUE = re.compile(
    r"(?:会議室|ホール|講堂|庁舎|大会議室|小会議室|研修室|議場|会館|センター"
    r"|公民館|プラザ|[0-9]{1,3} ?階|[0-9]{1,3}F|[室館])"
    r" ?(?:\([^()]*\))?$"
)
SUBTITLE = re.compile(
    r"[ 　]*[(（「]?[ 　]*(?:(?<=[ 　])会[ 　]?議[ 　]?次[ 　]?第"
    r"|議[ 　]?事[ 　]?次[ 　]?第|式?[ 　]?次[ 　]?第|事[ 　]?項[ 　]?書)[ 　]*[)）」]?$"
)
# 「次回会議：6月11日（水）を予定」.
NEXT_TIME = re.compile(
    r"^次回(?:の)?(?:会議|開催|検討会)?(?:日程|予定|日)? ?(?::|は) ?.{0,30}[0-9]{1,2} ?[月日]"
)
# 「＜第３回　広域周遊観光推進会議＞」: a title in a box.
BOXED_TITLE = re.compile(
    r"^[<【《〔] ?(?:(?:令和[0-9]{1,2}年度 ?)?第 ?[0-9]{1,3} ?回[^>】》〕]{3,40}会(?:議|合)?"
    r"|[^>】》〕]{0,30}会[^>】》〕]{0,12}第 ?[0-9]{1,3} ?回[^>】》〕]{0,14}) ?[>】》〕]$"
)
# 「（報道機関の撮影はここまで）」.
ASIDE = re.compile(r"^\([^()]{0,30}(?:\([^()]{1,6}\))?[^()]{2,40}(?:まで|のみ|予定|不?可)\)$")
# 「令和７年１０月９日（木）」 below 「１日目」.
DAY_ALONE = re.compile(
    r"^(?:令和|平成|20)[0-9元]{1,4}[年./-][0-9年月日./-]{3,8}(?: ?\([月火水木金土日](?:[・,]祝)?\))?$"
)
# 「令和6年11月下旬を予定」 below 「次回日程」.
PLANNED = re.compile(
    r"^(?:令和|20)[0-9年月日 ()火水木金土日上中下旬頃:~〜時分]{4,40}(?:を|に)?(?:開催)?予定$"
)
WEEKDAY = re.compile(r"[(] ?[月火水木金土日](?:曜日?)?(?:[・,]祝)? ?[)]|[月火水木金土日]曜")


_AROUND, _END = r"[\[【<〈(〔《]", r"[\]】>〉)〕》]"
# A line that only says that the agenda begins.
BEGINS = re.compile(rf"^{_AROUND}? ?(?:{words.BEGINS}|内 ?容 ?:)(?: ?\(案\))? ?{_END}? ?:?$")
# 「傍聴」 of a page in the web, a heading without a number: who may listen.
AUDIENCE = re.compile(r"^(?:会議の)?(?:傍聴|公開)(?:者|について|方法|手続き?|申込み?|定員|・非公開)?$")
# 「【配付資料】」 in a line of its own.
PAPERS_HEAD = re.compile(
    rf"^[■□◆◇●○・]? ?{_AROUND}? ?(?:(?:配[布付]|会議|送付|添付)?資料(?:一覧)?) ?{_END}? ?:?$"
)
CONTENT = re.compile("^内 ?容$")
# What stands behind the items: papers, whom to ask, the record itself.
BEHIND = re.compile(
    rf"^[■□◆◇●○・]? ?{_AROUND}? ?(?:(?:{words.BEHIND})(?![のをはに]|署名|承認)|資料 ?{_END}"
    r"|(?<=^[■□◆◇●○])資料 (?=\S)|担当 ?[:】]|以 ?上(?:$|[、。])"
    r"|次回(?:開催)?(?:予定|日程|日)? ?(?::|は| \S)|--)"
)
# A letter, as against a sheet: what stands above 「記」 is no agenda.
LETTER = re.compile(r"(?:各位|様|御中|殿)$|^拝啓|時下")
HEADS_SHEET = re.compile(r"\S ?(?:会 ?議 ?|議 ?事 ?)?次 ?第$")


@dataclass
class Frame:
    """What was read around the items; what was not found is empty."""

    title: str = ""
    number: int | None = None
    held_on: date | None = None
    start_time: time | None = None
    end_time: time | None = None
    place: str = ""
    mode: str = ""
    # What a sentence or the title tells of a meeting in writing.
    is_written: bool = False
    problems: list[str] = field(default_factory=list)
    # The style of the numbers before 「１ 日時」, 「２ 場所」: what else has it is the letter's, not an item.
    style: str = ""
    # How sure the day is: labelled, with a time, with a weekday, or merely named.
    certainty: int = 0


def meeting_number(text: str) -> int | None:
    """The N of 第N回, also in kanji."""
    match = NUMBER.search(text)
    if match is None:
        return None
    return int(match[1]) if match[1].isdecimal() else kanji_number(match[1])


def find_mode(text: str) -> str:
    """Find the way of meeting in words; empty where none is named."""
    return next((mode.value for mode, pattern in MODES if pattern.search(text)), "")


def arabic(text: str) -> str:
    """「七年六月」 with digits, as days and times are read."""
    return re.sub(rf"[{KANJI}〇]{{1,4}}(?=[年月日時分])", lambda match: str(kanji_number(match[0])), text)


def labelled(line: Line) -> tuple[str, str, Line] | None:
    """What a line says itself that it is, the style of its number, and what it says of it."""
    style, _, rest = split_bullet(line)
    for name, pattern in LABELS.items():
        match = pattern.match(rest.text)
        if match:
            return name, style, rest.after(match.start(1))
    return None


def is_other(line: Line) -> bool:
    """Whether a line tells whom to ask, who takes part and the like."""
    style, _, rest = split_bullet(line)
    return bool(OTHER.match(rest.text)) or bool(style and OTHER_ALONE.match(rest.text))


def is_note(line: Line) -> bool:
    """Whether a line is a remark, a sentence or a bare plan of days, which no item is."""
    return line.text.startswith(("※", "注)", "注意")) or bool(
        SENTENCE.search(line.text) or any(each.match(line.text) for each in (NEXT_TIME, PLANNED, ASIDE))
    )


def is_noise(line: Line, *, is_below: bool) -> bool:
    """Whether a line without a bullet is a greeting, an address or a rule.

    事務連絡 heads a letter; below the first entry (``is_below``) it is one of them.
    """
    return bool(NOISE.search(line.text)) or (not is_below and bool(HEADS_LETTER.match(line.text)))


def is_addressee(line: Line) -> bool:
    """Whether a line above the items names whom a letter is for."""
    return bool(re.search(r"(?:各位|御中|殿|様)$", line.text))


def read_label(frame: Frame, name: str, content: Line, year: int) -> None:
    """Take what a labelled line says into the frame."""
    text = arabic(content.text)
    if name == "name":
        read_title(frame, content)
    elif name == "mode":
        frame.mode = find_mode(text) or frame.mode
    elif name == "place":
        frame.place = frame.place or without_mode(frame, content)
    elif name == "clock" or (find_date(text, year) is None and find_times(text)[0]):
        if not frame.start_time:
            frame.start_time, frame.end_time = find_times(text)
    elif day := find_date(text, year):
        take_day(frame, day, content, 4)
    elif not frame.held_on:
        frame.problems.append(
            f"「{content.stored}」から開催日を読み取れませんでした。開催日を入力してください。"
        )


def take_day(frame: Frame, day: date, line: Line, certainty: int) -> None:
    """Take a day with the time, place and way of meeting beside it, unless a surer one is known."""
    if certainty <= frame.certainty:
        return
    frame.held_on, frame.certainty = day, certainty
    start, end = find_times(arabic(line.text))
    if start:
        frame.start_time, frame.end_time = start, end
    frame.mode = frame.mode or find_mode(line.text)
    take_place_behind(frame, line)


def take_place_behind(frame: Frame, line: Line) -> None:
    """Take a place that stands behind a day or a time: 「於：講堂」, 「9時～　応接室」."""
    if frame.place:
        return
    at = AT.search(line.text)
    if at:
        frame.place = without_mode(frame, line.part(*at.span("place")))
        return
    times = list(CLOCK.finditer(line.text))
    if not times:
        return
    rest = line.after(times[-1].end())
    rest = rest.after(len(rest.text) - len(rest.text.lstrip("~〜-から ")))
    if VENUE.search(rest.text):
        frame.place = without_mode(frame, rest)


def without_mode(frame: Frame, place: Line) -> str:
    """A place without the bracket that only says how one takes part: 「講堂（Web会議併用）」."""
    if ONLY_REMOTE.match(place.text):
        frame.mode = frame.mode or "online"
        return ""
    match = re.search(r"[(]([^()]{2,30})[)]$", place.text)
    if match and find_mode(match[1]):
        frame.mode = frame.mode or find_mode(match[1])
        place = place.part(0, match.start())
    if and_remote := AND_REMOTE.search(place.text):
        frame.mode = "hybrid"
        place = place.part(0, and_remote.start())
    return place.stored


def read_title(frame: Frame, line: Line) -> None:
    """Take the name of the meeting, and its number; one with a number is surer."""
    number = meeting_number(line.text)
    if not frame.title or (frame.number is None and number):
        frame.title = SUBTITLE.sub("", line.stored).strip("＜＞<>【】《》〔〕")
        frame.number = frame.number or number


def read_loose(frame: Frame, line: Line, year: int, *, in_letter: bool) -> bool:
    """Take the title, the day or the place from a line above the items; whether it was one."""
    text = arabic(line.text)
    frame.is_written = frame.is_written or bool(WRITTEN.search(text))
    if (has_bullet(line) and not NUMBER.match(text) and not is_marked_title(frame, text)) or SENTENCE.search(
        text
    ):
        return False
    if re.fullmatch(r"\([^()]{2,30}\)", text) and find_mode(text):
        frame.mode = frame.mode or find_mode(text)
        return True
    if read_loose_day(frame, line, text, year, in_letter=in_letter) or read_loose_time(frame, line, text):
        return True
    if VENUE.search(text) and len(text) <= 50:
        at = AT.search(text)
        found = line.part(*at.span("place")) if at else line
        frame.place = frame.place or without_mode(frame, found)
        return True
    if ("会" in text or NUMBER.search(text)) and len(text) <= 70:
        read_title(frame, line)
        return True
    return False


def is_marked_title(frame: Frame, text: str) -> bool:
    """Whether a line behind a mark is the meeting's name: 「◎男女共同参画審議会（第２回）」."""
    is_business = re.search("について|結果|日程|報告|議事録", text)
    return bool(NUMBER.search(text) and "会" in text) and not (frame.title or frame.certainty or is_business)


def read_loose_day(frame: Frame, line: Line, text: str, year: int, *, in_letter: bool) -> bool:
    """A line that names a day: the surest is one with a time, then one with a weekday."""
    if len(text) > 60 or re.search("。|締切|期限|まで(?:に|。|$)", text):
        return False
    day = find_date(text, year)
    if day is None:
        return False
    certainty = 3 if find_times(text)[0] else 2 if WEEKDAY.search(text) else 1
    if certainty > 1 or not in_letter:
        # The day that a letter was written on stands above it alone.
        take_day(frame, day, line, certainty)
    if "会" in text:
        read_title(frame, line)
    elif opening := re.match(NUMBER.pattern + r"(?= |$)", text):
        # 「第25回　令和9年3月11日」: its number, without a name.
        frame.number = frame.number or meeting_number(opening[0])
    return True


def is_of_the_day(frame: Frame, line: Line) -> bool:
    """Take a time below the day that has a place behind it; whether it was that."""
    times = list(CLOCK.finditer(line.text))
    rest = line.text[times[-1].end() :] if times else ""
    has_place = AT.search(rest) or VENUE.search(rest)
    return bool(has_place) and read_loose_time(frame, line, line.text)


def read_loose_time(frame: Frame, line: Line, text: str) -> bool:
    """A line that only says when the meeting is, below its day."""
    begins = re.match(r"^[(]? ?(?:午前|午後)? ?[0-9]{1,2} ?[:時]", text)
    if not (frame.certainty and not frame.start_time and begins and len(text) <= 40):
        return False
    if not re.search(DASH + "|から|時", text):
        return False
    frame.start_time, frame.end_time = find_times(text)
    take_place_behind(frame, line)
    return True
