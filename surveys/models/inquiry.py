"""What bodies ask about a survey, what the secretariat answers, and what of it is for all of them."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from surveys.models.survey import Survey
from surveys.models.target import SurveyTarget


class InquiryQuerySet(models.QuerySet):
    def unanswered(self) -> Self:
        return self.filter(answer="")


class Inquiry(models.Model):
    """A question of one body about a survey, and the answer to it; no other body sees either."""

    target = models.ForeignKey(
        SurveyTarget, models.PROTECT, related_name="inquiries", verbose_name="回答対象"
    )
    question = models.TextField("質問", max_length=2000)
    asked_by = models.CharField("質問した人の課・氏名", max_length=100, blank=True)
    asked_at = models.DateTimeField("質問の日時", auto_now_add=True)
    answer = models.TextField("回答", max_length=4000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="回答した職員",
    )
    answered_at = models.DateTimeField("回答の日時", null=True, blank=True, editable=False)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "団体からの質問"
        ordering = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.target}：{self.question[:40]}"


class FaqQuerySet(models.QuerySet):
    def shown(self) -> Self:
        """What every body that is asked may read."""
        return self.filter(is_shown=True)


class Faq(models.Model):
    """A question and its answer for every body that a survey asks, in words that name nobody."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="faqs", verbose_name="アンケート")
    source = models.OneToOneField(
        Inquiry,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="faq",
        verbose_name="元の質問",
    )
    position = models.PositiveSmallIntegerField("順序", default=1)
    question = models.TextField("質問", max_length=1000, help_text="質問した団体が分からない文にします。")
    answer = models.TextField("回答", max_length=4000, blank=True)
    is_shown = models.BooleanField("すべての団体に見せる", default=False)
    shown_at = models.DateTimeField("見せ始めた日時", null=True, blank=True, editable=False)
    corrected_at = models.DateTimeField("訂正した日時", null=True, blank=True, editable=False)

    objects = FaqQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "よくある質問"
        ordering = ["survey", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="faq_shown_has_answer",
                condition=Q(is_shown=False) | ~Q(answer=""),
                violation_error_message="見せるには、回答を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return self.question[:60]
