"""A survey: its state, its deadline, what happened to it."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, validate_email
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from meetings.models import Meeting
from members.common.models.natural_keys import NaturalKeyModel, NaturalKeyQuerySet
from members.models import CouncilYear

validate_key = RegexValidator(
    r"^[a-z][a-z0-9_-]*\Z",
    "半角の英小文字で始め、英小文字、数字、ハイフン、下線だけで入力してください。",
)


def refuse_bad_addresses(field: str, text: str) -> None:
    """Hold a field of one mail address a line; raises ``ValidationError`` at it."""
    for address in text.split():
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValidationError({field: f"「{address}」はメールアドレスとして使えません。"}) from error


# Later than this is a slip of the keyboard, and no calendar counts on from the year 9999.
FARTHEST = timedelta(days=5 * 366)


def refuse_far_away(field: str, moment: datetime | None) -> None:
    """Hold a deadline within some years; raises ``ValidationError`` at its field."""
    if moment and moment > timezone.now() + FARTHEST:
        raise ValidationError({field: "5年より先の日時です。年を確かめてください。"})


class SurveyQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Surveys whose results staff have made public, in public years."""
        return self.public_or_waiting().filter(waits_for_report=False)

    def public_or_waiting(self) -> Self:
        """Those, and the ones that become public with the next edition of their year's report."""
        return self.filter(results_public=True, council_year__in=CouncilYear.objects.public())

    def accepting(self) -> Self:
        """Surveys that can be answered now."""
        return self.filter(status=Survey.Status.OPEN, closes_at__gt=timezone.now())

    def accepting_somebody(self) -> Self:
        """Surveys that some body can answer now: all of them, or one whose deadline was put off."""
        now = timezone.now()
        is_late = Q(closes_at__gt=now) | Q(targets__extended_to__gt=now)
        return self.filter(is_late, status=Survey.Status.OPEN).distinct()


