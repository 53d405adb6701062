"""What a line of a 次第 says beside its title: when, how long, who explains, which papers."""

import re
from dataclasses import dataclass, field
from datetime import time

from meetings.agenda import words
from meetings.agenda.pasted.lines import Line
from members.common.text.clocks import find_clocks, find_times

# NFKC makes ～ a tilde; the wave dash and the dashes stay what they are.
DASH = r"[~〜\-‐‑‒–—―−ー]"
_CLOCK = r"(?:午前|午後|AM|PM|am|pm)? ?[0-9]{1,2} ?(?:時(?!間) ?(?:[0-9]{1,2} ?分|半)?|: ?[0-9]{2}(?![0-9]))"
_SPAN = rf"{_CLOCK}(?: ?(?:{DASH}|から) ?(?:{_CLOCK} ?(?:まで)?)?)?"
_MINUTES = r"約? ?(?P<minutes>[0-9]{1,3}) ?分(?:間|程度|予定)?"
_OPEN, _CLOSE = r"[(\[【〔<〈]", r"[)\]】〕>〉]"
TIME_AHEAD = re.compile(
    rf"^{_OPEN}? ?(?P<span>{_SPAN}) ?{_CLOSE}? ?(?:{_OPEN} ?{_MINUTES} ?{_CLOSE})?(?:[ :、]+|(?=\D)|$)"
)
TIME_BEHIND = re.compile(rf"(?:(?<![ .…‥])[ .…‥]{{1,120}}|{_OPEN}) ?(?P<span>{_SPAN}) ?{_CLOSE}?$")
MINUTES_BEHIND = re.compile(rf"(?: |(?<=\S){_OPEN} ?| {_OPEN} ?){_MINUTES} ?{_CLOSE}?$")
MINUTES_AHEAD = re.compile(rf"^{_OPEN}? ?{_MINUTES} ?{_CLOSE}?(?: |(?<=[)\]】〕]))(?=\S)")

