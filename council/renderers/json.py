"""The report as JSON, with its schema."""

import json
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from council.report.build import Report
from members.common.snapshot import hints, serialize

SIMPLE: dict[Any, dict[str, str]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}


def write_json(report: Report, *, edition: int, content_hash: str) -> bytes:
    """The whole report; ``edition`` and its hash tell which state this is."""
    content = {"edition": edition, "content_hash": content_hash, "report": serialize(report)}
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def write_schema() -> bytes:
    """JSON Schema of :func:`write_json`, made from the dataclasses, so that it cannot lag behind."""
    definitions: dict[str, Any] = {}
    report = describe(Report, definitions)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "年次報告書",
        "type": "object",
        "required": ["edition", "content_hash", "report"],
        "properties": {
            "edition": {"type": "integer", "description": "版の番号"},
            "content_hash": {"type": "string", "description": "版の内容のSHA-256"},
            "report": report,
        },
        "$defs": definitions,
    }
    return json.dumps(schema, ensure_ascii=False, indent=1).encode()


def describe(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema of one type."""
    if get_origin(kind) in (Union, UnionType):
        (inner,) = (option for option in get_args(kind) if option is not NoneType)
        return {"anyOf": [describe(inner, definitions), {"type": "null"}]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": describe(get_args(kind)[0], definitions)}
    if is_dataclass(kind) and isinstance(kind, type):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}
            known = hints(kind)
            definitions[kind.__name__] = {
                "type": "object",
                "description": " ".join((kind.__doc__ or "").split()),
                "required": [field.name for field in fields(kind) if field.default is MISSING],
                "properties": {
                    field.name: describe(known[field.name], definitions) for field in fields(kind)
                },
            }
        return {"$ref": f"#/$defs/{kind.__name__}"}
    return SIMPLE[kind]
