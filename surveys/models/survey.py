"""A questionnaire and its structure: questions, the topics of a grid, choices."""

from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from meetings.models import Meeting
from members.models import CouncilYear
from members.natural_keys import NaturalKeyManager, NaturalKeyModel, NaturalKeyQuerySet
from members.ordering import OrderedModel

validate_key = RegexValidator(
    r"^[a-z][a-z0-9_-]*\Z",
    "半角の英小文字で始め、英小文字、数字、ハイフン、下線だけで入力してください。",
)


class SurveyQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Surveys whose results staff have made public, in public years."""
        return self.filter(results_public=True, council_year__in=CouncilYear.objects.public())

    def accepting(self) -> Self:
        """Surveys that can be answered now."""
        return self.filter(status=Survey.Status.OPEN, closes_at__gt=timezone.now())


class Survey(NaturalKeyModel):
    """A questionnaire that each participating municipality answers once, as a body."""

    class Status(models.TextChoices):
        DRAFT = "draft", "準備中"
        OPEN = "open", "受付中"
        CLOSED = "closed", "受付終了"

    council_year = models.ForeignKey(CouncilYear, models.PROTECT, related_name="surveys", verbose_name="年度")
    key = models.CharField(
        "識別名",
        max_length=40,
        validators=[validate_key],
        help_text="アドレスと受付番号に使う半角英小文字（例: after-meeting）。",
    )
    title = models.CharField("アンケート名", max_length=100)
    introduction = models.TextField(
        "説明文", blank=True, help_text="回答ページの冒頭に表示します。目的や集計結果の扱いなど。"
    )
    after_meeting = models.ForeignKey(
        Meeting,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="surveys",
        verbose_name="対象の会議",
        help_text="会議の後に行うアンケートの場合。",
    )
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    opened_at = models.DateTimeField("受付を開始した日時", null=True, blank=True, editable=False)
    closes_at = models.DateTimeField(
        "締切", null=True, blank=True, help_text="この時刻になると提出できなくなります。"
    )
    provenance_note = models.TextField(
        "データの出所についての注記",
        blank=True,
        help_text="このアンケートの数値を表示するすべてのページに、そのまま表示します。",
    )
    results_public = models.BooleanField(
        "集計結果を公開する",
        default=False,
        help_text="受付終了後に公開できます。公開するまで、指標は年次報告書にも表示しません。",
    )

    objects = SurveyQuerySet.as_manager()
    natural_key_fields = ("council_year__council__slug", "council_year__year", "key")

    class Meta:
        verbose_name = verbose_name_plural = "アンケート"
        ordering = ["-council_year__year", "council_year__council", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="survey_key_unique_per_year",
                fields=["council_year", "key"],
                violation_error_message="この年度には同じ識別名のアンケートがすでにあります。",
            ),
            # The target of Indicator's BelongsTo.
            models.UniqueConstraint(name="survey_of_council_year", fields=["id", "council_year"]),
            models.CheckConstraint(
                name="survey_open_has_deadline",
                condition=~Q(status="open", closes_at__isnull=True),
                violation_error_message="受付中のアンケートには締切が必要です。",
            ),
            models.CheckConstraint(
                name="survey_dates_in_order",
                condition=Q(opened_at__isnull=True)
                | Q(closes_at__isnull=True)
                | Q(closes_at__gt=F("opened_at")),
                violation_error_message="締切は受付を開始した日時より後にしてください。",
            ),
            models.CheckConstraint(
                name="survey_results_public_after_closing",
                condition=Q(results_public=False) | Q(status="closed"),
                violation_error_message="集計結果は、受付を終了してから公開してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.council_year} {self.title}"

    def clean(self) -> None:
        errors = {}
        meeting = self.after_meeting
        if meeting and meeting.council_year_id != self.council_year_id:
            errors["after_meeting"] = "このアンケートと同じ年度の会議を選んでください。"
        # The database holds these too, but a form that does not offer the state leaves them out.
        if self.status == self.Status.OPEN and self.closes_at is None:
            errors["closes_at"] = "受付中のアンケートには締切が必要です。"
        if self.opened_at and self.closes_at and self.closes_at <= self.opened_at:
            errors["closes_at"] = "締切は受付を開始した日時より後にしてください。"
        if self.results_public and self.status != self.Status.CLOSED:
            errors["results_public"] = "集計結果は、受付を終了してから公開してください。"
        before = Survey.objects.filter(pk=self.pk).first() if self.pk else None
        moves = before and before.council_year_id != self.council_year_id
        if moves and before and (before.targets.exists() or before.indicators.exists()):
            errors["council_year"] = "回答対象か指標のあるアンケートの年度は変えられません。"
        if errors:
            raise ValidationError(errors)

    @property
    def is_locked(self) -> bool:
        """Whether an answer has come in: then wording can be corrected, structure cannot change."""
        return bool(self.pk) and self.targets.filter(submission__isnull=False).exists()

    @property
    def is_accepting(self) -> bool:
        """Whether an answer can be written now; the deadline itself is too late."""
        return bool(self.status == self.Status.OPEN and self.closes_at and timezone.now() < self.closes_at)


LOCKED = "回答が入り始めたため、{0}。文言の訂正だけができます。"


def refuse_structural_change(part: models.Model, survey: Survey, *fields: str) -> None:
    """Hold the structure of a survey that has answers; raises ``ValidationError``."""
    if not survey.is_locked:
        return
    if not part.pk:
        raise ValidationError(LOCKED.format(f"{part._meta.verbose_name}は追加できません"))
    before = type(part)._default_manager.get(pk=part.pk)
    errors = {
        name: LOCKED.format("この欄は変えられません")
        for name in fields
        if getattr(before, name) != getattr(part, name)
    }
    if errors:
        raise ValidationError(errors)


class Question(OrderedModel, NaturalKeyModel):
    """One question of a survey; a grid asks the same scale for each of its topics."""

    class Kind(models.TextChoices):
        SINGLE = "single", "1つ選ぶ"
        MULTIPLE = "multiple", "いくつでも選ぶ"
        GRID = "grid", "項目ごとに1つ選ぶ（表形式）"
        TEXT = "text", "自由記述"
        NUMBER = "number", "数値"

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions", verbose_name="アンケート")
    key = models.CharField("識別名", max_length=40, validators=[validate_key], help_text="例: progressed")
    kind = models.CharField("回答の形式", max_length=10, choices=Kind)
    text = models.CharField("設問文", max_length=300)
    help = models.CharField("補足", max_length=300, blank=True)
    is_required = models.BooleanField("必須", default=True)

    objects = NaturalKeyManager()
    order_within = "survey"
    natural_key_fields = (
        "survey__council_year__council__slug",
        "survey__council_year__year",
        "survey__key",
        "key",
    )

    class Meta:
        verbose_name = verbose_name_plural = "設問"
        ordering = ["survey", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="question_key_unique_per_survey",
                fields=["survey", "key"],
                violation_error_message="このアンケートには同じ識別名の設問がすでにあります。",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        if self.survey_id:
            refuse_structural_change(self, self.survey, "key", "kind", "is_required")
        before = Question.objects.filter(pk=self.pk).first() if self.pk else None
        if before and before.survey_id != self.survey_id:
            raise ValidationError({"survey": "設問を別のアンケートへは移せません。"})

    @property
    def has_choices(self) -> bool:
        return self.kind in {self.Kind.SINGLE, self.Kind.MULTIPLE, self.Kind.GRID}


class QuestionPart(OrderedModel, NaturalKeyModel):
    """Something a question is made of, known by its code; its label may be corrected."""

    code = models.CharField("識別名", max_length=40, validators=[validate_key], help_text="例: much")
    label = models.CharField("表示", max_length=100)

    objects = NaturalKeyManager()

    order_within = "question"
    natural_key_fields = (*tuple(f"question__{field}" for field in Question.natural_key_fields), "code")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        if self.question_id:  # type: ignore[attr-defined]
            refuse_structural_change(self, self.question.survey, "code")  # type: ignore[attr-defined]


class Topic(QuestionPart):
    """One row of a grid question."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="topics", verbose_name="設問")

    class Meta:
        verbose_name = verbose_name_plural = "項目"
        ordering = ["question", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="topic_code_unique_per_question",
                fields=["question", "code"],
                violation_error_message="この設問には同じ識別名の項目がすでにあります。",
            ),
            # The target of Answer's BelongsTo.
            models.UniqueConstraint(name="topic_of_question", fields=["id", "question"]),
        ]


class Choice(QuestionPart):
    """One thing a question lets a body choose; counted by identity, never by its label."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="choices", verbose_name="設問")

    class Meta:
        verbose_name = verbose_name_plural = "選択肢"
        ordering = ["question", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="choice_code_unique_per_question",
                fields=["question", "code"],
                violation_error_message="この設問には同じ識別名の選択肢がすでにあります。",
            ),
            # The target of Answer's BelongsTo.
            models.UniqueConstraint(name="choice_of_question", fields=["id", "question"]),
        ]
