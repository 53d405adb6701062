"""The record's screens as a browser uses them."""

import re
from typing import Any

from django.test import Client

from meetings.models import Meeting
from tests.pages import seen


def url(meeting: Meeting, page: str) -> str:
    return f"/admin/meetings/meeting/{meeting.pk}/{page}/"


def rows(*entries: dict[str, Any], version: int = 0, **more: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "record_version": version,
        "e-TOTAL_FORMS": len(entries),
        "e-INITIAL_FORMS": 0,
        **more,
    }
    for index, entry in enumerate(entries):
        for name, value in {"kind": "report", "position": index + 1, **entry}.items():
            data[f"e-{index}-{name}"] = value
    return data


def posted_again(html: str) -> dict[str, Any]:
    """What a browser would send from the page as it is shown."""
    data = {}
    form = html[html.index('id="record-form"') : html.index("</form>", html.index('id="record-form"'))]
    form = re.sub(r"<template.*?</template>", "", form, flags=re.S)
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            data[name[1]] = value[1] if value else ""
    for name, text in re.findall(r'<textarea name="([^"]*)".*?>\n?(.*?)</textarea>', form, re.S):
        data[name] = text
    for name, options in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        data[name] = chosen[1] if chosen else ""
    return data


def bodies(meeting: Meeting) -> list[str]:
    return list(meeting.minute_entries.values_list("body", flat=True))


def proposal_seen(client: Client, meeting: Meeting) -> str:
    """The token of the proposed correction that the publication screen shows; empty without one."""
    html = client.get(url(meeting, "publication")).content.decode()
    found = re.search(r'name="proposal" value="([^"]*)"', html)
    return found[1] if found else ""


def step(client: Client, meeting: Meeting, name: str, **data: Any) -> str:
    path = url(meeting, "publication")
    shown = {"seen": seen(client, path), "proposal": proposal_seen(client, meeting)}
    response = client.post(path, {"step": name, **shown, **data}, follow=True)
    meeting.refresh_from_db()
    return response.content.decode()


def publish(client: Client, meeting: Meeting) -> None:
    client.post(url(meeting, "record"), rows({"body": "誤った文"}))
    step(client, meeting, "publish")


def change_form(client: Client, meeting: Meeting, **values: Any) -> dict[str, Any]:
    """What the meeting's form posts as it was opened, but for these values."""
    data = {
        "seen": seen(client, f"/admin/meetings/meeting/{meeting.pk}/change/"),
        "council_year": meeting.council_year.pk,
        "number": meeting.number,
        "held_on": "2020-06-17",
        "status": "held",
        "is_announced": "on" if meeting.is_announced else "",
        "materials-TOTAL_FORMS": meeting.materials.count(),
        "materials-INITIAL_FORMS": meeting.materials.count(),
        "agenda_items-TOTAL_FORMS": 1,
        "agenda_items-INITIAL_FORMS": 1,
        "attendances-TOTAL_FORMS": 1,
        "attendances-INITIAL_FORMS": 1,
    }
    item, attendance = meeting.agenda_items.get(), meeting.attendances.get()
    parts = {
        "agenda_items-0": {
            "id": item.pk,
            "position": item.position,
            "title": item.title,
            "kind": item.kind,
            "level": item.level,
        },
        "attendances-0": {"id": attendance.pk, "status": attendance.status},
    }
    for index, row in enumerate(meeting.materials.all()):
        shown = {"id": row.pk, "position": row.position, "title": row.title, "kind": row.kind}
        parts[f"materials-{index}"] = shown | ({"is_public": "on"} if row.is_public else {})
    for prefix, shown in parts.items():
        data |= {f"{prefix}-{name}": value for name, value in {"meeting": meeting.pk, **shown}.items()}
    # An empty text is an unticked box.
    return {name: value for name, value in {**data, **values}.items() if value != ""}
