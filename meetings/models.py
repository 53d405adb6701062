"""What a council does in a year: meetings, their agenda, minutes and materials."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string

from members.constraints import BelongsTo
from members.eras import format_date
from members.models import CouncilYear, Department, Organization
from members.natural_keys import NaturalKeyManager, NaturalKeyModel, NaturalKeyQuerySet
from members.ordering import OrderedModel


def new_anchor() -> str:
    """Make an id for a part of a record; it stays when items are renumbered or moved."""
    return get_random_string(8, "abcdefghjkmnpqrstuvwxyz23456789")


class MeetingQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Meetings whose announcement or record is public, in public years."""
        return self.filter(
            Q(is_announced=True) | Q(record_status=Meeting.RecordStatus.PUBLISHED),
            council_year__in=CouncilYear.objects.public(),
        )

    def with_public_record(self) -> Self:
        """Public meetings whose minutes are public too."""
        return self.public().filter(record_status=Meeting.RecordStatus.PUBLISHED)

    def upcoming(self) -> Self:
        """Planned meetings from today on, the nearest first."""
        return self.filter(status=Meeting.Status.PLANNED, held_on__gte=timezone.localdate()).order_by(
            "held_on", "start_time", "pk"
        )


class Meeting(NaturalKeyModel):
    """The N-th meeting of a council's year.

    Two things are made public one after the other: the announcement (date, place,
    agenda) before the meeting, the record (minutes, attendance) after it.
    """

    class Mode(models.TextChoices):
        IN_PERSON = "in_person", "対面"
        ONLINE = "online", "Web会議"
        HYBRID = "hybrid", "対面とWeb会議の併用"
        WRITTEN = "written", "書面開催"

    class Status(models.TextChoices):
        PLANNED = "planned", "開催予定"
        HELD = "held", "開催済み"
        CANCELLED = "cancelled", "中止"

    class RecordStatus(models.TextChoices):
        DRAFT = "draft", "下書き（非公開）"
        PUBLISHED = "published", "公開"

    council_year = models.ForeignKey(
        CouncilYear, models.PROTECT, related_name="meetings", verbose_name="年度"
    )
    number = models.PositiveSmallIntegerField(
        "回", help_text="年度ごとに1から。いったん公開した番号は変えられません。"
    )
    held_on = models.DateField("開催日")
    start_time = models.TimeField("開始時刻", null=True, blank=True)
    end_time = models.TimeField("終了時刻", null=True, blank=True)
    mode = models.CharField(
        "開催方法", max_length=10, choices=Mode, blank=True, help_text="不明のときは空欄。"
    )
    place = models.CharField("場所", max_length=100, blank=True)
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.PLANNED)
    is_announced = models.BooleanField(
        "開催案内を公開する", default=False, help_text="日時、場所、次第、公開する資料が公開されます。"
    )
    record_status = models.CharField(
        "会議記録",
        max_length=10,
        choices=RecordStatus,
        default=RecordStatus.DRAFT,
        help_text="「公開」にすると、議事概要と出席状況も公開されます。",
    )
    first_public_at = models.DateTimeField("最初に公開した日時", null=True, blank=True, editable=False)

    objects = MeetingQuerySet.as_manager()
    natural_key_fields = ("council_year__council__slug", "council_year__year", "number")

    class Meta:
        verbose_name = verbose_name_plural = "会議"
        ordering = ["-council_year__year", "council_year__council", "number"]
        constraints = [
            models.UniqueConstraint(
                name="meeting_number_unique_per_year",
                fields=["council_year", "number"],
                violation_error_message="この年度には同じ回の会議がすでに登録されています。",
            ),
            models.CheckConstraint(
                name="meeting_number_from_one",
                condition=Q(number__gte=1),
                violation_error_message="回は1以上の数で入力してください。",
            ),
            models.CheckConstraint(
                name="meeting_times_in_order",
                condition=Q(end_time__isnull=True)
                | Q(start_time__isnull=False, end_time__gt=F("start_time")),
                violation_error_message="終了時刻は開始時刻より後にしてください。",
            ),
            models.CheckConstraint(
                name="meeting_record_not_before_it_is_held",
                condition=~Q(status="planned", record_status="published"),
                violation_error_message=(
                    "開催予定の会議の記録は公開できません。状態を「開催済み」にしてください。"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.council_year} {self.label}"

    def save(self, *args: object, **kwargs: object) -> None:
        if self.first_public_at is None and self.is_visible:
            self.first_public_at = timezone.now()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def clean(self) -> None:
        errors = {}
        if self.council_year_id and self.held_on:
            first, last = self.council_year.date_range
            if not first <= self.held_on <= last:
                errors["held_on"] = (
                    f"開催日は{self.council_year.label}の期間"
                    f"（{format_date(first)}から{format_date(last)}まで）の日にしてください。"
                )
        if self.status == self.Status.HELD and self.held_on and self.held_on > timezone.localdate():
            errors["status"] = "開催日がまだ来ていない会議は「開催済み」にできません。"
        if self.pk and self.first_public_at:
            before = Meeting.objects.get(pk=self.pk)
            if (before.number, before.council_year_id) != (self.number, self.council_year_id):
                errors["number"] = (
                    f"公開した会議の年度と回は変えられません（元は{before.label}）。"
                    "番号を使い直すと、引用されたアドレスが別の会議を指してしまうためです。"
                )
        if errors:
            raise ValidationError(errors)

    def get_absolute_url(self) -> str:
        year = self.council_year
        return reverse("meeting", args=[year.council.slug, year.year, self.number])

    @property
    def label(self) -> str:
        """The meeting as people call it: 「第1回会議」."""
        return f"第{self.number}回会議"

    @property
    def is_visible(self) -> bool:
        """Whether staff have made anything of this meeting public."""
        return self.is_announced or self.has_public_record

    @property
    def has_public_record(self) -> bool:
        return self.record_status == self.RecordStatus.PUBLISHED

    def prefill_attendance(self) -> int:
        """Add a row for every organization of the roster that has none; returns how many."""
        present = set(self.attendances.values_list("organization_id", flat=True))
        organizations = Organization.objects.filter(
            departments__memberships__council_year=self.council_year
        ).distinct()
        rows = [
            Attendance(meeting=self, organization=organization)
            for organization in organizations
            if organization.pk not in present
        ]
        return len(Attendance.objects.bulk_create(rows))


class MeetingPart(OrderedModel, NaturalKeyModel):
    """A part of a meeting in its order, with an anchor that is never given to another."""

    anchor = models.CharField("固定ID", max_length=12, unique=True, default=new_anchor, editable=False)

    natural_key_fields = ("anchor",)
    order_within = "meeting"

    class Meta:
        abstract = True


class AgendaItem(MeetingPart):
    """One item of a meeting's agenda; its order is apart from its printed label."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda_items", verbose_name="会議")
    label = models.CharField(
        "表示する番号", max_length=20, blank=True, help_text="「議題1」など。空欄なら順番の数字。"
    )
    title = models.CharField("議題", max_length=200)

    objects = NaturalKeyManager()

    class Meta:
        verbose_name = verbose_name_plural = "次第・議題"
        ordering = ["position", "pk"]
        constraints = [
            # The target of MinuteEntry's BelongsTo.
            models.UniqueConstraint(name="agenda_item_of_meeting", fields=["id", "meeting"]),
        ]

    def __str__(self) -> str:
        return f"{self.label or self.position} {self.title}"


class Guest(NaturalKeyModel):
    """A body from outside the roster that speaks at meetings."""

    name = models.CharField(
        "名称",
        max_length=100,
        unique=True,
        error_messages={"unique": "この名称のゲストはすでに登録されています。"},
    )

    objects = NaturalKeyManager()
    natural_key_fields = ("name",)

    class Meta:
        verbose_name = verbose_name_plural = "ゲスト（講師など）"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RecordQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Parts of records that are public."""
        return self.filter(meeting__in=Meeting.objects.with_public_record())


class MinuteEntry(MeetingPart):
    """One statement of a meeting's minutes: what was done, and by which body."""

    class Kind(models.TextChoices):
        FORMAT = "format", "開催方法"
        ELECTION = "election", "選出"
        REPORT = "report", "報告"
        SHARING = "sharing", "情報共有"
        LECTURE = "lecture", "講演"
        CASE = "case", "事例発表"
        DISCUSSION = "discussion", "意見交換"
        DECISION = "decision", "決定"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="minute_entries", verbose_name="会議")
    kind = models.CharField("種別", max_length=10, choices=Kind)
    body = models.TextField("内容")
    agenda_item = models.ForeignKey(
        AgendaItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="minute_entries",
        verbose_name="関連する議題",
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="minute_entries",
        verbose_name="発言した担当課",
    )
    guest = models.ForeignKey(
        Guest,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="minute_entries",
        verbose_name="発言したゲスト",
    )
    speaker_name = models.CharField(
        "発言者の表示",
        max_length=200,
        blank=True,
        help_text="空欄なら担当課またはゲストの名称を、保存した時点の表記で記録します。",
    )
    speaker_post = models.CharField("発言者の職名", max_length=100, blank=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "議事概要"
        ordering = ["position", "pk"]
        constraints = [
            BelongsTo(
                name="minute_entry_agenda_item_of_meeting",
                part="agenda_item",
                whole="meeting",
                violation_error_message="この会議の議題を選んでください。",
            ),
            models.CheckConstraint(
                name="minute_entry_one_speaker",
                condition=Q(department__isnull=True) | Q(guest__isnull=True),
                violation_error_message="発言者は担当課かゲストのどちらか一方を選んでください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.body[:30]}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self.speaker_name:
            # Names change; the record keeps the one that was right at the time.
            self.speaker_name = str(self.department or self.guest or "")
        super().save(*args, **kwargs)

    @property
    def speaker(self) -> str:
        """The speaker as the record prints it, body first, then post."""
        return " ".join(filter(None, (self.speaker_name, self.speaker_post)))


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

    objects = RecordQuerySet.as_manager()
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
            models.UniqueConstraint(
                name="attendance_unique",
                fields=["meeting", "organization"],
                violation_error_message="この団体の出席状況はすでに登録されています。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.get_status_display()}".strip()


class MaterialQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Materials marked public, of public meetings."""
        return self.filter(is_public=True, meeting__in=Meeting.objects.public())


class Material(MeetingPart):
    """A document or video of a meeting: a link, or only its title where that is all there is."""

    class Kind(models.TextChoices):
        DOCUMENT = "document", "文書"
        VIDEO = "video", "動画"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="materials", verbose_name="会議")
    label = models.CharField("資料番号", max_length=20, blank=True, help_text="例: 資料1-2、参考資料")
    title = models.CharField("資料名", max_length=200)
    kind = models.CharField("種類", max_length=10, choices=Kind, default=Kind.DOCUMENT)
    provider = models.CharField("作成者", max_length=100, blank=True, help_text="例: 伊賀市広聴情報課")
    url = models.URLField("アドレス", blank=True, help_text="公開場所がある場合のアドレス。")
    is_public = models.BooleanField("公開する", default=False)

    objects = MaterialQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "資料"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.label, self.title)))
