"""Organizations and their departments: who can stand in a roster."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from members.codes import code_condition, validate_code
from members.common.models.natural_keys import NaturalKeyManager, NaturalKeyModel, NaturalKeyQuerySet
from members.common.text.folding import FoldedField
from members.frozen_rosters import frozen_rosters
from members.models.council import CouncilYear


class OrganizationQuerySet(NaturalKeyQuerySet):
    def municipalities(self) -> Self:
        """Those that count in a base: cities, wards, towns and villages; never the prefecture."""
        return self.filter(kind__in=UNIT_WORDS)

    def public(self) -> Self:
        """Bodies that stand in the roster of a public year as it is read, or carry on one that does."""
        frozen = frozen_rosters()
        years = CouncilYear.objects.public()
        if frozen.years is not None:
            years = years.exclude(pk__in=frozen.years)
        rows: Any = Department.memberships.rel.related_model
        live = rows.objects.filter(council_year__in=years).values("department__organization")
        inside = Q(pk__in=live) | Q(code__in=frozen.codes)
        # Who carries a merged one on has its history.
        merged = Organization.objects.merged().filter(inside)
        return self.filter(inside | Q(predecessors__in=merged)).distinct()

    def merged(self) -> Self:
        """Those that are no more: carried on by another since the day of the merger, not before it."""
        over = Q(merged_on__isnull=True) | Q(merged_on__lte=timezone.localdate())
        return self.filter(over, merged_into__isnull=False)


class Renamable(models.Model):
    """Something whose name stands in the rosters of many years; a rename leaves earlier ones as they were.

    ``renamed_from`` is the fiscal year from which rosters carry the new name; without it all that
    there are keep the old one.
    """

    name: Any
    renamed_from: int | None = None
    # The field of a membership that keeps the name.
    kept_in: ClassVar[str]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = type(self)._default_manager.filter(pk=self.pk).first() if self.pk else None
        if before is not None and before.name != self.name:
            self.keep_old_name(before.name)
        super().save(*args, **kwargs)

    def keep_old_name(self, old: str) -> None:
        """Write the old name into the rosters of the years before the rename, row by row for the audit."""
        rows = self.roster_rows().filter(**{self.kept_in: ""})
        if self.renamed_from is not None:
            rows = rows.filter(council_year__year__lt=self.renamed_from)
        for row in rows:
            setattr(row, self.kept_in, old)
            row.save(update_fields=[self.kept_in])

    def roster_rows(self) -> models.QuerySet:
        """Its rows in the rosters of all years."""
        raise NotImplementedError

    @property
    def stands_in_rosters(self) -> bool:
        return bool(self.roster_rows().exists())

    @property
    def is_on_record(self) -> bool:
        """Whether it stands in the roster of a year that is public, or that records hang from."""
        years = {row.council_year for row in self.roster_rows().select_related("council_year__council")}
        return any(year.is_settled for year in years)


class Organization(Renamable, NaturalKeyModel):
    """A prefecture or municipality, known by its nationwide code."""

    class Kind(models.TextChoices):
        PREFECTURE = "prefecture", "都道府県"
        CITY = "city", "市"
        TOWN = "town", "町"
        VILLAGE = "village", "村"
        WARD = "ward", "特別区"
        WIDE_AREA = "wide_area", "広域連合"
        ASSOCIATION = "assoc", "一部事務組合"
        OTHER = "other", "その他"

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
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="合併後の団体",
        help_text="合併などでなくなった団体に、引き継いだ団体を選びます。公開ページはそちらへ移ります。",
    )
    merged_on = models.DateField("合併の日", null=True, blank=True)
    folded = FoldedField(sources=("name", "kana", "code", "district"))

    kept_in = "organization_name"

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
            models.CheckConstraint(
                name="organization_not_merged_into_itself",
                condition=~Q(merged_into=F("pk")) | Q(merged_into__isnull=True),
                violation_error_message="合併後の団体に、自分自身は選べません。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organization", args=[self.code])

    def clean(self) -> None:
        following, seen = self.merged_into, {self.pk}
        while following is not None:
            if following.pk in seen:
                raise ValidationError(
                    {"merged_into": "合併の前後が輪になっています。合併後の団体を選び直してください。"}
                )
            seen.add(following.pk)
            following = following.merged_into
        self._refuse_to_move()
        if self.merged_on and not self.merged_into_id:
            raise ValidationError({"merged_into": "合併の日を入力するときは、合併後の団体も選んでください。"})

    def _refuse_to_move(self) -> None:
        """Its public address holds the code, and so do links of reports that are sealed."""
        before = Organization.objects.filter(pk=self.pk).first() if self.pk else None
        if before and before.code != self.code and before.is_on_record:
            raise ValidationError(
                {
                    "code": f"団体コード（{before.code}）は変えられません。"
                    "公開ページのアドレスに使われています。市制施行や合併でコードが変わるときは、"
                    "新しい団体を登録し、この団体の「合併後の団体」に選んでください。"
                }
            )

    @property
    def has_merged(self) -> bool:
        """Whether another carries it on; a merger that is planned has not happened yet."""
        return bool(
            self.merged_into_id and (self.merged_on is None or self.merged_on <= timezone.localdate())
        )

    @property
    def successor(self) -> "Organization":
        """Who carries on today: itself, or whoever it was merged into in the end.

        Of a ring of mergers, which no form lets through, nobody carries another one on.
        """
        found, seen = self, {self.pk}
        while found.has_merged and found.merged_into is not None:
            found = found.merged_into
            if found.pk in seen:
                return self
            seen.add(found.pk)
        return found

    def lineage(self) -> list["Organization"]:
        """Itself and all that were merged into it, by generations (a query for each)."""
        found, generation = [self], [self]
        while generation:
            before = Organization.objects.merged().filter(merged_into__in=generation).order_by("code")
            generation = [each for each in before if each not in found]
            found += generation
        return found

    @property
    def is_municipality(self) -> bool:
        return self.kind in UNIT_WORDS

    def roster_rows(self) -> models.QuerySet:
        memberships: Any = Department.memberships.rel.related_model
        found: models.QuerySet = memberships.objects.filter(department__organization=self)
        return found


# The kinds that count in the base, in the order in which the unit of a report names them.
UNIT_WORDS: dict[str, str] = {
    Organization.Kind.CITY: "市",
    Organization.Kind.WARD: "区",
    Organization.Kind.TOWN: "町",
    Organization.Kind.VILLAGE: "村",
}


def base_unit(kinds: Iterable[str]) -> str:
    """What a base of these kinds is counted in: 市町, 市町村, 市区町村; 団体 where there is none."""
    found = set(kinds)
    return "".join(word for kind, word in UNIT_WORDS.items() if kind in found) or "団体"


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
    ended_year = models.PositiveSmallIntegerField(
        "なくなった年度",
        null=True,
        blank=True,
        help_text="統合や分割でなくなった担当課。この年度（西暦）からは名簿に載せられません。",
    )

    # What a reorganisation made of it: the first of the new ones, which takes its place on rosters.
    continued_by = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="引き継いだ担当課",
    )

    kept_in = "department_name"

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

    def continued_in(self, year: int) -> "Department":
        """The department that has its place in a fiscal year: itself, or what became of it until then."""
        found, seen = self, {self.pk}
        while found.ended_year is not None and found.ended_year <= year and found.continued_by:
            if found.continued_by_id in seen:
                break
            found = found.continued_by
            seen.add(found.pk)
        return found

    def clean(self) -> None:
        own = Department.objects.select_related("organization").filter(pk=self.pk)
        before = own.first() if self.pk else None
        if before is None or before.organization_id == self.organization_id:
            return
        if before.is_on_record or before.speaks_in_records:
            raise ValidationError(
                {
                    "organization": f"団体（{before.organization}）は変えられません。"
                    "名簿か会議の記録に使われている担当課です。"
                    "移った先の団体に、新しい担当課を登録してください。"
                }
            )

    @property
    def speaks_in_records(self) -> bool:
        """Whether anything beside rosters names it: minutes do."""
        related: list[Any] = [(each.related_model, each.field.name) for each in self._meta.related_objects]
        return any(
            model._base_manager.filter(**{name: self}).exists()
            for model, name in related
            if model._meta.app_label != self._meta.app_label
        )

    def roster_rows(self) -> models.QuerySet:
        return self.memberships.all()
