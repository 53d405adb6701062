"""The tallies of a survey as a file, in CSV or Excel: as they are shown, never one answer."""

from collections.abc import Iterable
from typing import Any

from members.common.files.tables import Table, columns
from surveys.models import Survey
from surveys.results.disclosure import Results


def tally_rows(source: tuple[Survey, Results]) -> Iterable[list[Any]]:
    """One row per choice; what is withheld or not known is empty."""
    _, results = source
    for question in results.questions:
        for topic in question.topics:
            tally = topic.tally
            head = [results.title, tally.key, tally.text, tally.topic]
            tail = [tally.answered, tally.not_asked, tally.unanswered]
            if not tally.choices:
                yield [*head, "", "", "", tally.base, "", *tail]
            for choice in tally.choices:
                yield [*head, choice.code, choice.label, choice.count, tally.base, choice.percent, *tail]


TALLY: Table[tuple[Survey, Results]] = Table(
    "tally",
    "集計",
    columns(
        "アンケート",
        "設問",
        "設問文",
        "項目",
        "選択肢",
        "選択肢名",
        "数",
        "母数",
        "割合（%）",
        "回答",
        "対象外",
        "無回答・未提出",
    ),
    tally_rows,
)
