"""A questionnaire as an Excel sheet: written out, corrected at the desk, and read in with a preview."""

from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import tablib
from django.core.exceptions import ValidationError

from members.common.files.spreadsheets import MAX_BYTES
from members.common.forms.proposed import next_free
from members.common.text.cleaning import cell_text, plain_number
from members.common.text.folding import fold
from members.common.text.marks import read_mark
from surveys.answering.fields import NumberField
from surveys.models import Question, Survey
from surveys.models.survey import validate_key
from surveys.questionnaire.pasting import MOST
from surveys.questionnaire.structure import load_questionnaire
from surveys.questionnaire.table import HEADERS, rows_of, table_of
from surveys.questionnaire.wording import (
    BLANK_TO_FILL,
    Asked,
    choice_lines,
    heading_of,
    number_of,
    read_condition,
    read_kind,
)

ASKS_TEXT, IS_EXCLUSIVE = "［内容も書く］", "［単独］"
NUMBERS = {
    "選ぶ数の下限": "min_choices",
    "選ぶ数の上限": "max_choices",
    "最小": "minimum",
    "最大": "maximum",
    "小数の桁数": "decimals",
}


@dataclass
class ReadPart:
    """A choice or a topic as a line says it."""

    code: str
    label: str
    asks_text: bool = False
    is_exclusive: bool = False


@dataclass
class ReadQuestion:
    """One row of the sheet, understood."""

    row: int
    section: str
    values: dict[str, Any] = field(default_factory=dict)
    choices: list[ReadPart] = field(default_factory=list)
    topics: list[ReadPart] = field(default_factory=list)
    conditions: list[list[str]] = field(default_factory=list)
    # As the sheet counts it, for conditions; and what was guessed in reading the row.
    number: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def asked(self) -> Asked:
        choices = [(part.code, part.label) for part in self.choices]
        return Asked(self.values["key"], self.values["text"], self.number, choices)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ReadQuestion":
        parts = {name: [ReadPart(**part) for part in data[name]] for name in ("choices", "topics")}
        return cls(**{**data, **parts})


def write_questions(survey: Survey) -> tablib.Dataset:
    """Write a questionnaire in the form that can be read in again."""
    table = tablib.Dataset(headers=HEADERS)
    for page in load_questionnaire(survey).pages:
        for item in page.items:
            question = item.question
            table.append(
                [
                    question.section.title if question.section else "",
                    question.key,
                    question.text,
                    question.get_kind_display(),
                    question.help,
                    "はい" if question.is_required else "いいえ",
                    question.get_disclosure_display(),
                    "\n".join(
                        f"{choice.code}={choice.label}"
                        + (ASKS_TEXT if choice.asks_text else "")
                        + (IS_EXCLUSIVE if choice.is_exclusive else "")
                        for choice in item.choices
                    ),
                    "\n".join(f"{topic.code}={topic.label}" for topic in item.topics),
                    "\n".join(f"{choice.question.key}={choice.code}" for choice in item.conditions),
                    *(
                        "" if (value := getattr(question, name)) is None else plain_number(Decimal(value))
                        for name in NUMBERS.values()
                    ),
                    question.unit,
                ]
            )
    return table


@dataclass
class Known:
    """What the survey asks now, so that a row that means the same keeps its 識別名 and codes."""

    keys: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, survey: Survey) -> "Known":
        found = cls()
        for question in survey.questions.prefetch_related("choices", "topics"):
            found.keys.setdefault(fold(question.text), question.key)
            parts = [*question.choices.all(), *question.topics.all()]
            found.codes[question.key] = {fold(part.label): part.code for part in parts}
        return found


def read_questions(content: bytes, survey: Survey) -> tuple[list[ReadQuestion], list[str]]:
    """Read a sheet of questions; returns them and, row by row, what is wrong.

    Raises ``ValidationError`` where the file holds no such sheet.
    """
    if len(content) > MAX_BYTES:
        raise ValidationError("ファイルが大きすぎます。設問の表だけのブックにしてください。")
    table = table_of(content)
    headings = [heading_of(cell_text(name)) for name in table.headers]
    missing = [name for name in ("設問文", "形式") if name not in headings]
    if missing:
        seen = "」「".join(name[:20] for name in headings if name) or "（なし）"
        raise ValidationError(
            f"見出し「{'」「'.join(missing)}」がありません。表の1行目を見出しにしてください"
            f"（読み取った見出し：「{seen}」）。"
        )
    known, questions, problems = Known.of(survey), list[ReadQuestion](), list[str]()
    written = (
        {cell_text(row[headings.index("識別名")]).strip() for row in table} if "識別名" in headings else set()
    )
    taken = {*known.keys.values(), *written}
    asked: list[Asked] = []
    for number, cells in rows_of(headings, table):
        try:
            question = read_row(number, cells, questions, asked, known, taken)
        except ValidationError as error:
            problems += [f"{number}行目：{message}" for message in error.messages]
            place = number_of(cells["番号"]) if "番号" in cells else str(len(asked) + 1)
            asked.append(Asked("", cells["設問文"], place, [], is_wrong=True))
        else:
            questions.append(question)
            asked.append(question.asked)
    problems += same_numbers(questions) + apart(questions)
    if not questions and not problems:
        problems.append("設問の行がありません。")
    return questions, problems