class Survey(NaturalKeyModel):
    """A questionnaire that each participating municipality answers once, as a organization."""

    class Status(models.TextChoices):
        DRAFT = "draft", "準備中"
        TRIAL = "trial", "試行中"
        OPEN = "open", "受付中"
        CLOSED = "closed", "受付終了"

    # Nobody is asked yet.
    NOT_ASKED = (Status.DRAFT, Status.TRIAL)

    council_year = models.ForeignKey(CouncilYear, models.PROTECT, related_name="surveys", verbose_name="年度")
    key = models.CharField(
        "識別名",
        max_length=40,
        validators=[validate_key],
        help_text="アドレスと受付番号に使う半角英小文字（例: after-meeting）。",
    )
    title = models.CharField("アンケート名", max_length=100)
    introduction = models.TextField(
        "説明文", blank=True, help_text="回答ページの冒頭に表示します。目的や集計結果の扱いなど。"
    )
    after_meeting = models.ForeignKey(
        Meeting,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="surveys",
        verbose_name="対象の会議",
        help_text="会議の後に行うアンケートの場合。",
    )
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    opens_at = models.DateTimeField("受付を開始する予定の日時", null=True, blank=True, editable=False)
    invites_on_opening = models.BooleanField("開始と同時にお願いを送る", default=False, editable=False)
    opening_set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="開始を予約した職員",
    )
    # Why it did not open when it should have; empty once that is seen to.
    opening_failed = models.TextField("予約した受付を開始できなかった理由", blank=True, editable=False)
    opened_at = models.DateTimeField("受付を開始した日時", null=True, blank=True, editable=False)
    closes_at = models.DateTimeField(
        "締切", null=True, blank=True, help_text="この時刻になると提出できなくなります。"
    )
    reminds = models.BooleanField(
        "督促を自動で送る",
        default=False,
        help_text="締切の3日前（暦の日）と当日の朝に、まだ提出していない団体へメールを送ります。個別に延ばした団体には、その締切で送ります。",
    )
    minutes = models.PositiveSmallIntegerField(
        "回答にかかる時間の目安（分）",
        null=True,
        blank=True,
        help_text="回答の最初の画面に表示します。試行で測ってください。",
    )
    asks_files = models.TextField(
        "回答に添付してほしいもの",
        blank=True,
        max_length=1000,
        help_text="例: 計画書（PDF）。書くと、回答の画面からファイルを添付できます。空欄なら添付できません。",
    )
    notify_emails = models.TextField(
        "提出などを知らせるアドレス",
        blank=True,
        help_text="1行に1つ。提出と再提出のたびに、事務局のこの宛先へメールを送ります。係の共用アドレスを勧めます。",
    )
    asks_approval = models.BooleanField(
        "提出の前に庁内の確認を求める",
        default=False,
        help_text="課長などが回答の全体を確かめ、職・氏名と日付を記録してから提出する手順にします。受付票に載ります。",
    )
    provenance_note = models.TextField(
        "データの出所についての注記",
        blank=True,
        help_text="このアンケートの数値を表示するすべてのページに、そのまま表示します。",
    )
    results_shared = models.BooleanField(
        "集計結果を構成員に見せる",
        default=False,
        help_text="受付終了後、回答用リンクの画面に、開示範囲が「構成員」と「公開」の設問の集計を表示します。",
    )
    results_public = models.BooleanField(
        "集計結果を公開する",
        default=False,
        help_text=(
            "受付終了後に公開できます。開示範囲が「公開」の設問の集計と指標をだれでも見られるようにします。"
            "公開するまで、指標は年次報告書にも表示しません。"
        ),
    )
    # Of a year whose report is public: two persons publish its next edition, and the results with it.
    waits_for_report = models.BooleanField(
        "次の年次報告書の版と一緒に公開する", default=False, editable=False
    )
    is_aggregate = models.BooleanField(
        "集計値だけの調査",
        default=False,
        help_text="団体ごとの回答がなく、選択肢ごとの数だけが分かっている過去の調査。受付はしません。",
    )
    aggregate_source = models.CharField(
        "集計値の出所",
        max_length=300,
        blank=True,
        help_text="資料の名前、ページなど。数値のページに表示します。",
    )
    aggregate_base = models.PositiveIntegerField(
        "集計値の母数", null=True, blank=True, help_text="参加した市町の数（例: 28）。"
    )
    aggregate_answered = models.PositiveIntegerField(
        "集計値の回答数", null=True, blank=True, help_text="回答した市町の数。分からなければ空欄。"
    )

    objects = SurveyQuerySet.as_manager()
    natural_key_fields = ("council_year__council__slug", "council_year__year", "key")

    class Meta:
        verbose_name = verbose_name_plural = "アンケート"
        permissions = [
            ("publish_survey", "集計結果を公開し、取り下げる"),
            ("view_results", "集計結果を見る"),
        ]
        ordering = ["-council_year__year", "council_year__council", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="survey_key_unique_per_year",
                fields=["council_year", "key"],
                violation_error_message="この年度には同じ識別名のアンケートがすでにあります。",
            ),
            # The target of Indicator's BelongsTo.
            models.UniqueConstraint(name="survey_of_council_year", fields=["id", "council_year"]),
            models.CheckConstraint(
                name="survey_open_has_deadline",
                condition=~Q(status="open", closes_at__isnull=True),
                violation_error_message="受付中のアンケートには締切が必要です。",
            ),
            models.CheckConstraint(
                name="survey_dates_in_order",
                condition=Q(opened_at__isnull=True)
                | Q(closes_at__isnull=True)
                | Q(closes_at__gt=F("opened_at")),
                violation_error_message="締切は受付を開始した日時より後にしてください。",
            ),
            models.CheckConstraint(
                name="survey_results_public_after_closing",
                condition=Q(results_public=False, results_shared=False) | Q(status="closed"),
                violation_error_message="集計結果は、受付を終了してから公開してください。",
            ),
            models.CheckConstraint(
                name="survey_aggregate_has_source_and_base",
                condition=Q(is_aggregate=False)
                | Q(~Q(aggregate_source=""), aggregate_base__isnull=False, status="closed"),
                violation_error_message="集計値だけの調査には、出所と母数を入力してください。",
            ),
            models.CheckConstraint(
                name="survey_aggregate_answered_within_base",
                condition=Q(aggregate_answered__isnull=True) | Q(aggregate_answered__lte=F("aggregate_base")),
                violation_error_message="回答数は母数以下にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.council_year} {self.title}"

    def get_absolute_url(self) -> str:
        """The page of its public results."""
        year = self.council_year
        return reverse("survey-results", args=[year.council.slug, year.year, self.key])

    def clean(self) -> None:
        before = Survey.objects.filter(pk=self.pk).first() if self.pk else None
        refuse_bad_addresses("notify_emails", self.notify_emails)
        refuse_far_away("closes_at", self.closes_at)
        errors: dict[str, Any] = self._schedule_errors()
        if self.is_aggregate:
            # Nobody is asked any more.
            self.status = self.Status.CLOSED
            errors |= self._aggregate_errors()
        errors |= self._disclosure_errors(before)
        moves = before and before.council_year_id != self.council_year_id
        if moves and before and (before.targets.exists() or before.indicators.exists()):
            errors["council_year"] = "回答対象か指標のあるアンケートの年度は変えられません。"
        if before and before.key != self.key and before.status != self.Status.DRAFT:
            errors["key"] = (
                f"受付を始めたアンケートの識別名（{before.key}）は変えられません。"
                "受付番号と公開ページのアドレスに使われています。"
            )
        if errors:
            raise ValidationError(errors)

    def _schedule_errors(self) -> dict[str, Any]:
        """Meeting and deadline; the database holds the latter too, but not where a form leaves it out."""
        errors: dict[str, Any] = {}
        if self.after_meeting and self.after_meeting.council_year_id != self.council_year_id:
            errors["after_meeting"] = "このアンケートと同じ年度の会議を選んでください。"
        if self.status == self.Status.OPEN and self.closes_at is None:
            errors["closes_at"] = "受付中のアンケートには締切が必要です。"
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            errors["closes_at"] = "締切は、予約した受付の開始より後にしてください。"
        if self.opened_at and self.closes_at and self.closes_at <= self.opened_at:
            errors["closes_at"] = "締切は受付を開始した日時より後にしてください。"
        return errors

    def _disclosure_errors(self, before: "Survey | None") -> dict[str, Any]:
        """Results are shown of a closed survey whose base is decided on."""
        errors: dict[str, Any] = {}
        if self.results_public and not getattr(before, "results_public", False):
            errors |= self._base_errors()
        for name in ("results_public", "results_shared"):
            if getattr(self, name) and self.status != self.Status.CLOSED:
                errors[name] = "集計結果は、受付を終了してから公開してください。"
        return errors

    def _base_errors(self) -> dict[str, list[str]]:
        """A share is published only of a base that roster and targets agree about."""
        # The check stands above this module.
        from surveys.results.known_counts import missing_counts
        from surveys.running.base import find_gap

        gap = find_gap(self) if self.pk else None
        sentences = [*(gap.sentences if gap else []), *(missing_counts(self) if self.pk else [])]
        return {"results_public": sentences} if sentences else {}

    def _aggregate_errors(self) -> dict[str, str]:
        errors = {}
        if not self.aggregate_source:
            errors["aggregate_source"] = "集計値の出所を入力してください。"
        if not self.aggregate_base:
            errors["aggregate_base"] = "集計値の母数を1以上の数で入力してください。"
        elif (self.aggregate_answered or 0) > self.aggregate_base:
            errors["aggregate_answered"] = "回答数は母数以下にしてください。"
        if self.pk and self.targets.exists():
            errors["is_aggregate"] = "回答対象のあるアンケートは、集計値だけの調査にできません。"
        return errors

    @property
    def shows_results(self) -> bool:
        """Whether the public reads its results, in a public year."""
        return self.results_public and not self.waits_for_report

    @property
    def is_locked(self) -> bool:
        """Whether an answer was begun: then wording can be corrected, structure cannot change."""
        if not self.pk:
            return False
        # One that was emptied again holds no answer.
        drafts = apps.get_model("surveys.DraftSection")._default_manager.exclude(values={})
        written = Exists(drafts.filter(target=OuterRef("pk")))
        return self.targets.filter(Q(submission__isnull=False) | written).exists()

    @property
    def is_accepting(self) -> bool:
        """Whether an answer can be written now; the deadline itself is too late."""
        return bool(self.status == self.Status.OPEN and self.closes_at and timezone.now() < self.closes_at)


class SurveyEvent(models.Model):
    """One step in a survey's course: who opened, closed, extended or reopened it, and why."""

    class Kind(models.TextChoices):
        OPENED = "opened", "受付を開始"
        CLOSED = "closed", "受付を終了"
        REOPENED = "reopened", "受付を再開"
        EXTENDED = "extended", "期限を延長"
        EXCLUDED = "excluded", "対象から除外"
        MAILED = "mailed", "メールを送信待ちに登録"
        WORDING = "wording", "文言を訂正"
        ADDED = "added", "対象に追加"
        BASE = "base", "母数を変更"
        DISCARDED = "discarded", "提出後の変更を取り消し"
        RETURNED = "returned", "差し戻し"
        SCHEDULED = "scheduled", "受付の開始の予約"
        TRIAL = "trial", "試行"

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="events", verbose_name="アンケート")
    kind = models.CharField("出来事", max_length=10, choices=Kind)
    note = models.CharField("内容・理由", max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name="職員"
    )
    at = models.DateTimeField("日時", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "経過"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.get_kind_display()
