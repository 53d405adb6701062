"""Which of a text's numbers speak of a figure, and contradict it.

A number is taken as a claim only where a figure's own words stand near it, or a choice's label; what
speaks of another time, a target, or of money, attendance and the like is left alone. Doubt is silence:
a checklist that cries out at every number is ticked away.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from council.numbers.truth import Amount, is_true
from council.numbers.values import NUMBER, OF_UNIT, UNITS, Value, find_values, whole
from council.report.build import Report
from council.report.counts import FigureDetail
from members.common.merging import digest
from members.common.text.cleaning import compatible
from members.common.text.eras import western_year
from surveys.results.indicator_tallies import Tally

SENTENCE = re.compile(r"[^。！？!?\n]+")
CLAUSE = re.compile(r"(?:\([^)]*\)|[^、,;])+")
# A line that ends within a number and its unit.
BROKEN = re.compile(r"(?<=[0-9０-９〇一二三四五六七八九十])\s*\n\s*(?=[%％パ割分市町自団])")
OLD_NUMBERS = str.maketrans({"廿": "二十", "卅": "三十", "零": "〇", "壱": "一", "弐": "二"})
# Words of a figure's name that say nothing of what it is about.
GENERAL = frozenset(
    re.findall(
        r"\S+",
        "市町 市町村 自治体 団体 割合 数 率 比率 件数 検討 回答 指標 状況 情報 取組 取り組み 知識 会議 調査"
        " 設置 前 後 結果 全体 県内 今年度 年度 本県",
    )
)
WORD = re.compile(r"[一-龥々]+[ぁ-ん]*|[ァ-ヴー]{2,}|[A-Za-z]{2,}")
PARTICLES = re.compile(r"(?:が|の|を|に|は|と|で|も|へ|や|から|まで)$")
# Another time than the report's: the first number behind these words is of then.
BEFORE = re.compile(
    r"前年度?|前回|昨年度?|一昨年度?|先年度|過年度|従来|当初|[0-9一二三四五]年前|速報値?|中間集計"
)
# What is hoped for, or still to be done.
HOPED = re.compile(
    r"目標|目指|めざ|見込(?:み|む|ん)|見通し|予定|計画|想定|予測|期待|掲げ|将来|翌年度|次年度|来年度|(?<!これ)までに"
)
INTENDED = re.compile(
    r"べく|べき|ていく|ていき|[しり]たい|必要|努め|図る|図り|図って|支援する|促す|促し|よう(?:に|$)|ことが(?:重要|望ま|求め)|(?:前進|推進|展開)させ"
)
# A part of the base, or what was counted by something else.
PART = re.compile(
    r"[東西南北中]部の|地域(?:の(?:市町|[0-9])|では|に限|別)|管内|圏域|に限(?:る|れ|っ|定)|(?<![市全])[市町村](?:だけ|のみ|では|に)(?!も)|分野|内訳|複数回答|手続別|業務別|規模別|人口規模"
)
YEAR = re.compile(r"(令和|平成|昭和)\s*(元|[0-9]{1,2})\s*年度?|((?:19|20)[0-9]{2})\s*年度?")
# Other things that are counted in the same breath.
OTHER_SUBJECT = re.compile(
    r"予算|経費|費用|補助|事業費|決算|税|人口|職員|世帯|住民|高齢|回答率|回収率|提出率|回収|未提出|未回答|無回答"
    r"|出席|欠席|参加率|傍聴|全国|他県|都道府県|近隣|利用率|導入率|普及率|取得率|交付率|満足|削減|短縮|増加率"
    r"|過疎|高齢化|少子|老朽|温暖|合併|議決|人事|研修(?:に|へ|を)|受講|申込|申し込|オンライン化率|実施率|着手|導入済|導入し|導入する|策定|設置し"
)
CHANGE = re.compile(
    r"\s*(?:の)?(?:増|減|上昇|低下|上がっ|下がっ|アップ|ダウン|伸び|改善|ポイント|及ば|足り|足ら|届か|高い|低い|上回る結果|多い|少ない)"
)
NOT_SO = re.compile(
    r"(?:とは|わけでは|ものでは|とまでは)(?:言|い|な|あ|限|断)|とは限ら|わけではな|には至(?:ら|って(?:い)?な)|ではな(?:い|く|かった)"
)
# Of those that are not counted: negations and the rest.
OTHERS = re.compile(
    r"(?:ん|ま|ら|た|か|し|れ|せ|え|け|て|で)(?:でい|てい|い)?(?:な(?:い|かっ|く)|ませ|ず)|至らな|以外|除く|除い|残る|残り|残りの|ほかの|他の|その他|一方で?|未"
)
TOPICS_OF = {
    "進": ("進展", "進捗", "前進", "進歩", "進ん", "進み", "進む", "進ま", "進め"),
    "深": ("深ま", "深化"),
    "高": ("高ま", "向上"),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A figure, or one choice of the tables behind it, with the words it is known by."""

    label: str
    share_text: str
    amount: Amount
    words: tuple[str, ...]
    is_choice: bool = False


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A number in a sentence, and the figures that it speaks of and does not fit."""

    sentence: str
    number: str
    figures: tuple[str, ...]

    @property
    def key(self) -> str:
        """Another wording, by a single character, and another figure make another contradiction."""
        return digest([self.sentence, self.number, self.figures])


LONGEST_SENTENCE = 1000


def contradictions(text: str, report: Report) -> list[Contradiction]:
    """The numbers of a text that contradict the figures of the report that it belongs to."""
    subjects = [*map(subject_of, report.figures), *choices_of(report.details)]
    found: list[Contradiction] = []
    last: list[Subject] = []
    for sentence, plain in sentences(text, report):
        named = about(plain, subjects)
        # 「進んだか尋ねた。25市町だった。」: the next sentence goes on where it names nothing itself.
        spoken = named or (last if is_short(plain) else [])
        found += [Contradiction(sentence, number, names) for number, names in judged(plain, spoken, report)]
        last = named
    return list(dict.fromkeys(found))


def doubts(text: str, report: Report) -> list[Contradiction]:
    """Shares and counts of bodies that fit no figure, in sentences that name none: worth a look."""
    subjects = [*map(subject_of, report.figures), *choices_of(report.details)]
    known = [each.amount for each in subjects]
    known += [each.amount.rest for each in subjects if not each.is_choice]
    bases = {figure.base for figure in report.figures} | {len(report.roster.municipalities)}
    names = tuple(f"「{figure.name}」{figure.share_text}" for figure in report.figures)
    found = []
    for sentence, plain in sentences(text, report):
        if about(plain, subjects):
            continue
        for value in find_values(plain):
            clause = clause_of(plain, value)
            is_share = value.count is None and "割合" in plain
            is_body = value.count is not None and value.kind == "count" and value.count not in bases
            if not (is_share or is_body) or is_left_alone(plain, clause, value, report):
                continue
            if not any(is_true(value, amount) for amount in known):
                found.append(Contradiction(sentence, value.text, names))
    return list(dict.fromkeys(found)) if report.figures else []


def sentences(text: str, report: Report) -> Iterator[tuple[str, str]]:
    """Each sentence as it was written, and as it is read: one form of digits, no name of the council."""
    found = (piece for each in SENTENCE.findall(BROKEN.sub("", text)) for piece in pieces(each))
    for sentence in found:
        plain = compatible(sentence).replace(report.council, "").translate(OLD_NUMBERS)
        yield sentence.strip(), plain


def pieces(sentence: str) -> Iterator[str]:
    """A sentence; one that goes on for pages, in parts: each number is held against all that stand in it."""
    for start in range(0, len(sentence), LONGEST_SENTENCE):
        yield sentence[start : start + LONGEST_SENTENCE]


def judged(sentence: str, subjects: list[Subject], report: Report) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The numbers of one sentence that contradict its subjects, with the figures as they are."""
    if not subjects:
        return
    values = list(find_values(sentence))
    for value in values:
        clause = clause_of(sentence, value)
        if is_left_alone(sentence, clause, value, report) or not speaks_of(sentence, clause, subjects):
            continue
        spoken = nearest(subjects, clause, sentence, value)
        said = reach(sentence, clause, spoken)
        if not any(fits(value, subject, said, sentence) for subject in spoken):
            names = tuple(f"「{subject.label}」{subject.share_text}" for subject in spoken)
            yield value.text, names