def apart(questions: list[ReadQuestion]) -> list[str]:
    """Sections whose questions do not stand together: they would be asked in another order."""
    last: dict[str, int] = {}
    problems = []
    for place, read in enumerate(questions):
        if read.section in last and last[read.section] != place - 1:
            problems.append(
                f"{read.row}行目：区分「{read.section}」の設問が離れています。続けて並べるか、区分の名前を変えてください。"
            )
        last[read.section] = place
    return problems


def same_numbers(questions: list[ReadQuestion]) -> list[str]:
    """Which rows bear one number: a condition could mean either."""
    first: dict[str, int] = {}
    return [
        f"{first[each.number]}行目と{each.row}行目の番号がどちらも「問{each.number}」です。"
        for each in questions
        if each.number and first.setdefault(each.number, each.row) != each.row
    ]


def read_row(
    number: int,
    cells: dict[str, str],
    earlier: list[ReadQuestion],
    asked: list[Asked],
    known: Known,
    taken: set[str],
) -> ReadQuestion:
    """Understand one row; raises ``ValidationError`` with the column."""
    found = ReadQuestion(number, cells.get("区分", ""))
    # Without a column of numbers the rows are counted.
    found.number = number_of(cells["番号"]) if "番号" in cells else str(len(asked) + 1)
    text = cells["設問文"]
    if not text:
        raise ValidationError("「設問文」を入力してください。")
    if len(text) > 300 or len(cells.get("補足", "")) > 300:
        raise ValidationError("「設問文」と「補足」は、それぞれ300文字以内にしてください。")
    key = key_of(cells.get("識別名", ""), text, earlier, known, taken)
    disclosure = cells.get("開示範囲", "")
    kind = read_kind(cells["形式"])
    found.values = {
        "key": key,
        "text": text,
        "help": cells.get("補足", ""),
        "kind": kind.kind,
        "is_required": yes_or_no("必須", cells.get("必須", "はい")),
        "disclosure": one_of("開示範囲", disclosure, Question.Disclosure) if disclosure else "staff",
        "unit": cells.get("単位", "")[:20],
    }
    for column, name in NUMBERS.items():
        if value := cells.get(column, ""):
            found.values[name] = read_number(column, value, whole=name not in {"minimum", "maximum"})
    codes = known.codes.get(key, {})
    lines = choice_lines(cells.get("選択肢", "")) or kind.choices
    found.choices = read_parts("選択肢", lines, "c", codes)
    found.topics = read_parts("項目", choice_lines(cells.get("項目", "")), "t", codes)
    found.notes = [kind.note] if kind.note else []
    check_choices(found)
    for line in cells.get("尋ねる条件", "").splitlines():
        if line.strip():
            found.conditions += read_condition(line.strip(), asked)
    return found


def key_of(written: str, text: str, earlier: list[ReadQuestion], known: Known, taken: set[str]) -> str:
    """The 識別名 of a row: as written, as of the question that asks the same, or the next free one."""
    used = {each.values["key"] for each in earlier}
    if written:
        try:
            validate_key(written)
        except ValidationError as error:
            raise ValidationError(f"「識別名」{error.messages[0]}") from error
        if written in used:
            raise ValidationError(f"「識別名」{written}は、前の行にもあります。")
        return written
    key = known.keys.get(fold(text), "")
    if not key or key in used:
        key = next_free("q", taken)
        taken.add(key)
    return key


WITH_CHOICES = {Question.Kind.SINGLE, Question.Kind.MULTIPLE, Question.Kind.GRID}


