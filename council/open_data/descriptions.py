"""What machines read about our files: CSVW beside each CSV, OpenAPI for the JSON addresses."""

import json
from typing import Any

from django.conf import settings
from django.urls import reverse

from council.editions.trend_views import SERIES
from council.open_data.tables import DATASETS
from council.renderers.json import definitions_of_json
from members.common.files.tables import Column, Table
from members.common.web.addresses import public_address


def csvw(table: Table[Any], path: str, *more: Column) -> bytes:
    """The columns of one CSV file, as the W3C describes tables; ``more`` are columns at its end."""
    columns = (*table.columns, *more)
    content = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "ja"}],
        "url": public_address(path),
        "dc:title": table.title,
        "dc:license": {"@id": settings.OPEN_DATA_LICENSE_URL},
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True, "lineTerminators": ["\r\n"]},
        "tableSchema": {
            "columns": [
                {
                    "titles": column.label,
                    "name": column.key or f"column_{number}",
                    "dc:description": column.meaning or column.label,
                    "datatype": column.datatype,
                }
                for number, column in enumerate(columns, start=1)
            ]
        },
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def openapi() -> bytes:
    """Every address that answers with JSON."""
    report, definitions = definitions_of_json()
    paths = {
        "/open-data/{slug}/{year}/{name}.json": operation(
            "公開している年度の表", [SLUG, YEAR, named([table.name for table in DATASETS])], table_schema()
        ),
        "/open-data/{slug}/series.json": operation(SERIES.description, [SLUG], table_schema()),
        "/councils/{slug}/{year}/report.json": operation("年次報告書（公開中の版）", [SLUG, YEAR], report),
        "/councils/{slug}/{year}/editions/{number}/report.json": operation(
            "年次報告書（版の番号を指定）", [SLUG, YEAR, NUMBER], report
        ),
        reverse("verify-list"): operation("公開した版とハッシュ値の一覧", [], {"type": "object"}),
    }
    content = {
        "openapi": "3.1.0",
        "info": {
            "title": f"{settings.PORTAL_NAME} オープンデータ",
            "version": "1",
            "license": {"name": settings.OPEN_DATA_LICENSE, "url": settings.OPEN_DATA_LICENSE_URL},
        },
        "servers": [{"url": settings.PUBLIC_ADDRESS}],
        "paths": paths,
        "components": {"schemas": definitions},
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


SLUG = parameter("slug", "検討会議の識別名", type="string")
YEAR = parameter("year", "会計年度（西暦）", type="integer")
NUMBER = parameter("number", "版の番号", type="integer")


def named(names: list[str]) -> dict[str, Any]:
    return parameter("name", "表の名", type="string", enum=names)


def table_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["columns", "rows"],
        "properties": {
            "columns": {"type": "object", "additionalProperties": {"type": "string"}},
            "rows": {"type": "array", "items": {"type": "object"}},
        },
    }


def operation(summary: str, parameters: list[dict[str, Any]], schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "get": {
            "summary": summary,
            "parameters": parameters,
            "responses": {
                "200": {"description": "あった", "content": {"application/json": {"schema": schema}}},
                "404": {"description": "ない、または公開していない"},
            },
        }
    }