def subject_of(figure: Tally) -> Subject:
    amount = Amount(figure.count, figure.base)
    return Subject(figure.name, figure.share_text, amount, words_of(figure.name))


def choices_of(details: Iterable[FigureDetail]) -> Iterator[Subject]:
    """Each choice behind a figure: a sentence that quotes its label speaks of its own number."""
    for detail in details:
        for table in detail.tables:
            for row in table.rows:
                if row.count is not None and len(row.label) > 1:
                    share = f"{table.base}中{row.count}"
                    yield Subject(
                        row.label, share, Amount(row.count, table.base), (row.label,), is_choice=True
                    )


def words_of(name: str) -> tuple[str, ...]:
    """What a figure is known by in a sentence: the words of its name that are its own."""
    found: dict[str, None] = {}
    for match in WORD.finditer(compatible(name)):
        word = PARTICLES.sub("", match[0])
        if word in GENERAL or not word:
            continue
        head = word[0]
        if re.fullmatch(r"[一-龥々][ぁ-ん]+", word):
            found |= dict.fromkeys(TOPICS_OF.get(head, (word[:2],)))
        else:
            found[word] = None
    return tuple(found)


KANJI = re.compile(r"[一-龥]")


def about(sentence: str, subjects: list[Subject]) -> list[Subject]:
    """The subjects whose words stand in a sentence; where a choice is quoted, that one."""
    named = [subject for subject in subjects if any(has(sentence, word) for word in subject.words)]
    return named


