"""Logins that wait, as the screen for accounts shows them."""

from typing import ClassVar, Self

from axes.models import AccessAttempt
from django.conf import settings
from django.db import models
from django.utils import timezone

from council.security.lockout import wait_after


class LockoutManager(models.Manager):
    def get_queryset(self) -> models.QuerySet:
        """Those that have used up their free failures; whoever mistyped once is nobody's business."""
        return super().get_queryset().filter(failures_since_start__gte=settings.AXES_FAILURE_LIMIT)


class Lockout(AccessAttempt):
    """A name at an address from which too many wrong passwords came."""

    objects: ClassVar[models.Manager[Self]] = LockoutManager()

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "ログインの停止"
        ordering = ["-attempt_time"]

    def __str__(self) -> str:
        return f"{self.username}（{self.ip_address}）"

    @property
    def until(self) -> str:
        """「19:56まで」, or that the wait is over."""
        moment = self.attempt_time + wait_after(self.failures_since_start)
        if moment <= timezone.now():
            return "待ち時間は終わりました"
        return f"{timezone.localtime(moment):%H:%M}まで"
