"""Every state a meeting's record was saved in, and what is typed but not saved yet."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from meetings.models.meeting import Meeting
from members.common.models.autosave import Autosave


class RecordRevisionQuerySet(models.QuerySet):
    def public(self) -> Self:
        """The states that the public has read, of records that are still public."""
        return self.filter(
            is_public=True, is_withdrawn=False, meeting__in=Meeting.objects.with_public_record()
        )


class RecordRevision(models.Model):
    """One saved state of a record, frozen as JSON (see ``meetings.record.snapshot``).

    ``is_public`` marks the states that were published; a later one than the first
    is a correction, with its reason and date.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="revisions", verbose_name="会議")
    number = models.PositiveIntegerField("番号")
    content = models.JSONField("内容")
    saved_at = models.DateTimeField("保存日時", auto_now_add=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="保存した人"
    )
    is_public = models.BooleanField("公開した状態", default=False)
    is_withdrawn = models.BooleanField("公開を取り下げた状態", default=False)
    reason = models.CharField("訂正の理由", max_length=200, blank=True)
    corrected_on = models.DateField("訂正日", null=True, blank=True)

    objects = RecordRevisionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "記録の履歴"
        ordering = ["meeting", "number"]
        constraints = [
            models.UniqueConstraint(name="record_revision_unique", fields=["meeting", "number"]),
            models.CheckConstraint(
                name="record_correction_is_complete",
                condition=Q(reason="", corrected_on__isnull=True)
                | (~Q(reason="") & Q(corrected_on__isnull=False, is_public=True)),
                violation_error_message="訂正には理由と日付が必要です。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} 履歴{self.number}"


class CorrectionProposal(models.Model):
    """A correction of a public record that waits for a second person, with all that was typed.

    ``before`` and ``content`` are the record as it stood and as it would stand: what is approved is
    that, to the letter.
    """

    class Screen(models.TextChoices):
        RECORD = "record", "議事概要を書く"
        MEETING = "meeting", "会議の画面"

    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="proposal", verbose_name="会議")
    screen = models.CharField("画面", max_length=10, choices=Screen)
    posted = models.JSONField("入力")
    before = models.JSONField("依頼したときの記録")
    content = models.JSONField("訂正後の記録")
    seed = models.CharField("固定IDの元", max_length=20)
    reason = models.CharField("訂正の理由", max_length=200)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="依頼した職員"
    )
    proposed_at = models.DateTimeField("依頼した日時", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "訂正の依頼"

    def __str__(self) -> str:
        return f"{self.meeting} 訂正の依頼"

    @property
    def corrected_on(self) -> str:
        """The day of the correction as it was typed."""
        return str((self.posted.get("corrected_on") or [""])[-1])


class AutosavedDraft(Autosave):
    """What one person has typed into a meeting's record and not saved."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="drafts")

    class Meta:
        verbose_name = verbose_name_plural = "自動保存"
        constraints = [models.UniqueConstraint(name="one_draft_each", fields=["meeting", "user"])]

    def __str__(self) -> str:
        return f"{self.meeting} {self.user}"
