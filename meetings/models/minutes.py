"""A meeting's minutes: what was said, decided and left to do, and who spoke."""

from django.db import models
from django.db.models import Q

from meetings.models.meeting import Meeting
from meetings.models.parts import AgendaItem, MeetingPart, RecordQuerySet
from members.common.merging import short_digest
from members.common.models.constraints import BelongsTo
from members.common.models.natural_keys import NaturalKeyManager, NaturalKeyModel
from members.common.text.folding import FoldedField
from members.models import Department


class Guest(NaturalKeyModel):
    """A body from outside the roster that speaks at meetings."""

    # Whom a council invites is known only to those who take care of it.
    tells_who_uses_it = True

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
    folded = FoldedField(sources=("body", "speaker_name", "speaker_post"))

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
    def fingerprint(self) -> str:
        """Tells whether somebody who judges this entry has its present text before them."""
        return short_digest(self.body)

    @property
    def speaker_key(self) -> str:
        """The department or guest as one text: 「d5」, 「g3」; empty for neither."""
        if self.department_id:
            return f"d{self.department_id}"
        return f"g{self.guest_id}" if self.guest_id else ""

    @property
    def speaker(self) -> str:
        """The speaker as the record prints it, body first, then post."""
        return " ".join(filter(None, (self.speaker_name, self.speaker_post)))
