"""Councils and their fiscal years: the row that everything of a year hangs from."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property

from members.common.models.anchors import new_anchor
from members.common.models.natural_keys import NaturalKeyModel, NaturalKeyQuerySet
from members.common.text.eras import fiscal_year_range, format_fiscal_year

if TYPE_CHECKING:
    from members.models.organization import OrganizationQuerySet

YEAR_VALIDATORS = [
    MinValueValidator(1950, "1950以上の西暦で入力してください。"),
    MaxValueValidator(2100, "2100以下の西暦で入力してください。"),
]


class CouncilQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Councils that staff have made public."""
        return self.filter(is_public=True)


def style_name(council: "Council", name: str) -> str:
    """Where a council's Word style is kept: a name of its own, so that none is written over."""
    return f"word-styles/{new_anchor()}.docx"


class Council(NaturalKeyModel):
    """A council in which a prefecture and its municipalities work together."""

    # What hangs from it by required foreign keys is its own: see ``members.common.remit``.
    is_council = True

    name = models.CharField("名称", max_length=100)
    slug = models.SlugField(
        "識別名",
        unique=True,
        help_text="公開ページのアドレスに使う半角英数字。公開後は変えないでください。",
        error_messages={"unique": "この識別名は別の検討会議で使われています。"},
    )
    purpose = models.TextField("目的", blank=True, help_text="検討会議のページの冒頭に表示します。")
    established_year = models.PositiveSmallIntegerField(
        "設置年度", validators=YEAR_VALIDATORS, help_text="西暦（例: 2019）"
    )
    closed_year = models.PositiveSmallIntegerField(
        "終了年度", null=True, blank=True, validators=YEAR_VALIDATORS, help_text="活動中は空欄。"
    )
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="後継の検討会議",
    )
    successor_note = models.CharField(
        "後継についての説明", max_length=200, blank=True, help_text="後継の名称が未定のときなど。"
    )
    notice = models.CharField(
        "注記",
        max_length=200,
        blank=True,
        help_text="この検討会議のすべての公開ページの先頭に表示します。",
    )
    is_fictional = models.BooleanField(
        "架空のデータ",
        default=False,
        help_text="見本や練習のために作った検討会議です。公開ページに「架空」と示し、実在の検討会議より後に並べます。",
    )
    contact = models.TextField("問い合わせ先", blank=True, help_text="公開ページと回答ページに表示します。")
    word_style = models.FileField(
        "議事概要（Word）の書式",
        upload_to=style_name,
        max_length=150,
        blank=True,
        help_text=(
            "庁内の様式（.docx）。文字と見出しの書式、余白、ヘッダーとフッターだけを使い、本文は使いません。"
            "ヘッダーとフッターは、公開ページからダウンロードするWordにも入ります。"
        ),
    )
    is_public = models.BooleanField("公開する", default=False)

    objects = CouncilQuerySet.as_manager()
    natural_key_fields = ("slug",)

    class Meta:
        verbose_name = verbose_name_plural = "検討会議"
        permissions = [("publish_council", "検討会議を公開する")]
        ordering = ["-established_year", "name"]
        constraints = [
            models.CheckConstraint(
                name="council_closed_not_before_established",
                condition=Q(closed_year__isnull=True) | Q(closed_year__gte=F("established_year")),
                violation_error_message="終了年度は設置年度以後にしてください。",
            ),
            models.CheckConstraint(
                name="council_does_not_succeed_itself",
                condition=Q(successor__isnull=True) | ~Q(successor=F("id")),
                violation_error_message="自分自身を後継にはできません。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        before = Council.objects.filter(pk=self.pk).first() if self.pk else None
        if before is None or before.slug == self.slug:
            return
        if before.is_public or any(year.is_settled for year in before.years.all()):
            raise ValidationError(
                {
                    "slug": f"識別名（{before.slug}）は変えられません。"
                    "公開ページのアドレスと報告書の引用に使われています。"
                }
            )

    def get_absolute_url(self) -> str:
        return reverse("council", args=[self.slug])


class CouncilYearQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Years that staff have made public, of councils that are public."""
        return self.filter(is_public=True, council__is_public=True)


class CouncilYear(NaturalKeyModel):
    """One fiscal year of a council: roster, meetings, surveys and report hang from it."""

    council = models.ForeignKey(Council, models.PROTECT, related_name="years", verbose_name="検討会議")
    year = models.PositiveSmallIntegerField(
        "年度", validators=YEAR_VALIDATORS, help_text="4月から翌年3月まで。西暦（例: 2020）"
    )
    is_public = models.BooleanField(
        "公開する",
        default=False,
        help_text="年度のページと検討メンバーを公開します。会議、指標、年次報告書は、それぞれ別に公開します。",
    )

    objects = CouncilYearQuerySet.as_manager()
    natural_key_fields = ("council__slug", "year")

    class Meta:
        verbose_name = verbose_name_plural = "年度"
        permissions = [("publish_councilyear", "年度を公開する")]
        ordering = ["-year", "council"]
        constraints = [
            models.UniqueConstraint(
                name="council_year_unique",
                fields=["council", "year"],
                violation_error_message="この検討会議には同じ年度がすでに登録されています。",
            ),
            models.CheckConstraint(
                name="council_year_in_range",
                condition=Q(year__range=(1950, 2100)),
                violation_error_message="年度は1950から2100までの西暦で入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.council.name} {self.label}"

    def clean(self) -> None:
        if self.council_id is None or self.year is None:
            return
        self._refuse_to_move()
        council = self.council
        if self.year < council.established_year:
            raise ValidationError(
                {"year": f"設置年度（{council.established_year}）以後の年度にしてください。"}
            )
        if council.closed_year and self.year > council.closed_year:
            raise ValidationError({"year": f"終了年度（{council.closed_year}）以前の年度にしてください。"})

    def get_absolute_url(self) -> str:
        return reverse("council-year", args=[self.council.slug, self.year])

    def _refuse_to_move(self) -> None:
        """All that hangs from a year, and each of its public addresses, would move with it."""
        before = CouncilYear.objects.select_related("council").filter(pk=self.pk).first() if self.pk else None
        if before is None or (before.council_id, before.year) == (self.council_id, self.year):
            return
        if before.is_settled:
            raise ValidationError(
                f"検討会議と年度（{before}）は変えられません。公開した年度か、会議・アンケート・報告書のある年度です。"
                "正しい年度を追加し、会議などはそれぞれの画面で移してください。"
            )

    @property
    def is_settled(self) -> bool:
        """Whether it is public, or something but its roster hangs from it (one query for each kind)."""
        related: list[Any] = [(each.related_model, each.field.name) for each in self._meta.related_objects]
        above = [each for each in related if each[0]._meta.app_label != self._meta.app_label]
        return self.is_public or any(
            model._base_manager.filter(**{name: self}).exists() for model, name in above
        )

    @property
    def label(self) -> str:
        """The year as an office writes it: 「令和2（2020）年度」."""
        return format_fiscal_year(self.year)

    @property
    def is_visible(self) -> bool:
        """Whether the public can see this year; ``council`` should be selected with it."""
        return self.is_public and self.council.is_public

    @cached_property
    def date_range(self) -> tuple[date, date]:
        """First and last day of the year."""
        return fiscal_year_range(self.year)

    def municipalities(self) -> "OrganizationQuerySet":
        """The participating municipalities: those with a department in the roster."""
        # Organizations ask which years are public, and so stand above this module.
        from members.models.organization import Organization

        return (
            Organization.objects.municipalities()
            .filter(departments__memberships__council_year=self)
            .distinct()
        )
