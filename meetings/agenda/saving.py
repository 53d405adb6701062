"""A proposed agenda becomes a meeting's: as new lines, or by bringing the registered ones up to date."""

from typing import Any

from meetings.models import AgendaItem, Material, Meeting
from members.common.text.folding import fold

FIELDS = ("label", "title", "kind", "level", "presenter", "start_time", "minutes")
DETAILS = ("label", "presenter", "start_time", "minutes")
Row = dict[str, Any]


def add_lines(meeting: Meeting, rows: list[Row], papers: dict[str, str]) -> None:
    """Put lines behind those there are; what is there by its title gains what it does not say yet."""
    known = {fold(item.title): item for item in meeting.agenda_items.order_by("-position", "-pk")}
    for row in rows:
        item = known.get(fold(row["title"]))
        if item is None:
            item = AgendaItem.objects.create(meeting=meeting, **{name: row[name] for name in FIELDS})
        elif gained := [name for name in DETAILS if row[name] and not getattr(item, name)]:
            for name in gained:
                setattr(item, name, row[name])
            item.save(update_fields=gained)
        link_papers(item, row["documents"], papers)


def match_lines(meeting: Meeting, rows: list[Row], papers: dict[str, str]) -> None:
    """Make the agenda say what the rows say, in their order.

    A line is known by its title, and the second of a title is the second. What the rows do not
    have goes, unless minutes or materials hang on it: then it stays, behind the others.
    """
    standing: dict[str, list[AgendaItem]] = {}
    for item in meeting.agenda_items.order_by("position", "pk"):
        standing.setdefault(fold(item.title), []).append(item)
    for position, row in enumerate(rows, start=1):
        same = standing.get(fold(row["title"]))
        item = same.pop(0) if same else AgendaItem(meeting=meeting)
        for name in FIELDS:
            setattr(item, name, row[name])
        item.position = position
        item.save()
        link_papers(item, row["documents"], papers)
    left = [item for items in standing.values() for item in items]
    for item in left:
        if is_used(item):
            item.position = len(rows) + 1
            item.save()
        else:
            item.delete()


def is_used(item: AgendaItem) -> bool:
    """Whether minutes or materials hang on a line of the agenda."""
    return item.minute_entries.exists() or item.materials.exists()


def left_over(meeting: Meeting, titles: list[str]) -> list[AgendaItem]:
    """The registered lines that a new agenda does not have."""
    wanted = {fold(title) for title in titles}
    return [
        item for item in meeting.agenda_items.order_by("position", "pk") if fold(item.title) not in wanted
    ]


def link_papers(item: AgendaItem, names: list[str], papers: dict[str, str]) -> None:
    """Hang the materials of these numbers on an item; one that is not registered is made, not public.

    ``papers`` are the titles that the pasted text lists. Its file is uploaded at the meeting.
    """
    for name in names:
        known = [row for row in item.meeting.materials.all() if fold(row.label) == fold(name)]
        material = (
            known[0]
            if known
            else Material.objects.create(
                meeting=item.meeting, label=name, title=(papers.get(name) or item.title)[:200]
            )
        )
        material.agenda_items.add(item)


def take_fields(meeting: Meeting, values: dict[str, Any], *, overwrite: bool) -> None:
    """Take time, place and way of meeting: those that are open, or all that the text tells."""
    for name in ("held_on", "start_time", "end_time", "mode", "place"):
        if values.get(name) and (overwrite or not getattr(meeting, name)):
            setattr(meeting, name, values[name])
