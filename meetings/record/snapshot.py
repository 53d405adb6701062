"""A meeting's record as one value: to record_snapshot, compare, restore and print.

The shape that a revision keeps (all values are text, dates in ISO form)::

    {"meeting": {"held_on", "start_time", "end_time", "mode", "place", "status"},
     "agenda": [{"anchor", "label", "title", "kind", "level", "presenter", "start_time", "minutes"}],
     "entries": [{"anchor", "kind", "body", "agenda_item", "speaker", "speaker_name", "speaker_post",
                  "more_guests", "number", "owner", "due_on"}],
     "attendance": [{"code", "name", "status", "count"}],
     "materials": [{"anchor", "label", "title", "kind", "provider", "url", "file"}]}

Of materials only those that the public may have. States kept earlier have no ``materials``,
and of the agenda nothing but ``anchor``, ``label`` and ``title``.

An entry's ``agenda_item`` is the anchor of one, or ""; its ``speaker`` is the department or
guest behind the name (``MinuteEntry.speaker_key``). States kept earlier have no ``speaker``.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User

from meetings.models import AgendaItem, Attendance, Material, Meeting, MinuteEntry, RecordRevision
from meetings.record.differences import Run, differences
from members.common.merging import digest
from members.common.publication.transitions import Step, record_step
from members.common.text.eras import format_date

Record = dict[str, Any]
NOTHING_CHANGED = "変わったところがないため、記録には何も加えていません。"


def record_snapshot(meeting: Meeting) -> Record:
    """Read a meeting's record as it stands (five queries)."""
    entries = meeting.minute_entries.select_related("agenda_item").order_by("position", "pk")
    attendances = meeting.attendances.exclude(status="").with_names().select_related("organization")
    public = meeting.materials.filter(is_public=True)
    return {
        "meeting": {
            "held_on": meeting.held_on.isoformat(),
            "start_time": f"{meeting.start_time:%H:%M}" if meeting.start_time else "",
            "end_time": f"{meeting.end_time:%H:%M}" if meeting.end_time else "",
            "mode": meeting.mode,
            "place": meeting.place,
            "status": meeting.status,
        },
        "agenda": [agenda_line(item) for item in meeting.agenda_items.order_by("position", "pk")],
        "entries": [entry_row(entry) for entry in entries],
        "attendance": [
            {"code": row.organization.code, "name": row.printed_name, "status": row.status}
            | ({"count": row.people_count} if row.people_count else {})
            for row in attendances
        ],
        "materials": [
            {
                "anchor": material.anchor,
                "label": material.label,
                "title": material.title,
                "kind": material.kind,
                "provider": material.provider,
                "url": material.url,
                "file": " ".join(f"{each.name}（第{each.number}版）" for each in material.versions.all()),
            }
            for material in public.order_by("position", "pk").prefetch_related("versions")
        ],
    }


def entry_row(entry: MinuteEntry) -> dict[str, Any]:
    """An entry in a snapshot; what it does not have is left out, as in earlier states."""
    row = {
        "anchor": entry.anchor,
        "kind": entry.kind,
        "body": entry.body,
        "agenda_item": entry.agenda_item.anchor if entry.agenda_item else "",
        "speaker": entry.speaker_key,
        "speaker_name": entry.speaker_name,
        "speaker_post": entry.speaker_post,
    }
    due_on = entry.due_on.isoformat() if entry.due_on else ""
    more = {"more_guests": entry.more_guests, "number": entry.number, "owner": entry.owner, "due_on": due_on}
    return row | {name: value for name, value in more.items() if value}


def agenda_line(item: AgendaItem) -> dict[str, str]:
    """An item of the agenda in a snapshot; what it does not say is left out, as in earlier states."""
    row = {
        "anchor": item.anchor,
        "label": item.label,
        "title": item.title,
        "kind": item.kind if item.kind != AgendaItem.Kind.ITEM else "",
        "level": str(item.level or ""),
        "presenter": item.presenter,
        "start_time": f"{item.start_time:%H:%M}" if item.start_time else "",
        "minutes": str(item.minutes or ""),
    }
    return {name: value for name, value in row.items() if value or name in {"anchor", "label", "title"}}


def fingerprint(meeting: Meeting) -> str:
    """Tells whether somebody who approves a record has all of it, materials too, before them."""
    names = ("label", "title", "kind", "provider", "url", "is_public", "position", "agenda_items", "versions")
    materials = meeting.materials.order_by("pk", "agenda_items", "versions").values_list("pk", *names)
    record = {name: part for name, part in record_snapshot(meeting).items() if name != "materials"}
    shown = [meeting.council_year_id, meeting.number, record, [list(row) for row in materials]]
    return digest(shown)


def keep_revision(
    meeting: Meeting,
    user: User | None = None,
    correction: dict[str, Any] | None = None,
    *,
    publish: bool = False,
) -> RecordRevision | None:
    """Keep the record as it stands, unless it is as it was; the caller holds the meeting's lock.

    ``correction`` (``reason``, ``corrected_on``) is for a record that is public;
    ``publish`` keeps the state although nothing changed, as the one made public.
    """
    content = record_snapshot(meeting)
    last = meeting.revisions.order_by("number").last()
    if last and last.content == content and not publish:
        return None
    revision = RecordRevision.objects.create(
        meeting=meeting,
        number=last.number + 1 if last else 1,
        content=content,
        saved_by=user,
        is_public=publish or bool(correction),
        **(correction or {}),
    )
    meeting.record_version = revision.number
    if correction:
        meeting.record_status = Meeting.RecordStatus.CORRECTED
        record_step(meeting, Step.CORRECT, user, correction["reason"])
    meeting.save()
    return revision


