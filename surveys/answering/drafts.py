"""Drafts: several desks write on one answer, and nobody's typing is lost.

Each page of a questionnaire is a draft of its own, over what was handed in last.
A save is merged field by field: what only one side changed is taken; what both
changed differently stays as stored, and the later side is shown both.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from surveys.answering.forms import AnswerForm, mark
from surveys.models import Answer, DraftSection, Question, Submission, SurveyTarget
from surveys.models.answering import plain_number
from surveys.questionnaire.structure import (
    RESPONDENT_NAMES,
    Part,
    Questionnaire,
    Values,
    digest,
    load_questionnaire,
    pick,
)


def submission_of(target: SurveyTarget) -> Submission | None:
    """The target's answer in force, if anything was handed in."""
    return getattr(target, "submission", None)


def values_of(submission: Submission | None) -> Values:
    """An answer that was handed in, in writing (one query)."""
    if submission is None:
        return {}
    answers = Answer.objects.filter(submission=submission).select_related("question", "topic", "choice")
    return written_out(submission, answers.order_by("choice__position", "pk"))


def written_out(submission: Submission, answers: Iterable[Answer]) -> Values:
    """Rows of answers in writing; they come with question, topic and choice, choices in order."""
    values: Values = {name: getattr(submission, name) for name in RESPONDENT_NAMES}
    for answer in answers:
        name = f"q-{answer.question.key}"
        if answer.topic:
            name += f".{answer.topic.code}"
        if answer.choice is None:
            values[name] = answer.text or (
                answer.date.isoformat() if answer.date else plain_number(answer.number)
            )
            continue
        if answer.question.kind == Question.Kind.MULTIPLE:
            values.setdefault(name, []).append(answer.choice.code)
        else:
            values[name] = answer.choice.code
        if answer.text:
            values[f"q-{answer.question.key}~{answer.choice.code}"] = answer.text
    return values


@dataclass
class Work:
    """A target's answer as it stands: handed in, and what was typed since."""

    target: SurveyTarget
    questionnaire: Questionnaire
    submitted: Values
    drafts: dict[str, DraftSection]

    @property
    def values(self) -> Values:
        """The whole answer as it would be handed in now."""
        values: Values = {}
        for part in self.questionnaire.parts:
            draft = self.drafts.get(part.code)
            values |= pick(draft.values if draft else self.submitted, part.names)
        return values

    @property
    def state(self) -> str:
        """Changes whenever anything of the answer does."""
        return digest(self.values)

    @property
    def is_changed(self) -> bool:
        """Whether something was typed that is not handed in."""
        return bool(self.drafts) and digest(pick(self.submitted, self.questionnaire.names)) != self.state

    @property
    def saved_at(self) -> datetime | None:
        return max((draft.saved_at for draft in self.drafts.values()), default=None)

    def form(self, *parts: Part, data: Any = None) -> AnswerForm:
        """The form of some pages; of all, if none is named."""
        return AnswerForm(self.questionnaire, parts or self.questionnaire.parts, self.values, data=data)


def load_work(target: SurveyTarget, questionnaire: Questionnaire | None = None) -> Work:
    """Read a target's answer (seven queries with its questionnaire)."""
    return Work(
        target=target,
        questionnaire=questionnaire or load_questionnaire(target.survey),
        submitted=values_of(submission_of(target)),
        drafts={draft.section: draft for draft in DraftSection.objects.filter(target=target)},
    )


def load_works(targets: Iterable[SurveyTarget], questionnaire: Questionnaire) -> dict[int, Work]:
    """Read many targets' answers to one questionnaire (two queries, however many they are)."""
    found = {target.pk: target for target in targets}
    answers: dict[int, list[Answer]] = defaultdict(list)
    rows = Answer.objects.filter(submission__target__in=found).select_related("question", "topic", "choice")
    for row in rows.order_by("choice__position", "pk"):
        answers[row.submission_id].append(row)
    drafts: dict[int, dict[str, DraftSection]] = defaultdict(dict)
    for draft in DraftSection.objects.filter(target__in=found):
        drafts[draft.target_id][draft.section] = draft
    works = {}
    for pk, target in found.items():
        submission = submission_of(target)
        submitted = written_out(submission, answers[submission.pk]) if submission else {}
        works[pk] = Work(target, questionnaire, submitted, drafts[pk])
    return works


