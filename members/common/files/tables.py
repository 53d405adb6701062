"""Tables that leave the portal: one type for reports, open data and answers."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import tablib

Source = TypeVar("Source")
TYPES = {
    "string": "文字",
    "integer": "整数",
    "date": "日付（ISO 8601）",
    "dateTime": "日時（ISO 8601）",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, what it means, its stable English name where it has one, its type.

    ``datatype`` is one of CSVW: string, integer, date or dateTime. A cell that is not known is empty.
    """

    label: str
    meaning: str = ""
    key: str = ""
    datatype: str = "string"

    @property
    def type_words(self) -> str:
        return TYPES[self.datatype]


@dataclass(frozen=True, slots=True)
class Table(Generic[Source]):
    """A kind of table: its name in addresses, its title, its columns, its rows of a source."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[Source], Iterable[list[Any]]]
    description: str = ""

    @property
    def headers(self) -> list[str]:
        return [column.label for column in self.columns]

    def fill(self, source: Source) -> tablib.Dataset:
        """The table as CSV and Excel print it; what is not known is empty."""
        table = tablib.Dataset(headers=self.headers)
        for row in self.rows(source):
            table.append(["" if value is None else value for value in row])
        return table

    def as_json(self, source: Source, **head: Any) -> bytes:
        """The table with stable keys and what they mean, after ``head``."""
        keys = [column.key for column in self.columns]
        content = {
            **head,
            "columns": {column.key: f"{column.label}：{column.meaning}" for column in self.columns},
            "rows": [dict(zip(keys, row, strict=True)) for row in self.rows(source)],
        }
        return json.dumps(content, ensure_ascii=False, indent=1).encode()


def columns(*labels: str) -> tuple[Column, ...]:
    """Columns whose headings say all."""
    return tuple(Column(label) for label in labels)
