"""Documents and videos of a meeting, and the versions of their files."""

from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from meetings.materials.files import describe_type, human_size
from meetings.models.meeting import Meeting
from meetings.models.parts import AgendaItem, MeetingPart
from members.common.models.natural_keys import NaturalKeyQuerySet
from members.common.text.folding import FoldedField


def stored_name(version: "MaterialVersion", name: str) -> str:
    """Where a file is kept: a random name, so that none overwrites or reveals another."""
    return f"materials/{uuid4().hex}"


class MaterialQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Materials marked public, of public meetings."""
        return self.filter(is_public=True, meeting__in=Meeting.objects.public())

    def for_desks(self) -> Self:
        """Materials that member bodies may see at their desks, whether or not the public may."""
        return self.filter(Q(for_members=True) | Q(is_public=True, meeting__in=Meeting.objects.public()))


class Material(MeetingPart):
    """A document or video of a meeting: a file, a link, or only its title where that is all there is."""

    class Kind(models.TextChoices):
        DOCUMENT = "document", "文書"
        VIDEO = "video", "動画"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="materials", verbose_name="会議")
    label = models.CharField("資料番号", max_length=20, blank=True, help_text="例: 資料1-2、参考資料")
    title = models.CharField("資料名", max_length=200)
    kind = models.CharField("種類", max_length=10, choices=Kind, default=Kind.DOCUMENT)
    provider = models.CharField("作成者", max_length=100, blank=True, help_text="例: 伊賀市広聴情報課")
    url = models.URLField("アドレス", blank=True, help_text="ほかのサイトで公開している場合のアドレス。")
    agenda_items = models.ManyToManyField(
        AgendaItem, blank=True, related_name="materials", verbose_name="関連する議題"
    )
    is_public = models.BooleanField("公開する", default=False)
    for_members = models.BooleanField(
        "構成員に見せる",
        default=False,
        help_text="公開しない資料を、検討メンバーの団体が窓口から見られるようにします。",
    )
    folded = FoldedField(sources=("label", "title", "provider"))

    objects = MaterialQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "資料"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.label, self.title)))

    def get_absolute_url(self) -> str:
        return f"{self.meeting.get_absolute_url()}#{self.anchor}"


class MaterialVersion(models.Model):
    """One file of a material; replacing a file adds a version, and the public sees that it did."""

    material = models.ForeignKey(Material, models.PROTECT, related_name="versions", verbose_name="資料")
    number = models.PositiveSmallIntegerField("版", default=1)
    file = models.FileField("ファイル", upload_to=stored_name)
    name = models.CharField("ファイル名", max_length=150)
    content_type = models.CharField("形式", max_length=100)
    size = models.PositiveBigIntegerField("大きさ（バイト）")
    sha256 = models.CharField("ハッシュ値（SHA-256）", max_length=64)
    note = models.CharField("差し替えの理由", max_length=200, blank=True)
    added_at = models.DateTimeField("登録日時", auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="登録した人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "資料のファイル"
        ordering = ["material", "-number"]
        constraints = [
            models.UniqueConstraint(
                name="material_version_unique",
                fields=["material", "number"],
                violation_error_message="この資料には同じ版がすでにあります。",
            ),
            models.CheckConstraint(
                name="material_version_replacement_has_note",
                condition=Q(number=1) | ~Q(note=""),
                violation_error_message="ファイルを差し替えるときは、差し替えの理由を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（第{self.number}版）"

    def get_absolute_url(self) -> str:
        meeting = self.material.meeting
        year = meeting.council_year
        return reverse(
            "material", args=[year.council.slug, year.year, meeting.number, self.material.anchor, self.number]
        )

    @property
    def type_and_size(self) -> str:
        """What a link to the file says of it: 「PDF、1.2MB」."""
        return f"{describe_type(self.content_type)}、{human_size(self.size)}"
