"""A questionnaire as an Excel sheet: written out, corrected at the desk, and read in with a preview."""

from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.db import transaction

from members.common.files.spreadsheets import MAX_BYTES, XLSX
from members.common.text.cleaning import cell_text, plain_number
from members.common.text.folding import fold
from members.common.text.marks import read_mark
from surveys.answering.fields import NumberField
from surveys.models import Choice, Condition, Question, Section, Survey, Topic
from surveys.models.survey import validate_key
from surveys.questionnaire.structure import load_questionnaire

HEADERS = [
    "区分",
    "識別名",
    "設問文",
    "形式",
    "補足",
    "必須",
    "開示範囲",
    "選択肢",
    "項目",
    "尋ねる条件",
    "選ぶ数の下限",
    "選ぶ数の上限",
    "最小",
    "最大",
    "小数の桁数",
    "単位",
]
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


def read_questions(content: bytes) -> tuple[list[ReadQuestion], list[str]]:
    """Read a sheet of questions; returns them and, row by row, what is wrong.

    Raises ``ValidationError`` where the file holds no such sheet.
    """
    if len(content) > MAX_BYTES:
        raise ValidationError("ファイルが大きすぎます。設問の表だけのブックにしてください。")
    table = XLSX().create_dataset(content)
    missing = [name for name in ("識別名", "設問文", "形式") if name not in table.headers]
    if missing:
        raise ValidationError(f"見出し「{'」「'.join(missing)}」がありません。1行目を見出しにしてください。")
    questions: list[ReadQuestion] = []
    problems: list[str] = []
    known: dict[str, list[str]] = {}
    for number, row in enumerate(table.dict, start=2):
        cells = {name: cell_text(value).strip() for name, value in row.items()}
        if not any(cells.values()):
            continue
        try:
            question = read_row(number, cells, known)
        except ValidationError as error:
            problems += [f"{number}行目：{message}" for message in error.messages]
            continue
        known[question.values["key"]] = [choice.code for choice in question.choices]
        questions.append(question)
    if not questions and not problems:
        problems.append("設問の行がありません。")
    return questions, problems


def read_row(number: int, cells: dict[str, str], known: dict[str, list[str]]) -> ReadQuestion:
    """Understand one row; raises ``ValidationError`` with the column."""
    found = ReadQuestion(number, cells.get("区分", ""))
    key = cells["識別名"]
    try:
        validate_key(key)
    except ValidationError as error:
        raise ValidationError(f"「識別名」{error.messages[0]}") from error
    if key in known:
        raise ValidationError(f"「識別名」{key}は、前の行にもあります。")
    if not cells["設問文"]:
        raise ValidationError("「設問文」を入力してください。")
    if len(cells["設問文"]) > 300 or len(cells.get("補足", "")) > 300:
        raise ValidationError("「設問文」と「補足」は、それぞれ300文字以内にしてください。")
    disclosure = cells.get("開示範囲", "")
    found.values = {
        "key": key,
        "text": cells["設問文"],
        "help": cells.get("補足", ""),
        "kind": one_of("形式", cells["形式"], Question.Kind),
        "is_required": yes_or_no("必須", cells.get("必須", "はい")),
        "disclosure": one_of("開示範囲", disclosure, Question.Disclosure) if disclosure else "staff",
        "unit": cells.get("単位", "")[:20],
    }
    for column, name in NUMBERS.items():
        if text := cells.get(column, ""):
            found.values[name] = read_number(column, text, whole=name not in {"minimum", "maximum"})
    found.choices = read_parts("選択肢", cells.get("選択肢", ""), "c")
    found.topics = read_parts("項目", cells.get("項目", ""), "t")
    for line in cells.get("尋ねる条件", "").splitlines():
        question, _, code = line.strip().partition("=")
        if code not in known.get(question, []):
            raise ValidationError(
                f"「尋ねる条件」{line}：前の行にある設問の識別名と選択肢を「設問=選択肢」の形で書いてください。"
            )
        found.conditions.append([question, code])
    return found


def one_of(column: str, text: str, options: Any) -> str:
    for value, label in options.choices:
        if fold(text) in {fold(value), fold(str(label))}:
            return str(value)
    labels = "」「".join(str(label) for label in options.labels)
    raise ValidationError(f"「{column}」{text}：「{labels}」のどれかを入力してください。")


def yes_or_no(column: str, text: str) -> bool:
    answer = read_mark(text) if text else False
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


def read_parts(column: str, text: str, letter: str) -> list[ReadPart]:
    """Read lines such as ``much=かなり進んだ``; without a code they are numbered."""
    parts: list[ReadPart] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        code, equals, label = line.partition("=")
        if not equals:
            code, label = f"{letter}{len(parts) + 1}", line
        part = ReadPart(code.strip(), label.strip(), ASKS_TEXT in label, IS_EXCLUSIVE in label)
        part.label = part.label.replace(ASKS_TEXT, "").replace(IS_EXCLUSIVE, "").strip()
        try:
            validate_key(part.code)
        except ValidationError as error:
            raise ValidationError(f"「{column}」{line}：{error.messages[0]}") from error
        if not 0 < len(part.label) <= 100 or len(part.code) > 40:
            raise ValidationError(f"「{column}」{line}：表示は100文字以内で書いてください。")
        if part.code in {other.code for other in parts}:
            raise ValidationError(f"「{column}」{line}：同じ識別名が2つあります。")
        parts.append(part)
    return parts


@transaction.atomic
def create_questions(survey: Survey, questions: list[ReadQuestion]) -> None:
    """Put the questions of a file into an empty survey, all of them or none."""
    survey = Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    if survey.questions.exists():
        raise ValidationError("設問のないアンケートにだけ取り込めます。")
    sections: dict[str, Section] = {}
    choices: dict[tuple[str, str], Choice] = {}
    for read in questions:
        section = None
        if read.section:
            section = sections.get(read.section) or Section.objects.create(
                survey=survey, code=f"s{len(sections) + 1}", title=read.section[:100]
            )
            sections[read.section] = section
        question = Question(survey=survey, section=section, **read.values)
        question.full_clean()
        question.save()
        for part in read.choices:
            choices[question.key, part.code] = Choice.objects.create(question=question, **asdict(part))
        for part in read.topics:
            Topic.objects.create(question=question, code=part.code, label=part.label)
        for key, code in read.conditions:
            Condition.objects.create(question=question, choice=choices[key, code])
