"""The confirmation round: each organization looks over its own remarks before they are published."""

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from meetings.minutes.naming import is_named
from meetings.models.meeting import Meeting
from meetings.models.minutes import MinuteEntry
from members.common.access import AccessLinked, AccessLinkQuerySet
from members.common.merging import digest
from members.models import Organization


class RemarkRequestQuerySet(AccessLinkQuerySet):
    def unanswered(self) -> QuerySet:
        """Those whose organization has not said anything yet."""
        return self.filter(remarks__isnull=True)


class RemarkRequest(AccessLinked):
    """One organization asked to confirm what the minutes say it said, until a day."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="remark_requests", verbose_name="会議")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="remark_requests", verbose_name="団体"
    )
    due_on = models.DateField("確認の期限")

    link_page = "remarks"
    link_name = "確認用リンク"

    objects = RemarkRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "発言内容の確認依頼"
        ordering = ["meeting", "organization__code"]
        constraints = [
            models.UniqueConstraint(
                name="remark_request_unique",
                fields=["meeting", "organization"],
                violation_error_message="この団体にはすでに確認を依頼しています。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} {self.organization}"

    @property
    def is_open(self) -> bool:
        """Whether remarks are still taken: through the due day, until the record is public."""
        return timezone.localdate() <= self.due_on and not self.meeting.has_public_record

    def entries(self) -> QuerySet[MinuteEntry]:
        """What the minutes say this organization said."""
        # Of a body with several sections it may only be known that the body spoke.
        by_name = self.meeting.minute_entries.filter(department=None).exclude(speaker_name="")
        named = [
            pk for pk, name in by_name.values_list("pk", "speaker_name") if is_named(self.organization, name)
        ]
        own = models.Q(department__organization=self.organization) | models.Q(pk__in=named)
        return self.meeting.minute_entries.filter(own).order_by("position", "pk")


class Remark(models.Model):
    """What an organization says of one entry: that it is right, or how it should read."""

    class State(models.TextChoices):
        CONFIRMED = "confirmed", "確認済み"
        PENDING = "pending", "申し出あり（未処理）"
        ACCEPTED = "accepted", "申し出を反映"
        REFUSED = "refused", "申し出を見送り"

    request = models.ForeignKey(
        RemarkRequest, models.CASCADE, related_name="remarks", verbose_name="確認依頼"
    )
    entry = models.ForeignKey(
        MinuteEntry,
        models.SET_NULL,
        null=True,
        related_name="remarks",
        verbose_name="項目",
    )
    original = models.TextField("確認した時点の内容")
    # Tells whether kind, speaker, owner or day changed since; empty of remarks made before it was kept.
    seen = models.CharField("確認した時点の項目", max_length=32, blank=True, editable=False)
    proposal = models.TextField("訂正案", blank=True)
    comment = models.CharField("理由など", max_length=500, blank=True)
    state = models.CharField("状態", max_length=10, choices=State)
    made_at = models.DateTimeField("回答日時", auto_now=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="処理した人"
    )
    decided_at = models.DateTimeField("処理日時", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "発言内容への回答"
        ordering = ["request", "entry__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="remark_once_per_entry",
                fields=["request", "entry"],
                condition=Q(entry__isnull=False),
            ),
            models.CheckConstraint(
                name="remark_proposal_fits_state",
                condition=Q(state="confirmed", proposal="") | (~Q(state="confirmed") & ~Q(proposal="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request} {self.get_state_display()}"

    @property
    def fingerprint(self) -> str:
        """Changes with the proposal, its reasons, and the text that it is for."""
        text = self.entry.fingerprint if self.entry else ""
        return digest([self.proposal, self.comment, text])
