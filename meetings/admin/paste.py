"""Pasting a 次第: it becomes a meeting, or brings a registered one up to date, after a preview."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from meetings.agenda.lines import ProposedLine
from meetings.agenda.pasted.splitting import split_meetings
from meetings.agenda.proposed_form import PasteForm, ProposedMeetingForm
from meetings.agenda.reading import MAX_LENGTH, AgendaProposal, read_agenda
from meetings.models import AgendaItem, Meeting
from members.common.remit import within
from members.common.text.eras import fiscal_year
from members.common.text.numbers import whole_number
from members.models import CouncilYear

# More than this many meetings of one year is not one text.
MAX_MEETINGS = 30
FACTS = ("held_on", "start_time", "end_time", "mode", "place")


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
    paste = PasteForm(request.user, initial=expected(request))
    opened = Meeting.objects.filter(pk=paste.initial.get("meeting") or 0)
    if opened_from := within(request.user, opened).first():
        title = f"次第を貼り付ける（{opened_from}）"
    return screens.page(request, template, None, title=title, form=paste)


def expected(request: HttpRequest) -> dict[str, Any]:
    """The meeting that a 次第 is most likely of, where it is known, else the year."""
    wanted = whole_number(request.GET.get("into")) or 0
    if meeting := within(request.user, Meeting.objects.filter(pk=wanted)).first():
        return {"council_year": meeting.council_year_id, "meeting": meeting.pk}
    years = within(request.user, CouncilYear.objects.filter(year=fiscal_year(timezone.localdate())))[:2]
    return {"council_year": years[0] if len(years) == 1 else None}


def read_pasted(screens: Any, request: HttpRequest, template: str, title: str) -> HttpResponse:
    """Show the meetings that a posted text holds, or the text again with what is wrong with it."""
    paste = PasteForm(request.user, request.POST)
    proposals = read_proposals(paste) if paste.is_valid() else []
    problems = [problem for proposal in proposals for problem in proposal.problems]
    if proposals and all(proposal.lines or not proposal.problems for proposal in proposals):
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
    proposals = [read_agenda(part, year.year) for part in parts]
    opened_from = paste.cleaned_data["meeting"]
    if opened_from and opened_from.council_year_id == year.pk:
        settle_number(proposals, opened_from)
    return proposals


def settle_number(proposals: list[AgendaProposal], meeting: Meeting) -> None:
    """A text that does not say its number is of the meeting whose page it was pasted from."""
    if len(proposals) == 1 and proposals[0].number is None:
        proposals[0].number = meeting.number
    elif proposals and meeting.number not in {proposal.number for proposal in proposals}:
        proposals[0].problems.append(
            f"{meeting.label}の画面から開きましたが、貼り付けた次第は第{proposals[0].number}回のものです。"
            "どの会議に入れるか、回を確かめてください。"
        )


def save_proposed(screens: Any, request: HttpRequest, template: str, title: str) -> HttpResponse:
    """Save every proposed meeting, or none where one of them cannot be."""
    proposed = posted_proposals(request)
    # Every one is looked at, so that all that is wrong is said at once.
    refused = [form for form in proposed if not form.is_valid()]
    if proposed and not refused:
        try:
            with transaction.atomic():
                meetings = save_all(proposed)
        except ValidationError:
            # Said at the meeting that could not take it.
            pass
        except IntegrityError:
            proposed[0].add_error(None, "同じ回の会議が、いま登録されました。回を確かめてください。")
        else:
            return report_saved(screens, request, meetings)
    return screens.page(request, template, None, 422, title=title, proposed=proposed)


def save_all(proposed: list[ProposedMeetingForm]) -> list[Meeting]:
    """Save each; raises ``ValidationError``, said at the form of the meeting that cannot take its agenda."""
    saved = []
    for form in proposed:
        try:
            saved.append(form.save())
        except ValidationError as error:
            form.add_error(None, error)
            raise
    return saved


def posted_proposals(request: HttpRequest) -> list[ProposedMeetingForm]:
    """The forms of the proposed meetings as they were posted, up to the first that is missing."""
    proposed = []
    for number in range(MAX_MEETINGS):
        prefix = f"m{number}"
        if f"{prefix}-number" not in request.POST:
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
    # What the text does not say is as it is registered.
    told = {name: getattr(proposal, name) or getattr(registered, name, None) for name in FACTS}
    return ProposedMeetingForm(
        request.user,
        prefix=prefix,
        registered=registered,
        initial={
            "council_year": year.pk,
            "number": number,
            **told,
            "papers": "\n".join(f"{number}\t{title}" for number, title in proposal.papers.items()),
        },
        lines=proposal.lines,
        left_out=proposal.left_out,
    )


def line_of(item: AgendaItem) -> ProposedLine:
    """A registered line as the proposal for one of another meeting; when it begins is that meeting's."""
    return ProposedLine(
        title=item.title,
        kind=item.kind,
        level=item.level,
        label=item.label,
        presenter=item.presenter,
        minutes=item.minutes,
    )


def copy_of(meeting: Meeting) -> AgendaProposal:
    """A meeting as the proposal for the one after it: all but its number and day."""
    return AgendaProposal(
        start_time=meeting.start_time,
        end_time=meeting.end_time,
        place=meeting.place,
        mode=meeting.mode,
        lines=[line_of(item) for item in meeting.agenda_items.order_by("position", "pk")],
    )
