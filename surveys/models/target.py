"""Who is asked, until when, and by which link."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone

from members.common.access import AccessLinked, AccessLinkQuerySet, hash_token
from members.common.models.natural_keys import NaturalKeyModel
from members.models import Organization
from surveys.models.survey import Survey, refuse_bad_addresses, refuse_far_away

# How long a receipt can be read after the deadline.
LINK_OUTLIVES_DEADLINE = timedelta(days=30)


class AnswerStatus(models.TextChoices):
    """How far a target's answer has come; drafts after handing in change nothing until the next."""

    NOT_STARTED = "not-started", "未着手"
    DRAFTED = "drafted", "入力中"
    SUBMITTED = "submitted", "提出済み"
    CHANGING = "changing", "提出後に変更中"
    RETURNED = "returned", "差し戻し中"
    EXCLUDED = "excluded", "除外"

    @property
    def is_missing(self) -> bool:
        """Whether nothing was handed in yet."""
        return self in {AnswerStatus.NOT_STARTED, AnswerStatus.DRAFTED}

    @property
    def is_changing(self) -> bool:
        """Whether what was handed in counts, and something else may come in its place."""
        return self in {AnswerStatus.CHANGING, AnswerStatus.RETURNED}


class SurveyTargetQuerySet(AccessLinkQuerySet):
    def with_status(self) -> Self:
        """Each with its ``status``, an :class:`AnswerStatus`: the one place that derives it."""
        drafts = self.model.drafts.rel.related_model.objects.filter(target=OuterRef("pk"))
        returns = self.model.returns.rel.related_model.objects.open().filter(target=OuterRef("pk"))
        return self.annotate(has_drafts=Exists(drafts), is_returned=Exists(returns)).annotate(
            status=Case(
                When(is_excluded=True, then=Value(AnswerStatus.EXCLUDED)),
                When(is_returned=True, then=Value(AnswerStatus.RETURNED)),
                When(submission__isnull=False, has_drafts=True, then=Value(AnswerStatus.CHANGING)),
                When(submission__isnull=False, then=Value(AnswerStatus.SUBMITTED)),
                When(has_drafts=True, then=Value(AnswerStatus.DRAFTED)),
                default=Value(AnswerStatus.NOT_STARTED),
            )
        )

    def in_base(self) -> Self:
        """Those that a share is a share of; what is answered for a try is a share of nothing."""
        return self.filter(in_base=True).exclude(survey__status=Survey.Status.TRIAL)

    def asked(self) -> Self:
        """Those whose answer is wanted, in the base or not."""
        return self.filter(is_excluded=False)

    def submitted(self) -> Self:
        return self.filter(submission__isnull=False)

    def for_answering(self) -> Self:
        """With everything the answering pages print."""
        return self.select_related("organization", "survey__council_year__council", "submission")

    def with_token(self, token: str) -> Self:
        """The row whose link, handed out or mailed, holds this token; at most one."""
        digest = hash_token(token)
        mailed = self.model.mails.rel.related_model.objects.filter(target=OuterRef("pk"), token_hash=digest)
        return self.filter(Q(token_hash=digest) | Exists(mailed))


