"""Queries that are compiled once: compiling costs more than running where a page has but one."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Expression, QuerySet


class Parameter(Expression):
    """A value that is named when the query is run, in a filter that is compiled before."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]


class PreparedQuery:
    """A QuerySet's SQL with its parameters still to be named."""

    def __init__(self, rows: Callable[[], QuerySet]) -> None:
        self.rows = rows

    @cached_property
    def compiled(self) -> tuple[str, tuple[Any, ...]]:
        sql, params = self.rows().query.sql_with_params()
        return sql, tuple(params)

    def first(self, **values: Any) -> Any:
        """The first row, or None."""
        sql, params = self.compiled
        with connection.cursor() as cursor:
            given = [values[each.name] if isinstance(each, Parameter) else each for each in params]
            cursor.execute(sql, given)
            return cursor.fetchone()
