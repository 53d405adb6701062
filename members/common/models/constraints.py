"""A database constraint for "this part belongs to that whole"."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models
from django.db.backends.ddl_references import Statement


class BelongsTo(models.BaseConstraint):
    """The row that ``part`` points to has the same ``whole`` as this row.

    An answer's choice is one of the answer's question, a minute entry's agenda
    item is one of its own meeting: held by a composite foreign key, which Django
    does not offer. The part's model needs a unique constraint on ``("id", whole)``.
    A row without a part (NULL) is not checked.
    """

    def __init__(self, *, part: str, whole: str, name: str, **kwargs: Any) -> None:
        self.part = part
        self.whole = whole
        super().__init__(name=name, **kwargs)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, BelongsTo):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.name, self.part, self.whole))

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "part": self.part, "whole": self.whole}

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        part = model._meta.get_field(self.part)
        other = part.remote_field.model._meta
        columns = (part.column, model._meta.get_field(self.whole).column)
        targets = (other.pk.column, other.get_field(self.whole).column)
        return "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}) DEFERRABLE INITIALLY DEFERRED".format(
            quote(self.name),
            ", ".join(map(quote, columns)),
            quote(other.db_table),
            ", ".join(map(quote, targets)),
        )

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        return Statement(
            "ALTER TABLE %(table)s ADD %(constraint)s",
            table=schema_editor.quote_name(model._meta.db_table),
            constraint=self.constraint_sql(model, schema_editor),
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=schema_editor.quote_name(model._meta.db_table),
            name=schema_editor.quote_name(self.name),
        )

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Any = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        if exclude and {self.part, self.whole} & set(exclude):
            return
        part = getattr(instance, self.part)
        if part is None:
            return
        whole = model._meta.get_field(self.whole).attname  # type: ignore[union-attr]
        if getattr(part, whole) != getattr(instance, whole):
            raise ValidationError(
                {self.part: self.get_violation_error_message()}, code=self.violation_error_code
            )
