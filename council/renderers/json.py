"""The report as JSON, with its schema."""

import json
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from council.report.build import Report
from council.report.imprint import Printed
from members.common.snapshot import hints

SIMPLE: dict[Any, dict[str, str]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}


TEXT = {"type": "string"}
STATEMENT = ("record", "number", "kind", "reason", "published_at", "previous", "content_hash")
SEAL = {
    "type": "object",
    "description": "版の記載、それとつながる版のハッシュ値と署名。作り方は /verify/ にある",
    "required": ["statement", "chain_hash", "signature", "public_key"],
    "properties": {
        "statement": {
            "type": "object",
            "required": list(STATEMENT),
            "properties": {name: {"type": "integer"} if name == "number" else TEXT for name in STATEMENT},
        },
        "chain_hash": TEXT,
        "signature": TEXT,
        "public_key": TEXT,
        "redaction": {
            "type": "object",
            "description": "墨消しをした版だけにある。残った内容のハッシュ値、日時と理由、署名",
            "required": ["statement", "signature"],
            "properties": {
                "statement": {
                    "type": "object",
                    "required": ["chain_hash", "content_hash", "redactions"],
                    "properties": {
                        "chain_hash": TEXT,
                        "content_hash": TEXT,
                        "redactions": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["at", "reason", "places", "content_hash"],
                                "properties": {
                                    "at": TEXT,
                                    "reason": TEXT,
                                    "places": {"type": "integer"},
                                    "content_hash": TEXT,
                                },
                            },
                        },
                    },
                },
                "signature": TEXT,
            },
        },
    },
}


def write_json(printed: Printed) -> bytes:
    """An edition's content, to the letter, with all that anybody needs to check it."""
    imprint = printed.imprint
    content = {
        "edition": imprint.number,
        "address": imprint.address,
        "superseded_by": imprint.superseded_by,
        "content_hash": imprint.seal["statement"]["content_hash"],
        "seal": imprint.seal,
        "report": printed.content,
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def write_schema() -> bytes:
    """JSON Schema of :func:`write_json`, made from the dataclasses, so that it cannot lag behind."""
    definitions: dict[str, Any] = {}
    report = describe(Report, definitions)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "年次報告書",
        "type": "object",
        "required": ["edition", "content_hash", "seal", "report"],
        "properties": {
            "edition": {"type": "integer", "description": "版の番号"},
            "address": {"type": "string", "description": "この版のアドレス"},
            "superseded_by": {
                "type": ["integer", "null"],
                "description": "旧版なら、ダウンロードしたときの最新の版の番号",
            },
            "content_hash": {"type": "string", "description": "版の内容のSHA-256"},
            "seal": SEAL,
            "report": report,
        },
        "$defs": definitions,
    }
    return json.dumps(schema, ensure_ascii=False, indent=1).encode()


def definitions_of_json() -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of a report's JSON and its definitions, as OpenAPI keeps them."""
    whole = json.loads(write_schema().replace(b"#/$defs/", b"#/components/schemas/"))
    definitions: dict[str, Any] = whole.pop("$defs")
    whole.pop("$schema")
    return whole, definitions


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
