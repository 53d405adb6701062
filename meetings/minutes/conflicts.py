"""Two people at one meeting's minutes: what each posted is merged entry by entry, field by field."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from meetings.models import MinuteEntry
from members.common.merging import Entry, MergedEntry, merge_list
from members.common.text.numbers import whole_number

COMPARED = (
    "kind",
    "body",
    "agenda_item",
    "speaker",
    "speaker_name",
    "speaker_post",
    "more_guests",
    "owner",
    "due_on",
)
ADDED = "ほかの人が追加しました。"
DELETED_BY_THEM = "ほかの人がこの項目を削除しました。残すなら、このまま保存してください。"

Rows = Mapping[str, Mapping[str, Any]]


def merge_rows(data: Any, forms: list[Any], base: Rows, current: Rows) -> dict[str, str]:
    """Write the merge of posted forms with the entries that stand now into ``data``.

    ``base`` are the entries as this person's page showed them, ``current`` as they are stored, both
    by anchor and in order. Returns what to say beside each form, by its prefix.
    """
    forms = in_posted_order(forms)
    posted = [posted_entry(form) for form in forms]
    merged = merge_list(base, posted, compared(current))
    clear_dropped(data, forms, merged.entries)
    prefixes = prefixes_of(merged.entries, forms)
    notes: dict[str, str] = {}
    for position, (prefix, entry) in enumerate(zip(prefixes, merged.entries, strict=True), start=1):
        mine = None if entry.place is None else posted[entry.place]
        notes[prefix] = note_of(entry, mine, current) or ("" if mine else ADDED)
        fill(data, prefix, entry, position)
    data["e-TOTAL_FORMS"] = str(len(forms) + sum(entry.place is None for entry in merged.entries))
    if merged.their_order and prefixes:
        notes[prefixes[0]] = f"{order_note(merged.their_order, current)}{notes[prefixes[0]]}"
    return notes


def compared(rows: Rows) -> dict[str, dict[str, Any]]:
    """Of each entry the fields in which a difference is an edit; its position is none."""
    return {anchor: {name: row[name] for name in COMPARED} for anchor, row in rows.items()}


def posted_entry(form: Any) -> Entry:
    """An entry's form as the merge takes it."""
    return Entry(
        form["anchor"].value() or "",
        {name: form[name].value() or "" for name in COMPARED},
        is_deleted=bool(form["DELETE"].value()),
    )


def prefixes_of(entries: list[MergedEntry], forms: list[Any]) -> list[str]:
    """The row of each merged entry: its own, or a new one behind all where it was not posted."""
    new_rows = count(len(forms))
    return [f"e-{next(new_rows)}" if entry.place is None else forms[entry.place].prefix for entry in entries]


def in_posted_order(forms: list[Any]) -> list[Any]:
    """The forms in the order of their positions; one without stays behind the one before it."""
    place = 0
    places = []
    for index, form in enumerate(forms):
        place = whole_number(str(form["position"].value() or "")) or place
        places.append((place, index))
    return [forms[index] for _, index in sorted(places)]


def fill(data: Any, prefix: str, entry: MergedEntry, position: int) -> None:
    """As if this had been posted, at this place."""
    is_gone = entry.is_conflict and entry.theirs is None
    data[f"{prefix}-anchor"] = "" if is_gone else entry.key
    data[f"{prefix}-position"] = str(position)
    for name, value in entry.values.items():
        data[f"{prefix}-{name}"] = value
    if not entry.is_deleted:
        # One that was to be deleted stays until what somebody else made of it has been read.
        data.pop(f"{prefix}-DELETE", None)


def order_note(order: tuple[str, ...], current: Rows) -> str:
    """What order somebody else gave the entries, where this person gave them another."""
    texts = " → ".join(current[anchor]["body"][:10] for anchor in order if anchor in current)
    return f"ほかの人も順番を変えました（保存されている順：{texts}）。"


def clear_dropped(data: Any, forms: list[Any], entries: list[MergedEntry]) -> None:
    """Empty the rows of posted entries that the merge left nothing of."""
    placed = {entry.place for entry in entries}
    for place, form in enumerate(forms):
        if place not in placed:
            clear(data, form)


def clear(data: Any, form: Any) -> None:
    """Nothing is left of an entry that was posted: its row is empty."""
    for name in form.fields:
        data.pop(form.add_prefix(name), None)


def note_of(entry: MergedEntry, mine: Entry | None, current: Rows) -> str:
    """What the person has to know to decide; empty where there is nothing to decide."""
    if not entry.is_conflict:
        return ""
    if entry.theirs is None:
        return DELETED_BY_THEM
    stored = describe(current[entry.key or (mine.key if mine else "")])
    if mine is None or mine.is_deleted:
        return f"削除しようとした項目を、ほかの人が直しました：{stored}"
    return f"ほかの人が保存した内容：{stored}"


def describe(row: Mapping[str, Any]) -> str:
    """An entry in one line."""
    kind = dict(MinuteEntry.Kind.choices).get(row["kind"], "")
    return f"【{kind}】{row['body']}" + (f"（{row['speaker_name']}）" if row["speaker_name"] else "")
