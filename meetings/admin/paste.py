"""Pasting: a 次第 becomes a meeting, a minutes text becomes entries; both are previewed first."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from meetings.agenda.reading import MAX_ITEMS, MAX_LENGTH, AgendaProposal, read_agenda
from meetings.agenda.splitting import split_meetings
from meetings.minutes.editor import Editor, Options, outline, rows_as_data
from meetings.minutes.reading import read_minutes
from meetings.models import AgendaItem, Meeting
from members.common.remit import within
from members.common.text.eras import fiscal_year, format_date
from members.common.text.folding import fold
from members.common.text.numbers import whole_number
from members.models import CouncilYear

# More than this many meetings of one year is not one text.
MAX_MEETINGS = 30


class PasteForm(forms.Form):
    """Where a meeting belongs, and the 次第 as it was copied."""

    council_year = forms.ModelChoiceField(
        CouncilYear.objects.select_related("council"),
        label="年度",
        error_messages={"required": "年度を選んでください。"},
    )
    text = forms.CharField(
        label="次第", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 16, "cols": 90})
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_years(self, user)


def offer_years(form: Any, user: Any) -> None:
    """Meetings are made in councils that somebody takes care of."""
    field = form.fields["council_year"]
    field.queryset = within(user, field.queryset)


class ProposedMeetingForm(forms.ModelForm):
    """What was read out of a 次第, to be corrected and saved: as a new meeting or into a registered one."""

    FILL, NEW = "fill", "new"
    into = forms.ChoiceField(label="保存のしかた", widget=forms.RadioSelect)
    items = forms.CharField(
        label="議題（1行に1つ）",
        widget=forms.Textarea(attrs={"rows": 10, "cols": 90}),
        error_messages={"required": "議題を1行に1つずつ入力してください。"},
    )

    class Meta:
        model = Meeting
        fields = ["council_year", "number", "held_on", "start_time", "end_time", "mode", "place"]
        widgets = {
            "council_year": forms.HiddenInput,
            "held_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "start_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "end_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, user: Any, *args: Any, registered: Meeting | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_years(self, user)
        self.registered = registered
        if registered is None:
            del self.fields["into"]
            return
        kept = registered.agenda_items.count()
        kept_note = f"（今の議題{kept}件は残し、同じものは増やしません）" if kept else ""
        named = f"{registered.label}（{format_date(registered.held_on)}）"
        into: Any = self.fields["into"]
        into.choices = [
            (self.FILL, f"登録済みの{named}に議題を入れる{kept_note}"),
            (self.NEW, "新しい会議を作る（回を、まだない番号に直してください）"),
        ]
        into.initial = self.FILL

    @property
    def fills(self) -> Meeting | None:
        """The registered meeting that takes the agenda, if that was chosen."""
        return self.registered if self.registered and self.cleaned_data.get("into") == self.FILL else None

    def clean_items(self) -> list[str]:
        titles = [line.strip() for line in self.cleaned_data["items"].splitlines() if line.strip()]
        if len(titles) > MAX_ITEMS:
            raise forms.ValidationError(f"議題が{MAX_ITEMS}件を超えています。")
        for number, title in enumerate(titles, start=1):
            if len(title) > 200:
                raise forms.ValidationError(f"{number}行目の議題が長すぎます。200文字までにしてください。")
        return titles

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.fills and self.fills.has_public_record:
            raise forms.ValidationError(
                f"{self.fills.label}の記録は公開されています。会議の画面で、訂正の理由を入力して直してください。"
            )
        return cleaned

    def validate_unique(self) -> None:
        if not self.fills:
            super().validate_unique()

    def _post_clean(self) -> None:
        if self.fills:
            # The registered meeting is not written over: its own day and place stand.
            return
        super()._post_clean()  # type: ignore[misc]

    @transaction.atomic
    def save(self, commit: bool = True) -> Meeting:
        if meeting := self.fills:
            return self._fill(meeting)
        meeting = super().save(commit)
        for title in self.cleaned_data["items"]:
            AgendaItem.objects.create(meeting=meeting, title=title)
        meeting.prefill_attendance()
        return meeting

    def _fill(self, meeting: Meeting) -> Meeting:
        """Put the items that are not there yet into a registered meeting, and what it leaves open."""
        meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
        for name in ("start_time", "end_time", "mode", "place"):
            if not getattr(meeting, name) and self.cleaned_data.get(name):
                setattr(meeting, name, self.cleaned_data[name])
        meeting.save()
        known = {fold(title) for title in meeting.agenda_items.values_list("title", flat=True)}
        for title in self.cleaned_data["items"]:
            if fold(title) not in known:
                AgendaItem.objects.create(meeting=meeting, title=title)
        return meeting


def paste_agenda(screens: Any, request: HttpRequest) -> HttpResponse:
    """Ask for the text, show what was read from it, save what staff made of it."""
    title = "次第を貼り付けて会議を作る"
    template = "admin/meetings/paste.html"
    if "save" in request.POST:
        return save_proposed(screens, request, template, title)
    wanted = whole_number(request.GET.get("copy")) or 0
    copied = within(request.user, Meeting.objects.filter(pk=wanted)).first()
    if copied:
        if not screens.has_view_permission(request, copied):
            raise PermissionDenied
        form = propose(request, copied.council_year, copy_of(copied), prefix="m0")
        return screens.page(request, template, None, title=title, proposed=[form], problems=[])
    if request.method == "POST":
        return read_pasted(screens, request, template, title)
    years = within(request.user, CouncilYear.objects.filter(year=fiscal_year(timezone.localdate())))[:2]
    paste = PasteForm(request.user, initial={"council_year": years[0] if len(years) == 1 else None})
    return screens.page(request, template, None, title=title, form=paste)


def read_pasted(screens: Any, request: HttpRequest, template: str, title: str) -> HttpResponse:
    """Show the meetings that a posted text holds, or the text again with what is wrong with it."""
    paste = PasteForm(request.user, request.POST)
    proposals = read_proposals(paste) if paste.is_valid() else []
    problems = [problem for proposal in proposals for problem in proposal.problems]
    if proposals and all(proposal.items or not proposal.problems for proposal in proposals):
        year = paste.cleaned_data["council_year"]
        forms_ = [propose(request, year, each, prefix=f"m{n}") for n, each in enumerate(proposals)]
        return screens.page(request, template, None, title=title, proposed=forms_, problems=problems)
    for problem in problems:
        paste.add_error("text", problem)
    return screens.page(request, template, None, 422, title=title, form=paste)


def read_proposals(paste: PasteForm) -> list[AgendaProposal]:
    """What each meeting of a valid form's text says; none, and an error, where they cannot be told apart."""
    year = paste.cleaned_data["council_year"]
    try:
        parts = split_meetings(paste.cleaned_data["text"][: MAX_LENGTH + 1])
    except ValueError as error:
        paste.add_error("text", str(error))
        return []
    return [read_agenda(part, year.year) for part in parts]


