"""Who takes part: organizations, their departments, and each year's roster."""

from datetime import date
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.functional import cached_property

from members.codes import code_condition, validate_code
from members.common.models.natural_keys import NaturalKeyManager, NaturalKeyModel, NaturalKeyQuerySet
from members.common.text.eras import fiscal_year_range, format_fiscal_year
from members.common.text.folding import FoldedField

YEAR_VALIDATORS = [
    MinValueValidator(1950, "1950以上の西暦で入力してください。"),
    MaxValueValidator(2100, "2100以下の西暦で入力してください。"),
]


class OrganizationQuerySet(NaturalKeyQuerySet):
    def municipalities(self) -> Self:
        """Cities, towns and villages; never the prefecture."""
        return self.exclude(kind=Organization.Kind.PREFECTURE)

    def public(self) -> Self:
        """Bodies that stand in the roster of a public year."""
        years = CouncilYear.objects.public()
        return self.filter(departments__memberships__council_year__in=years).distinct()


class Renamable(models.Model):
    """Something whose name stands in the rosters of many years; a rename leaves earlier ones as they were.

    ``renamed_from`` is the fiscal year from which rosters carry the new name; without it all that
    there are keep the old one.
    """

    name: Any
    renamed_from: int | None = None
    # The field of a membership that keeps the name, and how its rows are found.
    kept_in: ClassVar[str]
    kept_by: ClassVar[str]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = type(self)._default_manager.filter(pk=self.pk).first() if self.pk else None
        if before is not None and before.name != self.name:
            self.keep_old_name(before.name)
        super().save(*args, **kwargs)

    def keep_old_name(self, old: str) -> None:
        """Write the old name into the rosters of the years before the rename, row by row for the audit."""
        rows = Membership.objects.filter(**{self.kept_by: self, self.kept_in: ""})
        if self.renamed_from is not None:
            rows = rows.filter(council_year__year__lt=self.renamed_from)
        for row in rows:
            setattr(row, self.kept_in, old)
            row.save(update_fields=[self.kept_in])

    @property
    def stands_in_rosters(self) -> bool:
        return Membership.objects.filter(**{self.kept_by: self}).exists()


class Organization(Renamable, NaturalKeyModel):
    """A prefecture or municipality, known by its nationwide code."""

    class Kind(models.TextChoices):
        PREFECTURE = "prefecture", "都道府県"
        CITY = "city", "市"
        TOWN = "town", "町"
        VILLAGE = "village", "村"

    code = models.CharField(
        "団体コード",
        max_length=6,
        unique=True,
        validators=[validate_code],
        help_text="全国地方公共団体コード。検査数字を含む6桁の半角数字（例: 242012）。",
        error_messages={"unique": "この団体コードはすでに登録されています。"},
    )
    name = models.CharField("団体名", max_length=50, help_text="正式な表記（例: 木曽岬町）。")
    kana = models.CharField("ふりがな", max_length=100, help_text="ひらがなで入力します。")
    kind = models.CharField("種別", max_length=10, choices=Kind)
    district = models.CharField("郡", max_length=20, blank=True, help_text="町村が属する郡。市は空欄。")
    folded = FoldedField(sources=("name", "kana", "code", "district"))

    kept_in, kept_by = "organization_name", "department__organization"

    objects = OrganizationQuerySet.as_manager()
    natural_key_fields = ("code",)

    class Meta:
        verbose_name = verbose_name_plural = "団体"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="organization_code_is_valid",
                condition=code_condition(),
                violation_error_message="団体コードは検査数字の合う半角数字6桁で入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organization", args=[self.code])

    @property
    def is_municipality(self) -> bool:
        return self.kind != self.Kind.PREFECTURE


