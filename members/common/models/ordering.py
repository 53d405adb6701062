"""Parts that stand in an order of their own, apart from any printed label."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Max

LAST = 9999


class OrderedModel(models.Model):
    """A part of a whole with a position in it; without one it goes to the end."""

    # Name of the foreign key to the whole.
    order_within: ClassVar[str]

    position = models.PositiveSmallIntegerField(
        "順",
        blank=True,
        validators=[MaxValueValidator(LAST, "%(limit_value)s以下の数で入力してください。")],
        help_text="小さい順に並びます。空欄なら最後になります。",
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.position is None:
            whole = {self.order_within: getattr(self, self.order_within)}
            last = type(self)._default_manager.filter(**whole).aggregate(last=Max("position"))
            self.position = min((last["last"] or 0) + 1, LAST)
        super().save(*args, **kwargs)
