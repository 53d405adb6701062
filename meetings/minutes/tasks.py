"""Who is to do what until when: 担当：事務局　期限：2月末, （津市、次回）, 津市は…までに."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from meetings.agenda.pasted.lines import Line
from meetings.minutes.speakers import People
from members.common.text.eras import find_date, fiscal_year, fiscal_year_range

LABELLED = re.compile(
    r"[(\s、【]*(?P<label>担当(?:者|課)?|期限|期日|締切)\s?[:/]\s?"
    r"(?P<value>[^:()\s/。【】]{1,60}?)(?=[)】\s/。]|期限|期日|締切|$)[)】\s/。]*"
)
IN_BRACKETS = re.compile(
    r"\s?[(](?:担当(?:者|課)? ?)?(?P<who>[^()]{1,40})[、,](?P<day>[^()、,]{1,20})[)][。]?$"
)
HEAD = re.compile(r"^(?:次回(?:会議)?までに、?)?(?P<who>[^、。:]{1,30}?)[はが:]\s?(?=.)")
UNTIL = re.compile(r"(?P<day>[^、。()]{1,20}?)(?:[(][月火水木金土日][)])?まで")
END_OF_MONTH = re.compile(r"(?<![0-9])(?P<month>1[0-2]|[1-9])月末")
END_OF_YEAR = re.compile(r"(?:令和[0-9元]{1,2})?年度(?:末|内)")
NEXT = re.compile(r"^次回")
AS_ABOVE = ("同上", "〃", "同じ")


@dataclass
class Task:
    """What a line says of it: owner and day, each empty where it says none, and the words that stay."""

    line: Line
    owner: str = ""
    due_on: date | None = None
    # Stretches that were understood in whole, and need not be said twice.
    cuts: list[tuple[int, int]] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The rest, as it was pasted."""
        ends = sorted(self.cuts)
        starts = [0, *(end for _, end in ends)]
        stops = [*(start for start, _ in ends), len(self.line.text)]
        parts = (self.line.part(a, b).stored for a, b in zip(starts, stops, strict=True) if a < b)
        return "　".join(filter(None, (part.strip("\u3000 、/／") for part in parts)))


@dataclass(frozen=True)
class Days:
    """What days are counted from: the meeting's, and the next one's where it is known."""

    held_on: date
    next_on: date | None = None

    def read(self, written: str) -> date | None:
        """The day that is meant; none where it is no day, or one before the meeting: then staff say."""
        found = self._read(written)
        return found if found and found >= self.held_on else None

    def _read(self, written: str) -> date | None:
        year = fiscal_year(self.held_on)
        if NEXT.match(written):
            return self.next_on
        if END_OF_YEAR.search(written):
            return fiscal_year_range(year)[1]
        if match := END_OF_MONTH.search(written):
            month = int(match["month"])
            calendar = self.held_on.year + (1 if month < self.held_on.month else 0)
            following = date(calendar + month // 12, month % 12 + 1, 1)
            return following - timedelta(days=1)
        return find_date(written, year)


def read_task(line: Line, days: Days, people: People, last_owner: str = "") -> Task:
    """Read owner and day; words that are understood in whole are taken out of the text."""
    task = Task(line)
    take_labels(task, days, last_owner)
    take_brackets(task, days, people)
    if not task.owner and (match := HEAD.match(line.text)) and people.is_somebody(match["who"]):
        task.owner = match["who"].strip()
        if match[0].rstrip().endswith(":") and match.start("who") == 0:
            task.cuts.append(match.span())
    if task.due_on is None and (until := UNTIL.search(line.text)):
        task.due_on = days.read(until["day"].strip())
    return task


def take_labels(task: Task, days: Days, last_owner: str) -> None:
    for match in LABELLED.finditer(task.line.text):
        value = match["value"].strip("、 ")
        if match["label"].startswith("担当"):
            task.owner = last_owner if value in AS_ABOVE else value
            task.cuts.append(match.span())
        elif day := days.read(value):
            task.due_on = day
            task.cuts.append(match.span())


def take_brackets(task: Task, days: Days, people: People) -> None:
    """（津市、2月末） at the end; （各市町→県、10/30） names who does it, then who gets it."""
    match = IN_BRACKETS.search(task.line.text)
    if match is None or task.owner:
        return
    who = match["who"].partition("→")[0].strip()
    day = days.read(match["day"].strip())
    if not people.is_somebody(who) or not (day or re.search("次回|[月日末]|速やか|随時", match["day"])):
        return
    task.owner, task.due_on = who, day
    if day:
        # A word that is no day, such as 次回, is all there is of it: it stays.
        task.cuts.append(match.span())
