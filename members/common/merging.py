"""Merging what two people typed: one three-way merge for every form that two may have open.

``base`` is what a person's page showed, ``mine`` what they made of it, ``theirs`` what stands
stored by now. What only one side changed is taken; where both changed the same thing
differently, nothing is decided: the conflict goes back to the person with both values.

A page carries only a short digest of what it showed (:class:`Shown`); a digest serves as base
as well as the value itself.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from decimal import Decimal
from typing import Any

from members.common.text.cleaning import compose_kana, plain_number, tidy

SHORT = 12
NOTHING = "-"


def digest(value: Any) -> str:
    """SHA-256 of anything JSON can hold, the same however its keys are ordered."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def meaning(value: Any) -> Any:
    """A field's value as far as a difference in it is an edit.

    Line ends of another system, blanks around a text, the order of ticks, and nothing written
    as None, "" or [] are none. Another spelling is one: 渡辺 is not 渡邊.
    """
    if isinstance(value, str):
        return compose_kana(tidy(value))
    if isinstance(value, list | tuple | set):
        return sorted({meaning(each) for each in value}, key=str)
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return plain_number(Decimal(str(value)))
    if isinstance(value, date | time):
        return value.isoformat()
    return value or ""


def is_same(one: Any, other: Any) -> bool:
    """Whether two values of a field mean the same."""
    if isinstance(one, Shown) or isinstance(other, Shown):
        return short_digest(one) == short_digest(other)
    return bool((meaning(one) or "") == (meaning(other) or ""))


def short_digest(value: Any) -> str:
    """What a page carries of a field's value, to tell later whether it still stands."""
    if isinstance(value, Shown):
        return value.digest
    found = meaning(value)
    return digest(found)[:SHORT] if found else NOTHING


def write_digests(values: Mapping[str, Any]) -> str:
    """What a page showed of each field, for its hidden field ``seen``."""
    return " ".join(f"{name}={short_digest(value)}" for name, value in values.items())


def read_digests(text: str) -> dict[str, str]:
    """The digests that a page carried, by field; what is no such thing is left out."""
    pairs = (pair.partition("=") for pair in text.split())
    return {name: value for name, equals, value in pairs if equals}


@dataclass(frozen=True, slots=True)
class Shown:
    """A value of which only the digest is known: what a page showed when it was opened."""

    digest: str


@dataclass(frozen=True, slots=True)
class Merged:
    """One field after a merge; in a conflict ``value`` is the stored one, which stays."""

    value: Any
    is_conflict: bool = False


def merge(base: Any, mine: Any, theirs: Any) -> Merged:
    """Merge one field."""
    if is_same(mine, theirs) or is_same(base, mine):
        return Merged(theirs)
    if is_same(base, theirs):
        return Merged(mine)
    return Merged(theirs, is_conflict=True)


@dataclass(frozen=True, slots=True)
class MergedFields:
    """Fields after a merge: ``values`` to store, and for each conflict what stands stored."""

    values: dict[str, Any]
    conflicts: dict[str, Any] = field(default_factory=dict)


