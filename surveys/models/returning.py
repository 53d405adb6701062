"""差し戻し: an answer that was handed in goes back with comments, and is handed in again."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from surveys.models.question import Question
from surveys.models.target import SurveyTarget


class AnswerReturnQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Those whose body has not handed in again."""
        return self.filter(settled_at=None)


class AnswerReturn(models.Model):
    """One time that the secretariat gave an answer back; what was handed in counts until it is again."""

    target = models.ForeignKey(SurveyTarget, models.PROTECT, related_name="returns", verbose_name="回答対象")
    revision = models.PositiveIntegerField("差し戻した提出の回")
    message = models.TextField("全体への連絡", max_length=2000, blank=True)
    due_at = models.DateTimeField("再提出の期限")
    # The body's own deadline and its reason before, for a return that is withdrawn.
    deadline_before = models.DateTimeField("前の個別の締切", null=True, blank=True, editable=False)
    reason_before = models.CharField("前の延長の理由", max_length=200, blank=True, editable=False)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="差し戻した職員"
    )
    returned_at = models.DateTimeField("差し戻した日時", auto_now_add=True)
    settled_at = models.DateTimeField("再提出または取り消しの日時", null=True, blank=True)
    is_withdrawn = models.BooleanField("差し戻しの取り消し", default=False)

    objects = AnswerReturnQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "差し戻し"
        ordering = ["target", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="answer_return_one_open",
                fields=["target"],
                condition=Q(settled_at=None),
                violation_error_message="この回答は、すでに差し戻しています。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target}（第{self.revision}回の提出）"


class ReturnComment(models.Model):
    """What the secretariat asks about one question, and what the body says to it."""

    answer_return = models.ForeignKey(
        AnswerReturn, models.CASCADE, related_name="comments", verbose_name="差し戻し"
    )
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", verbose_name="設問")
    comment = models.TextField("事務局から", max_length=1000)
    reply = models.TextField("団体から", max_length=1000, blank=True)
    replied_at = models.DateTimeField("返事の日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "差し戻しのコメント"
        ordering = ["answer_return", "question__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="return_comment_once_per_question",
                fields=["answer_return", "question"],
                violation_error_message="この設問へのコメントはすでにあります。",
            ),
        ]

    def __str__(self) -> str:
        return self.comment
