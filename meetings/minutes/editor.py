"""The minutes editor: all entries of a meeting in one form, saved together or not at all.

Two people may have it open. The one who saves second is shown what the first one
saved; what only one of them touched is merged, what both touched is theirs to decide.
"""

import re
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from meetings.agenda.printing import number_agenda
from meetings.minutes.conflicts import COMPARED, merge_rows
from meetings.minutes.numbers import give_numbers
from meetings.models import AgendaItem, AutosavedDraft, Guest, Meeting, MinuteEntry
from meetings.record.snapshot import Record, keep_first_state, keep_revision
from members.common.acts import act
from members.common.models.anchors import new_anchor
from members.common.remit import within
from members.common.text.cleaning import said, unix_lines
from members.common.text.numbers import whole_number
from members.models import Department


class EntryForm(forms.Form):
    """One minute entry; a new one without kind and body is no entry."""

    anchor = forms.CharField(widget=forms.HiddenInput, required=False)
    position = forms.IntegerField(
        label="順",
        required=False,
        min_value=1,
        max_value=30000,
        widget=forms.NumberInput(attrs={"class": "position"}),
    )
    kind = forms.ChoiceField(
        label="種別",
        choices=[("", "種別を選ぶ"), *MinuteEntry.Kind.choices],
        error_messages={"required": "種別を選んでください。"},
    )
    agenda_item = forms.ChoiceField(label="関連する議題", required=False)
    body = forms.CharField(
        label="内容",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "内容を入力してください。"},
    )
    speaker = forms.ChoiceField(label="発言者", required=False)
    more_guests = forms.CharField(
        label="ほかのゲスト（「、」で区切る）",
        max_length=500,
        required=False,
        help_text="一覧にない人も入力できます。",
    )
    speaker_post = forms.CharField(label="職名", max_length=100, required=False)
    speaker_name = forms.CharField(label="発言者の表示（空欄なら自動）", max_length=200, required=False)
    owner = forms.CharField(label="担当", max_length=100, required=False)
    due_on = forms.DateField(
        label="期限", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, *args: Any, options: "Options", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["agenda_item"].choices, fields["speaker"].choices = options.agenda, options.speakers
        self.options = options
        # What somebody else saved meanwhile, shown beside this entry.
        self.theirs = ""

    def has_changed(self) -> bool:
        names = ("anchor", "body", "kind")
        return any((self.data.get(self.add_prefix(name)) or "").strip() for name in names)

    def clean_body(self) -> str:
        body = unix_lines(self.cleaned_data["body"]).strip()
        if not body:
            raise forms.ValidationError(self.fields["body"].error_messages["required"])
        return body

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") not in MinuteEntry.NUMBERED:
            # Their boxes do not show with another kind.
            cleaned |= {"owner": "", "due_on": None}
        return cleaned

    def clean_more_guests(self) -> list[str]:
        names = [
            name.strip() for name in re.split("[、,，\\n]", self.cleaned_data["more_guests"]) if name.strip()
        ]
        if too_long := [name for name in names if len(name) > 100]:
            raise forms.ValidationError(
                f"「{too_long[0][:20]}…」が長すぎます。1人ずつ「、」で区切ってください。"
            )
        return list(dict.fromkeys(names))


class Options:
    """What the choices of every entry's form are: the meeting's agenda, the year's speakers."""

    def __init__(self, meeting: Meeting, user: User) -> None:
        self.items = {item.anchor: item for item in meeting.agenda_items.order_by("position", "pk")}
        self.agenda = [("", "（議題なし）")] + [
            (item.anchor, "　" * item.level + " ".join(filter(None, (number, item.title)))[:60])
            for number, item in number_agenda(self.items.values())
        ]
        in_year = Department.objects.filter(memberships__council_year=meeting.council_year)
        speaking = Department.objects.filter(minute_entries__meeting=meeting)
        departments = (in_year | speaking).select_related("organization").distinct()
        self.departments = {f"d{row.pk}": row for row in departments.order_by("organization__code", "pk")}
        self.guests = {f"g{row.pk}": row for row in within(user, Guest.objects.all())}
        self.keys = {*self.departments, *self.guests}
        self.speakers: list[Any] = [
            ("", "（発言者なし）"),
            ("検討メンバー", [(key, str(row)) for key, row in self.departments.items()]),
            ("ゲスト", [(key, row.name) for key, row in self.guests.items()]),
        ]


class BaseEntryFormSet(forms.BaseFormSet):
    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "options": self.form_kwargs["options"]}


EntryFormSet = forms.formset_factory(
    EntryForm, formset=BaseEntryFormSet, extra=3, can_delete=True, max_num=500, absolute_max=600
)