def check_limits(found: ReadQuestion) -> None:
    """Whether an answer can be given within the limits; raises ``ValidationError``."""
    for low, high, name in (("minimum", "maximum", "最大"), ("min_choices", "max_choices", "選ぶ数の上限")):
        least, most = found.values.get(low), found.values.get(high)
        if least and most and Decimal(least) > Decimal(most):
            raise ValidationError(f"「{name}」{most}は、下限の{least}より小さい数です。")
    if found.values.get("max_choices") == "0":
        raise ValidationError("「選ぶ数の上限」は1以上にしてください。制限しないときは空欄にします。")
    count = found.values.get("min_choices") or 0
    if found.choices and int(count) > len(found.choices):
        raise ValidationError(
            f"「選ぶ数の下限」{count}が、選択肢の数（{len(found.choices)}）を超えています。"
        )


def check_choices(found: ReadQuestion) -> None:
    """Whether a question has the choices that its kind needs; raises ``ValidationError``."""
    kind = found.values["kind"]
    if kind in WITH_CHOICES:
        if len(found.choices) < 2:
            raise ValidationError(
                "「選択肢」を2つ以上、セルの中で改行して1行に1つずつ書いてください。"
                if found.choices
                else "「選択肢」がありません。"
            )
        if kind == Question.Kind.GRID and not found.topics:
            raise ValidationError("「項目」がありません。表の行になる項目を、1行に1つずつ書いてください。")
        if kind == Question.Kind.GRID and any(part.asks_text for part in found.choices):
            raise ValidationError(f"表の選択肢には{ASKS_TEXT}を使えません。別の設問で尋ねてください。")
    check_limits(found)
    if kind not in WITH_CHOICES and found.choices:
        found.choices = []
        found.notes.append("この形式では選択肢を使わないため、取り込みません。")


def one_of(column: str, text: str, options: Any) -> str:
    for value, label in options.choices:
        # 「公開」 is 「公開（集計）」.
        if fold(text) in {fold(value), fold(str(label)), fold(str(label).partition("（")[0])}:
            return str(value)
    labels = "」「".join(str(label) for label in options.labels)
    raise ValidationError(f"「{column}」{text}：「{labels}」のどれかを入力してください。")


def yes_or_no(column: str, text: str) -> bool:
    answer = {"要": True, "不要": False, "0": False}.get(text, read_mark(text) if text else False)
    if answer is not None:
        return answer
    raise ValidationError(f"「{column}」{text}：「はい」か「いいえ」を入力してください。")


def read_number(column: str, text: str, *, whole: bool) -> str:
    try:
        number = NumberField().to_python(text)
        if (whole and (number != int(number) or not 0 <= number <= 999)) or abs(number) >= 10**10:
            raise InvalidOperation
    except (ValidationError, InvalidOperation, ValueError, OverflowError) as error:
        raise ValidationError(f"「{column}」{text}：数で入力してください。") from error
    return plain_number(number)


def read_parts(column: str, lines: list[str], letter: str, codes: dict[str, str]) -> list[ReadPart]:
    """Read lines such as 「かなり進んだ」 or ``much=かなり進んだ``; without a code they get one."""
    if len(lines) > MOST:
        raise ValidationError(f"「{column}」は{MOST}行までにしてください（今は{len(lines)}行）。")
    parts: list[ReadPart] = []
    used: set[str] = set()
    labels: set[str] = set()
    taken = {*codes.values(), *(line.partition("=")[0].strip() for line in lines if "=" in line)}
    for line in lines:
        code, equals, label = line.partition("=")
        if not equals:
            code, label = "", line
        part = ReadPart(code.strip(), label.strip(), ASKS_TEXT in label, IS_EXCLUSIVE in label)
        part.label = part.label.replace(ASKS_TEXT, "").replace(IS_EXCLUSIVE, "").strip()
        if BLANK_TO_FILL.search(part.label):
            part.label, part.asks_text = BLANK_TO_FILL.sub("", part.label).strip(), True
        if not part.code:
            part.code = codes.get(fold(part.label), "") or next_free(letter, taken)
            taken.add(part.code)
        try:
            validate_key(part.code)
        except ValidationError as error:
            raise ValidationError(f"「{column}」{line}：{error.messages[0]}") from error
        if not 0 < len(part.label) <= 100 or len(part.code) > 40:
            raise ValidationError(f"「{column}」{line}：表示は100文字以内で書いてください。")
        if part.code in used:
            raise ValidationError(f"「{column}」{line}：同じ識別名が2つあります。")
        if fold(part.label) in labels:
            raise ValidationError(f"「{column}」「{part.label}」が2回あります。")
        used.add(part.code)
        labels.add(fold(part.label))
        parts.append(part)
    return parts
