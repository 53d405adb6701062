"""A meeting: when, where, and how much of it the public can read."""

from datetime import date, datetime, time
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from members.common.audit import note_act
from members.common.models.natural_keys import NaturalKeyModel, NaturalKeyQuerySet
from members.common.publication.models import Publishable, Stage
from members.common.text.eras import format_date, format_weekday
from members.common.text.folding import FoldedField
from members.models import CouncilYear, Organization


class MeetingQuerySet(NaturalKeyQuerySet):
    def public(self) -> Self:
        """Meetings whose announcement or record is public, in public years."""
        return self.filter(
            Q(is_announced=True) | Q(record_status__in=Meeting.PUBLIC_RECORD),
            council_year__in=CouncilYear.objects.public(),
        )

    def with_public_record(self) -> Self:
        """Public meetings whose minutes are public too."""
        return self.public().filter(record_status__in=Meeting.PUBLIC_RECORD)

    def withdrawn(self) -> Self:
        """Meetings whose record was public and is not any more."""
        return self.filter(withdrawn_at__isnull=False).exclude(record_status__in=Meeting.PUBLIC_RECORD)

    def inviting(self, organization: Organization) -> Self:
        """Planned meetings that ask this member body who comes, those past their due day too."""
        years = CouncilYear.objects.filter(memberships__department__organization=organization)
        return self.filter(
            status=Meeting.Status.PLANNED,
            replies_due_on__isnull=False,
            held_on__gte=timezone.localdate(),
            council_year__in=years,
        ).order_by("held_on", "start_time", "pk")

    def upcoming(self) -> Self:
        """Planned meetings from today on, the nearest first."""
        return self.filter(status=Meeting.Status.PLANNED, held_on__gte=timezone.localdate()).order_by(
            "held_on", "start_time", "pk"
        )