def has(sentence: str, word: str) -> bool:
    """Whether a word stands by itself: 進め of 推進め is none."""
    if word not in sentence or not KANJI.match(word):
        return word in sentence
    return any(
        match.start() == 0 or not re.match(r"[推促先後増行昇]", sentence[match.start() - 1])
        for match in re.finditer(re.escape(word), sentence)
    )


def is_short(sentence: str) -> bool:
    """A sentence that is little more than its numbers."""
    rest = sentence
    for value in find_values(sentence):
        rest = rest.replace(value.text, "")
    return len(re.sub(r"[^一-龥ァ-ヴ]", "", rest)) <= 6


def clause_of(sentence: str, value: Value) -> str:
    for match in CLAUSE.finditer(sentence):
        if match.start() <= value.start < match.end():
            return match[0]
    return sentence


def is_left_alone(sentence: str, clause: str, value: Value, report: Report) -> bool:
    """Whether a number speaks of another time, a hope, another subject, or is denied."""
    before, after = sentence[: value.start], sentence[value.end :]
    return bool(
        CHANGE.match(after)
        or NOT_SO.search(after)
        or INTENDED.search(re.split("[、,]", after)[0])
        or is_hoped(clause, value)
        or OTHER_SUBJECT.search(topic(sentence, clause) + clause)
        or of_another_year(topic(sentence, clause) + clause, report.year)
        or PART.search(sentence)
        or is_of_before(before, value)
        or is_a_whole(value, before, after, {figure.base for figure in report.figures})
        or quotes_one_choice(clause)
    )


def topic(sentence: str, clause: str) -> str:
    """The clause before, where it says of what this one speaks: 「全国調査では、」, 「令和4年度は、」."""
    before = CLAUSE.findall(sentence[: sentence.index(clause)].rstrip("、, "))[-1:]
    return before[0] if before and re.search(r"(?:では|によると|によれば|年度は|に比べ)$", before[0]) else ""


def is_hoped(clause: str, value: Value) -> bool:
    """Whether a clause hopes; a second number behind 目標 is what became of it."""
    head, _, tail = clause.partition(value.text)
    if HOPED.search(tail):
        return True
    marks = list(HOPED.finditer(head))
    return bool(marks) and not list(find_values(head[marks[-1].end() :]))


def is_of_before(before: str, value: Value) -> bool:
    """Whether a number is the first one behind words of another time."""
    marks = list(BEFORE.finditer(before))
    return bool(marks) and not list(find_values(before[marks[-1].end() :]))


