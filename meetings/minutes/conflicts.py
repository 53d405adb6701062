"""Two people at one meeting's minutes: what each posted is merged entry by entry, field by field."""

from collections.abc import Mapping
from typing import Any

from meetings.models import MinuteEntry
from members.common.merging import Entry, MergedEntry, merge_list, same_values

COMPARED = ("kind", "body", "agenda_item", "speaker", "speaker_name", "speaker_post")
ADDED = "ほかの人が追加しました。"
DELETED_BY_THEM = "ほかの人がこの項目を削除しました。残すなら、このまま保存してください。"

Rows = Mapping[str, Mapping[str, Any]]


def merge_rows(data: Any, forms: list[Any], base: Rows, current: Rows) -> dict[str, str]:
    """Write the merge of posted forms with the entries that stand now into ``data``.

    ``base`` are the entries as this person's page showed them, ``current`` as they are stored, both
    by anchor. Returns what to say beside each form, by its prefix.
    """
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
    placed = {entry.place: entry for entry in merged if entry.place is not None}
    notes: dict[str, str] = {}
    for place, (form, mine) in enumerate(zip(forms, posted, strict=True)):
        if place not in placed:
            clear(data, form)
            continue
        entry = placed[place]
        if note := note_of(entry, mine, current):
            notes[form.prefix] = note
        is_untouched = mine.key in base and same_values(base[mine.key], mine.values)
        fill(data, form.prefix, entry, current if is_untouched else {})
    total = len(forms)
    for entry in merged:
        if entry.place is None:
            notes[f"e-{total}"] = note_of(entry, None, current) or ADDED
            fill(data, f"e-{total}", entry, current)
            total += 1
    data["e-TOTAL_FORMS"] = str(total)
    return notes


def fill(data: Any, prefix: str, entry: MergedEntry, current: Rows) -> None:
    """As if this had been posted; with the place that it has now, where it is in ``current``."""
    is_gone = entry.is_conflict and entry.theirs is None
    data[f"{prefix}-anchor"] = "" if is_gone else entry.key
    for name, value in {**entry.values, **current.get(entry.key, {})}.items():
        if name != "anchor":
            data[f"{prefix}-{name}"] = entry.values.get(name, value)
    if not entry.is_deleted:
        # One that was to be deleted stays until what somebody else made of it has been read.
        data.pop(f"{prefix}-DELETE", None)


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
    stored = describe(current[entry.key])
    if mine is None or mine.is_deleted:
        return f"削除しようとした項目を、ほかの人が直しました：{stored}"
    return f"ほかの人が保存した内容：{stored}"


def describe(row: Mapping[str, Any]) -> str:
    """An entry in one line."""
    kind = dict(MinuteEntry.Kind.choices).get(row["kind"], "")
    return f"【{kind}】{row['body']}" + (f"（{row['speaker_name']}）" if row["speaker_name"] else "")
