"""What was published once stays as it was: the next state is a new, numbered edition."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from members.common.publication.seal import seal


class Edition(models.Model):
    """A record as it was published: frozen, sealed, never changed, never deleted.

    ``number`` counts from 1 within the record. Every edition after the first says why it was
    published; each model's constraint holds that. What the hashes and the signature cover, and how
    they are made, stands in :mod:`members.common.publication.seal`.
    """

    # The foreign key to the record whose editions these are.
    record_field: ClassVar[str]

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
    content = models.JSONField("内容")
    content_hash = models.CharField("内容のハッシュ値", max_length=64)
    previous_hash = models.CharField("前の版のハッシュ値", max_length=64, blank=True)
    chain_hash = models.CharField("版のハッシュ値", max_length=64)
    signature = models.CharField("署名", max_length=128)

    class Meta:
        abstract = True

    @property
    def record_id(self) -> int:
        found: int = getattr(self, f"{self.record_field}_id")
        return found

    @classmethod
    def put_out(cls, record: Any, last: Self | None, by: Any, **values: Any) -> Self:
        """Keep a record's next edition, sealed; ``last`` is the one before, where there is one."""
        edition = cls(
            **{cls.record_field: record},
            number=last.number + 1 if last else 1,
            published_at=timezone.now(),
            published_by=by,
            **values,
        )
        seal(edition, last).save(force_insert=True)
        return edition
