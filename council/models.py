"""The annual report: what a council publishes about one of its years."""

from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property

from council.accounts.models import Lockout
from council.writing.prose import PARTS, unknown_tokens
from members.common.models.autosave import Autosave
from members.common.models.constraints import BelongsTo
from members.common.models.editions import Edition
from members.common.models.natural_keys import NaturalKeyManager, NaturalKeyModel, NaturalKeyQuerySet
from members.common.models.ordering import OrderedModel
from members.common.publication.models import Publishable, Stage
from members.models import CouncilYear
from surveys.models import Indicator

__all__ = [
    "AnnualReport",
    "EvaluationGrade",
    "LiftedNumber",
    "Lockout",
    "ReportDraft",
    "ReportEdition",
    "ReportSection",
]


class EvaluationGrade(OrderedModel, NaturalKeyModel):
    """A grade that a council can give its year's work; which grades a year has is data."""

    council_year = models.ForeignKey(CouncilYear, models.PROTECT, related_name="grades", verbose_name="年度")
    label = models.CharField("評価", max_length=50, help_text="例: 概ね発揮")
    sentence = models.CharField(
        "報告書に書く文", max_length=200, help_text="例: 目標に対する取組成果が概ね発揮されました。"
    )

    objects = NaturalKeyManager()
    order_within = "council_year"
    natural_key_fields = ("council_year__council__slug", "council_year__year", "label")

    class Meta:
        verbose_name = verbose_name_plural = "自己評価の区分"
        ordering = ["-council_year__year", "council_year__council", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="grade_once_a_year",
                fields=["council_year", "label"],
                violation_error_message="この年度には同じ評価がすでにあります。",
            ),
            # What a report's grade refers to: the year goes with it.
            models.UniqueConstraint(name="grade_of_council_year", fields=["id", "council_year"]),
        ]

    def __str__(self) -> str:
        return self.label


class AnnualReportQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Published reports of public years."""
        return self.filter(
            status=AnnualReport.Status.PUBLISHED, council_year__in=CouncilYear.objects.public()
        )


class AnnualReport(Publishable, NaturalKeyModel):
    """The report of one council year; its members, meetings and figures are computed."""

    class Status(models.TextChoices):
        DRAFT = "draft", "下書き（非公開）"
        PUBLISHED = "published", "公開"

    council_year = models.OneToOneField(
        CouncilYear,
        models.PROTECT,
        related_name="report",
        verbose_name="年度",
        error_messages={"unique": "この年度の年次報告書はすでにあります。"},
    )
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.DRAFT)
    published_on = models.DateField("公開日", null=True, blank=True)
    requested_small_changes = models.CharField(
        "依頼した少数の変更の理由", max_length=300, blank=True, editable=False
    )
    scheduled_kind = models.CharField("予約した版の種類", max_length=10, blank=True, editable=False)
    scheduled_reason = models.CharField("予約した版の理由", max_length=300, blank=True, editable=False)
    # The highest number that a free section ever had: an address of one is never another's.
    last_free_number = models.PositiveSmallIntegerField("加えた節の番号", default=0, editable=False)
    grade = models.ForeignKey(
        EvaluationGrade,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name="自己評価",
    )

    objects = AnnualReportQuerySet.as_manager()
    natural_key_fields = ("council_year__council__slug", "council_year__year")

    class Meta:
        verbose_name = verbose_name_plural = "年次報告書"
        permissions = [("publish_annualreport", "年次報告書を公開し、取り下げる")]
        ordering = ["-council_year__year", "council_year__council"]
        constraints = [
            models.CheckConstraint(
                name="report_published_has_date",
                condition=~Q(status="published", published_on__isnull=True),
                violation_error_message="公開する報告書には公開日を入力してください。",
            ),
            BelongsTo(
                name="report_grade_of_council_year",
                part="grade",
                whole="council_year",
                violation_error_message="同じ年度の自己評価の区分を選んでください。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return self.council_year.get_absolute_url()

    def forget_request(self) -> None:
        super().forget_request()
        self.requested_small_changes = ""

    @property
    def title(self) -> str:
        return f"{self.council_year.label} {self.council_year.council.name} 年次報告書"

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    @property
    def stage(self) -> Stage:
        # One that came published from elsewhere, without an edition, is still to be published here.
        if self.is_published and self.editions.exists():
            return Stage.PUBLIC
        return Stage.ASKED if self.requested_by_id else Stage.DRAFT

    def before(self) -> "AnnualReport | None":
        """The same council's report of the latest year before this one."""
        year = self.council_year
        earlier = AnnualReport.objects.filter(
            council_year__council=year.council_id, council_year__year__lt=year.year
        )
        return earlier.order_by("-council_year__year").first()


