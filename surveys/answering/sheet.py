"""A draft as it reads before it is handed in: page by page, with who wrote it."""

from surveys.answering.drafts import AnswerDraft, PageProgress
from surveys.answering.writers import Writing, read_writers
from surveys.questionnaire.structure import Line, Page, read_out


def read_sheet(
    draft: AnswerDraft, progress: list[PageProgress]
) -> list[tuple[Page, list[Line], list[Writing]]]:
    """Each page with its questions and the people behind them, as check page and approval show it."""
    values = draft.values
    return [
        (
            each.page,
            read_out(draft.questionnaire, each.page, values),
            read_writers(each.page, each.section.written_by if each.section else {}),
        )
        for each in progress
    ]
