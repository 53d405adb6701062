"""Rows that are named by what people call them, not by a database number."""

from functools import reduce
from typing import Any, ClassVar

from django.db import models


class NaturalKeyQuerySet(models.QuerySet):
    """Finds a row by its natural key, so that fixtures load twice without doubling."""

    def get_by_natural_key(self, *key: Any) -> Any:
        return self.get(**dict(zip(self.model.natural_key_fields, key, strict=True)))


NaturalKeyManager = models.Manager.from_queryset(NaturalKeyQuerySet)


class NaturalKeyModel(models.Model):
    """A model whose rows are known by ``natural_key_fields``, written as lookups.

    ``("organization__code", "name")`` names a department, for example. The manager
    of each is made from a :class:`NaturalKeyQuerySet`.
    """

    natural_key_fields: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    def natural_key(self) -> tuple[Any, ...]:
        return tuple(reduce(_follow, path.split("__"), self) for path in self.natural_key_fields)


def _follow(value: Any, name: str) -> Any:
    return None if value is None else getattr(value, name)