def keep_first_state(meeting: Meeting) -> None:
    """Keep the record as it stands before its first change; the caller holds the meeting's lock.

    A record that came from elsewhere (a fixture, an import) has no history yet; if it
    is public, this is the text that a correction must leave readable.
    """
    if not meeting.record_version:
        keep_revision(meeting, publish=meeting.has_public_record)


def entry_lines(record: Record) -> list[tuple[str, str]]:
    """Each entry's anchor and how it reads, in order."""
    return [(entry["anchor"], entry_line(entry)) for entry in record["entries"]]


def entry_line(entry: dict[str, Any]) -> str:
    """An entry with all that it says: kind and number, text, speaker, owner and day."""
    kind = f"{dict(MinuteEntry.Kind.choices).get(entry['kind'], '')}{entry.get('number', '')}"
    speaker = " ".join(filter(None, (entry["speaker_name"], entry["speaker_post"])))
    owner, due_on = entry.get("owner"), entry.get("due_on")
    more = [
        speaker if entry["speaker_name"] else "",
        f"担当：{owner}" if owner else "",
        f"期限：{format_date(date.fromisoformat(due_on))}" if due_on else "",
    ]
    return f"【{kind}】{entry['body']}" + "".join(f"（{words}）" for words in more if words)


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a record that differs between two states; empty text where it was not there."""

    part: str
    before: str
    after: str

    @property
    def words(self) -> list[Run]:
        """The two texts as runs: ("same" | "removed" | "added", text)."""
        return differences(self.before, self.after)


def compare(before: Record, after: Record) -> list[Change]:
    """List what changed from one state of a record to another, part by part."""
    changes = _meeting_changes(before["meeting"], after["meeting"])
    changes += _row_changes("次第", _agenda_lines(before), _agenda_lines(after))
    changes += _row_changes("議事概要", dict(entry_lines(before)), dict(entry_lines(after)))
    changes += _row_changes("出席状況", _attendance_lines(before), _attendance_lines(after))
    if "materials" in before and "materials" in after:
        changes += _row_changes("資料", _material_lines(before), _material_lines(after))
    return [change for change in changes if change.before != change.after]


def _meeting_changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Day, time, place and the like before and after, also where they are the same."""
    labels = {
        "held_on": "開催日",
        "start_time": "開始時刻",
        "end_time": "終了時刻",
        "mode": "開催方法",
        "place": "場所",
        "status": "状態",
    }
    shown = {"mode": dict(Meeting.Mode.choices), "status": dict(Meeting.Status.choices)}
    changes = []
    for field, label in labels.items():
        old, new = (str(shown.get(field, {}).get(state[field], state[field])) for state in (before, after))
        changes.append(Change(label, old, new))
    return changes


def _row_changes(part: str, before: dict[str, str], after: dict[str, str]) -> list[Change]:
    """Every row of a part before and after, by key, and the order of those that stayed if it is another."""
    keys = dict.fromkeys([*before, *after])
    changes = [Change(part, before.get(key, ""), after.get(key, "")) for key in keys]
    kept = [key for key in after if key in before]
    if kept != [key for key in before if key in after]:
        changes.append(Change(f"{part}の順序", _order(before, kept), _order(after, kept)))
    return changes


def _agenda_lines(record: Record) -> dict[str, str]:
    """Each line of the agenda with all that it says, by its anchor."""
    kinds = dict(AgendaItem.Kind.choices)
    levels = {str(level): name for level, name in AgendaItem.LEVELS}
    lines = {}
    for row in record["agenda"]:
        minutes = f"{row['minutes']}分" if row.get("minutes") else ""
        more = [kinds.get(row.get("kind"), ""), levels.get(row.get("level"), ""), row.get("presenter")]
        said = "、".join(filter(None, [*more, row.get("start_time"), minutes]))
        lines[row["anchor"]] = f"{row['label']} {row['title']}".strip() + (f"（{said}）" if said else "")
    return lines


def _material_lines(record: Record) -> dict[str, str]:
    kinds = dict(Material.Kind.choices)
    names = ("provider", "url", "file")
    return {
        row["anchor"]: " ".join(
            [row["label"], row["title"], f"（{kinds.get(row['kind'], '')}）", *(row[name] for name in names)]
        ).strip()
        for row in record["materials"]
    }


def _attendance_lines(record: Record) -> dict[str, str]:
    labels = dict(Attendance.Status.choices)
    return {
        row["code"]: f"{row['name']} {labels.get(row['status'], '')}"
        + (f"（{row['count']}名）" if row.get("count") else "")
        for row in record["attendance"]
    }


def _order(rows: dict[str, str], kept: list[str]) -> str:
    return " → ".join(text[:20] for key, text in rows.items() if key in kept)
