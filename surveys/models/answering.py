"""What each of those asked wrote: drafts by section, the answer in force, its revisions."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from members.common.models.constraints import BelongsTo
from members.common.models.natural_keys import NaturalKeyManager, NaturalKeyModel, NaturalKeyQuerySet
from members.common.text.cleaning import grouped, plain_number
from surveys.models.question import Choice, Question, Topic
from surveys.models.target import SurveyTarget


class Channel(models.TextChoices):
    """By which way an answer came in."""

    WEB = "web", "回答ページ"
    WORKBOOK = "workbook", "回答用Excel"
    STAFF = "staff", "事務局による代理入力"
    CORRECTION = "correction", "事務局による訂正"


class DraftSection(models.Model):
    """What stands in one section of an answer and is not handed in yet, as it was typed.

    ``values`` maps field names to a text or, for several choices, a list of codes;
    it may hold what would be refused at handing in, so that nobody loses it.
    """

    target = models.ForeignKey(SurveyTarget, models.PROTECT, related_name="drafts", verbose_name="回答対象")
    section = models.CharField("区分", max_length=40)
    values = models.JSONField("入力", default=dict)
    saved_by = models.CharField("入力した人", max_length=100, blank=True)
    # By field: who wrote what stands there, and on which day (see ``surveys.answering.writers``).
    written_by = models.JSONField("項目ごとの入力した人", default=dict, blank=True)
    saved_at = models.DateTimeField("保存日時", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "下書き"
        ordering = ["target", "section"]
        constraints = [
            models.UniqueConstraint(
                name="draft_one_per_section",
                fields=["target", "section"],
                violation_error_message="この区分の下書きはすでにあります。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.section}"


class SubmissionQuerySet(NaturalKeyQuerySet):
    def counted(self) -> Self:
        """Handed in by a organization that is in the base."""
        return self.filter(target__in_base=True)


class Submission(NaturalKeyModel):
    """The answer of one target that is in force: what was handed in last."""

    target = models.OneToOneField(
        SurveyTarget, models.PROTECT, related_name="submission", verbose_name="回答対象"
    )
    respondent_department = models.CharField("回答者の課名", max_length=100, blank=True)
    respondent_name = models.CharField("回答者の氏名", max_length=50, blank=True)
    revision = models.PositiveIntegerField("提出回数", default=1, editable=False)
    channel = models.CharField(
        "提出の方法", max_length=10, choices=Channel, default=Channel.WEB, editable=False
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="入力した職員",
    )
    content_hash = models.CharField("内容のハッシュ値", max_length=64, blank=True, editable=False)
    receipt_to = models.EmailField("受付のお知らせの送り先", max_length=254, blank=True, editable=False)
    submitted_at = models.DateTimeField("提出日時", editable=False)

    objects = SubmissionQuerySet.as_manager()
    natural_key_fields = tuple(f"target__{field}" for field in SurveyTarget.natural_key_fields)

    class Meta:
        verbose_name = verbose_name_plural = "回答"
        ordering = ["target"]

    def __str__(self) -> str:
        return str(self.target)

    @property
    def respondent(self) -> str:
        return f"{self.respondent_department} {self.respondent_name}".strip()


class SubmissionRevision(models.Model):
    """An answer as it was handed in, whole: never changed, never deleted.

    ``content`` maps field names to codes and texts; ``content_hash`` is its SHA-256.
    """

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="revisions", verbose_name="回答")
    number = models.PositiveIntegerField("回")
    content = models.JSONField("内容")
    content_hash = models.CharField("内容のハッシュ値", max_length=64)
    respondent_department = models.CharField("回答者の課名", max_length=100, blank=True)
    respondent_name = models.CharField("回答者の氏名", max_length=50, blank=True)
    channel = models.CharField("提出の方法", max_length=10, choices=Channel)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="入力した職員",
    )
    note = models.CharField("備考", max_length=200, blank=True)
    written_by = models.JSONField("項目ごとの入力した人", default=dict, blank=True)
    # The ids of the files that were handed in with it.
    files = models.JSONField("添付ファイル", default=list, blank=True)
    approver = models.CharField("庁内で確認した人", max_length=100, blank=True)
    approved_on = models.DateField("庁内で確認した日", null=True, blank=True)
    submitted_at = models.DateTimeField("提出日時")

    class Meta:
        verbose_name = verbose_name_plural = "提出の履歴"
        ordering = ["submission", "-number"]
        constraints = [
            models.UniqueConstraint(
                name="revision_number_unique",
                fields=["submission", "number"],
                violation_error_message="この回の提出はすでに記録されています。",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}回の提出"


class Answer(NaturalKeyModel):
    """One selected choice, one cell of a grid, one text, one number or one date.

    A choice that asks for it (その他) carries its text beside it.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="answers", verbose_name="回答")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers", verbose_name="設問")
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="answers", verbose_name="項目"
    )
    choice = models.ForeignKey(
        Choice, models.PROTECT, null=True, blank=True, related_name="answers", verbose_name="選択肢"
    )
    text = models.TextField("記述", blank=True)
    number = models.DecimalField("数値", max_digits=18, decimal_places=4, null=True, blank=True)
    date = models.DateField("日付", null=True, blank=True)

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
                    Q(choice__isnull=False, number__isnull=True, date__isnull=True)
                    | Q(choice__isnull=True, topic__isnull=True)
                    & (
                        Q(~Q(text=""), number__isnull=True, date__isnull=True)
                        | Q(text="", number__isnull=False, date__isnull=True)
                        | Q(text="", number__isnull=True, date__isnull=False)
                    )
                ),
                violation_error_message="選択肢、記述、数値、日付のうち、設問の形式に合う1つだけを入力してください。",
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
    def content(self) -> tuple[Any, ...]:
        """What makes two rows the same answer."""
        return self.question_id, self.topic_id, self.choice_id, self.text, self.number, self.date

    @property
    def value(self) -> str:
        """The answer as it reads on a page."""
        if self.choice:
            label = f"{self.choice.label}（{self.text}）" if self.text else self.choice.label
            return f"{self.topic.label}：{label}" if self.topic else label
        if self.date:
            return self.date.isoformat()
        is_year = self.question.unit.startswith("年")
        number = plain_number(self.number)
        return self.text or (number if is_year else grouped(number))
