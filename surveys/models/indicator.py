"""Named figures: what is counted, and of how many it is a share."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models

from members.common.models.constraints import BelongsTo
from members.common.models.natural_keys import NaturalKeyManager, NaturalKeyModel, NaturalKeyQuerySet
from members.common.models.ordering import OrderedModel
from members.models import CouncilYear
from surveys.models.question import Choice, Question
from surveys.models.survey import Survey, validate_key


class IndicatorQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Figures of surveys whose results are public, none of whose questions is for fewer eyes."""
        guarded = CountedChoice.objects.exclude(choice__question__disclosure=Question.Disclosure.PUBLIC)
        return self.filter(survey__in=Survey.objects.public()).exclude(pk__in=guarded.values("indicator"))


class Indicator(OrderedModel, NaturalKeyModel):
    """A share of the participating municipalities that chose one of the counted choices.

    The report quotes it by ``key``; its number is computed, never typed.
    """

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="indicators", verbose_name="アンケート")
    council_year = models.ForeignKey(
        CouncilYear,
        models.PROTECT,
        related_name="indicators",
        verbose_name="年度",
        editable=False,
    )
    key = models.CharField(
        "識別名",
        max_length=40,
        validators=[validate_key],
        help_text="報告書の本文で {識別名} と書くと、数値を引用できます（例: progressed）。",
    )
    name = models.CharField("指標名", max_length=100, help_text="例: 検討が進んだ市町の割合")
    statement = models.CharField(
        "指標の意味", max_length=300, help_text="何と答えた団体を数えるのかを一文で書きます。"
    )
    unit = models.CharField(
        "数える単位",
        max_length=10,
        blank=True,
        help_text="「28市町中24市町」の「市町」。空欄なら、母数の団体の種別から（市町、市町村など）。",
    )

    objects = IndicatorQuerySet.as_manager()
    order_within = "survey"
    natural_key_fields = ("council_year__council__slug", "council_year__year", "key")

    class Meta:
        verbose_name = verbose_name_plural = "指標"
        ordering = ["-council_year__year", "council_year__council", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="indicator_key_unique_per_year",
                fields=["council_year", "key"],
                violation_error_message="この年度には同じ識別名の指標がすでにあります。",
            ),
            BelongsTo(
                name="indicator_survey_of_council_year",
                part="survey",
                whole="council_year",
                violation_error_message="同じ年度のアンケートを選んでください。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not self.survey_id:
            return
        self.council_year = self.survey.council_year
        before = Indicator.objects.filter(pk=self.pk).first() if self.pk else None
        if before and (before.key, before.survey_id) != (self.key, self.survey_id):
            raise ValidationError(
                f"指標のアンケートと識別名（{before.key}）は変えられません。報告書の引用とアドレスに使われています。"
            )
        twins = Indicator.objects.filter(council_year=self.council_year, key=self.key)
        if twins.exclude(pk=self.pk).exists():
            raise ValidationError({"key": "この年度には同じ識別名の指標がすでにあります。"})

    def save(self, *args: object, **kwargs: object) -> None:
        self.council_year = self.survey.council_year
        super().save(*args, **kwargs)


class CountedChoice(NaturalKeyModel):
    """A choice that makes a organization count for an indicator."""

    indicator = models.ForeignKey(
        Indicator, models.CASCADE, related_name="counted_choices", verbose_name="指標"
    )
    choice = models.ForeignKey(Choice, models.PROTECT, related_name="counted_by", verbose_name="数える選択肢")

    objects = NaturalKeyManager()
    natural_key_fields = tuple(
        [f"indicator__{field}" for field in Indicator.natural_key_fields]
        + [f"choice__{field}" for field in Choice.natural_key_fields]
    )

    class Meta:
        verbose_name = verbose_name_plural = "数える選択肢"
        ordering = ["indicator", "choice__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="counted_choice_once",
                fields=["indicator", "choice"],
                violation_error_message="この選択肢はすでに数えています。",
            ),
        ]

    def __str__(self) -> str:
        return self.choice.label

    def clean(self) -> None:
        if not (self.choice_id and self.indicator_id):
            return
        if self.choice.question.survey_id != self.indicator.survey_id:
            raise ValidationError({"choice": "指標と同じアンケートの選択肢を選んでください。"})
        if self.indicator.survey.is_aggregate:
            if self.choice.question.kind != Question.Kind.SINGLE:
                raise ValidationError(
                    {"choice": "集計値だけの調査では、「1つ選ぶ」設問の選択肢だけを数えられます。"}
                )
            others = CountedChoice.objects.filter(indicator=self.indicator).exclude(pk=self.pk)
            if others.exclude(choice__question=self.choice.question_id).exists():
                raise ValidationError(
                    {"choice": "集計値だけの調査では、1つの設問の選択肢だけを一緒に数えられます。"}
                )