class SurveyTarget(AccessLinked, NaturalKeyModel):
    """An organization that is asked to answer a survey.

    Its name, kind and departments are kept as they were when it was first asked.
    """

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="targets", verbose_name="アンケート")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="survey_targets", verbose_name="団体"
    )
    in_base = models.BooleanField(
        "割合の母数に含める", default=True, help_text="外すと、回答しても指標の集計に入りません。"
    )
    is_excluded = models.BooleanField(
        "対象から除外する",
        default=False,
        help_text="合併などで尋ねないことにした団体。リンクは使えなくなり、回答があっても数えません。",
    )
    exclusion_reason = models.CharField(
        "母数に含めない理由・除外の理由",
        max_length=200,
        blank=True,
        help_text="指標のページに公開されます。",
    )
    extended_to = models.DateTimeField(
        "個別の締切", null=True, blank=True, help_text="この団体だけ締切を延ばす場合。"
    )
    extension_reason = models.CharField("延長の理由", max_length=200, blank=True)
    emails = models.TextField(
        "送付先メールアドレス",
        blank=True,
        help_text="1行に1つ。空欄なら、検討メンバーの担当課のアドレスに送ります。",
    )
    is_trial = models.BooleanField("試行のための対象", default=False, editable=False)
    name_at_opening = models.CharField("団体名（開始時）", max_length=50, blank=True, editable=False)
    kind_at_opening = models.CharField(
        "種別（開始時）", max_length=10, choices=Organization.Kind, blank=True, editable=False
    )
    departments_at_opening = models.TextField("担当課（開始時）", blank=True, editable=False)

    link_page = "answer"
    link_name = "回答用リンク"

    objects = SurveyTargetQuerySet.as_manager()
    natural_key_fields = (
        "survey__council_year__council__slug",
        "survey__council_year__year",
        "survey__key",
        "organization__code",
    )

    class Meta:
        verbose_name = verbose_name_plural = "回答対象"
        ordering = ["survey", "organization__code"]
        constraints = [
            models.UniqueConstraint(
                name="survey_target_unique",
                fields=["survey", "organization"],
                violation_error_message="この団体はすでにこのアンケートの回答対象です。",
            ),
            models.CheckConstraint(
                name="survey_target_exclusion_has_reason",
                condition=Q(in_base=True) | ~Q(exclusion_reason=""),
                violation_error_message="母数に含めない団体には、その理由を入力してください。",
            ),
            models.CheckConstraint(
                name="survey_target_excluded_not_in_base",
                condition=Q(is_excluded=False) | Q(in_base=False),
                violation_error_message="除外する団体は、母数に含められません。",
            ),
            models.CheckConstraint(
                name="survey_target_extension_has_reason",
                condition=Q(extended_to__isnull=True) | ~Q(extension_reason=""),
                violation_error_message="締切を延ばす理由を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return self.organization.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            # However it is made: a body that becomes a city later was asked as a town.
            self.kind_at_opening = self.kind_at_opening or self.organization.kind
        super().save(*args, **kwargs)

    def clean(self) -> None:
        refuse_bad_addresses("emails", self.emails)
        if self.is_excluded:
            self.in_base = False
        refuse_far_away("extended_to", self.extended_to)
        closes_at = self.survey.closes_at if self.survey_id else None
        if self.extended_to and closes_at and self.extended_to <= closes_at:
            raise ValidationError(
                {"extended_to": "全体の締切より後の日時にしてください。延ばさないなら空欄にします。"}
            )
        if not (self.survey_id and self.organization_id and self.in_base):
            return
        if not self.organization.is_municipality:
            raise ValidationError(
                {
                    "in_base": f"{self.organization.get_kind_display()}は割合の母数に含めません。"
                    "印を外し、理由を入力してください。"
                }
            )
        if not self.survey.council_year.municipalities().filter(pk=self.organization_id).exists():
            raise ValidationError(
                {"in_base": "この年度の検討メンバーにない団体は母数に含めません。印を外してください。"}
            )

    def new_token(self) -> str:
        self._forget_mailed_links()
        return super().new_token()

    def revoke_link(self) -> None:
        self._forget_mailed_links()
        super().revoke_link()

    def _forget_mailed_links(self) -> None:
        # Links sent by mail, or made for colleagues, live beside the one handed out, and die with it.
        if self.pk:
            self.mails.exclude(token_hash=None).update(token_hash=None)
            for link in self.section_links.exclude(token_hash=None):
                link.revoke_link()

    @property
    def name(self) -> str:
        """The organization's name as it was when it was asked."""
        return self.name_at_opening or self.organization.name

    @property
    def deadline(self) -> datetime | None:
        """Until when this organization can answer: the survey's deadline, or its own later one."""
        closes_at = self.survey.closes_at
        if closes_at is None or self.extended_to is None:
            return closes_at
        return max(closes_at, self.extended_to)

    @property
    def is_accepting(self) -> bool:
        """Whether an answer can be written now; the deadline itself is too late."""
        if self.survey.status == Survey.Status.TRIAL:
            return not self.is_excluded
        return bool(
            self.survey.status == Survey.Status.OPEN
            and not self.is_excluded
            and self.deadline
            and timezone.now() < self.deadline
        )

    @property
    def link_is_good(self) -> bool:
        """Whether the link still opens: until some weeks after the deadline, for the receipt."""
        return (
            super().link_is_good
            and not self.is_excluded
            and (self.deadline is None or timezone.now() < self.deadline + LINK_OUTLIVES_DEADLINE)
        )

    @property
    def receipt_number(self) -> str:
        """What a municipality quotes on the phone: 「2026-after-meeting-242012」."""
        year = self.survey.council_year.year
        return f"{year}-{self.survey.key}-{self.organization.code}"
