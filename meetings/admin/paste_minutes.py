"""Pasting a minutes text: its entries stand in the editor, unsaved."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from meetings.minutes.editor import Editor, Options, outline, rows_as_data
from meetings.minutes.reading import read_minutes
from meetings.minutes.tasks import Days
from meetings.models import Meeting

MOST_NAMED = 10


def days_of(meeting: Meeting) -> Days:
    """The meeting's day, and that of the council's next one, for 「次回まで」."""
    later = Meeting.objects.filter(
        council_year__council=meeting.council_year.council_id, held_on__gt=meeting.held_on
    ).exclude(status=Meeting.Status.CANCELLED)
    return Days(meeting.held_on, later.order_by("held_on").values_list("held_on", flat=True).first())


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
        found = read_minutes(text, agenda, speakers, days_of(meeting))
    except ValueError as error:
        return screens.page(request, template, meeting, 422, title=title, text=text, error=str(error))
    rows = [form.initial for form in Editor(meeting, user).formset.initial_forms]
    for entry in found.entries:
        rows.append({"anchor": "", "more_guests": "", "speaker_post": "", **vars(entry)})
    for position, row in enumerate(rows, start=1):
        row["position"] = position
    editor = Editor(meeting, user, rows_as_data(rows, meeting.record_version))
    messages.info(
        request,
        f"{len(found.entries)}件に分けました。種別、発言者、議題、担当と期限を確かめて保存してください。"
        "まだ保存していません。",
    )
    if found.passed_over:
        lines = "」「".join(line[:30] for line in found.passed_over[:MOST_NAMED])
        more = f"など{len(found.passed_over)}行" if len(found.passed_over) > MOST_NAMED else ""
        messages.info(request, f"議事ではないと見て入れなかった行：「{lines}」{more}")
    return screens.page(
        request,
        "admin/meetings/record.html",
        meeting,
        title="議事概要",
        editor=editor,
        outline=outline(meeting),
        is_loaded=True,
    )
