"""One readable entry of the audit trail for each act; the changes of rows that it made hang below it."""

from typing import Self

from django.db import models
from django.db.models import Q


class AuditEntryQuerySet(models.QuerySet):
    def in_order(self) -> Self:
        """As they are chained."""
        return self.filter(number__isnull=False).order_by("number")

    def pending(self) -> Self:
        """Written, and not in the chain yet."""
        return self.filter(number__isnull=True)


class AuditEntry(models.Model):
    """Who did what, when, from where and why; chained to the entry before, so that none can be lost.

    Names stand as text: the entry outlives accounts and records.
    """

    uid = models.CharField(max_length=32, unique=True)
    number = models.PositiveBigIntegerField("番号", unique=True, null=True)
    at = models.DateTimeField("日時", db_index=True)
    title = models.CharField("操作", max_length=200)
    about = models.CharField("対象", max_length=300, blank=True)
    about_model = models.CharField("対象の種類", max_length=100, blank=True)
    about_key = models.CharField(max_length=50, blank=True)
    # Of which council, for those who take care of some only; no foreign key: it outlives the council.
    council_key = models.BigIntegerField(null=True, db_index=True)
    reason = models.TextField("理由", blank=True)
    who = models.CharField("実行者", max_length=300, blank=True)
    address = models.GenericIPAddressField("場所（IPアドレス）", null=True, blank=True)
    request_id = models.CharField("要求の番号", max_length=32, blank=True)
    changes_count = models.PositiveIntegerField("変更の行数", default=0)
    changes_hash = models.CharField("明細のハッシュ値", max_length=64, blank=True)
    previous_hash = models.CharField("前の記録のハッシュ値", max_length=64, blank=True)
    chain_hash = models.CharField("ハッシュ値", max_length=64, blank=True)
    signature = models.CharField("署名", max_length=128, blank=True)

    objects = AuditEntryQuerySet.as_manager()
    council_path = "council_key"

    class Meta:
        verbose_name = verbose_name_plural = "監査記録"
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["about_model", "about_key"]),
            models.Index(fields=["id"], name="audit_entry_pending", condition=Q(number__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.about}）" if self.about else self.title