def merge_fields(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> MergedFields:
    """Merge fields by name; one that ``mine`` does not have was not on the page and stays as stored.

    Without a base for a field, whatever differs is a conflict.
    """
    values = dict(theirs)
    conflicts = {}
    for name, value in mine.items():
        stored = theirs.get(name)
        merged = merge(base[name] if name in base else Shown("?"), value, stored)
        if merged.is_conflict:
            conflicts[name] = stored
        elif name in theirs or not is_same(merged.value, stored):
            values[name] = merged.value
    return MergedFields(values, conflicts)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as somebody posted it; a new one has no key."""

    key: str
    values: dict[str, Any]
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class MergedEntry:
    """One entry of a list after a merge.

    ``place`` is its place among the posted ones (None where it was not posted). In a conflict the
    person's own values stand in ``values``, and in ``theirs`` what is stored: the fields that
    contradict, or the whole entry where one side deleted it (None where they did).
    """

    key: str
    values: dict[str, Any]
    place: int | None = None
    is_deleted: bool = False
    is_conflict: bool = False
    theirs: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class MergedList:
    """A list after a merge; where both changed its order differently, ``their_order`` is theirs."""

    entries: list[MergedEntry]
    their_order: tuple[str, ...] = ()


Stored = Mapping[str, Mapping[str, Any]]


def merge_list(base: Stored, mine: Iterable[Entry], theirs: Stored) -> MergedList:
    """Merge an ordered list of entries that are known by keys, in whatever order they came.

    Moving an entry is no edit of it. A new entry of mine that stands among theirs already was sent
    twice and is dropped; a new one that says nothing is none. A key that comes twice is a new entry
    the second time, in conflict with the stored one. Who alone changed the order is followed; where
    both did, it is mine, with their new entries at the end, and theirs is told.
    """
    posted = list(mine)
    known = {entry.key for entry in posted if entry.key}
    added = {key: values for key, values in theirs.items() if key not in base and key not in known}
    merged = _merge_posted(base, posted, theirs, added)
    merged += _merge_missing(base, known, theirs)
    merged += [MergedEntry(key, dict(values)) for key, values in added.items()]
    return _in_order(merged, list(base), list(dict.fromkeys(e.key for e in posted if e.key)), list(theirs))


def _merge_posted(
    base: Stored, posted: list[Entry], theirs: Stored, added: dict[str, Mapping[str, Any]]
) -> list[MergedEntry]:
    """What the posted entries come to; one of ``added`` that was sent again is taken out of them."""
    merged: list[MergedEntry] = []
    met: set[str] = set()
    for place, entry in enumerate(posted):
        if entry.key and entry.key in met:
            stored = dict(theirs.get(entry.key, {}))
            merged.append(MergedEntry("", entry.values, place, is_conflict=True, theirs=stored))
            continue
        met.add(entry.key)
        found = _merge_new(entry, added) if not entry.key else _merge_known(base, entry, theirs)
        if found is not None:
            merged.append(replace(found, place=place))
    return merged


def _merge_missing(base: Stored, known: set[str], theirs: Stored) -> list[MergedEntry]:
    """Entries that were shown but not posted at all, as good as deleted: those that they edited."""
    missing = (Entry(key, {}, is_deleted=True) for key in theirs if key in base and key not in known)
    found = (_merge_known(base, entry, theirs) for entry in missing)
    return [entry for entry in found if entry is not None and entry.is_conflict]


def _merge_new(mine: Entry, added: dict[str, Mapping[str, Any]]) -> MergedEntry | None:
    if mine.is_deleted or not any(meaning(value) for value in mine.values.values()):
        return None
    twin = next((key for key, values in added.items() if same_values(values, mine.values)), None)
    return MergedEntry(twin, dict(added.pop(twin))) if twin else MergedEntry("", mine.values)


def _merge_known(base: Stored, mine: Entry, theirs: Stored) -> MergedEntry | None:
    """Merge one entry that was there before; None where nothing of it is left."""
    shown, stored = base.get(mine.key), theirs.get(mine.key)
    if stored is None:
        if mine.is_deleted or (shown is not None and same_values(shown, mine.values)):
            return None
        return MergedEntry(mine.key, mine.values, is_conflict=True)
    if mine.is_deleted:
        return _merge_deleted(mine.key, shown, stored)
    fields = merge_fields(shown or {}, mine.values, stored)
    if not fields.conflicts:
        return MergedEntry(mine.key, fields.values)
    values = {**fields.values, **{name: mine.values[name] for name in fields.conflicts}}
    return MergedEntry(mine.key, values, is_conflict=True, theirs=fields.conflicts)


def _merge_deleted(key: str, shown: Mapping[str, Any] | None, stored: Mapping[str, Any]) -> MergedEntry:
    """Merge an entry of mine that I deleted: a conflict where they edited it meanwhile."""
    is_edited = shown is None or not same_values(shown, stored)
    return MergedEntry(
        key,
        dict(stored),
        is_deleted=not is_edited,
        is_conflict=is_edited,
        theirs=dict(stored) if is_edited else None,
    )


def _in_order(merged: list[MergedEntry], base: list[str], mine: list[str], theirs: list[str]) -> MergedList:
    """Entries in their order where only they changed it; a new one of mine stays behind its neighbour."""
    common = _those_in(_those_in(base, mine), theirs)
    ours, others = _those_in(mine, common), _those_in(theirs, common)
    if ours != common:
        return MergedList(merged, tuple(theirs) if others not in (common, ours) else ())
    if not mine:
        return MergedList(merged)
    return MergedList(_ordered_as(theirs, merged))


def _those_in(keys: list[str], others: list[str]) -> list[str]:
    """The keys that stand in the other list too, in their own order."""
    return [key for key in keys if key in others]


def _ordered_as(theirs: list[str], merged: list[MergedEntry]) -> list[MergedEntry]:
    """Entries in the stored order; one that is not stored stays behind the one before it."""
    ranks = {key: (rank, 0) for rank, key in enumerate(theirs)}
    order: dict[int, tuple[int, int]] = {}
    last = (-1, 0)
    for index, entry in enumerate(merged):
        own = ranks.get(entry.key) if entry.key else None
        last = own if own is not None else (last[0], last[1] + 1)
        order[index] = last
    return [merged[index] for index in sorted(order, key=lambda index: order[index])]


def same_values(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two entries say the same in every field that the second one has."""
    return all(is_same(one.get(name), value) for name, value in other.items())
