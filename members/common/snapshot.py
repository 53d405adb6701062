"""Dataclasses as JSON and back: how an edition keeps its report.

Only what reports and results are made of: dataclasses, tuples, text, whole and decimal
numbers, booleans, days, moments and None. What comes back equals what went in.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def serialize(value: Any) -> Any:
    """Turn a dataclass, or a part of one, into what JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: serialize(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [serialize(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"cannot serialize {type(value).__name__}")


# How what is no text in Python comes back from the text that JSON holds.
FROM_TEXT: dict[Any, Callable[[str], Any]] = {
    datetime: datetime.fromisoformat,
    Decimal: Decimal,
    date: date.fromisoformat,
}


@cache
def hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def deserialize(kind: Any, data: Any) -> Any:
    """Build a value of this type again; a field that the data lacks takes its default."""
    if get_origin(kind) in (Union, UnionType):
        options = [option for option in get_args(kind) if option is not NoneType]
        return None if data is None else deserialize(options[0], data)
    if get_origin(kind) is tuple:
        item = get_args(kind)[0]
        return tuple(deserialize(item, each) for each in data)
    if is_dataclass(kind):
        return _deserialize_dataclass(kind, data)
    read = FROM_TEXT.get(kind)
    return read(data) if read else data


def _deserialize_dataclass(kind: Any, data: Any) -> Any:
    """Build a dataclass from its fields' values; a field that it no longer has is left out."""
    known = hints(kind)
    if isinstance(data, list):
        # Serialized before its tuple became a dataclass: the tuple is the first field.
        data = {fields(kind)[0].name: data}
    missing = [f.name for f in fields(kind) if f.name not in data and f.default is MISSING]
    if missing:
        raise ValueError(f"{kind} lacks {missing}")
    return kind(**{name: deserialize(known[name], each) for name, each in data.items() if name in known})
