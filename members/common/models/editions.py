"""What was published once stays as it was: the next state is a new, numbered edition."""

from django.conf import settings
from django.db import models


class Edition(models.Model):
    """A record as it was published: frozen, never changed, never deleted.

    ``number`` counts from 1 within the record. Every edition after the first says why it was
    published; each model's constraint holds that.
    """

    number = models.PositiveIntegerField("版")
    reason = models.CharField("理由", max_length=300, blank=True)
    published_at = models.DateTimeField("公開日時")
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="公開した職員",
    )

    class Meta:
        abstract = True
