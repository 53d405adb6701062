"""A questionnaire's sheet in its writer's words: 「○は一つ」, 「1.はい 2.いいえ」, 「問3で「はい」の方」."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from django.core.exceptions import ValidationError

from members.common.text.cleaning import compatible
from members.common.text.folding import fold
from surveys.models import Question

Kind = Question.Kind
# What offices call each kind; the part in brackets of a longer name tells more than the name.
KINDS = (
    (Kind.MULTIPLE, "いくつでも|複数(?:選択|回答|選ぶ|可)|チェック(?:ボックス|式)?|すべて選択|マルチ"),
    (Kind.GRID, "表形式|マトリ(?:ッ)?クス|項目ごと"),
    (
        Kind.SINGLE,
        "(?:○は)?(?:1|一|ひと)つ(?:だけ|選ぶ|選択)?$|単一(?:選択|回答)?|択一|ラジオボタン|二択|シングル",
    ),
    (Kind.NUMBER, "^数(?:値|字|量)?$|数値|件数|人数|金額"),
    (Kind.DATE, "日付|年月日|^日$"),
    (Kind.LINE, "短(?:い)?文|1行|一行"),
    (Kind.TEXT, "自由(?:記述|回答|記入)|記述|文章|テキスト|長文|^記入$|フリー"),
)
PAIRS = re.compile(
    r"^(?P<first>はい|有り?|あり|可|済み?|実施)[・/／、](?P<second>いいえ|無し?|なし|否|不可|未済?|未実施)$"
)
GUESSED = "「選択」とあるので「1つ選ぶ」と読みました。"
_OTHER_NAMES = {
    "区分": "大項目 分類",
    "番号": "問番号 問 no no. 設問番号",
    "設問文": "設問 質問 質問文 設問内容",
    "形式": "種類 回答方法 回答形式 タイプ",
    "補足": "説明 注釈",
    "必須": "回答必須",
    "尋ねる条件": "条件 分岐 分岐条件",
    "最小": "下限 最小値",
    "最大": "上限 最大値",
    "開示範囲": "公開範囲",
}
HEADINGS = {name: ours for ours, names in _OTHER_NAMES.items() for name in names.split()}
MARK = r"(?:[0-9]{1,2}[.)、]|[①-⑳]|[(][0-9]{1,2}[)]|[ア-ン](?=[ 　.)]))"
LED = re.compile(rf"^{MARK}\s?(?=[^\s0-9])")
APART = re.compile(rf"(?:^|[ 　])(?={MARK}\s?[^\s0-9])")
BLANK_TO_FILL = re.compile(r"[(（](?:具体的に)?[:：]?[ 　＿_]*[)）]$")
NUMBER = re.compile(r"[0-9]{1,3}(?:-[0-9]{1,3})*")
ASKED = re.compile(
    r"^(?:設問|問|q)?\.? ?(?P<number>[0-9]{1,3}(?:-[0-9]{1,3})*)\.? ?(?:の回答)?"
    r" ?(?:=|:|で|が|に|の|は) ?(?P<rest>\S.*)$"
)
BEFORE = re.compile(r"^(?:直前|前)の(?:設問|問)(?:=|:|で|が)(?P<rest>\S.*)$")
EVERYBODY = {fold(word) for word in ("なし", "無し", "全員", "全団体", "すべての団体", "-", "－", "―")}
NOT_SO = re.compile("以外|以上|以下|未満|超|でない|かつ|両方|すべて")
TAIL = re.compile(
    r"(?:と(?:答え|回答|選択)|を(?:選|回答)|に(?:○|該当)|の(?:場合|とき|時|方|市町|団体|み)|である|なら|場合).*$"
)
QUOTED = re.compile("「([^」]{1,100})」")


def heading_of(written: str) -> str:
    """The heading of ours that a heading means."""
    name = re.sub(r"\s", "", compatible(written))
    plain = re.sub(r"[(（].*[)）]$", "", name)
    return HEADINGS.get(name.lower()) or HEADINGS.get(plain.lower()) or plain or written


def number_of(written: str) -> str:
    """「問１」, 「Q1.」, 「①」 and 「1.0」 are 1; empty where there is none."""
    plain = compatible(written).replace("－", "-").replace("ー", "-")
    if day := re.match(r"[0-9]{4}-([0-9]{2})-([0-9]{2})", plain):
        # Excel makes a day of 1-2.
        return f"{int(day[1])}-{int(day[2])}"
    found = NUMBER.search(re.sub(r"\.0$", "", plain))
    return found[0] if found else ""


@dataclass
class WrittenKind:
    """A kind as it was understood, with choices that its name brings and what was guessed."""

    kind: str
    choices: list[str] = field(default_factory=list)
    note: str = ""


def read_kind(written: str) -> WrittenKind:
    """Understand a kind in an office's own words; raises ``ValidationError``."""
    for value, label in Kind.choices:
        if fold(written) in {fold(value), fold(str(label))}:
            return WrittenKind(value)
    text = re.sub(r"\s", "", compatible(written)).replace("◯", "○").replace("〇", "○")
    if pair := PAIRS.match(text):
        return WrittenKind(Kind.SINGLE.value, [pair["first"], pair["second"]])
    for kind, pattern in KINDS:
        if re.search(pattern, text):
            return WrittenKind(kind.value)
    if text in {"選択", "選択式", "選択肢"}:
        return WrittenKind(Kind.SINGLE.value, note=GUESSED)
    labels = "」「".join(str(label) for label in Kind.labels)
    raise ValidationError(f"「形式」{written}：「{labels}」のどれかを入力してください。")


