"""The outbox: mails that wait to be sent, and what became of each."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from surveys.models.survey import Survey
from surveys.models.target import SurveyTarget


class Mailing(models.Model):
    """One text that staff sent, or let be sent, to a survey's targets."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", "回答のお願い"
        REMINDER = "reminder", "督促"
        RETURN = "return", "差し戻し"
        RECEIPT = "receipt", "受付のお知らせ"
        NOTICE = "notice", "事務局への通知"
        ANSWERED = "answered", "質問への回答"

        @property
        def carries_link(self) -> bool:
            """Whether it asks a body for something, by a link; the rest goes out as it was written."""
            return self not in {Mailing.Kind.RECEIPT, Mailing.Kind.NOTICE, Mailing.Kind.ANSWERED}

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="mailings", verbose_name="アンケート")
    kind = models.CharField("種類", max_length=10, choices=Kind)
    subject = models.CharField("件名", max_length=200)
    body = models.TextField("本文")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name="登録した職員"
    )
    created_at = models.DateTimeField("登録日時", auto_now_add=True)
    # The day of a reminder that went out by itself; two servers make one.
    automatic_on = models.DateField("自動で送った日", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "一斉メール"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="mailing_automatic_once_a_day", fields=["survey", "automatic_on"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"


class OutgoingMailQuerySet(models.QuerySet):
    def due(self) -> Self:
        """Those to be sent now, oldest first."""
        return self.filter(state=OutgoingMail.State.QUEUED, next_try_at__lte=timezone.now()).order_by(
            "next_try_at", "pk"
        )


class OutgoingMail(models.Model):
    """One mail to one address. Its link is made as it is sent: the outbox holds no secret."""

    class State(models.TextChoices):
        QUEUED = "queued", "送信待ち"
        SENDING = "sending", "送信中"
        SENT = "sent", "送信済み"
        SKIPPED = "skipped", "送信不要になった"
        FAILED = "failed", "送信できなかった"

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="mails", verbose_name="一斉メール")
    target = models.ForeignKey(SurveyTarget, models.PROTECT, related_name="mails", verbose_name="回答対象")
    address = models.EmailField("宛先", max_length=254)
    state = models.CharField("状態", max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField("試行回数", default=0)
    next_try_at = models.DateTimeField("次に送る日時", default=timezone.now)
    last_error = models.CharField("最後のエラー", max_length=300, blank=True)
    claimed_at = models.DateTimeField("送信を始めた日時", null=True, blank=True)
    sent_at = models.DateTimeField("送信日時", null=True, blank=True)
    token_hash = models.CharField("リンクのハッシュ値", max_length=64, null=True, unique=True, editable=False)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "送信メール"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "next_try_at"], name="outgoing_mail_due")]
        constraints = [
            models.UniqueConstraint(
                name="outgoing_mail_once_per_address",
                fields=["mailing", "target", "address"],
                violation_error_message="この宛先にはすでに登録されています。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.address}"
