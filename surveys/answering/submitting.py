"""Handing in: an answer comes into force whole, or not at all, and every revision is kept."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from members.common.acts import act
from members.common.merging import digest
from surveys.answering.approving import take_approval
from surveys.answering.drafts import FILES, AnswerDraft, files_of, submission_of, values_of
from surveys.answering.returned import settle
from surveys.answering.writers import Writers, writers_of
from surveys.models import Answer, Channel, Question, Submission, SubmissionRevision, SurveyTarget
from surveys.questionnaire.structure import RESPONDENT_NAMES, Item, Values, load_questionnaire


def submit(
    draft: AnswerDraft, content: Values, *, channel: str, by: User | None = None, note: str = ""
) -> Submission:
    """Put an answer into force; the caller holds the target's lock and has validated ``content``.

    ``content`` is that of an :class:`AnswerForm` over all pages. Drafts end with it.
    """
    submission = submission_of(draft.target)
    name_act(draft.target, content, channel, by, note, is_again=submission is not None)
    if submission is None:
        submission = Submission(target=draft.target, revision=1)
    else:
        keep_first_revision(submission)
        submission.revision += 1
    submission.respondent_department = content.get("respondent_department", "")
    submission.respondent_name = content.get("respondent_name", "")
    submission.channel, submission.entered_by = channel, by
    submission.content_hash = digest(content)
    submission.submitted_at = timezone.now()
    submission.save()
    # Only what differs is written, row by row: the audit trail then tells what changed.
    stored = {row.content: row for row in submission.answers.all()}
    wanted = {
        row.content: row
        for item in draft.questionnaire.items
        for row in build_answers(submission, item, content)
    }
    for key in stored.keys() - wanted.keys():
        stored[key].delete()
    for key, row in wanted.items():
        if key not in stored:
            row.save()
    # What the body has attached and not handed in is its own: who writes for it hands in none of it.
    is_own = by is None and draft.target.survey.asks_files
    files = draft.files if is_own else None
    typed = {name: who for section in draft.sections.values() for name, who in section.written_by.items()}
    for code, section in list(draft.sections.items()):
        if code != FILES or is_own:
            section.delete()
            del draft.sections[code]
    revision = record(submission, content, note, typed, files)
    take_approval(draft, revision)
    settle(draft.target)
    draft.target.submission = submission
    return submission


def name_act(
    target: SurveyTarget, content: Values, channel: str, by: User | None, note: str, *, is_again: bool
) -> None:
    """The head of the entry in the audit trail: a municipality is known by its link, not by a login."""
    people = " ".join(filter(None, (content.get(name, "") for name in RESPONDENT_NAMES)))
    who = "" if by else target.who(target.name, people)
    how = f"（{Channel(channel).label}）" if by else ""
    title = f"回答の{'再提出' if is_again else '提出'}{how}"
    act(title, about=target, reason=note, who=who)


def build_answers(submission: Submission, item: Item, content: Values) -> Iterable[Answer]:
    """Turn one question's fields into the rows that store them; none where nothing was answered."""
    question = item.question
    for name, topic in item.cells.items():
        value = content.get(name)
        if not value:
            continue
        row: dict[str, Any] = {"submission": submission, "question": question}
        if question.kind == Question.Kind.NUMBER:
            yield Answer(**row, number=Decimal(value))
        elif question.kind == Question.Kind.DATE:
            yield Answer(**row, date=date.fromisoformat(value))
        elif not question.has_choices:
            yield Answer(**row, text=value)
        else:
            codes = value if isinstance(value, list) else [value]
            for choice in item.choices:
                if choice.code in codes:
                    text = content.get(item.text_name(choice), "")
                    yield Answer(**row, topic=topic, choice=choice, text=text)


def record(
    submission: Submission,
    content: Values,
    note: str = "",
    typed: Writers | None = None,
    files: list[int] | None = None,
) -> SubmissionRevision:
    """Keep an answer as it was handed in; ``typed`` says who wrote what of it since the last time.

    Without a list of ``files`` those of the revision before stay attached.
    """
    return SubmissionRevision.objects.create(
        submission=submission,
        number=submission.revision,
        content=content,
        content_hash=submission.content_hash,
        channel=submission.channel,
        entered_by=submission.entered_by,
        note=note,
        written_by=writers_of(submission, content, typed or {}),
        files=files_of(submission) if files is None else files,
        submitted_at=submission.submitted_at,
        **{name: getattr(submission, name) for name in RESPONDENT_NAMES},
    )


def keep_first_revision(submission: Submission) -> None:
    """Keep the state of an answer that came in without a history, such as from a fixture."""
    if submission.revisions.filter(number=submission.revision).exists():
        return
    content = {name: value for name, value in values_of(submission).items() if value}
    submission.content_hash = digest(content)
    record(submission, content)


def drop_what_no_longer_applies(submission: Submission) -> None:
    """Take out the answers to questions that a correction elsewhere has closed; the revision keeps them."""
    shown = load_questionnaire(submission.target.survey).shown(values_of(submission))
    for answer in submission.answers.select_related("question"):
        if answer.question.key not in shown:
            answer.delete()


def correct(submission: Submission, by: User, note: str) -> None:
    """Record that staff changed an answer in force, which now stands as a new revision."""
    act("回答の訂正（事務局）", about=submission.target, reason=note)
    submission.revision += 1
    submission.channel, submission.entered_by = Channel.CORRECTION, by
    submission.submitted_at = timezone.now()
    content = {name: value for name, value in values_of(submission).items() if value}
    submission.content_hash = digest(content)
    submission.save()
    record(submission, content, note)
