"""Who has had the day's mail: it comes once, however often it is sent for."""

from django.conf import settings
from django.db import models


class DailyMail(models.Model):
    """A person of staff was told on a day what is due."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    day = models.DateField("日付")

    class Meta:
        verbose_name = verbose_name_plural = "1日1通のメール"
        default_permissions = ()
        constraints = [models.UniqueConstraint(name="daily_mail_once", fields=["user", "day"])]

    def __str__(self) -> str:
        return f"{self.user} {self.day}"
