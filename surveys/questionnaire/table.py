"""The table of a sheet of questions: where it stands, its headings, and each question's row."""

import tablib
from django.core.exceptions import ValidationError

from members.common.files.spreadsheets import XLSX
from members.common.text.cleaning import cell_text
from surveys.questionnaire.pasting import MOST
from surveys.questionnaire.wording import heading_of

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
MOST_QUESTIONS = 500


def is_heading(text: str) -> bool:
    return heading_of(text) in {*HEADERS, "番号"}


class QuestionSheet(XLSX):
    known = staticmethod(is_heading)


def table_of(content: bytes) -> tablib.Dataset:
    """The table of questions of a workbook, below titles and on whichever sheet it stands."""
    return QuestionSheet().create_dataset(content)


def what_to_know(content: bytes) -> tuple[list[str], list[str]]:
    """Headings of a sheet that nothing is taken from, and what else is to be said of how it was read."""
    table = table_of(content)
    headings = (cell_text(name) for name in table.headers)
    return [name for name in headings if name and not is_heading(name)], list(table.notes)


def rows_of(headings: list[str], table: tablib.Dataset) -> list[tuple[int, dict[str, str]]]:
    """Each question's row by its number in Excel; choices in the rows below it are its own.

    A section is written once, beside its first question.
    """
    found: list[tuple[int, dict[str, str]]] = []
    section = ""
    for number, row in enumerate(table, start=2):
        if number - 1 <= table.above:
            continue
        cells = {name: cell_text(value).strip() for name, value in zip(headings, row, strict=True) if name}
        filled = {name for name, text in cells.items() if text}
        if not filled:
            continue
        if found and filled <= {"選択肢", "区分"} and "選択肢" in filled:
            above = found[-1][1]
            # What is too many is said of the question, and not gathered any further.
            if above["選択肢"].count("\n") <= MOST:
                above["選択肢"] = f"{above['選択肢']}\n{cells['選択肢']}".strip()
            continue
        if len(found) >= MOST_QUESTIONS:
            raise ValidationError(f"設問が{MOST_QUESTIONS}を超えています。アンケートを分けてください。")
        section = cells["区分"] = cells.get("区分", "") or section
        found.append((number, cells))
    return found
