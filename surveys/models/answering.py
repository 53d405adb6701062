"""Who is asked, and what each of them answered."""

from datetime import timedelta
from decimal import Decimal
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from members.access import AccessLinked, AccessLinkQuerySet
from members.constraints import BelongsTo
from members.models import Organization
from members.natural_keys import NaturalKeyManager, NaturalKeyModel, NaturalKeyQuerySet
from surveys.models.survey import Choice, Question, Survey, Topic

# How long a receipt can be read after the deadline.
LINK_OUTLIVES_DEADLINE = timedelta(days=30)


class SurveyTargetQuerySet(AccessLinkQuerySet):
    def in_base(self) -> Self:
        """Those that a share is a share of."""
        return self.filter(in_base=True)

    def submitted(self) -> Self:
        return self.filter(submission__submitted_at__isnull=False)

    def for_answering(self) -> Self:
        """With everything the answering pages print."""
        return self.select_related("organization", "survey__council_year__council", "submission")


class SurveyTarget(AccessLinked, NaturalKeyModel):
    """An organization that is asked to answer a survey."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="targets", verbose_name="アンケート")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="survey_targets", verbose_name="団体"
    )
    in_base = models.BooleanField(
        "割合の母数に含める", default=True, help_text="外すと、回答しても指標の集計に入りません。"
    )
    exclusion_reason = models.CharField(
        "母数に含めない理由", max_length=200, blank=True, help_text="指標のページに公開されます。"
    )

    link_page = "answer"

    objects = SurveyTargetQuerySet.as_manager()
    natural_key_fields = (
        "survey__council_year__council__slug",
        "survey__council_year__year",
        "survey__key",
        "organization__code",
    )

    class Meta:
        verbose_name = verbose_name_plural = "回答対象"
        ordering = ["survey", "organization__code"]
        constraints = [
            models.UniqueConstraint(
                name="survey_target_unique",
                fields=["survey", "organization"],
                violation_error_message="この団体はすでにこのアンケートの回答対象です。",
            ),
            models.CheckConstraint(
                name="survey_target_exclusion_has_reason",
                condition=Q(in_base=True) | ~Q(exclusion_reason=""),
                violation_error_message="母数に含めない団体には、その理由を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return self.organization.name

    def clean(self) -> None:
        if not (self.survey_id and self.organization_id and self.in_base):
            return
        if not self.organization.is_municipality:
            raise ValidationError(
                {"in_base": "県は割合の母数に含めません。印を外し、理由を入力してください。"}
            )
        if not self.survey.council_year.municipalities().filter(pk=self.organization_id).exists():
            raise ValidationError(
                {"in_base": "この年度の検討メンバーにない団体は母数に含めません。印を外してください。"}
            )

    @property
    def link_is_good(self) -> bool:
        """Whether the link still opens: until some weeks after the deadline, for the receipt."""
        closes_at = self.survey.closes_at
        return super().link_is_good and (
            closes_at is None or timezone.now() < closes_at + LINK_OUTLIVES_DEADLINE
        )

    @property
    def receipt_number(self) -> str:
        """What a municipality quotes on the phone: 「2026-after-meeting-242012」."""
        year = self.survey.council_year.year
        return f"{year}-{self.survey.key}-{self.organization.code}"


class SubmissionQuerySet(NaturalKeyQuerySet):
    def submitted(self) -> Self:
        """Handed in; a draft is nobody's answer yet."""
        return self.filter(submitted_at__isnull=False)

    def counted(self) -> Self:
        """Handed in by a body that is in the base."""
        return self.submitted().filter(target__in_base=True)


class Submission(NaturalKeyModel):
    """The one answer of one target: a draft until it is submitted."""

    target = models.OneToOneField(
        SurveyTarget, models.PROTECT, related_name="submission", verbose_name="回答対象"
    )
    respondent_department = models.CharField("回答者の課名", max_length=100, blank=True)
    respondent_name = models.CharField("回答者の氏名", max_length=50, blank=True)
    version = models.PositiveIntegerField(
        "保存回数", default=0, editable=False, help_text="同時に保存した人がいることを見つけるための番号。"
    )
    saved_at = models.DateTimeField("最後に保存した日時", auto_now=True)
    submitted_at = models.DateTimeField("提出日時", null=True, blank=True, editable=False)

    objects = SubmissionQuerySet.as_manager()
    natural_key_fields = tuple(f"target__{field}" for field in SurveyTarget.natural_key_fields)

    class Meta:
        verbose_name = verbose_name_plural = "回答"
        ordering = ["target"]

    def __str__(self) -> str:
        return str(self.target)

    @property
    def is_submitted(self) -> bool:
        return self.submitted_at is not None


class Answer(NaturalKeyModel):
    """One selected choice, one cell of a grid, one text or one number."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="answers", verbose_name="回答")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers", verbose_name="設問")
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="answers", verbose_name="項目"
    )
    choice = models.ForeignKey(
        Choice, models.PROTECT, null=True, blank=True, related_name="answers", verbose_name="選択肢"
    )
    text = models.TextField("自由記述", blank=True)
    number = models.DecimalField("数値", max_digits=18, decimal_places=4, null=True, blank=True)

    objects = NaturalKeyManager()
    natural_key_fields = (
        *(f"submission__{field}" for field in Submission.natural_key_fields),
        "question__key",
        "topic__code",
        "choice__code",
    )

    class Meta:
        verbose_name = verbose_name_plural = "設問ごとの回答"
        ordering = ["question__position", "topic__position", "choice__position", "pk"]
        # Lets a tally read the index alone.
        indexes = [models.Index("question", "choice", "submission", name="answer_tally")]
        constraints = [
            BelongsTo(
                name="answer_choice_of_question",
                part="choice",
                whole="question",
                violation_error_message="この設問の選択肢を選んでください。",
            ),
            BelongsTo(
                name="answer_topic_of_question",
                part="topic",
                whole="question",
                violation_error_message="この設問の項目を選んでください。",
            ),
            models.CheckConstraint(
                name="answer_is_one_thing",
                condition=(
                    Q(choice__isnull=False, text="", number__isnull=True)
                    | Q(~Q(text=""), choice__isnull=True, topic__isnull=True, number__isnull=True)
                    | Q(choice__isnull=True, topic__isnull=True, text="", number__isnull=False)
                ),
                violation_error_message="選択肢、自由記述、数値のうち、設問の形式に合う1つだけを入力してください。",
            ),
            models.UniqueConstraint(
                name="answer_one_per_grid_cell",
                fields=["submission", "question", "topic"],
                condition=Q(topic__isnull=False),
                violation_error_message="この項目はすでに回答されています。",
            ),
            models.UniqueConstraint(
                name="answer_choice_once",
                fields=["submission", "question", "choice"],
                condition=Q(topic__isnull=True, choice__isnull=False),
                violation_error_message="この選択肢はすでに選ばれています。",
            ),
            models.UniqueConstraint(
                name="answer_text_or_number_once",
                fields=["submission", "question"],
                condition=Q(topic__isnull=True, choice__isnull=True),
                violation_error_message="この設問はすでに回答されています。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question}：{self.value}"

    @property
    def content(self) -> tuple[int, int | None, int | None, str, Decimal | None]:
        """What makes two rows the same answer."""
        return self.question_id, self.topic_id, self.choice_id, self.text, self.number

    @property
    def value(self) -> str:
        """The answer as it reads on a page."""
        if self.choice:
            return f"{self.topic.label}：{self.choice.label}" if self.topic else self.choice.label
        return self.text or f"{self.number.normalize():f}"  # type: ignore[union-attr]
