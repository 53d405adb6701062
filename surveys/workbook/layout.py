"""What writing and reading an answer workbook agree on."""

from dataclasses import asdict, dataclass

from django.core import signing

from surveys.questionnaire.field_names import row_name
from surveys.questionnaire.structure import RESPONDENT_LABELS, Item, Questionnaire

ANSWERS = "回答"
CHOICES = "choices"
PORTAL = "portal"
MARKER = "portal-answer-sheet"
HEADERS = ("区分", "設問", "項目・選択肢", "回答", "記入のしかた")
# Columns, from 1; the last one is hidden and names each row.
QUESTION_COLUMN, LABEL_COLUMN = 2, 3
ANSWER_COLUMN = 4
NAME_COLUMN = 6
HEADER_ROW = 5
TICK, NO_TICK = "○", "×"
SALT = "surveys.workbook"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a workbook comes from."""

    target: str
    fingerprint: str
    state: str

    def sign(self) -> str:
        return signing.dumps(asdict(self), salt=SALT)

    @classmethod
    def read(cls, text: str) -> "Origin":
        """Raises ``BadSignature`` where the text is not ours."""
        return cls(**signing.loads(text, salt=SALT))


@dataclass(frozen=True, slots=True)
class Row:
    """One row to fill in: a field, or one of the choices of a field that takes several."""

    name: str
    page: str
    question: str
    label: str
    item: Item | None
    code: str = ""

    @property
    def row_name(self) -> str:
        return row_name(self.name, self.code)


def rows_of(questionnaire: Questionnaire) -> list[Row]:
    """Every row of the answer sheet, in order."""
    rows = []
    for page in questionnaire.pages:
        for item in page.items:
            text = item.question.text
            if item.question.kind == item.question.Kind.MULTIPLE:
                rows += [
                    Row(item.name(), page.title, text, choice.label, item, choice.code)
                    for choice in item.choices
                ]
            else:
                rows += [
                    Row(name, page.title, text, topic.label if topic else "", item)
                    for name, topic in item.cells.items()
                ]
            rows += [
                Row(name, page.title, text, f"「{choice.label}」の内容", item)
                for name, choice in item.texts.items()
            ]
        if page.asks_respondent:
            rows += [
                Row(name, page.title, "回答者", label, None) for name, label in RESPONDENT_LABELS.items()
            ]
    return rows