def save_part(work: Work, part: Part, form: AnswerForm, *, saved_by: str = "") -> Values:
    """Merge what was typed on a page into its draft; the caller holds the target's lock.

    Returns what somebody else saved since the page was opened, of the fields where
    it contradicts; those fields are left as stored.
    """
    stored = pick(work.values, part.names)
    merged = dict(stored)
    contradictions: Values = {}
    for name in form.answer_names:
        if name not in form.typed:
            continue
        mine, theirs = form.typed[name] or "", stored.get(name) or ""
        shown = form.seen_marks.get(name, "-")
        if mine == theirs or mark(mine) == shown:
            continue
        if mark(theirs) == shown:
            merged[name] = mine
        else:
            contradictions[name] = theirs
    merged = {name: value for name, value in merged.items() if value}
    if merged != stored or part.code not in work.drafts:
        keep(work, part, merged, saved_by=saved_by)
    return contradictions


def keep(work: Work, part: Part, values: Values, *, saved_by: str = "") -> None:
    """Store a page's draft; what equals the answer in force is no draft."""
    draft = work.drafts.get(part.code)
    if submission_of(work.target) and is_in_force(work, part, values):
        if draft:
            draft.delete()
            del work.drafts[part.code]
        return
    draft = draft or DraftSection(target=work.target, section=part.code)
    draft.values = values
    draft.saved_by = saved_by or draft.saved_by
    draft.save()
    work.drafts[part.code] = draft


def is_in_force(work: Work, part: Part, values: Values) -> bool:
    """Whether a page's values mean what the answer in force says: 「１，２００」 is 1200.

    What was typed into questions that do not apply counts for nothing.
    """
    in_force = pick(work.submitted, part.names)
    if values == in_force:
        return True
    whole = {**work.values, **dict.fromkeys(part.names), **values}
    form = AnswerForm(work.questionnaire, work.questionnaire.parts, {}, data=whole)
    form.full_clean()
    return not set(form.errors) & set(part.names) and pick(form.content, part.names) == in_force


def discard(work: Work) -> None:
    """Throw away what was typed since the last handing in; the caller holds the target's lock."""
    if submission_of(work.target):
        for draft in work.drafts.values():
            draft.delete()
        work.drafts.clear()


def fill(work: Work, values: Values) -> None:
    """Put a whole answer from elsewhere into the drafts; the caller holds the target's lock."""
    for part in work.questionnaire.parts:
        keep(work, part, pick(values, part.names))


@dataclass(frozen=True)
class PartState:
    """How far one page has come."""

    part: Part
    form: AnswerForm
    label: str
    answered: int
    asked: int
    draft: DraftSection | None

    @property
    def is_done(self) -> bool:
        return self.form.is_valid()

    @property
    def has_errors(self) -> bool:
        return self.label == "エラー"


def review(work: Work) -> list[PartState]:
    """Tell of each page whether it could be handed in as it stands."""
    values = work.values
    states = []
    for part in work.questionnaire.parts:
        form = work.form(part, data=pick(values, part.names))
        items = [item for item in part.items if item.key in form.shown]
        answered = sum(all(values.get(name) for name in item.cells) for item in items)
        asked = len(items)
        if part.asks_respondent:
            answered += all(values.get(name) for name in RESPONDENT_NAMES)
            asked += 1
        draft = work.drafts.get(part.code)
        states.append(PartState(part, form, label_of(form, draft, asked), answered, asked, draft))
    return states


def label_of(form: AnswerForm, draft: DraftSection | None, asked: int) -> str:
    if not asked:
        return "回答不要"
    touched = any(form.typed.values())
    if form.is_valid():
        return "完了" if touched or draft else "未着手"
    if set(form.missing) != set(form.errors):
        return "エラー"
    return "入力中" if touched else "未着手"