def save_proposed(screens: Any, request: HttpRequest, template: str, title: str) -> HttpResponse:
    """Save every proposed meeting, or none where one of them cannot be."""
    proposed = posted_proposals(request)
    # Every one is looked at, so that all that is wrong is said at once.
    refused = [form for form in proposed if not form.is_valid()]
    if proposed and not refused:
        try:
            with transaction.atomic():
                meetings = [form.save() for form in proposed]
        except IntegrityError:
            proposed[0].add_error(None, "同じ回の会議が、いま登録されました。回を確かめてください。")
        else:
            return report_saved(screens, request, meetings)
    return screens.page(request, template, None, 422, title=title, proposed=proposed)


def posted_proposals(request: HttpRequest) -> list[ProposedMeetingForm]:
    """The forms of the proposed meetings as they were posted, up to the first that is missing."""
    proposed = []
    for number in range(MAX_MEETINGS):
        prefix = f"m{number}"
        if f"{prefix}-items" not in request.POST:
            break
        registered = registered_meeting(request, prefix)
        proposed.append(ProposedMeetingForm(request.user, request.POST, prefix=prefix, registered=registered))
    return proposed


def registered_meeting(request: HttpRequest, prefix: str) -> Meeting | None:
    """The registered meeting that a proposal may go into; None where its page offered none."""
    if f"{prefix}-into" not in request.POST:
        return None
    year, seen = request.POST.get(f"{prefix}-council_year"), request.POST.get(f"{prefix}-number")
    meetings = Meeting.objects.filter(council_year=whole_number(year) or 0, number=whole_number(seen) or 0)
    found: Meeting | None = within(request.user, meetings).first()
    return found


