"""Drafts: several desks write on one answer, and nobody's typing is lost.

Each page of a questionnaire is a draft of its own, over what was handed in last.
A save is merged field by field: what only one side changed is taken; what both
changed differently stays as stored, and the later side is shown both.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from members.common.merging import digest, is_same, merge_fields
from members.common.text.cleaning import plain_number
from surveys.answering.forms import AnswerForm
from surveys.answering.writers import BY_CHANNEL, note_writers
from surveys.models import (
    Answer,
    Channel,
    DraftSection,
    Question,
    Submission,
    SubmissionRevision,
    SurveyTarget,
)
from surveys.questionnaire.field_names import field_name, text_field_name
from surveys.questionnaire.kept import kept_questionnaire
from surveys.questionnaire.structure import (
    RESPONDENT_NAMES,
    Page,
    Questionnaire,
    Values,
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
        name = field_name(answer.question.key, answer.topic.code if answer.topic else None)
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
            values[text_field_name(answer.question.key, answer.choice.code)] = answer.text
    return values


# The draft that lists what is attached; no section's code begins like this.
FILES = "_files"


@dataclass
class AnswerDraft:
    """A target's answer as it stands: handed in, and what was typed since."""

    target: SurveyTarget
    questionnaire: Questionnaire
    submitted: Values
    sections: dict[str, DraftSection]
    submitted_files: list[int] = field(default_factory=list)

    @property
    def files(self) -> list[int]:
        """The ids of what would be handed in with it now."""
        # Where the survey asks for none any more, what was handed in stays, and no more comes.
        section = self.sections.get(FILES) if self.target.survey.asks_files else None
        return list(section.values.get("files", [])) if section else self.submitted_files

    @property
    def values(self) -> Values:
        """The whole answer as it would be handed in now."""
        values: Values = {}
        for page in self.questionnaire.pages:
            section = self.sections.get(page.code)
            values |= pick(section.values if section else self.submitted, page.names)
        return values

    @property
    def fingerprint(self) -> str:
        """Changes whenever anything of the answer does."""
        return digest(self.values)

    @property
    def state(self) -> str:
        """Changes whenever the answer or what is attached to it does."""
        return digest([self.fingerprint, self.files]) if self.files else self.fingerprint

    @property
    def is_handed_in(self) -> bool:
        """Whether the answer in force is all there is."""
        return submission_of(self.target) is not None and not self.is_changed

    @property
    def is_changed(self) -> bool:
        """Whether something was typed or attached that is not handed in."""
        is_typed = digest(pick(self.submitted, self.questionnaire.names)) != self.fingerprint
        return bool(self.sections) and (is_typed or self.files != self.submitted_files)

    @property
    def saved_at(self) -> datetime | None:
        return max((section.saved_at for section in self.sections.values()), default=None)

    def form(self, *pages: Page, data: Any = None) -> AnswerForm:
        """The form of some pages; of all, if none is named."""
        return AnswerForm(self.questionnaire, pages or self.questionnaire.pages, self.values, data=data)


def load_draft(target: SurveyTarget, questionnaire: Questionnaire | None = None) -> AnswerDraft:
    """Read a target's answer (four queries with its questionnaire, where that is kept)."""
    return AnswerDraft(
        target=target,
        questionnaire=questionnaire or kept_questionnaire(target.survey),
        submitted=values_of(submission_of(target)),
        sections={section.section: section for section in DraftSection.objects.filter(target=target)},
        submitted_files=files_of(submission_of(target)) if target.survey.asks_files else [],
    )


def files_of(submission: Submission | None) -> list[int]:
    """The ids of the files that were handed in with an answer (one query)."""
    revisions = submission.revisions.order_by("-number") if submission else SubmissionRevision.objects.none()
    return list(revisions.values_list("files", flat=True).first() or [])


def load_drafts(targets: Iterable[SurveyTarget], questionnaire: Questionnaire) -> dict[int, AnswerDraft]:
    """Read many targets' answers to one questionnaire (two queries, however many they are)."""
    found = {target.pk: target for target in targets}
    answers: dict[int, list[Answer]] = defaultdict(list)
    rows = Answer.objects.filter(submission__target__in=found).select_related("question", "topic", "choice")
    for row in rows.order_by("choice__position", "pk"):
        answers[row.submission_id].append(row)
    sections: dict[int, dict[str, DraftSection]] = defaultdict(dict)
    for section in DraftSection.objects.filter(target__in=found):
        sections[section.target_id][section.section] = section
    drafts = {}
    for pk, target in found.items():
        submission = submission_of(target)
        submitted = written_out(submission, answers[submission.pk]) if submission else {}
        drafts[pk] = AnswerDraft(target, questionnaire, submitted, sections[pk])
    return drafts


