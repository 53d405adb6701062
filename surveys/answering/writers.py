"""Who wrote what of an answer: kept with each field, so that a transfer in April rewrites nothing."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from surveys.models import Channel, Submission, SubmissionRevision
from surveys.questionnaire.structure import Page, Values

# A field's name, and who wrote what stands in it, when: a name and an ISO date.
Writers = dict[str, list[str]]
BY_CHANNEL = {
    Channel.STAFF: "事務局（代理入力）",
    Channel.CORRECTION: "事務局（訂正）",
    Channel.WORKBOOK: "回答用Excel",
}


def now_by(who: str) -> list[str]:
    return [who, timezone.localdate().isoformat()]


def note_writers(before: Writers, stored: Values, values: Values, who: str) -> Writers:
    """Who wrote a page's values: whoever saves them wrote what is not as it was.

    A name typed after the answers, which save themselves, is also that of the day's answers without one.
    """
    now, nobody = now_by(who), now_by("")
    written = {
        name: now if writer == nobody else writer for name, writer in before.items() if values.get(name)
    }
    changed = {name for name, value in values.items() if value != stored.get(name)}
    return written | dict.fromkeys(changed, now)


def last_revision(submission: Submission) -> SubmissionRevision | None:
    return submission.revisions.order_by("-number").first() if submission.pk else None


def writers_of(submission: Submission, content: Values, typed: Writers) -> Writers:
    """Who wrote each field of what is handed in now; the caller has set channel and respondent.

    What reads as it did keeps its writer; the rest is of whoever typed it, or by whose way it came.
    """
    last = last_revision(submission)
    kept = {} if last is None else last.written_by
    before: Values = {} if last is None else last.content
    default = now_by(BY_CHANNEL.get(Channel(submission.channel), "") or submission.respondent)
    return {
        name: kept[name] if name in kept and before.get(name) == value else typed.get(name, default)
        for name, value in content.items()
    }


@dataclass(frozen=True, slots=True)
class Writing:
    """One person's part of a page: how many of its questions, on which day."""

    who: str
    on: date
    count: int


def read_writers(page: Page, written_by: dict[str, Any]) -> list[Writing]:
    """Who wrote a page, in the order of its questions; a question counts once for each who wrote of it."""
    counts: Counter[tuple[str, str]] = Counter()
    for item in page.items:
        found = {tuple(written_by[name]) for name in item.names if name in written_by}
        counts.update(sorted(found))
    return [
        Writing(who or "名前の入力なし", date.fromisoformat(on), count) for (who, on), count in counts.items()
    ]
