"""A year's roster: which departments take part, and in what role."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from members.common.models.natural_keys import NaturalKeyModel, NaturalKeyQuerySet
from members.common.text.eras import format_fiscal_year
from members.models.council import CouncilYear
from members.models.organization import Department


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

    # Taken over from the year before; shown to staff only.
    is_to_check = models.BooleanField("要確認", default=False)

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

    def clean(self) -> None:
        if self.department_id is None or self.council_year_id is None:
            return
        ended = self.department.ended_year
        if ended is not None and ended <= self.council_year.year:
            raise ValidationError(
                {"department": f"{self.department}は{format_fiscal_year(ended)}からありません。"}
            )
