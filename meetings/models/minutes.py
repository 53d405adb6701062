"""A meeting's minutes: what was said, decided and left to do, and who spoke."""

from typing import Self

from django.db import models
from django.db.models import Q

from meetings.models.meeting import Meeting
from meetings.models.parts import AgendaItem, MeetingPart, RecordQuerySet
from members.common.merging import short_digest
from members.common.models.constraints import BelongsTo
from members.common.models.natural_keys import NaturalKeyManager, NaturalKeyModel
from members.common.text.eras import format_date
from members.common.text.folding import FoldedField
from members.models import Department

# As many letters as a speaker's name has.
LONGEST_NAME = 200


def named(names: list[str]) -> str:
    """Several speakers in one line; where there is no room for all, how many more there are."""
    told = [name for name in names if name]
    kept = list(told)
    while len("、".join(kept)) > LONGEST_NAME - len("ほか999名"):
        kept.pop()
    more = len(told) - len(kept)
    return "、".join(kept) + (f"ほか{more}名" if more else "")


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


class MinuteEntryQuerySet(RecordQuerySet):
    def to_do(self) -> Self:
        """What somebody is to do: every follow-up, and each decision with an owner or a day."""
        is_due = Q(due_on__isnull=False) | ~Q(owner="")
        kinds = MinuteEntry.Kind
        return self.filter(Q(kind=kinds.FOLLOW_UP) | Q(is_due, kind=kinds.DECISION)).exclude(
            meeting__status=Meeting.Status.CANCELLED
        )

    def still_open(self) -> Self:
        return self.to_do().filter(done_on=None)


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
        QUESTION = "question", "質問"
        ANSWER = "answer", "回答"
        DECISION = "decision", "決定"
        FOLLOW_UP = "follow_up", "今後の対応"

    # Kinds that are counted, and that somebody may have to see to until a day.
    NUMBERED = (Kind.DECISION, Kind.FOLLOW_UP)

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
    # As the record names them, in their order: who is taken off the list of guests stays here.
    more_guests = models.CharField("ともに発言したゲスト", max_length=500, blank=True)
    speaker_name = models.CharField(
        "発言者の表示",
        max_length=200,
        blank=True,
        help_text="空欄なら担当課またはゲストの名称を、保存した時点の表記で記録します。",
    )
    speaker_post = models.CharField("発言者の職名", max_length=100, blank=True)
    # Given when the entry is stored; it stays once the record is public, whatever is taken out before it.
    number = models.PositiveSmallIntegerField("番号", null=True, blank=True, editable=False)
    owner = models.CharField(
        "担当", max_length=100, blank=True, help_text="決定と今後の対応に。例: 事務局、津市情報政策課"
    )
    due_on = models.DateField("期限", null=True, blank=True)
    # What became of it later is no part of the record as it was published.
    done_on = models.DateField("済んだ日", null=True, blank=True)
    outcome = models.CharField("結果", max_length=300, blank=True)
    folded = FoldedField(sources=("body", "speaker_name", "speaker_post", "owner"))

    objects = MinuteEntryQuerySet.as_manager()

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
            models.CheckConstraint(
                name="minute_entry_to_do_by_kind",
                condition=Q(kind__in=("decision", "follow_up"))
                | Q(number=None, owner="", due_on=None, done_on=None, outcome=""),
                violation_error_message="担当、期限と結果は、種別が「決定」か「今後の対応」の項目に入力できます。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.body[:30]}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self.speaker_name:
            # Names change; the record keeps the one that was right at the time.
            first = str(self.department or self.guest or "")
            self.speaker_name = named([first, *self.more_guests.split("、")])
        super().save(*args, **kwargs)

    @property
    def heading(self) -> str:
        """The entry's kind, with its number where it is counted: 「決定2」."""
        return f"{self.get_kind_display()}{self.number or ''}"

    @property
    def assignment(self) -> str:
        """Who sees to it until when, as the record prints it; empty where nobody is to."""
        day = f"期限：{format_date(self.due_on)}" if self.due_on else ""
        return "、".join(filter(None, (f"担当：{self.owner}" if self.owner else "", day)))

    @property
    def fingerprint(self) -> str:
        """Tells whether somebody who judges this entry has its present text before them."""
        judged = [self.body, self.kind, self.speaker, self.owner, str(self.due_on or "")]
        return short_digest(judged)

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
