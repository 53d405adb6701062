"""The structure of a questionnaire: sections, questions, topics of a grid, choices, conditions."""

from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Prefetch, Q

from members.common.models.constraints import BelongsTo
from members.common.models.natural_keys import NaturalKeyModel
from members.common.models.ordering import OrderedModel
from surveys.models.survey import Survey, validate_key
from surveys.models.version import PartManager, PartQuerySet

WIDER = (
    "回答が入り始めたため、開示範囲は広げられません（回答した団体に示した範囲です）。狭めることはできます。"
)
LOCKED = "回答が入り始めたため、{0}。文言の訂正だけができます。"


def refuse_structural_change(part: models.Model, survey: Survey, *fields: str) -> None:
    """Hold the structure of a survey that has answers; raises ``ValidationError``."""
    if not survey.is_locked:
        return
    if not part.pk:
        raise ValidationError(LOCKED.format(f"{part._meta.verbose_name}は追加できません"))
    before = type(part)._default_manager.get(pk=part.pk)
    errors = {
        name.removesuffix("_id"): LOCKED.format("この欄は変えられません")
        for name in fields
        if getattr(before, name) != getattr(part, name)
    }
    if errors:
        raise ValidationError(errors)


class Section(OrderedModel, NaturalKeyModel):
    """A page of a questionnaire, answered and saved at a time, often by one department."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="sections", verbose_name="アンケート")
    code = models.CharField("識別名", max_length=40, validators=[validate_key], help_text="例: telework")
    title = models.CharField("見出し", max_length=100)
    description = models.TextField("説明", blank=True, help_text="見出しの下に表示します。")

    objects = PartManager()
    order_within = "survey"
    natural_key_fields = (
        "survey__council_year__council__slug",
        "survey__council_year__year",
        "survey__key",
        "code",
    )
    # The pages that every questionnaire has by itself.
    RESERVED = frozenset({"main", "respondent"})

    class Meta:
        verbose_name = verbose_name_plural = "区分"
        ordering = ["survey", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="section_code_unique_per_survey",
                fields=["survey", "code"],
                violation_error_message="このアンケートには同じ識別名の区分がすでにあります。",
            ),
            # The target of Question's BelongsTo.
            models.UniqueConstraint(name="section_of_survey", fields=["id", "survey"]),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.code in self.RESERVED:
            raise ValidationError({"code": "この識別名は使えません。別の名前にしてください。"})
        if self.survey_id:
            refuse_structural_change(self, self.survey, "code")


class QuestionQuerySet(PartQuerySet):
    def in_order(self) -> Self:
        """As they are asked: by section, those without one first."""
        return self.order_by(F("section__position").asc(nulls_first=True), "section", "position", "pk")

    def with_parts(self) -> Self:
        """With all that asking them takes, in a constant number of queries."""
        conditions = Prefetch("conditions", Condition.objects.select_related("choice__question"))
        return self.select_related("section").prefetch_related("choices", "topics", conditions)


class Question(OrderedModel, NaturalKeyModel):
    """One question of a survey; a grid asks the same scale for each of its topics."""

    class Kind(models.TextChoices):
        SINGLE = "single", "1つ選ぶ"
        MULTIPLE = "multiple", "いくつでも選ぶ"
        GRID = "grid", "項目ごとに1つ選ぶ（表形式）"
        NUMBER = "number", "数値"
        LINE = "line", "短い文（1行）"
        TEXT = "text", "自由記述"
        DATE = "date", "日付"

    class Disclosure(models.TextChoices):
        STAFF = "staff", "事務局のみ"
        MEMBERS = "members", "構成員"
        PUBLIC = "public", "公開（集計）"

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions", verbose_name="アンケート")
    section = models.ForeignKey(
        Section,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="questions",
        verbose_name="区分",
        help_text="空欄なら最初の画面に置きます。",
    )
    key = models.CharField(
        "識別名",
        max_length=40,
        validators=[validate_key],
        help_text="例: progressed。前の年度と同じ設問には同じ識別名を付けると、前回の回答と比べられます。",
    )
    kind = models.CharField("回答の形式", max_length=10, choices=Kind)
    text = models.CharField("設問文", max_length=300)
    help = models.CharField("補足", max_length=300, blank=True)
    is_required = models.BooleanField("必須", default=True)
    disclosure = models.CharField(
        "開示範囲",
        max_length=10,
        choices=Disclosure,
        default=Disclosure.STAFF,
        help_text="集計をだれに見せるか。団体ごとの回答と自由記述は、どれを選んでも公開しません。",
    )
    min_choices = models.PositiveSmallIntegerField("選ぶ数の下限", null=True, blank=True)
    max_choices = models.PositiveSmallIntegerField("選ぶ数の上限", null=True, blank=True)
    minimum = models.DecimalField("最小", max_digits=14, decimal_places=4, null=True, blank=True)
    maximum = models.DecimalField("最大", max_digits=14, decimal_places=4, null=True, blank=True)
    decimals = models.PositiveSmallIntegerField("小数の桁数", default=0, help_text="0なら整数。4まで。")
    unit = models.CharField("単位", max_length=20, blank=True, help_text="例: 人、千円")

    objects = QuestionQuerySet.as_manager()
    order_within = "survey"
    natural_key_fields = (
        "survey__council_year__council__slug",
        "survey__council_year__year",
        "survey__key",
        "key",
    )
    # What holds still once an answer was begun.
    STRUCTURE = (
        "key",
        "kind",
        "section_id",
        "is_required",
        "min_choices",
        "max_choices",
        "minimum",
        "maximum",
        "decimals",
        "unit",
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
            BelongsTo(
                name="question_section_of_survey",
                part="section",
                whole="survey",
                violation_error_message="このアンケートの区分を選んでください。",
            ),
            models.CheckConstraint(
                name="question_number_of_choices_in_order",
                condition=Q(min_choices__isnull=True)
                | Q(max_choices__isnull=True)
                | Q(max_choices__gte=F("min_choices")),
                violation_error_message="選ぶ数の上限は、下限以上にしてください。",
            ),
            models.CheckConstraint(
                name="question_range_in_order",
                condition=Q(minimum__isnull=True) | Q(maximum__isnull=True) | Q(maximum__gte=F("minimum")),
                violation_error_message="最大は、最小以上にしてください。",
            ),
            models.CheckConstraint(
                name="question_decimals_at_most_four",
                condition=Q(decimals__lte=4),
                violation_error_message="小数の桁数は4までです。",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        if self.survey_id:
            refuse_structural_change(self, self.survey, *self.STRUCTURE)
        before = Question.objects.filter(pk=self.pk).first() if self.pk else None
        if before and before.survey_id != self.survey_id:
            raise ValidationError({"survey": "設問を別のアンケートへは移せません。"})
        if before and self.is_wider_than(before) and self.survey.is_locked:
            raise ValidationError({"disclosure": WIDER})

    def is_wider_than(self, before: "Question") -> bool:
        """Whether more people would see its answers than before."""
        reach = self.Disclosure.values
        known = {self.disclosure, before.disclosure} <= set(reach)
        return known and reach.index(self.disclosure) > reach.index(before.disclosure)

    @property
    def has_choices(self) -> bool:
        return self.kind in {self.Kind.SINGLE, self.Kind.MULTIPLE, self.Kind.GRID}

    @property
    def is_text(self) -> bool:
        return self.kind in {self.Kind.LINE, self.Kind.TEXT}


class QuestionPart(OrderedModel, NaturalKeyModel):
    """Something a question is made of, known by its code; its label may be corrected."""

    code = models.CharField("識別名", max_length=40, validators=[validate_key], help_text="例: much")
    label = models.CharField("表示", max_length=100)

    objects = PartManager()

    order_within = "question"
    natural_key_fields = (*tuple(f"question__{field}" for field in Question.natural_key_fields), "code")
    STRUCTURE: ClassVar[tuple[str, ...]] = ("code",)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        # Each kind of part has a question of its own.
        question: Question | None = getattr(self, "question", None)
        if question is not None and question.survey_id:
            refuse_structural_change(self, question.survey, *self.STRUCTURE)


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
    """One thing a question lets a organization choose; counted by identity, never by its label."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="choices", verbose_name="設問")
    asks_text = models.BooleanField(
        "内容も書く", default=False, help_text="「その他」のように、選んだときに内容を書いてもらいます。"
    )
    is_exclusive = models.BooleanField(
        "単独でだけ選べる", default=False, help_text="「該当なし」のように、ほかと一緒には選べません。"
    )

    STRUCTURE = ("code", "asks_text", "is_exclusive")

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

    @property
    def label_in_full(self) -> str:
        return f"{self.question.text}：{self.label}"