def save_page(draft: AnswerDraft, page: Page, form: AnswerForm, *, saved_by: str = "") -> Values:
    """Merge what was typed on a page into its draft; the caller holds the target's lock.

    Returns what somebody else saved since the page was opened, of the fields where
    it contradicts; those fields are left as stored.
    """
    stored = pick(draft.values, page.names)
    typed = {name: form.typed[name] for name in form.answer_names if name in form.typed}
    meant = {name: form.meaning(name, value) for name, value in stored.items()}
    mine = {name: form.meaning(name, value) for name, value in typed.items()}
    merged = merge_fields(form.shown_values(), mine, meant)
    # What is stored is what was typed, not what it means.
    changed = {name for name, value in merged.values.items() if not is_same(value, meant.get(name))}
    values = {name: typed[name] if name in changed else stored.get(name) for name in merged.values}
    values = {name: value for name, value in values.items() if value}
    if values != stored or page.code not in draft.sections:
        keep(draft, page, values, saved_by=saved_by)
    return {name: stored.get(name) or "" for name in merged.conflicts}


def keep(draft: AnswerDraft, page: Page, values: Values, *, saved_by: str = "") -> None:
    """Store a page's draft; what equals the answer in force is no draft."""
    section = draft.sections.get(page.code)
    if submission_of(draft.target) and is_in_force(draft, page, values):
        if section:
            section.delete()
            del draft.sections[page.code]
        return
    stored = pick(draft.values, page.names)
    section = section or DraftSection(target=draft.target, section=page.code)
    section.written_by = note_writers(section.written_by, stored, values, saved_by)
    section.values = values
    section.saved_by = saved_by or section.saved_by
    section.save()
    draft.sections[page.code] = section


def is_in_force(draft: AnswerDraft, page: Page, values: Values) -> bool:
    """Whether a page's values mean what the answer in force says: 「１，２００」 is 1200.

    What was typed into questions that do not apply counts for nothing.
    """
    in_force = pick(draft.submitted, page.names)
    if values == in_force:
        return True
    whole = {**draft.values, **dict.fromkeys(page.names), **values}
    form = AnswerForm(draft.questionnaire, draft.questionnaire.pages, {}, data=whole)
    form.full_clean()
    return not set(form.errors) & set(page.names) and pick(form.content, page.names) == in_force


def discard(draft: AnswerDraft) -> None:
    """Throw away what was typed since the last handing in; the caller holds the target's lock."""
    if submission_of(draft.target):
        for section in draft.sections.values():
            section.delete()
        draft.sections.clear()


def fill(draft: AnswerDraft, values: Values) -> None:
    """Put a whole answer from a workbook into the drafts; the caller holds the target's lock."""
    for page in draft.questionnaire.pages:
        keep(draft, page, pick(values, page.names), saved_by=BY_CHANNEL[Channel.WORKBOOK])


class PageStatus(models.TextChoices):
    """How far one page of an answer has come."""

    NOT_NEEDED = "not-needed", "回答不要"
    UNDECIDED = "undecided", "ほかの区分の回答しだい"
    DONE = "done", "完了"
    NOT_STARTED = "not-started", "未着手"
    FAULTY = "faulty", "エラー"
    BEGUN = "begun", "入力中"


@dataclass(frozen=True)
class PageProgress:
    """How far one page has come."""

    page: Page
    form: AnswerForm
    status: PageStatus
    answered: int
    asked: int
    section: DraftSection | None

    @property
    def is_done(self) -> bool:
        return self.form.is_valid()

    @property
    def can_be_opened(self) -> bool:
        """Whether there is something to write on it, or may be."""
        return self.status != PageStatus.NOT_NEEDED

    @property
    def has_errors(self) -> bool:
        return self.status == PageStatus.FAULTY


def review(draft: AnswerDraft) -> list[PageProgress]:
    """Tell of each page whether it could be handed in as it stands."""
    values = draft.values
    progress = []
    for page in draft.questionnaire.pages:
        form = draft.form(page, data=pick(values, page.names))
        items = [item for item in page.items if item.key in form.shown]
        answered = sum(all(values.get(name) for name in item.cells) for item in items)
        asked = len(items)
        if page.asks_respondent:
            answered += all(values.get(name) for name in RESPONDENT_NAMES)
            asked += 1
        section = draft.sections.get(page.code)
        progress.append(PageProgress(page, form, status_of(form, section, asked), answered, asked, section))
    return progress


def status_of(form: AnswerForm, section: DraftSection | None, asked: int) -> PageStatus:
    if not asked:
        is_open = any(item.key in form.undecided for page in form.pages for item in page.items)
        return PageStatus.UNDECIDED if is_open else PageStatus.NOT_NEEDED
    touched = any(form.typed.values())
    if form.is_valid():
        return PageStatus.DONE if touched or section else PageStatus.NOT_STARTED
    if set(form.missing) != set(form.errors):
        return PageStatus.FAULTY
    return PageStatus.BEGUN if touched else PageStatus.NOT_STARTED
