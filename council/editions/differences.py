"""Where two editions of a report differ: over the whole object, field by field, in words.

Read from the structure itself, so that nothing that an edition says can change without being told.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any

from django.utils import timezone

from council.editions.stored import EPOCH, timeless
from council.report.build import Report
from council.report.labels import KEYS, LABELS, NAMES
from council.writing.prose import Paragraph, Segment
from members.common.text.eras import format_date

STYLES = {"": "", "strong": "太字", "em": "強調"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two editions differ."""

    place: str
    before: str
    after: str


def differences(before: Report, after: Report) -> list[Difference]:
    """Where two reports differ, place by place; when they were computed and published is no difference."""
    return list(compare((), timeless(before), timeless(after)))


def differing_fields(before: Any, after: Any) -> list[str]:
    """The labels of the fields in which two of a kind differ."""
    labels = LABELS[type(before)]
    return [label for name, label in labels.items() if getattr(before, name) != getattr(after, name)]


Path = tuple[str, ...]


def compare(path: Path, before: Any, after: Any) -> Iterable[Difference]:
    """Two values of one type, at one place."""
    if before == after:
        return
    if isinstance(before, tuple) and isinstance(after, tuple):
        yield from compare_rows(path, before, after)
    elif is_dataclass(before) and type(before) is type(after):
        labels = LABELS[type(before)]
        for field in fields(before):
            yield from compare(
                (*path, labels[field.name]), getattr(before, field.name), getattr(after, field.name)
            )
    else:
        yield Difference(place_of(path), written(before), written(after))


def compare_rows(path: Path, before: tuple[Any, ...], after: tuple[Any, ...]) -> Iterable[Difference]:
    """Two lists: by what their rows are known by, or line by line where they are prose."""
    kind = type((before or after)[0])
    if kind not in KEYS:
        yield from compare_lines(path, [written(row) for row in before], [written(row) for row in after])
        return
    old, new = keyed(before), keyed(after)
    for key in dict.fromkeys([*old, *new]):
        here, there = old.get(key), new.get(key)
        place = (*path, name_of(there if there is not None else here, key))
        if here is None or there is None:
            yield Difference(place_of(place), outlined(here), outlined(there))
        else:
            yield from compare(place, here, there)
    kept = [key for key in new if key in old]
    if kept != [key for key in old if key in new]:
        yield Difference(
            place_of((*path, "順序")),
            "、".join(NAMES[kind](old[key]) for key in old if key in new),
            "、".join(NAMES[kind](new[key]) for key in kept),
        )


def compare_lines(path: Path, before: list[str], after: list[str]) -> Iterable[Difference]:
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Difference(place_of(path), "\n".join(before[a:b]), "\n".join(after[c:d]))


def keyed(rows: tuple[Any, ...]) -> dict[tuple[Any, int], Any]:
    """Rows by what they are known by; the second of the same is the second."""
    found: dict[tuple[Any, int], Any] = {}
    for row in rows:
        key = KEYS[type(row)](row)
        times = 1
        while (key, times) in found:
            times += 1
        found[key, times] = row
    return found


def name_of(row: Any, key: tuple[Any, int]) -> str:
    """What people call a row; that it is the second of its name is said."""
    name = NAMES[type(row)](row)
    return f"{name}（{key[1]}つ目）" if key[1] > 1 else name


def place_of(path: Path) -> str:
    return " › ".join(path)


def outlined(row: Any) -> str:
    """A whole row that only one edition has; empty for the other."""
    if row is None:
        return ""
    labels = LABELS[type(row)]
    found = []
    for field in fields(row):
        value = getattr(row, field.name)
        # When a figure was computed is no difference, and here no time at all.
        if value not in ("", None, (), EPOCH):
            found.append(f"{labels[field.name]}：{written(value)}")
    return "\n".join(found)


def written(value: Any) -> str:
    """A value as people read it; blanks at its ends are made visible by quotation marks."""
    match value:
        case None:
            return "（記載なし）"
        case bool():
            return "はい" if value else "いいえ"
        case datetime():
            return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
        case date():
            return format_date(value)
        case Paragraph():
            return paragraph_text(value)
        case tuple():
            return "\n".join(map(written, value))
        case str():
            return value if value == value.strip() else f"「{value}」"
    if is_dataclass(value):
        parts = (written(getattr(value, field.name)) for field in fields(value))
        return " ".join(part for part in parts if part)
    return str(value)


def paragraph_text(paragraph: Paragraph) -> str:
    """A paragraph in words, with all that its markup says."""
    marker = f"{paragraph.marker} " if paragraph.marker else ""
    depth = f"（字下げ{paragraph.level}）" if paragraph.level > 1 or (paragraph.level and not marker) else ""
    return depth + marker + "".join(map(segment_text, paragraph.segments))


def segment_text(segment: Segment) -> str:
    told = [STYLES.get(segment.style, segment.style)]
    told += [f"指標{segment.figure}"] if segment.figure else []
    told += [f"リンク：{segment.href}"] if segment.href else []
    told += [f"よみ：{segment.ruby}"] if segment.ruby else []
    note = "、".join(filter(None, told))
    return f"{segment.text}［{note}］" if note else segment.text