class CorrectionForm(forms.Form):
    """Why and when a record that is public already is changed."""

    reason = forms.CharField(
        label="訂正の理由",
        max_length=200,
        help_text="公開ページに表示します（例: 発言者の所属に誤りがあったため）。",
        error_messages={"required": "公開した記録を直すには、訂正の理由を入力してください。"},
    )
    corrected_on = forms.DateField(
        label="訂正日",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "訂正日を入力してください。"},
    )

    def clean_reason(self) -> str:
        if not (reason := said(self.cleaned_data["reason"])):
            raise forms.ValidationError(self.fields["reason"].error_messages["required"])
        return reason

    def clean_corrected_on(self) -> date:
        day = self.cleaned_data["corrected_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("訂正日は今日までの日にしてください。")
        return day


def row_of(entry: MinuteEntry) -> dict[str, Any]:
    """An entry as the form's initial values."""
    return {
        "anchor": entry.anchor,
        "position": entry.position,
        "kind": entry.kind,
        "agenda_item": entry.agenda_item.anchor if entry.agenda_item else "",
        "body": entry.body,
        "speaker": entry.speaker_key,
        "speaker_post": entry.speaker_post,
        "speaker_name": entry.speaker_name,
        "more_guests": entry.more_guests,
        "owner": entry.owner,
        "due_on": entry.due_on.isoformat() if entry.due_on else "",
    }


class Editor:
    """One person's work on a meeting's minutes; ``data`` is what was posted."""

    def __init__(self, meeting: Meeting, user: User, data: Any = None) -> None:
        self.meeting, self.user = meeting, user
        self.entries = {
            entry.anchor: entry
            for entry in meeting.minute_entries.select_related("agenda_item").order_by("position", "pk")
        }
        self.options = Options(meeting, user)
        initial = [row_of(entry) for entry in self.entries.values()]
        self.formset = EntryFormSet(data, initial=initial, prefix="e", form_kwargs={"options": self.options})
        self.is_correction = meeting.has_public_record
        self.correction = CorrectionForm(data, initial={"corrected_on": timezone.localdate()})
        self.version = meeting.record_version
        self.posted_version = str((data or {}).get("record_version", self.version))
        self.is_conflict = False

    def is_valid(self) -> bool:
        """Whether the posted entries can be stored; a conflict is shown first."""
        if self.posted_version != str(self.version):
            self._merge()
            self.is_conflict = True
            return False
        valid = self.formset.is_valid()
        if not self.is_correction:
            return valid
        if valid and self.meeting.status == Meeting.Status.HELD and not self._forms_in_order():
            self.correction.add_error(
                "reason",
                "公開した議事概要をすべて消すことはできません。隠すときは「会議記録の公開」で取り下げてください。",
            )
        return self.correction.is_valid() and valid

    @transaction.atomic
    def save(self) -> bool:
        """Store all entries and keep the state as a revision; the caller holds the lock.

        Returns whether anything changed.
        """
        kept = set()
        meeting = self.meeting
        if self.entries:
            keep_first_state(meeting)
        for position, form in enumerate(self._forms_in_order(), start=1):
            entry = self._store(form, position)
            kept.add(entry.anchor)
        for anchor, entry in self.entries.items():
            if anchor not in kept:
                entry.delete()
        give_numbers(meeting)
        correction = self.correction.cleaned_data if self.is_correction else None
        act("議事概要の保存", about=meeting, is_general=True)
        revision = keep_revision(meeting, self.user, correction)
        AutosavedDraft.objects.filter(meeting=meeting, user=self.user).delete()
        return revision is not None

    def _forms_in_order(self) -> list[Any]:
        """The forms of the entries that stay, by position; one without is behind the one before it."""
        deleted = self.formset.deleted_forms
        forms_ = [form for form in self.formset.forms if form.has_changed() and form not in deleted]
        place = 0
        ordered = []
        for index, form in enumerate(forms_):
            place = form.cleaned_data.get("position") or place
            ordered.append((place, index, form))
        return [form for _, _, form in sorted(ordered, key=lambda row: row[:2])]

    def _store(self, form: Any, position: int) -> MinuteEntry:
        data = form.cleaned_data
        entry = self.entries.get(data["anchor"]) or MinuteEntry(meeting=self.meeting, anchor=new_anchor())
        before = (entry.department_id, entry.guest_id, entry.more_guests, entry.speaker_name)
        entry.position, entry.kind, entry.body = position, data["kind"], data["body"].replace("\r\n", "\n")
        entry.owner, entry.due_on = data["owner"], data["due_on"]
        if entry.kind not in MinuteEntry.NUMBERED:
            entry.number, entry.done_on, entry.outcome = None, None, ""
        entry.agenda_item = self.options.items.get(data["agenda_item"])
        entry.department = self.options.departments.get(data["speaker"])
        entry.guest = self.options.guests.get(data["speaker"])
        self._speak_with(entry, data["more_guests"])
        entry.speaker_post, entry.speaker_name = data["speaker_post"], data["speaker_name"]
        speakers = (entry.department_id, entry.guest_id, entry.more_guests)
        if speakers != before[:3] and entry.speaker_name == before[3]:
            # Another speaker was chosen: the name frozen for the one before is not theirs.
            entry.speaker_name = ""
        entry.save()
        return entry

    def _speak_with(self, entry: MinuteEntry, names: list[str]) -> None:
        """Who speaks too; without another speaker the first of them is the one."""
        guests = [Guest.objects.get_or_create(name=name)[0] for name in names]
        if guests and not (entry.department or entry.guest):
            entry.guest = guests.pop(0)
        entry.more_guests = "、".join(guest.name for guest in guests if guest != entry.guest)

    def _merge(self) -> None:
        """Put what somebody else saved beside, or in place of, what was posted."""
        current = {anchor: row_of(entry) for anchor, entry in self.entries.items()}
        posted: Any = self.formset.data
        data = posted.copy()
        data["record_version"] = str(self.version)
        notes = merge_rows(data, self.formset.forms, self._base_entries(current), current)
        self.formset = EntryFormSet(
            data,
            initial=list(current.values()),
            prefix="e",
            form_kwargs={"options": self.options},
        )
        for form in self.formset.forms:
            form.theirs = notes.get(form.prefix, "")

    def _base_entries(self, current: dict[str, dict[str, Any]]) -> dict[str, dict[str, str]]:
        """The entries as they stood when this person began; what was not kept then is as now."""
        number = whole_number(self.posted_version) or 0
        states = self.meeting.revisions.filter(number=max(1, number))
        if not number:
            # Who began before any state was kept began with the one kept before the first
            # change, or with nothing; the first state that somebody saved is not theirs.
            states = states.filter(saved_by=None)
        revision = states.first()
        content: Record = revision.content if revision else {"entries": []}
        return {
            row["anchor"]: {
                name: row.get(name, current.get(row["anchor"], {}).get(name, "") if name == "speaker" else "")
                for name in COMPARED
            }
            for row in content["entries"]
        }


def outline(meeting: Meeting) -> list[tuple[AgendaItem | None, list[MinuteEntry]]]:
    """The agenda with the entries below each item; those of no item come last."""
    entries = list(meeting.minute_entries.order_by("position", "pk"))
    rows: list[tuple[AgendaItem | None, list[MinuteEntry]]] = [
        (item, [entry for entry in entries if entry.agenda_item_id == item.pk])
        for item in meeting.agenda_items.order_by("position", "pk")
    ]
    loose = [entry for entry in entries if entry.agenda_item_id is None]
    return [*rows, (None, loose)] if loose else rows


def rows_as_data(rows: list[dict[str, Any]], version: int) -> dict[str, str]:
    """Entries as if they had been posted, to be looked at and saved, or not."""
    data = {
        "record_version": str(version),
        "e-TOTAL_FORMS": str(len(rows)),
        "e-INITIAL_FORMS": "0",
        "e-MIN_NUM_FORMS": "0",
        "e-MAX_NUM_FORMS": "500",
    }
    for index, row in enumerate(rows):
        data |= {f"e-{index}-{name}": str(value) for name, value in row.items()}
    return data


def rows_of_revision(meeting: Meeting, record: Record, user: User) -> list[dict[str, Any]]:
    """The entries of an earlier state, with what can still be chosen of their items and speakers."""
    standing = {entry.anchor: row_of(entry) for entry in meeting.minute_entries.select_related("agenda_item")}
    options = Options(meeting, user)
    items = set(meeting.agenda_items.values_list("anchor", flat=True))
    rows = []
    for position, entry in enumerate(record["entries"], start=1):
        row = {
            **standing.get(entry["anchor"], {}),
            "more_guests": "",
            "owner": "",
            "due_on": "",
            **entry,
            "position": position,
        }
        if row["agenda_item"] not in items:
            row["agenda_item"] = ""
        renamed = standing.get(entry["anchor"], {}).get("speaker_name") != entry["speaker_name"]
        # An old state without the speaker's key: whom a name stood for is known while it stands.
        if ("speaker" not in entry and renamed) or row["speaker"] not in options.keys:
            row["speaker"] = ""
        rows.append(row)
    return rows