# 「資料2-1」 is one paper, 「資料1～3」 are three.
_JOIN = r"[\-‐‑‒–—―−ー]"
_UPTO = r"[~〜]"
# 「資料No.3」, 「資料-3」.
_NO = r"(?:No\.? ?|[\-‐‑‒–−](?=[0-9]))?"
_DOC_NUMBER = rf"(?>[0-9]{{1,2}}(?: ?(?:{_JOIN}|の) ?[0-9]{{1,2}}){{0,4}}+)(?![0-9年月日%])"
_DOC_WORD = r"(?:(?:当日|追加|参考|補足|会議|説明|机上|別冊)?資料|別紙|別添|別表|別冊|様式|参考)"
DOCUMENT = re.compile(rf"(?P<word>{_DOC_WORD}) ?{_NO}(?P<number>{_DOC_NUMBER}|[A-Z](?![A-Za-z]))")
# What parts two papers, or begins the next without its word; a dash is of a number, a wave of a range.
_PARTS = rf"(?>(?: ?(?:[、,・&/]|及び|並びに|と|{_UPTO}) ?| )(?:{_DOC_WORD})? ?{_NO}{_DOC_NUMBER})"
_WORDS = rf"(?> ?(?:[、,・/]|及び| ) ?{_DOC_WORD}(?! ?{_NO}[0-9A-Z]|[一-龥ァ-ン]))"
# Read once and never again another way: a line of thirty papers had a billion ways to be read.
_DOC_LIST = rf"(?>{_DOC_WORD} ?{_NO}(?:{_DOC_NUMBER}|[A-Z](?![A-Za-z]))(?:{_PARTS}|{_WORDS}){{0,40}}+)"
_PAGES = (
    r"(?:[ ,、]?\(?(?:P|p|pp|ページ|頁)\.? ?[0-9]{1,3}(?: ?[~〜-] ?(?:P|p)?[0-9]{1,3})?(?:ページ|頁)?\)?"
    r"| ?\((?:委員限り|(?:当日|後日)配[布付]|会議後回収|抜粋|部外秘)\))"
)
_BARE = (
    r"(?:(?:当日|追加|参考|補足|別冊|別途)?(?:資料|配[布付])(?:なし|当日配[布付]|あり)?|別紙|別添|別冊"
    r"|(?:当日|机上|席上)(?:配[布付]|投影)|投影(?:のみ)?|口頭(?:説明|報告)?|あれば|取扱注意)"
)
# In one bracket what lasts how long, which papers and who explains: 「(15分、資料1、環境課)」.
MIXED = re.compile(rf"{_OPEN}(?P<inner>[^()\[\]【】〔〕<>〈〉]{{3,80}}(?:\([^()]{{0,20}}\))?){_CLOSE}$")
MIXED_PARTS = (re.compile(r"[^、,，;/:]+"), re.compile(r"[^、,，;/: ]+"))
MINUTES_ALONE = re.compile(rf"^{_MINUTES}$")
# 「（別紙　出席者名簿）」: a paper with its title.
TITLED_PAPER = re.compile(
    rf"{_OPEN} ?(?P<docs>(?:{_DOC_WORD}) ?{_NO}(?:{_DOC_NUMBER})?) (?!\d)"
    rf"[^()\[\]【】]{{2,30}}{_CLOSE}$"
)
REMARK = re.compile(r" ?※[^※]{1,40}$|[(](?:名簿|別紙|別添|資料)[^()]{0,12}のとおり[)]$")
# 「……………Ｐ．８」, as in a list of contents; 「 P.8」 without the dots.
PAGE = re.compile(
    r"(?<![ .…‥・])(?: (?=[Pp]\.?[0-9])|[ .…‥・]{3,120}(?=[0-9Pp]))"
    r"(?:[Pp]\.? ?[0-9]{1,3}|[0-9]{1,3} ?(?:頁|ページ)|(?<=[.…‥・])[0-9]{1,3}|(?<=[.…‥・] )[0-9]{1,3})$"
)
# 「（若葉市から報告）」.
REPORTS = re.compile(r"(?:から|より)の?(?:報告|説明|情報提供|紹介|発表)$")
# A paper by its number may stand without brackets; without a number it needs them, or a wide gap.
DOCS_BEHIND = re.compile(
    # Only from where a run of dots begins: from each of its dots it would be tried again.
    rf"(?<![ .…‥・])[ .…‥・]*(?P<open>{_OPEN}| |(?<=[)\]】〕])|(?<=[.…‥・]{{2}})) ?"
    rf"(?:→|⇒|※)? ?(?P<docs>{_DOC_LIST}|{_BARE})"
    rf"{_PAGES}?(?: ?参照)? ?{_CLOSE}?$"
)
DOCS_ONLY = re.compile(
    rf"^(?:[.…‥・]{{2,60}} ?)?(?:→|⇒|※)? ?{_OPEN}? ?(?P<docs>{_DOC_LIST}){_PAGES}?(?: ?参照)? ?{_CLOSE}?$"
)
_PERSON_END = re.compile(rf"(?:{words.POSTS}|氏|様|さん)$")
_BODY_END = re.compile(
    rf"(?:{words.BODIES})(?:ほか|等|他)?$|^(?:\(株\)|株式会社|有限会社|合同会社|(?:一般|公益)(?:社団|財団)法人|NPO法人|特定非営利活動法人)"
)
_NAME = re.compile(r"^[一-龥々〆ヶぁ-んァ-ンー○]{1,5}$")
_WHO = r"(?P<who>(?:\([^()]{1,4}\))?[^()\[\]【】〔〕]{1,60}?(?:\([^()]{0,30}\)[^()]{0,30})?)"
NAMED = re.compile(
    rf"(?:^|(?<=[ (\[【〔]))(?P<role>{words.ROLES})(?: ?[:/] ?|(?<=[師者ト]) |(?<=ラー) |(?<=ター) )"
    rf"{_WHO} ?[)\]】〕]?$"
)
NUMBERED = re.compile(r"[^0-9 ]{0,8}第 ?[0-9]{1,3} ?[号部項]")
# Dots that lead the eye to the right; NFKC has made … three of them.
LEADER = re.compile(r" ?[.…‥・･-]{4,120} ?| (?:\.{3}|…) (?=\S)")
NO_PRESENTER = re.compile(rf"(?:{words.NO_PRESENTER_END})$|^(?:{words.NO_PRESENTER})$")
BRACKET_BEHIND = re.compile(
    rf"{_OPEN}(?P<inner>(?:\([^()]{{1,2}}\))?[^()\[\]【】〔〕<>〈〉]{{1,60}}(?:\([^()]*\)[^()]{{0,20}})?)"
    rf"{_CLOSE}$"
)
FAR = 3  # So many blanks part two columns, where 「…会」 is a body too.
# A longer line is a paragraph: it has nothing beside its title.
LONGEST = 300


