"""The forms of pasting a 次第: the text, and what was read out of it, to be corrected and saved."""

from typing import Any

from django import forms
from django.db import transaction

from meetings.agenda.line_form import LineFormSet, as_initial
from meetings.agenda.lines import ProposedLine
from meetings.agenda.saving import add_lines, is_used, left_over, match_lines, take_fields
from meetings.models import Meeting
from meetings.record.snapshot import agenda_line
from members.common.acts import act
from members.common.merging import digest
from members.common.remit import within
from members.common.text.eras import format_date
from members.models import CouncilYear

MAX_PAPERS = 100
CHANGED = (
    "この画面を開いた後に、ほかの人がこの会議の次第を変えました。まだ何も保存していません。"
    "会議の画面で今の内容を確かめてから、もう一度保存してください。"
)


class PasteForm(forms.Form):
    """Where a meeting belongs, and the 次第 as it was copied."""

    council_year = forms.ModelChoiceField(
        CouncilYear.objects.select_related("council"),
        label="年度",
        error_messages={"required": "年度を選んでください。"},
    )
    # From whose page the screen was opened.
    meeting = forms.ModelChoiceField(Meeting.objects.all(), required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label="次第", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 16, "cols": 90})
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_years(self, user)
        meetings: Any = self.fields["meeting"]
        meetings.queryset = within(user, meetings.queryset)


def offer_years(form: Any, user: Any) -> None:
    """Meetings are made in councils that somebody takes care of."""
    field = form.fields["council_year"]
    field.queryset = within(user, field.queryset)


def agenda_digest(meeting: Meeting) -> str:
    """Changes with anything that a meeting's agenda says."""
    return digest([agenda_line(item) for item in meeting.agenda_items.order_by("position", "pk")])


class ProposedMeetingForm(forms.ModelForm):
    """What was read out of a 次第, to be corrected and saved: as a new meeting or into a registered one."""

    FILL, MATCH, NEW = "fill", "match", "new"
    into = forms.ChoiceField(label="保存のしかた", widget=forms.RadioSelect)
    # The agenda of the registered meeting as the page showed it.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    # What the text lists of papers: 「資料1 要綱（案）」, one per line.
    papers = forms.CharField(widget=forms.HiddenInput, max_length=10_000, required=False)

    class Meta:
        model = Meeting
        fields = ["council_year", "number", "held_on", "start_time", "end_time", "mode", "place"]
        widgets = {
            "council_year": forms.HiddenInput,
            "held_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "start_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "end_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(
        self,
        user: Any,
        *args: Any,
        registered: Meeting | None = None,
        lines: list[ProposedLine] | None = None,
        left_out: list[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offer_years(self, user)
        self.registered, self.left_out = registered, left_out or []
        initial = [as_initial(line) for line in lines or []]
        self.lines = LineFormSet(self.data or None, initial=initial, prefix=f"{self.prefix}-l")
        if registered is None:
            del self.fields["into"], self.fields["seen"]
            return
        self.fields["seen"].initial = agenda_digest(registered)
        self._offer_registered(registered, [line.title for line in lines or []])

    def _offer_registered(self, registered: Meeting, titles: list[str]) -> None:
        """Say what each way of saving does to the meeting that there is."""
        kept = registered.agenda_items.count()
        kept_note = f"（今の次第{kept}行は残し、同じものは増やしません）" if kept else ""
        named = f"{registered.label}（{format_date(registered.held_on)}）"
        into: Any = self.fields["into"]
        into.choices = [
            (self.FILL, f"登録済みの{named}に次第を加える{kept_note}"),
            (self.MATCH, f"登録済みの{named}の次第と日程を、下の内容に置き換える"),
            (self.NEW, "新しい会議を作る（回を、まだない番号に直してください）"),
        ]
        into.initial = self.FILL
        over = left_over(registered, titles) if titles else []
        self.goes = [item.title for item in over if not is_used(item)]
        self.stays = [item.title for item in over if is_used(item)]

    @property
    def way(self) -> str:
        """How it is to be saved: into the registered meeting, or as a new one."""
        return str(self.cleaned_data.get("into") or self.NEW) if self.registered else self.NEW

    @property
    def fills(self) -> Meeting | None:
        """The registered meeting that takes the agenda, if that was chosen."""
        return self.registered if self.way != self.NEW else None

    def is_valid(self) -> bool:
        # Both are looked at, so that all that is wrong is said at once.
        lines_are_valid = self.lines.is_valid()
        return super().is_valid() and lines_are_valid

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.fills:
            self._refuse(self.fills, str(cleaned.get("seen", "")))
            self._try_fields(self.fills, cleaned)
        return cleaned

    def _refuse(self, registered: Meeting, seen: str) -> None:
        """Hold what a paste must not touch: a public record, and what somebody else changed meanwhile."""
        if registered.has_public_record:
            raise forms.ValidationError(
                f"{registered.label}の記録は公開されています。会議の画面で、訂正の理由を入力して直してください。"
            )
        if self.way == self.MATCH and seen != agenda_digest(registered):
            raise forms.ValidationError(CHANGED)

    def _try_fields(self, registered: Meeting, cleaned: dict[str, Any]) -> None:
        """Say beside the field what the registered meeting could not take."""
        trial = Meeting.objects.get(pk=registered.pk)
        take_fields(trial, cleaned, overwrite=self.way == self.MATCH)
        try:
            trial.full_clean(exclude=["council_year", "number"])
        except forms.ValidationError as error:
            self.add_error(None, error.messages)

    def validate_unique(self) -> None:
        if not self.fills:
            super().validate_unique()

    def _post_clean(self) -> None:
        if self.fills:
            # The registered meeting is written over only where that was chosen, field by field.
            return
        super()._post_clean()  # type: ignore[misc]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The lines that say something, in order."""
        return [form.cleaned_data for form in self.lines.forms if form.has_changed()]

    @property
    def listed_papers(self) -> dict[str, str]:
        """The papers that the text lists, by number."""
        lines = self.cleaned_data["papers"].splitlines()[:MAX_PAPERS]
        return {number: title for number, _, title in (line.partition("\t") for line in lines) if title}

    @transaction.atomic
    def save(self, commit: bool = True) -> Meeting:
        """Store the agenda; raises ``ValidationError`` where it changed or was published meanwhile."""
        if self.fills:
            meeting = Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=self.fills.pk)
            # Once more, now that nobody else can write it.
            self._refuse(meeting, str(self.cleaned_data.get("seen", "")))
            take_fields(meeting, self.cleaned_data, overwrite=self.way == self.MATCH)
            meeting.save()
        else:
            meeting = super().save(commit)
            meeting.prefill_attendance()
        act("次第の貼り付け", about=meeting, is_general=True)
        store = match_lines if self.way == self.MATCH else add_lines
        store(meeting, self.rows, self.listed_papers)
        return meeting
