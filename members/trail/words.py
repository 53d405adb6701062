"""The changes of an entry as people read them: the fields' names and values as the screens have them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from auditlog.models import LogEntry
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.dateparse import parse_datetime

from members.common.audit import CONFIDENTIAL
from members.common.remit import council_path, remit_of, within
from members.common.text.eras import format_time

VERBS = {
    LogEntry.Action.CREATE: "追加",
    LogEntry.Action.UPDATE: "変更",
    LogEntry.Action.DELETE: "削除",
    LogEntry.Action.ACCESS: "閲覧",
}
NOTHING = {"None": "", "True": "はい", "False": "いいえ"}
LONGEST = 500


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a row: its name on the screens, before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row: what was done with it, what kind it is, how it named itself, and its fields."""

    verb: str
    kind: str
    name: str
    fields: tuple[FieldChange, ...] = ()
    is_withheld: bool = False

    def __str__(self) -> str:
        if self.is_withheld:
            return f"{self.verb}：{self.kind}（内容は非表示）"
        told = "、".join(f"{each.label}「{each.before}」→「{each.after}」" for each in self.fields)
        return f"{self.verb}：{self.kind} {self.name}{f'（{told}）' if told else ''}"


def read_changes(rows: Iterable[LogEntry], reader: Any) -> list[RowChange]:
    """What ``reader`` may know of each row: of answers and minutes, only that they were changed."""
    rows = list(rows)
    names, theirs = names_of_records(rows, reader), rows_within(rows, reader)
    return [row_change(row, names, reader if row.pk in theirs else None) for row in rows]


def rows_within(rows: list[LogEntry], reader: Any) -> set[Any]:
    """The rows that are of no council that ``reader`` takes no care of; what is gone is of none."""
    if remit_of(reader) is None:
        return {row.pk for row in rows}
    keys: dict[Any, set[str]] = {}
    for row in rows:
        keys.setdefault(row.content_type.model_class(), set()).add(row.object_pk)
    standing = {
        model: set(
            map(str, within(reader, model._base_manager.filter(pk__in=found)).values_list("pk", flat=True))
        )
        for model, found in keys.items()
        if model is not None and council_path(model)
    }
    return {
        row.pk
        for row in rows
        if (model := row.content_type.model_class()) is not None
        and (model not in standing or row.object_pk in standing[model])
    }


def row_change(row: LogEntry, names: dict[tuple[Any, str], str], reader: Any) -> RowChange:
    model = row.content_type.model_class()
    kind = str(model._meta.verbose_name) if model else row.content_type.model
    if reader is None or not may_read(model, reader):
        return RowChange(VERBS[row.action], kind, "", is_withheld=True)
    return RowChange(VERBS[row.action], kind, row.object_repr, tuple(field_changes(row, names)))


def may_read(model: Any, reader: Any) -> bool:
    if model is None:
        return bool(reader.is_superuser)
    if model._meta.label_lower not in CONFIDENTIAL:
        return True
    return bool(reader.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"))


def field_changes(row: LogEntry, names: dict[tuple[Any, str], str]) -> Iterator[FieldChange]:
    model = row.content_type.model_class()
    for name, values in (row.changes or {}).items():
        field = field_named(model, name)
        # What hangs on a row is told by its own rows.
        if getattr(field, "primary_key", False) or (field is not None and not field.concrete):
            continue
        label = str(getattr(field, "verbose_name", name)) if field else name
        if isinstance(values, dict):
            # Roles given and taken, and the like.
            words = "、".join(values.get("objects", []))
            added = values.get("operation") == "add"
            yield FieldChange(label, "" if added else words, words if added else "")
        else:
            before, after = (value_text(field, str(value), names) for value in values)
            # Before it was made a row held nothing, and nothing when it is gone: no text of that name.
            before = "" if row.action == LogEntry.Action.CREATE else before
            after = "" if row.action == LogEntry.Action.DELETE else after
            if before or after:
                yield FieldChange(label, before, after)


def field_named(model: Any, name: str) -> Any:
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def value_text(field: Any, value: str, names: dict[tuple[Any, str], str]) -> str:
    if value in NOTHING and not isinstance(field, models.TextField):
        return NOTHING[value]
    if getattr(field, "many_to_one", False):
        return names.get((field.related_model, value), f"{value}（今はないか、担当でない記録）")
    if choices := dict(getattr(field, "flatchoices", None) or []):
        return str({str(key): label for key, label in choices.items()}.get(value, value))
    if isinstance(field, models.DateTimeField) and (moment := parse_datetime(value)):
        # The library writes moments down in UTC, without saying so.
        return format_time(moment.replace(tzinfo=moment.tzinfo or UTC))
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}…（以下略）"


def names_of_records(rows: Iterable[LogEntry], reader: Any) -> dict[tuple[Any, str], str]:
    """How the records that changes point to name themselves, one query for each kind."""
    wanted: dict[Any, set[str]] = {}
    for row in rows:
        model = row.content_type.model_class()
        for name, values in (row.changes or {}).items():
            field = field_named(model, name)
            if getattr(field, "many_to_one", False) and isinstance(values, list):
                wanted.setdefault(field.related_model, set()).update(map(str, values))
    return {
        (model, str(record.pk)): str(record)
        for model, keys in wanted.items()
        for record in within(
            reader, model._base_manager.filter(pk__in=[key for key in keys if key.isdecimal()])
        )
    }