@dataclass
class Details:
    """What was read off a line beside its title."""

    start_time: time | None = None
    minutes: int | None = None
    presenter: str = ""
    documents: list[str] = field(default_factory=list)

    def end_at(self, clocks: list[time]) -> None:
        """How long it takes, where its end is told apart from its beginning."""
        if self.start_time and clocks and clocks[0] > self.start_time:
            end, start = clocks[0], self.start_time
            self.minutes = (end.hour - start.hour) * 60 + end.minute - start.minute

    @property
    def is_timed(self) -> bool:
        return self.start_time is not None or self.minutes is not None


def take_time_ahead(line: Line, details: Details) -> Line:
    """Take a time column off the head of a line."""
    match = TIME_AHEAD.match(line.text)
    if match and find_clocks(match["span"]):
        _note_span(match["span"], details)
        if match["minutes"]:
            details.minutes = int(match["minutes"])
        return line.after(match.end())
    match = MINUTES_AHEAD.match(line.text)
    if match:
        details.minutes = int(match["minutes"])
        return line.after(match.end())
    return line


def is_timed(line: Line) -> bool:
    """Whether a line begins with a time column and goes on."""
    details = Details()
    rest = take_time_ahead(line, details)
    return details.start_time is not None and bool(rest.text)


def is_bare_time(line: Line) -> bool:
    """Whether a line is a time and nothing else."""
    details = Details()
    return not take_time_ahead(line, details).text and details.start_time is not None


def take_behind(line: Line, details: Details) -> Line:
    """Take papers, time and presenter off the end of a line, in whatever order they stand."""
    if len(line.text) > LONGEST:
        return line
    for _ in range(6):
        shorter = _take_one(line, details)
        if shorter is None:
            break
        # What stood between two papers: 「【資料３】、【参考資料１】」.
        line = shorter.part(0, len(shorter.text.rstrip(" 、,・")))
    return line


def take_papers(line: Line, details: Details) -> Line:
    """Take papers alone off the end of a line."""
    return _take_documents(line, details) or line


def _take_one(line: Line, details: Details) -> Line | None:
    """One detail off the end of a line; None where there is none, or nothing would be left."""
    steps = (
        _take_remark,
        _take_mixed,
        _take_minutes,
        _take_span,
        _take_documents,
        _take_leader,
        _take_named,
        _take_bracket,
        _take_columns,
    )
    for take in steps:
        shorter = take(line, details)
        if shorter is not None and shorter.text.strip():
            return shorter
    return None


def _take_remark(line: Line, details: Details) -> Line | None:
    """「※ 取扱注意」 or a page behind all else says nothing of the item."""
    match = REMARK.search(line.text) or PAGE.search(line.text)
    return None if match is None else line.part(0, match.start())


def _take_mixed(line: Line, details: Details) -> Line | None:
    """Several details in one bracket, where each part of it is one of them and they are not all people."""
    match = MIXED.search(line.text)
    if match is None or not re.search("[、,，;/・: ]", match["inner"]):
        return None
    # 「事務局 5分」: where nothing else parts them, blanks do.
    found = next(filter(None, (_pieces(line, match, parts) for parts in MIXED_PARTS)), None)
    if found is None:
        return None
    if not found.minutes and not found.documents and details.presenter:
        return None
    details.minutes = details.minutes or found.minutes
    details.documents = [*found.documents, *details.documents]
    details.presenter = details.presenter or found.presenter
    return line.part(0, match.start())