class ReportEditionQuerySet(models.QuerySet):
    def public(self) -> Self:
        """Editions of public reports, the old ones too."""
        return self.filter(report__in=AnnualReport.objects.public())


class ReportEdition(Edition):
    """A report as it was published: frozen, with its hash; never changed, never deleted.

    ``content`` is the :class:`council.report.build.Report` as ``members.common.snapshot`` writes it.
    """

    record_field = "report"

    class Kind(models.TextChoices):
        FIRST = "first", "公開"
        CORRECTION = "correction", "正誤"
        ADDITION = "addition", "追記"
        UPDATE = "update", "更新"

    report = models.ForeignKey(
        AnnualReport, models.PROTECT, related_name="editions", verbose_name="年次報告書"
    )
    kind = models.CharField("種類", max_length=10, choices=Kind)
    # Of an edition from which words were taken out (council.editions.redaction): the hash of what is left,
    # when and why, and the signature over both.
    shown_hash = models.CharField("墨消し後の内容のハッシュ値", max_length=64, blank=True)
    redactions = models.JSONField("墨消し", default=list, blank=True)
    # By what these words are known again, should somebody publish them anew; shown nowhere.
    redacted_words = models.JSONField(default=list, blank=True, editable=False)
    redaction_signature = models.CharField("墨消しの署名", max_length=128, blank=True)

    objects = ReportEditionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年次報告書の版"
        ordering = ["report", "-number"]
        constraints = [
            models.UniqueConstraint(
                name="edition_number_unique",
                fields=["report", "number"],
                violation_error_message="この番号の版はすでにあります。",
            ),
            models.CheckConstraint(
                name="edition_after_the_first_has_reason",
                condition=Q(number=1) | ~Q(reason=""),
                violation_error_message="新しい版には、公開する理由を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} 第{self.number}版"

    def get_absolute_url(self) -> str:
        year = self.report.council_year
        return reverse("edition", args=[year.council.slug, year.year, self.number])

    @property
    def state_hash(self) -> str:
        """The hash of the content as it stands: what was published, or what redactions have left of it."""
        return self.shown_hash or self.content_hash


class ReportSection(OrderedModel, NaturalKeyModel):
    """One of a report's sections: prose that staff are writing, beside it what is computed.

    What the public reads and can search is what the newest edition says, never these rows.
    """

    class Kind(models.TextChoices):
        GOALS = "goals", "取組目標"
        MEMBERS = "members", "検討メンバー"
        SITUATION = "situation", "現状および課題"
        MEETINGS = "meetings", "開催実績"
        DISCUSSION = "discussion", "検討状況"
        OUTCOMES = "outcomes", "取組成果"
        NEXT_STEPS = "next_steps", "今後の方針"
        SELF_EVALUATION = "self_evaluation", "取組に対する自己評価"

    class Summary(models.TextChoices):
        """Not of the report itself: it summed up for other readers, each at an address of its own."""

        EASY = "summary-easy", "やさしい日本語の要約"
        ENGLISH = "summary-en", "英語の要約"

    # Computed from roster, agenda and minutes; prose before them is optional.
    COMPUTED = frozenset({Kind.MEMBERS, Kind.MEETINGS, Kind.DISCUSSION})
    # A section of staff's own: free-1, free-2 …, each with a heading.
    FREE = "free-"

    report = models.ForeignKey(
        AnnualReport, models.CASCADE, related_name="sections", verbose_name="年次報告書"
    )
    # Of Kind, or a free one: by it addresses, forms and editions know the section.
    kind = models.CharField("節", max_length=20, choices=[*Kind.choices, *Summary.choices])
    is_included = models.BooleanField("報告書に載せる", default=True)
    heading = models.CharField("見出し", max_length=100, blank=True, help_text="空欄なら節の名称。")
    body = models.TextField("本文", max_length=50_000, blank=True)

    objects = NaturalKeyManager()
    order_within = "report"
    natural_key_fields = (*tuple(f"report__{field}" for field in AnnualReport.natural_key_fields), "kind")

    class Meta:
        verbose_name = verbose_name_plural = "報告書の節"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="report_section_once",
                fields=["report", "kind"],
                violation_error_message="この節はすでにあります。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        # A new report's sections are checked before it is saved: it has no id yet.
        if getattr(self, "report", None) is None or self.report.council_year_id is None:
            return
        unknown = unknown_tokens(self.body, self.known_figures)
        if unknown:
            raise ValidationError({"body": self._explain(unknown)})

    @property
    def is_summary(self) -> bool:
        return self.kind in self.Summary.values

    @property
    def is_free(self) -> bool:
        return self.kind.startswith(self.FREE)

    @property
    def free_number(self) -> int:
        """The number of a free section in its kind."""
        return int(self.kind.removeprefix(self.FREE))

    @property
    def title(self) -> str:
        return self.heading or ("（見出しのない節）" if self.is_free else self.get_kind_display())

    @cached_property
    def known_figures(self) -> list[str]:
        indicators = Indicator.objects.filter(council_year=self.report.council_year)
        return list(indicators.order_by("position", "pk").values_list("key", flat=True))

    def _explain(self, unknown: list[str]) -> str:
        bad = "、".join(unknown)
        if not self.known_figures:
            return f"{bad} は使えません。この年度には指標がまだ登録されていません。"
        good = "、".join(f"{{{key}}}" for key in self.known_figures)
        parts = "、".join(f".{part}" for part in PARTS)
        return f"{bad} という指標はありません。使えるのは {good} と、その後に {parts} を付けたものです。"


class LiftedNumber(models.Model):
    """A typed number that contradicts a figure and is published all the same: this wording, for this reason.

    ``key`` is of the wording, its number and the figures that it contradicts (``Contradiction.key``):
    where one of them changes, it is checked anew.
    """

    report = models.ForeignKey(
        AnnualReport, models.CASCADE, related_name="lifted_numbers", verbose_name="年次報告書"
    )
    key = models.CharField("文と指標", max_length=64, editable=False)
    wording = models.TextField("文")
    number = models.CharField("数値", max_length=200)
    reason = models.CharField("指標と異なる理由", max_length=300)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="認めた職員"
    )
    lifted_at = models.DateTimeField("認めた日時", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "指標と異なる数値"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="number_lifted_once",
                fields=["report", "key"],
                violation_error_message="この文はすでに認められています。",
            ),
        ]

    def __str__(self) -> str:
        return self.wording


