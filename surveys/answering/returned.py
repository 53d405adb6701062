"""差し戻し, as the answering pages see it: what the secretariat asks, and what still waits for a word."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone

from members.common.acts import act
from members.common.forms.page import PageForm
from members.common.text.eras import format_time
from surveys.answering.drafts import AnswerDraft
from surveys.answering.fields import TypedField
from surveys.models import AnswerReturn, ReturnComment, SurveyTarget
from surveys.questionnaire.structure import Item, Page, Values

REPLY_LIMIT = 1000


def open_return(target: SurveyTarget) -> AnswerReturn | None:
    """The return that the body has not answered by handing in again."""
    return AnswerReturn.objects.open().filter(target=target).first()


def settle(target: SurveyTarget) -> None:
    """The body has handed in again; the caller holds the target's lock."""
    for found in AnswerReturn.objects.open().filter(target=target):
        found.settled_at = timezone.now()
        found.save(update_fields=["settled_at"])


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One comment beside its question: what was handed in, what stands there now, what was said to it."""

    comment: ReturnComment
    item: Item
    page: Page
    submitted: str
    now: str
    applies: bool

    @property
    def is_settled(self) -> bool:
        """Whether it was replied to, another answer was written, or its question does not apply any more."""
        return bool(self.comment.reply) or self.now != self.submitted or not self.applies


def read_comments(draft: AnswerDraft, found: AnswerReturn) -> list[CommentLine]:
    """The comments of a return in the order of the questions."""
    values, shown = draft.values, draft.questionnaire.shown(draft.values)
    comments = {comment.question_id: comment for comment in found.comments.all()}
    return [
        CommentLine(
            comments[item.question.pk],
            item,
            page,
            in_words(item, draft.submitted),
            in_words(item, values),
            item.key in shown,
        )
        for page in draft.questionnaire.pages
        for item in page.items
        if item.question.pk in comments
    ]


def in_words(item: Item, values: Values) -> str:
    """A question's whole answer as it reads, a grid's topics one below the other."""
    lines = [
        f"{topic.label}：{text}" if topic else text
        for name, topic in item.cells.items()
        if (text := item.describe(name, values))
    ]
    return "\n".join(lines)


def history_of_returns(target: SurveyTarget) -> Iterator[str]:
    """Every return of an answer, its comments and the replies, line by line."""
    returns = target.returns.order_by("pk").prefetch_related("comments__question")
    for time, each in enumerate(returns, 1):
        how = "取り消し" if each.is_withdrawn else "再提出済み" if each.settled_at else "再提出を待っています"
        yield f"{time}回目 {format_time(each.returned_at)}（第{each.revision}回の提出、{how}）{each.message}"
        for comment in each.comments.all():
            yield f"「{comment.question.text}」{comment.comment} → 返事：{comment.reply or '（なし）'}"


def comments_by_field(draft: AnswerDraft, found: AnswerReturn | None) -> dict[str, str]:
    """What the secretariat asks, by the name of the question's field."""
    return {line.item.name(): line.comment.comment for line in read_comments(draft, found)} if found else {}


class RepliesForm(PageForm):
    """The body's words to each comment."""

    def __init__(self, found: AnswerReturn, lines: list[CommentLine], data: Any = None) -> None:
        super().__init__(data=data)
        self.found = found
        self.lines = lines
        for line in lines:
            self.fields[self.name_of(line)] = TypedField(
                label=f"「{line.item.question.text}」への返事",
                required=False,
                max_length=REPLY_LIMIT,
                initial=line.comment.reply,
                widget=forms.Textarea(attrs={"rows": 3}),
                error_messages={
                    "max_length": f"{REPLY_LIMIT}文字以内で入力してください（今は%(show_value)d文字）。"
                },
            )
        self.lay_out(*self.fields)

    @staticmethod
    def name_of(line: CommentLine) -> str:
        return f"reply-{line.comment.pk}"

    def rows(self) -> list[tuple[CommentLine, Any]]:
        return [(line, self[self.name_of(line)]) for line in self.lines]

    def save(self) -> None:
        """Keep what was said; the caller holds the target's lock."""
        target = self.found.target
        act("差し戻しへの返事", about=target, who=target.who(target.name))
        for line in self.lines:
            reply = self.cleaned_data[self.name_of(line)]
            if reply != line.comment.reply:
                line.comment.reply, line.comment.replied_at = reply, timezone.now() if reply else None
                line.comment.save(update_fields=["reply", "replied_at"])