def _pieces(line: Line, match: re.Match[str], parts: re.Pattern[str]) -> Details | None:
    """What the parts of a bracket say; None where one of them says nothing that is known."""
    found = Details()
    start = match.start("inner")
    for part in parts.finditer(match["inner"]):
        # 「住宅政策課・20分」: a point also parts them, but not the numbers of papers.
        is_papers = DOCS_ONLY.match(part[0].strip())
        for piece in [part] if is_papers else re.finditer(r"[^・]+", part[0]):
            text = piece[0].strip()
            offset = start + part.start() + (0 if is_papers else piece.start())
            if text and not _note_piece(text, line.part(offset, offset + len(piece[0])).stored, found):
                return None
    return found


def _note_piece(text: str, stored: str, found: Details) -> bool:
    """Note one detail of a bracket; tells whether it is any."""
    if minutes := MINUTES_ALONE.match(text):
        found.minutes = int(minutes["minutes"])
    elif papers := DOCS_ONLY.match(text):
        found.documents += document_names(papers["docs"])
    elif is_presenter(text, in_column=True) and not found.presenter:
        found.presenter = stored.strip()
    else:
        return bool(re.fullmatch(_BARE, text))
    return True


def _take_minutes(line: Line, details: Details) -> Line | None:
    match = MINUTES_BEHIND.search(line.text)
    if match is None:
        return None
    details.minutes = details.minutes or int(match["minutes"])
    return line.part(0, match.start())


def _take_span(line: Line, details: Details) -> Line | None:
    match = TIME_BEHIND.search(line.text)
    if match is None or not find_clocks(match["span"]):
        return None
    _note_span(match["span"], details)
    return line.part(0, match.start())


def _note_span(span: str, details: Details) -> None:
    start, end = find_times(span)
    details.start_time = details.start_time or start
    if start and end:
        details.minutes = (end.hour - start.hour) * 60 + end.minute - start.minute


def _take_documents(line: Line, details: Details) -> Line | None:
    titled = TITLED_PAPER.search(line.text)
    if titled:
        details.documents = [*document_names(titled["docs"]), *details.documents]
        return line.part(0, titled.start())
    match = DOCS_BEHIND.search(line.text)
    if match is None:
        return None
    if not DOCUMENT.search(match["docs"]) and match["open"] == " " and not line.is_gap(match.start("open")):
        return None
    details.documents = [*document_names(match["docs"]), *details.documents]
    return line.part(0, match.start())


def document_names(text: str) -> list[str]:
    """The papers that a text names, each by its full number: 「資料1、2」 is 資料1 and 資料2."""
    names: list[str] = []
    word = ""
    found = list(re.finditer(rf"(?P<word>{_DOC_WORD})? ?{_NO}(?P<number>{_DOC_NUMBER}|[A-Z])?", text))
    upto = False
    for match in found:
        if not match[0].strip():
            upto = upto or bool(re.match(_UPTO, text[match.start() : match.start() + 1]))
            continue
        word = match["word"] or word
        number = re.sub(rf" ?(?:{_JOIN}|の) ?", "-", match["number"] or "")
        name = f"{word}{number}"
        if upto and names:
            names += _between(names[-1], name)
        names.append(name)
        upto = False
    return names


def _between(first: str, last: str) -> list[str]:
    """The papers between two of one series: of 資料1 and 資料4 the numbers 2 and 3."""
    head, start = re.fullmatch(r"(.*?)([0-9]*)", first).groups()  # type: ignore[union-attr]
    other, end = re.fullmatch(r"(.*?)([0-9]*)", last).groups()  # type: ignore[union-attr]
    if head != other or not start or not end or not 0 < int(end) - int(start) < 20:
        return []
    return [f"{head}{number}" for number in range(int(start) + 1, int(end))]


