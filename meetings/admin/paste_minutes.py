"""Pasting a minutes text: its entries stand in the editor, unsaved."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from meetings.minutes.editor import Editor, Options, outline, rows_as_data
from meetings.minutes.reading import read_minutes
from meetings.models import Meeting


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
