"""People of a body who come to its desk by an entrance of their own, beside the body's one link."""

import secrets
from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from members.common.access import hash_token
from members.common.text.eras import fiscal_year, fiscal_year_range, format_date
from members.models.desk import Desk

# In March people know who stays: from then on somebody can be kept for the year to come.
RENEWED_FROM_MONTH = 3
INVITED_FOR, ENTERS_WITHIN = timedelta(days=7), timedelta(minutes=30)
MOST_MAILS, MAILS_WITHIN = 5, timedelta(hours=1)


def new_secret() -> str:
    """What a person's cookie holds; another one ends every visit of theirs."""
    return secrets.token_urlsafe(24)


def end_of_term(today: date) -> date:
    """Until when somebody is let in who is invited or kept on now: the fiscal year's end, in March the next.

    After the transfers of April nobody is in who was not kept on.
    """
    year = fiscal_year(today)
    return fiscal_year_range(year + 1 if today.month == RENEWED_FROM_MONTH else year)[1]


class DeskPersonQuerySet(models.QuerySet):
    def in_use(self) -> Self:
        """Who may come in today."""
        return self.filter(
            ended_at=None, good_until__gte=timezone.localdate(), desk__organization__merged_into=None
        )

    def administrators(self) -> Self:
        """Who may invite, keep on and end the people of their body today."""
        return self.in_use().filter(is_administrator=True)

    def with_address(self, address: str) -> Self:
        """Who has this address, at whichever body; capitals make no difference."""
        return self.annotate(plain=Lower("email")).filter(plain=address.lower())

    def to_keep_on(self) -> Self:
        """Who is not ended and would leave with a term that can be renewed by now."""
        return self.filter(ended_at=None, good_until__lt=end_of_term(timezone.localdate()))


class DeskPerson(models.Model):
    """A person of a body, let in by a mail to an address of their own until the fiscal year ends.

    There is no password to forget or to guess: each time a link comes by mail, that works once.
    """

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="people", verbose_name="窓口")
    name = models.CharField("氏名", max_length=50)
    email = models.EmailField("メールアドレス", max_length=254)
    is_administrator = models.BooleanField(
        "管理者", default=False, help_text="自分の団体の利用者を招き、延ばし、終わらせることができます。"
    )
    good_until = models.DateField("利用期限")
    ended_at = models.DateTimeField("利用の終了", null=True, blank=True, editable=False)
    invited_by = models.CharField("招いた人", max_length=120, blank=True, editable=False)
    invited_at = models.DateTimeField("招いた日時", default=timezone.now, editable=False)
    mailed_at = models.DateTimeField("招待のメールの送信", null=True, editable=False)
    came_at = models.DateTimeField("最後に入った日時", null=True, editable=False)
    told_on = models.DateField("期限のお知らせ", null=True, editable=False)
    secret = models.CharField("入室の証", max_length=40, default=new_secret, editable=False)

    # What this person opened is closed with the browser: the next at a shared desktop is another.
    ends_with_browser = True

    objects = DeskPersonQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "窓口の利用者"
        ordering = ["desk__organization__code", "-is_administrator", "pk"]
        constraints = [
            # Whoever comes after somebody at the same post has the address next, and is another person.
            models.UniqueConstraint(
                Lower("email"),
                "desk",
                condition=Q(ended_at=None),
                name="desk_person_address_once",
                violation_error_message="このメールアドレスの利用者が、この団体にすでにいます。",
            ),
            models.CheckConstraint(
                name="desk_person_has_name",
                condition=~Q(name=""),
                violation_error_message="氏名を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.desk.organization.name}）"

    @property
    def link_is_good(self) -> bool:
        """Whether this person may come in today."""
        is_in_time = self.ended_at is None and timezone.localdate() <= self.good_until
        return is_in_time and self.desk.organization.merged_into_id is None

    @property
    def proof(self) -> str:
        return self.secret

    @property
    def state(self) -> str:
        """「利用中」, 「期限切れ」 or 「終了」; 「招待中」 while nobody has come in yet."""
        if self.ended_at is not None:
            return "終了"
        if not self.link_is_good:
            return "期限切れ"
        if self.came_at:
            return "利用中"
        return "招待中" if self.mailed_at else "招待中（メール未送信）"

    @property
    def why_out(self) -> str:
        """What somebody reads whose pages do not open any more."""
        body = self.desk.organization.name
        if self.ended_at is not None:
            return f"{body}の窓口の、あなたの利用は終了しました。"
        if self.desk.organization.merged_into_id is not None:
            return f"{body}は合併したため、窓口はなくなりました。"
        if not self.link_is_good:
            return (
                f"利用期限（{format_date(self.good_until)}）が過ぎました。"
                "続けて担当されるときは、団体の管理者か事務局に延長を頼んでください。"
            )
        return "この端末での利用は終わっています。メールアドレスを入力して入り直してください。"

    @property
    def is_to_keep_on(self) -> bool:
        """Whether keeping this person on now would let them in for longer."""
        return self.ended_at is None and self.good_until < end_of_term(timezone.localdate())

    def keep_on(self) -> None:
        """Let this person in until the end of the term that begins or runs now."""
        self.good_until = max(self.good_until, end_of_term(timezone.localdate()))
        self.save(update_fields=["good_until"])

    def end(self) -> None:
        """Let this person in no more; whatever they have open, and each link in a mail, ends now."""
        self.ended_at, self.secret = timezone.now(), new_secret()
        self.is_administrator = False
        self.save(update_fields=["ended_at", "secret", "is_administrator"])
        self.entrances.all().delete()

    def leave(self) -> None:
        """End every visit that is under way, on whichever desktop; a new mail lets in again."""
        self.secret = new_secret()
        self.save(update_fields=["secret"])


class EntranceQuerySet(models.QuerySet):
    def with_token(self, token: str) -> Self:
        """The entrance that this token opens now; at most one."""
        return self.filter(token_hash=hash_token(token), good_until__gt=timezone.now())


class DeskEntrance(models.Model):
    """A link in a mail to one person, that lets them in once."""

    person = models.ForeignKey(DeskPerson, models.CASCADE, related_name="entrances", verbose_name="利用者")
    token_hash = models.CharField("リンクのハッシュ値", max_length=64, unique=True, editable=False)
    sent_at = models.DateTimeField("送信日時", default=timezone.now)
    good_until = models.DateTimeField("リンクの期限")

    objects = EntranceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "窓口に入るリンク"
        ordering = ["-sent_at"]

    def __str__(self) -> str:
        return f"{self.person} {self.sent_at:%Y-%m-%d}"

    @classmethod
    def issue(cls, person: DeskPerson, good_for: timedelta = ENTERS_WITHIN) -> str:
        """Make a link for one mail; returns its token, the only time it can be read."""
        token = secrets.token_urlsafe(32)
        now = timezone.now()
        cls.objects.filter(person=person, good_until__lt=now - MAILS_WITHIN).delete()
        cls.objects.create(person=person, token_hash=hash_token(token), good_until=now + good_for)
        return token

    def use_up(self) -> None:
        """Let nobody in by it any more; it stays for a while, to be counted."""
        self.good_until = timezone.now()
        self.save(update_fields=["good_until"])

    @classmethod
    def are_many(cls, person: DeskPerson) -> bool:
        """Whether a person has had the mails of an hour: nobody fills another's mailbox by the portal."""
        since = timezone.now() - MAILS_WITHIN
        return cls.objects.filter(person=person, sent_at__gt=since).count() >= MOST_MAILS
