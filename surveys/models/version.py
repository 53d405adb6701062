"""By what is known, in every process, that a questionnaire is still the one that was read."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.db import models

from members.common.models.natural_keys import NaturalKeyQuerySet


def new_version() -> str:
    """A version that never was before: one that was rolled back is not met again with other questions."""
    return uuid4().hex


class QuestionnaireVersion(models.Model):
    """The version of a survey's questions, another with each write to any part of them."""

    survey = models.OneToOneField(
        "surveys.Survey",
        models.CASCADE,
        primary_key=True,
        related_name="questionnaire_version",
        verbose_name="アンケート",
    )
    value = models.CharField(max_length=40, default=new_version)

    class Meta:
        verbose_name = verbose_name_plural = "質問票の版"
        default_permissions = ()

    def __str__(self) -> str:
        return self.value

    @staticmethod
    def renew(survey: int) -> None:
        """Within the writer's transaction: who reads before its end reads what was before, under its name."""
        row = QuestionnaireVersion(survey_id=survey)
        QuestionnaireVersion.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["survey"], update_fields=["value"]
        )


class PartQuerySet(NaturalKeyQuerySet):
    """Parts of questionnaires; what writes many of them at once renews every questionnaire's version."""

    def update(self, **values: Any) -> int:
        count = super().update(**values)
        QuestionnaireVersion.objects.update(value=new_version())
        return count

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        made = super().bulk_create(objs, *args, **kwargs)
        QuestionnaireVersion.objects.update(value=new_version())
        return made

    def bulk_update(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> int:
        count = super().bulk_update(objs, *args, **kwargs)
        QuestionnaireVersion.objects.update(value=new_version())
        return count


PartManager = models.Manager.from_queryset(PartQuerySet)