class Meeting(Publishable, NaturalKeyModel):
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
        DRAFT = "draft", "下書き"
        REVIEW = "review", "確認中"
        PUBLISHED = "published", "公開"
        CORRECTED = "corrected", "公開（訂正あり）"

    # The states in which the public can read the record.
    PUBLIC_RECORD = (RecordStatus.PUBLISHED, RecordStatus.CORRECTED)

    council_year = models.ForeignKey(
        CouncilYear, models.PROTECT, related_name="meetings", verbose_name="年度"
    )
    number = models.PositiveSmallIntegerField(
        "回",
        validators=[MaxValueValidator(999, "999以下の数で入力してください。")],
        help_text="年度ごとに1から。いったん公開した番号は変えられません。",
    )
    held_on = models.DateField("開催日")
    start_time = models.TimeField("開始時刻", null=True, blank=True)
    end_time = models.TimeField("終了時刻", null=True, blank=True)
    mode = models.CharField(
        "開催方法", max_length=10, choices=Mode, blank=True, help_text="不明のときは空欄。"
    )
    place = models.CharField("場所", max_length=100, blank=True)
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.PLANNED)
    replies_due_on = models.DateField(
        "出欠の回答期限",
        null=True,
        blank=True,
        help_text="入力すると、検討メンバーの団体の窓口に案内が出て、この日まで出欠を回答できます。",
    )
    is_announced = models.BooleanField(
        "開催案内を公開する", default=False, help_text="日時、場所、次第、公開する資料が公開されます。"
    )
    record_status = models.CharField(
        "会議記録",
        max_length=10,
        choices=RecordStatus,
        default=RecordStatus.DRAFT,
        editable=False,
    )
    record_version = models.PositiveIntegerField(
        "記録の保存回数",
        default=0,
        editable=False,
        help_text="同時に編集した人がいることを見つけるための番号。",
    )
    # To undo a withdrawal while the record is as it was.
    withdrawn_from = models.CharField("取り下げる前の状態", max_length=10, blank=True, editable=False)
    withdrawn_state = models.CharField("取り下げたときの内容", max_length=64, blank=True, editable=False)
    record_published_at = models.DateTimeField("記録を最初に公開した日時", null=True, editable=False)
    first_public_at = models.DateTimeField("最初に公開した日時", null=True, blank=True, editable=False)
    sequence = models.PositiveIntegerField(
        "日程の変更回数",
        default=0,
        editable=False,
        help_text="予定表に取り込んだ人へ変更を伝えるための番号。",
    )
    # What a calendar is told: work on what is not public moves it not.
    schedule_changed_at = models.DateTimeField("日程の更新日時", null=True, editable=False)
    modified_at = models.DateTimeField("更新日時", auto_now=True)
    folded = FoldedField(sources=("search_text",))

    objects = MeetingQuerySet.as_manager()
    natural_key_fields = ("council_year__council__slug", "council_year__year", "number")

    class Meta:
        verbose_name = verbose_name_plural = "会議"
        permissions = [("publish_meeting", "会議記録を公開し、取り下げる")]
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
                condition=~Q(status="planned", record_status__in=["published", "corrected"]),
                violation_error_message=(
                    "開催予定の会議の記録は公開できません。状態を「開催済み」にしてください。"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.council_year} {self.label}"

    # What somebody who put the meeting into a calendar must hear of.
    SCHEDULE = ("held_on", "start_time", "end_time", "place", "mode", "status")

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = Meeting.objects.filter(pk=self.pk).values_list(*self.SCHEDULE).first() if self.pk else None
        if before and before != tuple(getattr(self, field) for field in self.SCHEDULE):
            self.sequence += 1
            self.schedule_changed_at = timezone.now()
        if self.first_public_at is None and self.is_visible:
            self.first_public_at = self.schedule_changed_at = timezone.now()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        errors = {
            **self._day_errors(),
            **self._status_errors(),
            **self._address_errors(),
            **self._reply_errors(),
        }
        if errors:
            raise ValidationError(errors)

    def _day_errors(self) -> dict[str, str]:
        """The day is one of the council year's."""
        if not self.council_year_id or not self.held_on:
            return {}
        first, last = self.council_year.date_range
        if first <= self.held_on <= last:
            return {}
        return {
            "held_on": (
                f"開催日は{self.council_year.label}の期間"
                f"（{format_date(first)}から{format_date(last)}まで）の日にしてください。"
            )
        }

    def _status_errors(self) -> dict[str, str]:
        """A meeting of a day to come is not held; one whose record is public is not planned."""
        if self.status == self.Status.HELD and self.held_on and self.held_on > timezone.localdate():
            return {"status": "開催日がまだ来ていない会議は「開催済み」にできません。"}
        # The database holds this too, but a form that does not offer the record's state leaves it out.
        if self.status == self.Status.PLANNED and self.has_public_record:
            return {"status": "会議記録を公開した会議は「開催予定」に戻せません。"}
        return {}

    def _reply_errors(self) -> dict[str, str]:
        """Bodies reply before the meeting, not after it."""
        if self.replies_due_on and self.held_on and self.replies_due_on > self.held_on:
            return {"replies_due_on": "開催日か、それより前の日にしてください。"}
        return {}

    def _address_errors(self) -> dict[str, str]:
        """A meeting that was public once keeps the year and number that its address is made of."""
        if not self.pk or not self.first_public_at:
            return {}
        before = Meeting.objects.get(pk=self.pk)
        if (before.number, before.council_year_id) == (self.number, self.council_year_id):
            return {}
        return {
            "number": (
                f"公開した会議の年度と回は変えられません（元は{before.label}）。"
                "番号を使い直すと、引用されたアドレスが別の会議を指してしまうためです。"
            )
        }

    def get_absolute_url(self) -> str:
        year = self.council_year
        return reverse("meeting", args=[year.council.slug, year.year, self.number])

    @property
    def label(self) -> str:
        """The meeting as people call it: 「第1回会議」."""
        return f"第{self.number}回会議"

    @property
    def search_text(self) -> str:
        """What a search finds it by: 「第1回会議　令和2（2020）年6月17日（水）　Web会議　場所」."""
        if isinstance(self.held_on, str):
            # A fixture or a test may hand in the day as text.
            self.held_on = date.fromisoformat(self.held_on)
        day = f"{format_date(self.held_on)}（{format_weekday(self.held_on)}）"
        return "　".join(filter(None, [self.label, day, self.get_mode_display(), self.place]))

    @property
    def is_visible(self) -> bool:
        """Whether staff have made anything of this meeting public."""
        return self.is_announced or self.has_public_record

    @property
    def takes_replies(self) -> bool:
        """Whether bodies can say now who comes: through the due day, of a meeting still to be held."""
        today = timezone.localdate()
        return bool(
            self.status == self.Status.PLANNED
            and self.replies_due_on
            and today <= self.replies_due_on
            and today <= self.held_on
        )

    @property
    def has_public_record(self) -> bool:
        return self.record_status in self.PUBLIC_RECORD

    @property
    def stage(self) -> Stage:
        """How far its record has come."""
        if self.has_public_record:
            return Stage.PUBLIC
        return Stage.ASKED if self.record_status == self.RecordStatus.REVIEW else Stage.DRAFT

    @property
    def starts_at(self) -> datetime | None:
        """When it begins, in Japanese time; None where only the day is known."""
        return self._at(self.start_time)

    @property
    def ends_at(self) -> datetime | None:
        return self._at(self.end_time)

    def _at(self, clock: time | None) -> datetime | None:
        return timezone.make_aware(datetime.combine(self.held_on, clock)) if clock else None

    def prefill_attendance(self) -> int:
        """Add a row for every organization of the roster that has none; returns how many."""
        present = set(self.attendances.values_list("organization_id", flat=True))
        organizations = Organization.objects.filter(
            departments__memberships__council_year=self.council_year
        ).distinct()
        rows = [
            self.attendances.model(meeting=self, organization=organization)
            for organization in organizations
            if organization.pk not in present
        ]
        if rows:
            note_act(self, None, {"出席状況": f"名簿から{len(rows)}団体を追加"})
        return len(self.attendances.bulk_create(rows))