def is_a_whole(value: Value, before: str, after: str, bases: set[int]) -> bool:
    """Whether a number is that of which others are a part, or is taken out of it."""
    if re.search(r"第\s*$", before):
        return True
    if value.share is not None and re.search(rf"(?:んだ|った|した){UNITS}の(?:うち)?[、,]?\s*$", before):
        # 「進んだ市町の3分の1は」: of those that were counted.
        return True
    total = re.search(rf"({NUMBER})\s*{UNITS}の(?:うち)?[、,]?\s*$", before)
    if value.share is not None and total and whole(total[1]) not in bases:
        # 「24市町の75%」: of those that were counted.
        return True
    if value.kind in {"count", "all"}:
        if re.match(r"\s*から", after) and re.search(
            r"と(?:の|いう)(?:回答|答え|声|評価|報告)|と(?:回答|答え|評価)", after
        ):
            return False
        return bool(re.match(WHOLE, after) or re.match(r"\s*(?:を|は|も)?\s*(?:除|以外)", after))
    return False


WHOLE = (
    r"\s*(?:の?中|のうち|の内|うち|に対|を対象|への?|から|が参加|で構成|による"
    r"|に(?:調査|照会|アンケート|尋ね))"
)


def quotes_one_choice(clause: str) -> bool:
    """Whether a clause speaks of one answer out of several, by a quotation that is no figure's."""
    quotes = re.findall(r"「([^」]*)」", clause)
    return len(quotes) == 1 and bool(
        re.match(r"大きく|かなり|少し|一定|やや|大いに|とても|非常に|多少|ある程度|あまり|全く", quotes[0])
    )


def of_another_year(clause: str, year: int) -> bool:
    found = (
        int(western) if western else western_year(era, written)
        for era, written, western in YEAR.findall(clause)
    )
    return any(each not in {year, year + 1} for each in found)


def speaks_of(sentence: str, clause: str, subjects: list[Subject]) -> bool:
    """Whether a number's clause names the subject, goes on from one that does, or leads to one."""
    if names(clause, subjects):
        return True
    before = sentence[: sentence.index(clause)].rstrip("、, ")
    last = CLAUSE.findall(before)[-1:] if before else []
    if last and names(last[0], subjects) and re.search(r"(?:は|も|が|では|について)$", last[0]):
        return True
    if re.match(r"(?:残る|残り|ほか|他|その他|これ以外)", clause):
        return True
    return not re.search(
        r"(?:した|して|し|おり|あり|られ|れた|たが|だが|ったが|ており|され)\s*$", clause.strip()
    )


def names(clause: str, subjects: list[Subject]) -> bool:
    return any(has(clause, word) for subject in subjects for word in subject.words)


def reach(sentence: str, clause: str, subjects: list[Subject]) -> str:
    """A clause with those beside it, up to the one that names the subject."""
    if names(clause, subjects):
        return clause
    start = sentence.index(clause)
    behind = sentence[start:]
    if re.match(r"(?:残る|残り|ほか|他|その他|これ以外)", clause):
        return clause
    before = CLAUSE.findall(sentence[:start].rstrip("、, "))[-1:]
    if before and names(before[0], subjects):
        return f"{before[0]}、{clause}"
    return behind if names(behind, subjects) else clause


def nearest(subjects: list[Subject], clause: str, sentence: str, value: Value) -> list[Subject]:
    """The subjects that a number speaks of: those of its own clause before those of the sentence."""
    choices = [subject for subject in subjects if subject.is_choice and subject.label in clause]
    figures = [subject for subject in subjects if not subject.is_choice]
    if choices and not joined(clause):
        return longest(choices)
    own = [subject for subject in figures if any(has(clause, word) for word in subject.words)]
    return own or figures or longest(choices or subjects)


def joined(clause: str) -> bool:
    return bool(re.search(r"」?(?:または|又は|もしくは|か|と|や|、)「", clause))


def longest(choices: list[Subject]) -> list[Subject]:
    size = max(len(subject.label) for subject in choices)
    return [subject for subject in choices if len(subject.label) == size]


def fits(value: Value, subject: Subject, clause: str, sentence: str) -> bool:
    """Whether a number is true of a subject, or of those that it does not count."""
    if subject.is_choice:
        return is_true(value, subject.amount)
    amount = subject.amount
    if value.kind == "all" and (
        taken := re.search(rf"({NUMBER}){OF_UNIT}を?除[^、]{{0,3}}$", sentence[: value.start])
    ):
        return whole(taken[1]) == amount.rest.count
    if OTHERS.search(clause.replace(value.text, "")):
        return is_true(value, amount.rest)
    return is_true(value, amount)