class ReportDraft(Autosave):
    """What one person has typed into a report and not saved."""

    report = models.ForeignKey(AnnualReport, models.CASCADE, related_name="drafts")

    class Meta:
        verbose_name = verbose_name_plural = "報告書の自動保存"
        constraints = [models.UniqueConstraint(name="one_report_draft_each", fields=["report", "user"])]

    def __str__(self) -> str:
        return f"{self.report} {self.user}"


class EditionFile(models.Model):
    """A file of an edition that is costly to draw: made once, in the background, and kept by its hash."""

    edition = models.ForeignKey(ReportEdition, models.CASCADE, related_name="files", verbose_name="版")
    extension = models.CharField("形式", max_length=10)
    # Of what it was drawn: another redaction, or a newer edition to point to, makes it worthless.
    drawn_of = models.CharField(max_length=64, blank=True)
    file = models.FileField("ファイル", blank=True)
    sha256 = models.CharField("ハッシュ値（SHA-256）", max_length=64, blank=True)
    size = models.PositiveBigIntegerField("大きさ（バイト）", default=0)
    made_at = models.DateTimeField("作成日時", null=True)
    # Whoever draws it has it for themselves until then; a process that died gives it back so.
    claimed_until = models.DateTimeField(null=True)
    # To be drawn anew though it is there, which stays in use until then.
    is_redrawn = models.BooleanField("作り直す", default=False)
    attempts = models.PositiveSmallIntegerField("試した回数", default=0)
    failure = models.CharField("作れなかった理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "版のファイル"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="edition_file_unique",
                fields=["edition", "extension"],
                violation_error_message="この版の、この形式のファイルはすでにあります。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition} {self.extension}"