def choice_lines(written: str) -> list[str]:
    """The choices of a cell, one each: by its lines, or by 「1.… 2.…」 where all stand in one."""
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    if len(lines) == 1:
        starts = [match.end() for match in APART.finditer(lines[0])]
        if len(starts) > 1 and starts[0] == 0:
            bounds = [*starts, len(lines[0])]
            lines = [lines[0][a:b].strip() for a, b in pairwise(bounds)]
    if len(lines) > 1 and all(
        LED.match(compatible(line) if line[:1] not in "①②③④⑤⑥⑦⑧⑨" else line) for line in lines
    ):
        lines = [re.sub(rf"^{MARK}[ 　]?", "", leading_plain(line)).strip() for line in lines]
    return [re.sub(r"^[・･•]\s*", "", line) for line in lines]


def leading_plain(line: str) -> str:
    """The line with its first signs, which may be full-width, in their plain forms."""
    head = re.match(r"^[0-9０-９]{1,2}[.．)）、]|^[（(][0-9０-９]{1,2}[)）]", line)
    return compatible(head[0]) + line[head.end() :] if head else line


@dataclass
class Asked:
    """A question that a condition may name: its row, number and choices."""

    key: str
    text: str
    number: str
    choices: list[tuple[str, str]]
    # A row that is wrong itself: what it offers is not known yet.
    is_wrong: bool = False


def read_condition(written: str, earlier: list[Asked]) -> list[list[str]]:
    """The choices of an earlier question, any of which opens this one; raises ``ValidationError``."""
    if fold(written) in EVERYBODY:
        return []
    key, equals, code = written.partition("=")
    for each in earlier:
        if equals and each.key == key.strip() and code.strip() in dict(each.choices):
            return [[each.key, code.strip()]]
    text = compatible(written).strip().lower()
    match, before = ASKED.match(text), BEFORE.match(text)
    if before and earlier:
        asked, rest = earlier[-1], before["rest"]
    elif match:
        asked, rest = numbered(written, match["number"], earlier), match["rest"]
    else:
        raise ValidationError(
            f"「尋ねる条件」{written}：「問3=はい」のように、前にある設問の番号と選択肢を書いてください。"
        )
    if asked.is_wrong:
        raise ValidationError(f"「尋ねる条件」{written}：問{asked.number}の行を先に直してください。")
    if not asked.choices:
        raise ValidationError(
            f"「尋ねる条件」{written}：設問「{asked.text}」には選択肢がないため、条件にできません。"
        )
    pieces = QUOTED.findall(rest) or re.split(
        r"または|又は|もしくは|若しくは|、|,|/| or |(?<=[0-9])か(?=[0-9])", rest
    )
    outside = QUOTED.sub("", rest) if QUOTED.search(rest) else rest
    if NOT_SO.search(outside) and fold(rest) not in {fold(label) for _, label in asked.choices}:
        raise ValidationError(
            f"「尋ねる条件」{written}：どれかの選択肢を選んだ団体に尋ねる条件だけを使えます。選択肢を並べて書いてください。"
        )
    return [[asked.key, code_of(written, piece, asked)] for piece in pieces if piece.strip()]


def numbered(written: str, number: str, earlier: list[Asked]) -> Asked:
    found = [each for each in earlier if each.number == number]
    if len(found) == 1:
        return found[0]
    why = "2つあります" if found else "この行より前にありません"
    raise ValidationError(f"「尋ねる条件」{written}：問{number}は{why}。")


def code_of(written: str, piece: str, asked: Asked) -> str:
    """The code of a choice by its words, or by its place where no choice is called so."""
    wanted = {fold(compatible(name)) for name in (piece.strip(), TAIL.sub("", piece).strip())}
    for code, label in asked.choices:
        if fold(compatible(label)) in wanted:
            return code
    place = next((int(name) for name in wanted if name.isdigit()), 0)
    if 0 < place <= len(asked.choices):
        return asked.choices[place - 1][0]
    labels = "」「".join(label for _, label in asked.choices)
    raise ValidationError(f"「尋ねる条件」{written}：設問「{asked.text}」の選択肢は「{labels}」です。")