def _take_leader(line: Line, details: Details) -> Line | None:
    """Dots that lead to the speaker at the right: 「予算について……財政課長」."""
    match = LEADER.search(line.text)
    if match is None:
        return None
    who = line.after(match.end())
    if who.text and (details.presenter or not is_presenter(who.text, in_column=True)):
        return None
    details.presenter = details.presenter or who.stored
    return line.part(0, match.start())


def _take_named(line: Line, details: Details) -> Line | None:
    """「説明：デジタル推進課」, with or without brackets."""
    match = NAMED.search(line.text)
    if match is None:
        return None
    details.presenter = details.presenter or line.part(*match.span("who")).stored
    head = line.text[: match.start("role")].rstrip(" ([【〔")
    return line.part(0, len(head))


def _take_bracket(line: Line, details: Details) -> Line | None:
    """What stands in brackets at the end, where it is a person or a body."""
    match = BRACKET_BEHIND.search(line.text)
    if match is None or details.presenter:
        return None
    inner = line.part(*match.span("inner"))
    who = inner.part(0, len(REPORTS.sub("", inner.text)))
    if not is_presenter(who.text, in_column=True):
        return None
    details.presenter = who.stored
    return line.part(0, match.start())


def _take_columns(line: Line, details: Details) -> Line | None:
    """A person or a body behind a blank at the end of a line."""
    if details.presenter:
        return None
    blanks = [match.start() for match in re.finditer(" ", line.text)]
    # A wide gap tells of a column more surely than one blank does.
    for blank in sorted(blanks, key=lambda place: (not line.is_gap(place), place)):
        who = line.text[blank + 1 :]
        if NUMBERED.fullmatch(line.text[:blank]):
            # 「議案第1号　…の負担区」 goes on below: what stands behind its number is its title.
            continue
        is_apart = line.is_gap(blank) or _begins_a_presenter(who)
        if is_apart and blank >= 2 and is_presenter(who, in_column=line.gap(blank) >= FAR):
            details.presenter = line.part(blank + 1, len(line.text)).stored.strip("(（)）")
            return line.part(0, blank)
    return None


def _begins_a_presenter(text: str) -> bool:
    """Whether the first word is a body or a post; a bare name may begin only before 氏 or a post."""
    first, *more = text.strip(" ()").split()
    if len(first) == 1:
        return False
    return _token_kind(first) != "name" or bool(more and _PERSON_END.search(more[-1]))


def unbracketed(text: str) -> str:
    """A text without brackets around the whole of it; 「予算案(財政課)」 has none."""
    text = text.strip()
    while len(text) > 2 and text[0] in "([" and text[-1] in ")]" and not re.search(r"[()\[\]]", text[1:-1]):
        text = text[1:-1].strip()
    return text


def is_presenter(text: str, *, in_column: bool = False) -> bool:
    """Whether words are a body, a post or a person, and nothing else.

    ``in_column`` says that they stand apart, in brackets or behind dots: then 「…会」 is a body too.
    """
    text = unbracketed(text)
    if not text or len(text) > 60 or NO_PRESENTER.search(text) or DOCUMENT.search(text):
        return False
    if re.search(
        r"[。？?!！:]|について|する|した|における|に関する|に係る|に向けた|のため|ための|ために", text
    ):
        return False
    if re.fullmatch(r"\((?:株|有|一社)\)[^のをはが]{1,20}", text):
        return True
    tokens = re.split(r"[ ・、/]+", re.sub(r"\([^()]*\)", "", text).strip())
    kinds = [_token_kind(token) for token in tokens if token]
    if in_column and tokens and tokens[-1].endswith("会"):
        kinds[-1] = "body"
    if not kinds or "other" in kinds:
        return False
    return "body" in kinds or "post" in kinds


def is_body(text: str) -> bool:
    """Whether words as a whole are called as a body is: 「事業承継・引継ぎ支援センター」."""
    return bool(_BODY_END.search(text)) and not re.search(r" |の|について|.{31}", text)


def _token_kind(token: str) -> str:
    if _PERSON_END.search(token):
        return "post"
    if _BODY_END.search(token):
        return "body"
    return "name" if _NAME.match(token) else "other"
