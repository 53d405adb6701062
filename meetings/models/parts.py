"""The parts of a meeting's record: agenda and attendance; the minutes are in ``minutes``."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf

from meetings.models.meeting import Meeting
from members.common.models.anchors import new_anchor
from members.common.models.natural_keys import NaturalKeyModel, NaturalKeyQuerySet
from members.common.models.ordering import OrderedModel
from members.common.text.folding import FoldedField
from members.models import Membership, Organization


class MeetingPart(OrderedModel, NaturalKeyModel):
    """A part of a meeting in its order, with an anchor that is never given to another."""

    anchor = models.CharField("固定ID", max_length=12, unique=True, default=new_anchor, editable=False)

    natural_key_fields = ("anchor",)
    order_within = "meeting"

    class Meta:
        abstract = True


class AgendaItemQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Agenda of meetings that are public."""
        return self.filter(meeting__in=Meeting.objects.public())


class AgendaItem(MeetingPart):
    """One line of a meeting's agenda; its order is apart from its printed label.

    What stands under another has a greater ``level``: in an ordered list the parent is
    the nearest line above of a smaller one, so that order and nesting cannot disagree.
    """

    class Kind(models.TextChoices):
        ITEM = "item", "議題"
        HEADING = "heading", "見出し"
        FORMAL = "formal", "進行（開会・あいさつなど）"

    LEVELS = [(0, "なし"), (1, "1字下げ"), (2, "2字下げ"), (3, "3字下げ")]

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda_items", verbose_name="会議")
    label = models.CharField(
        "表示する番号", max_length=20, blank=True, help_text="「議題1」など。空欄なら順番の数字。"
    )
    title = models.CharField("議題", max_length=200)
    kind = models.CharField("種類", max_length=10, choices=Kind, default=Kind.ITEM)
    level = models.PositiveSmallIntegerField("字下げ", choices=LEVELS, default=0)
    presenter = models.CharField("説明者", max_length=100, blank=True, help_text="例: 津市情報企画課")
    start_time = models.TimeField("開始時刻", null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(
        "所要（分）",
        null=True,
        blank=True,
        validators=[
            MinValueValidator(1, "1以上の数で入力してください。"),
            MaxValueValidator(999, "999以下の数で入力してください。"),
        ],
    )
    folded = FoldedField(sources=("label", "title", "presenter"))

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "次第・議題"
        ordering = ["position", "pk"]
        constraints = [
            # The target of MinuteEntry's BelongsTo.
            models.UniqueConstraint(name="agenda_item_of_meeting", fields=["id", "meeting"]),
            models.CheckConstraint(
                name="agenda_item_minutes_from_one",
                condition=Q(minutes__isnull=True) | Q(minutes__gte=1, minutes__lte=999),
                violation_error_message="所要時間は1分から999分までで入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label or self.position} {self.title}"


class RecordQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Parts of records that are public."""
        return self.filter(meeting__in=Meeting.objects.with_public_record())


class AttendanceQuerySet(RecordQuerySet):
    def with_names(self) -> Self:
        """Each with ``printed_name``: as it was published, before that as the year's roster has it."""
        in_roster = Membership.objects.all().printed_name("meeting__council_year", "organization")
        return self.annotate(printed_name=Coalesce(NullIf(F("published_name"), Value("")), in_roster))

    def keep_names(self) -> None:
        """Keep the names that stand in the record as it goes public: another name later is a correction."""
        in_roster = Membership.objects.all().printed_name("meeting__council_year", "organization")
        for row in self.annotate(name_in_roster=in_roster):
            if row.published_name != row.name_in_roster:
                row.published_name = row.name_in_roster
                row.save(update_fields=["published_name"])


class Attendance(NaturalKeyModel):
    """How an organization took part in a meeting; unset until staff record it."""

    class Status(models.TextChoices):
        PRESENT = "present", "出席"
        ONLINE = "online", "オンライン"
        PROXY = "proxy", "代理"
        ABSENT = "absent", "欠席"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances", verbose_name="会議")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="attendances", verbose_name="団体"
    )
    status = models.CharField("出席状況", max_length=10, choices=Status, blank=True)
    people_count = models.PositiveSmallIntegerField(
        "人数",
        null=True,
        blank=True,
        validators=[
            MinValueValidator(1, "1以上の数で入力してください。"),
            MaxValueValidator(999, "999以下の数で入力してください。"),
        ],
    )
    # For the secretariat alone; the record names bodies, not people.
    people = models.TextField("出席者（公開しません）", max_length=1000, blank=True)
    published_name = models.CharField("公開した団体名", max_length=50, blank=True, editable=False)

    objects = AttendanceQuerySet.as_manager()
    natural_key_fields = (
        "meeting__council_year__council__slug",
        "meeting__council_year__year",
        "meeting__number",
        "organization__code",
    )

    class Meta:
        verbose_name = verbose_name_plural = "出席状況"
        ordering = ["organization__code"]
        constraints = [
            models.CheckConstraint(
                name="attendance_people_count_of_who_came",
                condition=Q(people_count=None) | Q(people_count__gte=1, people_count__lte=999),
                violation_error_message="人数は1から999までで入力してください。",
            ),
            models.UniqueConstraint(
                name="attendance_unique",
                fields=["meeting", "organization"],
                violation_error_message="この団体の出席状況はすでに登録されています。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.get_status_display()}".strip()

    @property
    def shown_name(self) -> str:
        """The body as the record prints it, with how many came where that is known; needs ``with_names``."""
        count = f"（{self.people_count}名）" if self.people_count else ""
        return f"{self.printed_name}{count}"  # type: ignore[attr-defined]


class AttendanceReply(models.Model):
    """What a body said beforehand of who comes to a meeting; names are for the secretariat alone."""

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="attendance_replies", verbose_name="会議"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="attendance_replies", verbose_name="団体"
    )
    status = models.CharField("出欠", max_length=10, choices=Attendance.Status)
    people = models.TextField(
        "出席者", max_length=1000, blank=True, help_text="1行に1人、課名、職名、氏名を入力します。"
    )
    comment = models.CharField("連絡事項", max_length=300, blank=True)
    replied_at = models.DateTimeField("回答日時", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "出欠の回答"
        ordering = ["organization__code"]
        constraints = [
            models.UniqueConstraint(
                name="attendance_reply_unique",
                fields=["meeting", "organization"],
                violation_error_message="この団体の回答はすでにあります。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.get_status_display()}"
