"""A body's desk: one link to everything that waits for it, across councils."""

import secrets
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from members.common.access import AccessLinked, AccessLinkQuerySet, hash_token
from members.models.council import CouncilYear
from members.models.organization import Organization


class DeskQuerySet(AccessLinkQuerySet):
    def with_token(self, token: str) -> Self:
        """The desk whose link, handed out or mailed, holds this token; at most one."""
        digest = hash_token(token)
        mailed = DeskMailedLink.objects.filter(desk=OuterRef("pk"), token_hash=digest)
        return self.filter(Q(token_hash=digest) | Exists(mailed))


class Desk(AccessLinked):
    """An organization's place in the portal, reached by a link and without an account.

    Links sent by mail live beside the one handed out, and die with it.
    """

    organization = models.OneToOneField(
        Organization, models.CASCADE, related_name="desk", verbose_name="団体"
    )

    link_page = "desk"
    link_name = "窓口リンク"

    objects = DeskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "団体の窓口"
        ordering = ["organization__code"]

    def __str__(self) -> str:
        return f"{self.organization.name}の窓口"

    def new_token(self) -> str:
        self._forget_mailed_links()
        return super().new_token()

    def mailed_token(self) -> str:
        """A fresh link for one mail, beside the one handed out; the caller holds a transaction."""
        if self.token_hash is None:
            # The cookie is tied to a link of the desk's own; nobody needs to know this one.
            self.new_token()
            self.save()
        token = secrets.token_urlsafe(32)
        self.mailed_links.create(token_hash=hash_token(token))
        return token

    def revoke_link(self) -> None:
        self._forget_mailed_links()
        super().revoke_link()

    def _forget_mailed_links(self) -> None:
        if self.pk:
            self.mailed_links.all().delete()

    @property
    def link_is_good(self) -> bool:
        """Whether the link opens: not that of a body that has gone into another."""
        return super().link_is_good and self.organization.merged_into_id is None


class DeskMailedLink(models.Model):
    """A link to a desk that went out in a mail; only its hash is kept."""

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="mailed_links", verbose_name="窓口")
    token_hash = models.CharField("リンクのハッシュ値", max_length=64, unique=True, editable=False)
    sent_at = models.DateTimeField("送信日時", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "メールで送った窓口のリンク"
        ordering = ["-sent_at"]

    def __str__(self) -> str:
        return f"{self.desk} {self.sent_at:%Y-%m-%d}"


class RosterReply(models.Model):
    """What a body says of its entry in a year's roster: that it is right, or what is to be changed."""

    council_year = models.ForeignKey(
        CouncilYear, models.CASCADE, related_name="roster_replies", verbose_name="年度"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="roster_replies", verbose_name="団体"
    )
    is_right = models.BooleanField("このままでよい", default=False)
    comment = models.TextField("直すところ", max_length=1000, blank=True)
    replied_at = models.DateTimeField("回答日時", auto_now=True)
    is_handled = models.BooleanField("処理済み", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "名簿への回答"
        ordering = ["is_handled", "-replied_at"]
        constraints = [
            models.UniqueConstraint(
                name="roster_reply_once_a_year",
                fields=["council_year", "organization"],
                violation_error_message="この団体の回答はすでにあります。",
            ),
            models.CheckConstraint(
                name="roster_reply_says_what_is_wrong",
                condition=Q(is_right=True, comment="") | (Q(is_right=False) & ~Q(comment="")),
                violation_error_message="直すところを入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.council_year} {self.organization}"
