"""Surveys of which only the counts are known."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from members.common.models.constraints import BelongsTo
from surveys.models.question import Choice, Question, Topic


class AggregateCount(models.Model):
    """How many organizations chose a choice, as a source says; for surveys without answers of each."""

    question = models.ForeignKey(
        Question, models.CASCADE, related_name="aggregate_counts", verbose_name="設問"
    )
    topic = models.ForeignKey(
        Topic, models.CASCADE, null=True, blank=True, related_name="aggregate_counts", verbose_name="項目"
    )
    choice = models.ForeignKey(Choice, models.CASCADE, related_name="aggregate_counts", verbose_name="選択肢")
    count = models.PositiveIntegerField("数")

    class Meta:
        verbose_name = verbose_name_plural = "集計値"
        ordering = ["question", "topic__position", "choice__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="aggregate_count_once",
                fields=["question", "choice"],
                condition=Q(topic__isnull=True),
                violation_error_message="この選択肢の数はすでに登録されています。",
            ),
            models.UniqueConstraint(
                name="aggregate_count_once_per_topic",
                fields=["question", "topic", "choice"],
                condition=Q(topic__isnull=False),
                violation_error_message="この項目と選択肢の数はすでに登録されています。",
            ),
            BelongsTo(
                name="aggregate_choice_of_question",
                part="choice",
                whole="question",
                violation_error_message="この設問の選択肢を選んでください。",
            ),
            BelongsTo(
                name="aggregate_topic_of_question",
                part="topic",
                whole="question",
                violation_error_message="この設問の項目を選んでください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.choice}：{self.count}"

    def clean(self) -> None:
        if not self.question_id:
            return
        survey = self.question.survey
        if not survey.is_aggregate:
            raise ValidationError("集計値は、「集計値だけの調査」にだけ入力できます。")
        if self.count is not None and self.count > (survey.aggregate_base or 0):
            raise ValidationError({"count": f"母数（{survey.aggregate_base}）を超えています。"})
