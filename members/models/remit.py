"""Of which councils an account takes care, where not of all."""

from django.conf import settings
from django.db import models

from members.models.council import Council


class Remit(models.Model):
    """The limit of an account to some councils: its roles count for these only.

    Without a row there is no limit; a row without a council is a limit to none.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="remit", verbose_name="職員"
    )
    councils = models.ManyToManyField(
        Council, blank=True, related_name="remits", verbose_name="担当する検討会議"
    )

    class Meta:
        verbose_name = verbose_name_plural = "担当"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user}の担当"