class Condition(NaturalKeyModel):
    """A choice of an earlier question that makes a question apply; any one of several is enough."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="conditions", verbose_name="設問")
    choice = models.ForeignKey(
        Choice, models.PROTECT, related_name="opens", verbose_name="この選択肢を選んだ団体だけに尋ねる"
    )

    objects = PartManager()
    natural_key_fields = (
        *(f"question__{field}" for field in Question.natural_key_fields),
        "choice__question__key",
        "choice__code",
    )

    class Meta:
        verbose_name = verbose_name_plural = "尋ねる条件"
        ordering = ["question", "choice__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="condition_once",
                fields=["question", "choice"],
                violation_error_message="この条件はすでに登録されています。",
            ),
        ]

    def __str__(self) -> str:
        return self.choice.label_in_full

    def clean(self) -> None:
        if not (self.question_id and self.choice_id):
            return
        refuse_structural_change(self, self.question.survey, "choice_id")
        asked = list(Question.objects.filter(survey=self.question.survey_id).in_order())
        other = self.choice.question
        if other not in asked or asked.index(other) >= asked.index(self.question):
            raise ValidationError(
                {"choice": "この設問より前にある、同じアンケートの設問から選んでください。"}
            )


class Scale(models.Model):
    """Choices that many questions share, such as かなり進んだ to 進まなかった.

    A question takes a copy, so that a scale changed later changes no questionnaire.
    """

    name = models.CharField("尺度の名前", max_length=100, unique=True, help_text="例: 進捗（4段階）")

    class Meta:
        verbose_name = verbose_name_plural = "尺度"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def copy_to(self, question: Question) -> None:
        """Give a question that has no choices those of this scale."""
        if question.choices.exists():
            return
        for choice in self.choices.all():
            Choice.objects.create(
                question=question,
                position=choice.position,
                code=choice.code,
                label=choice.label,
                is_exclusive=choice.is_exclusive,
                asks_text=choice.asks_text,
            )


class ScaleChoice(OrderedModel):
    """One step of a scale."""

    scale = models.ForeignKey(Scale, models.CASCADE, related_name="choices", verbose_name="尺度")
    code = models.CharField("識別名", max_length=40, validators=[validate_key], help_text="例: much")
    label = models.CharField("表示", max_length=100)
    asks_text = models.BooleanField("内容も書く", default=False)
    is_exclusive = models.BooleanField("単独でだけ選べる", default=False)

    order_within = "scale"

    class Meta:
        verbose_name = verbose_name_plural = "尺度の選択肢"
        ordering = ["scale", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="scale_choice_code_unique",
                fields=["scale", "code"],
                violation_error_message="この尺度には同じ識別名の選択肢がすでにあります。",
            ),
        ]

    def __str__(self) -> str:
        return self.label