class OrganizationAlias(NaturalKeyModel):
    """Another spelling of an organization's name, for finding it and reading files."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="aliases", verbose_name="団体"
    )
    name = models.CharField("別表記", max_length=50, help_text="例: 木曾岬町")
    note = models.CharField("備考", max_length=100, blank=True)

    objects = NaturalKeyManager()
    natural_key_fields = ("organization__code", "name")

    class Meta:
        verbose_name = verbose_name_plural = "団体名の別表記"
        ordering = ["organization", "name"]
        constraints = [
            models.UniqueConstraint(
                name="alias_unique_per_organization",
                fields=["organization", "name"],
                violation_error_message="この別表記はすでに登録されています。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Department(Renamable, NaturalKeyModel):
    """A section of an organization that can be put on a roster."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="departments", verbose_name="団体"
    )
    name = models.CharField("担当課", max_length=100, help_text="課、室、事務所など。")
    email = models.EmailField(
        "連絡先メールアドレス", blank=True, help_text="アンケートの案内の宛先。公開しません。"
    )

    kept_in, kept_by = "department_name", "department"

    objects = NaturalKeyManager()
    natural_key_fields = ("organization__code", "name")

    class Meta:
        verbose_name = verbose_name_plural = "担当課"
        ordering = ["organization__code", "name"]
        constraints = [
            models.UniqueConstraint(
                name="department_unique_per_organization",
                fields=["organization", "name"],
                violation_error_message="この団体には同じ名前の担当課がすでに登録されています。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization.name} {self.name}"


class CouncilQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Councils that staff have made public."""
        return self.filter(is_public=True)


class Council(NaturalKeyModel):
    """A council in which a prefecture and its municipalities work together."""

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
    contact = models.TextField("問い合わせ先", blank=True, help_text="公開ページと回答ページに表示します。")
    is_public = models.BooleanField("公開する", default=False)

    objects = CouncilQuerySet.as_manager()
    natural_key_fields = ("slug",)

    class Meta:
        verbose_name = verbose_name_plural = "検討会議"
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
        council = self.council
        if self.year < council.established_year:
            raise ValidationError(
                {"year": f"設置年度（{council.established_year}）以後の年度にしてください。"}
            )
        if council.closed_year and self.year > council.closed_year:
            raise ValidationError({"year": f"終了年度（{council.closed_year}）以前の年度にしてください。"})

    def get_absolute_url(self) -> str:
        return reverse("council-year", args=[self.council.slug, self.year])

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

    def municipalities(self) -> OrganizationQuerySet:
        """The participating municipalities: those with a department in the roster."""
        return (
            Organization.objects.municipalities()
            .filter(departments__memberships__council_year=self)
            .distinct()
        )


class MembershipQuerySet(NaturalKeyQuerySet):
    def in_roster_order(self) -> Self:
        """With all that a roster prints: by organization code, then as entered."""
        return (
            self.with_names()
            .select_related("department__organization")
            .order_by("department__organization__code", "pk")
        )

    def with_names(self) -> Self:
        """Each with ``printed_organization`` and ``printed_department``: the names of its year."""
        return self.annotate(
            printed_organization=Coalesce(
                NullIf("organization_name", Value("")), "department__organization__name"
            ),
            printed_department=Coalesce(NullIf("department_name", Value("")), "department__name"),
        )

    def printed_name(self, year: str, organization: str) -> Coalesce:
        """The organization's name in a year's roster, for rows with references to both."""
        rows = self.filter(council_year=OuterRef(year), department__organization=OuterRef(organization))
        return Coalesce(
            Subquery(rows.exclude(organization_name="").values("organization_name")[:1]),
            F(f"{organization}__name"),
        )


class Membership(NaturalKeyModel):
    """A department's place in a year's roster; a post may be named, a person never."""

    class Role(models.TextChoices):
        CHAIR = "chair", "代表"
        VICE_CHAIR = "vice_chair", "副代表"
        MEMBER = "member", "構成員"

    council_year = models.ForeignKey(
        CouncilYear, models.PROTECT, related_name="memberships", verbose_name="年度"
    )
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="memberships", verbose_name="担当課"
    )
    role = models.CharField("役割", max_length=10, choices=Role, default=Role.MEMBER)
    post = models.CharField(
        "職名", max_length=100, blank=True, help_text="代表と副代表の職名。氏名は入力しません。"
    )
    organization_name = models.CharField(
        "この年度の団体名",
        max_length=50,
        blank=True,
        help_text="空欄なら今の名称。この年度だけ別の表記で載せるとき（例: 木曾岬町）に入力します。",
    )
    department_name = models.CharField(
        "この年度の担当課名", max_length=100, blank=True, help_text="空欄なら今の名称。"
    )

    objects = MembershipQuerySet.as_manager()
    natural_key_fields = (
        "council_year__council__slug",
        "council_year__year",
        "department__organization__code",
        "department__name",
    )

    class Meta:
        verbose_name = verbose_name_plural = "検討メンバー"
        ordering = ["council_year", "department__organization__code", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="membership_unique",
                fields=["council_year", "department"],
                violation_error_message="この担当課はすでにこの年度の検討メンバーです。",
            ),
            models.UniqueConstraint(
                name="membership_one_chair_a_year",
                fields=["council_year"],
                condition=Q(role="chair"),
                violation_error_message="代表は1年度に1つです。すでに代表の担当課が登録されています。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.department)
