"""What every record keeps that goes public through the engine."""

from django.conf import settings
from django.db import models

from members.common.models.withdrawal import Withdrawable


class Stage(models.TextChoices):
    """How far a record has come on its way to the public."""

    DRAFT = "draft", "下書き"
    ASKED = "asked", "公開の依頼中"
    PUBLIC = "public", "公開"


class Publishable(Withdrawable):
    """A record with who asked for its publication, and when it is to go public by itself.

    ``…_state`` is the fingerprint of the content that was before the person who asked or scheduled.
    """

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="公開を依頼した職員",
    )
    requested_at = models.DateTimeField("公開を依頼した日時", null=True, blank=True, editable=False)
    requested_state = models.CharField("依頼した内容", max_length=64, blank=True, editable=False)
    publish_at = models.DateTimeField("公開予定日時", null=True, blank=True, editable=False)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="予約した職員",
    )
    scheduled_state = models.CharField("予約した内容", max_length=64, blank=True, editable=False)
    schedule_note = models.TextField("予約を取りやめた理由", blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def stage(self) -> Stage:
        """Each kind of record keeps this in fields of its own."""
        raise NotImplementedError

    def forget_request(self) -> None:
        """Nobody asks any more; the caller saves."""
        self.requested_by, self.requested_at, self.requested_state = None, None, ""

    def forget_schedule(self, note: str = "") -> None:
        """Nothing is scheduled any more; ``note`` says why, where it was not by hand. The caller saves."""
        self.publish_at, self.scheduled_by, self.scheduled_state = None, None, ""
        self.schedule_note = note
