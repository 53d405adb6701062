"""Results as they were published: the only ones the public sees, until the next edition."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from members.common.models.editions import Edition
from surveys.models.survey import Survey


class ResultsEditionQuerySet(models.QuerySet):
    def in_force(self) -> Self:
        """The newest edition of each survey."""
        newer = self.model.objects.filter(
            survey=models.OuterRef("survey"), number__gt=models.OuterRef("number")
        )
        return self.filter(~models.Exists(newer))


class ResultsEdition(Edition):
    """A survey's public results, frozen: never changed, never deleted.

    ``content`` is a :class:`surveys.results.editions.ResultsSnapshot`. ``contributions`` maps the codes
    of the organizations in the base to a hash of what each contributed, to tell how many a later
    edition would change; it is never shown.
    """

    record_field = "survey"

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="editions", verbose_name="アンケート")
    # Why a difference of so few organizations that it tells their answers was published all the same.
    small_change_reason = models.CharField("少数の変更を公表する理由", max_length=300, blank=True)
    contributions = models.JSONField("団体ごとの内容のハッシュ値")
    private_signature = models.CharField("公開しない記録の署名", max_length=128)

    objects = ResultsEditionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "集計結果の版"
        ordering = ["survey", "-number"]
        constraints = [
            models.UniqueConstraint(
                name="results_edition_number_unique",
                fields=["survey", "number"],
                violation_error_message="この番号の版はすでにあります。",
            ),
            models.CheckConstraint(
                name="results_edition_after_the_first_has_reason",
                condition=Q(number=1) | ~Q(reason=""),
                violation_error_message="新しい版には、公開する理由を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey} 集計結果 第{self.number}版"

    def private_content(self) -> list[Any]:
        """What the edition keeps and never shows; signed apart."""
        return [self.contributions, self.small_change_reason]