def report_saved(screens: Any, request: HttpRequest, meetings: list[Meeting]) -> HttpResponse:
    """Log the meetings that took an agenda, say so, and go to the one, or to the list of several."""
    for meeting in meetings:
        screens.log_change(request, meeting, "次第の貼り付けから作りました。")
    names = "、".join(str(meeting) for meeting in meetings)
    messages.success(request, f"{names}に議題を入れました。記録はまだ公開していません。")
    if len(meetings) > 1:
        return redirect("admin:meetings_meeting_changelist")
    return redirect("admin:meetings_meeting_change", meetings[0].pk)


def propose(
    request: HttpRequest, year: CouncilYear, proposal: AgendaProposal, *, prefix: str
) -> ProposedMeetingForm:
    """A form filled with what was read; without a number, the next free one."""
    registered = year.meetings.filter(number=proposal.number).first() if proposal.number else None
    number = proposal.number
    if number is None:
        number = max(year.meetings.values_list("number", flat=True), default=0) + 1
    return ProposedMeetingForm(
        request.user,
        prefix=prefix,
        registered=registered,
        initial={
            "council_year": year.pk,
            "number": number,
            "held_on": proposal.held_on,
            "start_time": proposal.start_time,
            "end_time": proposal.end_time,
            "mode": proposal.mode,
            "place": proposal.place,
            "items": "\n".join(proposal.items),
        },
    )


def copy_of(meeting: Meeting) -> AgendaProposal:
    """A meeting as the proposal for the one after it: all but its number and day."""
    return AgendaProposal(
        start_time=meeting.start_time,
        end_time=meeting.end_time,
        place=meeting.place,
        mode=meeting.mode,
        items=list(meeting.agenda_items.order_by("position", "pk").values_list("title", flat=True)),
    )


def paste_minutes(screens: Any, request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Ask for the text; its entries then stand in the editor below those there are, unsaved."""
    template = "admin/meetings/paste_minutes.html"
    title = "議事概要を貼り付ける"
    if request.method != "POST":
        return screens.page(request, template, meeting, title=title)
    text = request.POST.get("text", "")
    user = cast(User, request.user)
    options = Options(meeting, user)
    speakers = {key: str(row) for key, row in options.departments.items()}
    speakers |= {key: row.name for key, row in options.guests.items()}
    agenda = {anchor: item.title for anchor, item in options.items.items()}
    try:
        found = read_minutes(text, agenda, speakers)
    except ValueError as error:
        return screens.page(request, template, meeting, 422, title=title, text=text, error=str(error))
    rows = [form.initial for form in Editor(meeting, user).formset.initial_forms]
    for entry in found:
        rows.append({"anchor": "", "new_guest": "", "speaker_post": "", **vars(entry)})
    for position, row in enumerate(rows, start=1):
        row["position"] = position
    editor = Editor(meeting, user, rows_as_data(rows, meeting.record_version))
    messages.info(
        request,
        f"{len(found)}件に分けました。種別、発言者、議題を確かめて保存してください。まだ保存していません。",
    )
    return screens.page(
        request,
        "admin/meetings/record.html",
        meeting,
        title="議事概要",
        editor=editor,
        outline=outline(meeting),
        is_loaded=True,
    )
