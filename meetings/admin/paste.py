"""Pasting: a 次第 becomes a meeting, a minutes text becomes entries; both are previewed first."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from meetings.agenda_text import MAX_ITEMS, AgendaProposal, read_agenda
from meetings.editor import Editor, Options, outline, rows_as_data
from meetings.minutes_text import read_minutes
from meetings.models import AgendaItem, Meeting
from members.eras import fiscal_year
from members.models import CouncilYear
from members.numbers import whole_number


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


class ProposedMeetingForm(forms.ModelForm):
    """What was read out of a 次第, to be corrected and saved."""

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

    def clean_items(self) -> list[str]:
        titles = [line.strip() for line in self.cleaned_data["items"].splitlines() if line.strip()]
        if len(titles) > MAX_ITEMS:
            raise forms.ValidationError(f"議題が{MAX_ITEMS}件を超えています。")
        for number, title in enumerate(titles, start=1):
            if len(title) > 200:
                raise forms.ValidationError(f"{number}行目の議題が長すぎます。200文字までにしてください。")
        return titles

    @transaction.atomic
    def save(self, commit: bool = True) -> Meeting:
        meeting = super().save(commit)
        for title in self.cleaned_data["items"]:
            AgendaItem.objects.create(meeting=meeting, title=title)
        meeting.prefill_attendance()
        return meeting


def paste_agenda(screens: Any, request: HttpRequest) -> HttpResponse:
    """Ask for the text, show what was read from it, save what staff made of it."""
    title = "次第を貼り付けて会議を作る"
    template = "admin/meetings/paste.html"
    if "save" in request.POST:
        form = ProposedMeetingForm(request.POST)
        if form.is_valid():
            meeting = form.save()
            screens.log_change(request, meeting, "次第の貼り付けから作りました。")
            messages.success(request, f"{meeting}を作りました。まだ公開していません。")
            return redirect("admin:meetings_meeting_change", meeting.pk)
        return screens.page(request, template, None, 422, title=title, proposed=form)

    copied = Meeting.objects.filter(pk=whole_number(request.GET.get("copy")) or 0).first()
    if copied:
        if not screens.has_view_permission(request, copied):
            raise PermissionDenied
        form = propose(copied.council_year, copy_of(copied))
        return screens.page(request, template, None, title=title, proposed=form, problems=[])
    if request.method == "POST":
        paste = PasteForm(request.POST)
        if paste.is_valid():
            year = paste.cleaned_data["council_year"]
            proposal = read_agenda(paste.cleaned_data["text"], year.year)
            if proposal.items or not proposal.problems:
                form = propose(year, proposal)
                return screens.page(
                    request, template, None, title=title, proposed=form, problems=proposal.problems
                )
            for problem in proposal.problems:
                paste.add_error("text", problem)
        return screens.page(request, template, None, 422, title=title, form=paste)
    years = CouncilYear.objects.filter(year=fiscal_year(timezone.localdate()))[:2]
    paste = PasteForm(initial={"council_year": years[0] if len(years) == 1 else None})
    return screens.page(request, template, None, title=title, form=paste)


def propose(year: CouncilYear, proposal: AgendaProposal) -> ProposedMeetingForm:
    """A form filled with what was read; a number already taken gives way to the next free one."""
    taken = set(year.meetings.values_list("number", flat=True))
    number = proposal.number
    if number is None or number in taken:
        number = max(taken, default=0) + 1
    return ProposedMeetingForm(
        initial={
            "council_year": year.pk,
            "number": number,
            "held_on": proposal.held_on,
            "start_time": proposal.start_time,
            "end_time": proposal.end_time,
            "mode": proposal.mode,
            "place": proposal.place,
            "items": "\n".join(proposal.items),
        }
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
    options = Options(meeting)
    speakers = {key: str(row) for key, row in options.departments.items()}
    speakers |= {key: row.name for key, row in options.guests.items()}
    agenda = {anchor: item.title for anchor, item in options.items.items()}
    try:
        found = read_minutes(text, agenda, speakers)
    except ValueError as error:
        return screens.page(request, template, meeting, 422, title=title, text=text, error=str(error))
    user = cast(User, request.user)
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
