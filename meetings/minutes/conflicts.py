"""Two people at one meeting's minutes: what each posted is merged entry by entry, field by field."""

from collections.abc import Mapping
from typing import Any

from meetings.models import MinuteEntry
from members.common.merging import Entry, MergedEntry, merge_list
from members.common.text.numbers import whole_number

COMPARED = ("kind", "body", "agenda_item", "speaker", "speaker_name", "speaker_post")
ADDED = "ほかの人が追加しました。"
DELETED_BY_THEM = "ほかの人がこの項目を削除しました。残すなら、このまま保存してください。"

Rows = Mapping[str, Mapping[str, Any]]


def merge_rows(data: Any, forms: list[Any], base: Rows, current: Rows) -> dict[str, str]:
    """Write the merge of posted forms with the entries that stand now into ``data``.

    ``base`` are the entries as this person's page showed them, ``current`` as they are stored, both
    by anchor and in order. Returns what to say beside each form, by its prefix.
    """
    forms = in_posted_order(forms)
    posted = [
        Entry(
            form["anchor"].value() or "",
            {name: form[name].value() or "" for name in COMPARED},
            is_deleted=bool(form["DELETE"].value()),
        )
        for form in forms
    ]
    theirs = {anchor: {name: row[name] for name in COMPARED} for anchor, row in current.items()}
    merged = merge_list(base, posted, theirs)
    placed = {entry.place for entry in merged.entries}
    for place, form in enumerate(forms):
        if place not in placed:
            clear(data, form)
    notes: dict[str, str] = {}
    total = len(forms)
    for position, entry in enumerate(merged.entries, start=1):
        if entry.place is None:
            prefix, total = f"e-{total}", total + 1
            notes[prefix] = note_of(entry, None, current) or ADDED
        else:
            prefix = forms[entry.place].prefix
            notes[prefix] = note_of(entry, posted[entry.place], current)
        fill(data, prefix, entry, position)
    data["e-TOTAL_FORMS"] = str(total)
    if merged.their_order and merged.entries:
        first = merged.entries[0].place
        prefix = f"e-{len(forms)}" if first is None else forms[first].prefix
        notes[prefix] = f"{order_note(merged.their_order, current)}{notes[prefix]}"
    return notes


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
