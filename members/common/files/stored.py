"""Every stored file that a record names: what a backup takes along, and what the doctor looks for."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import FileField, Model


def named_files() -> Iterator[tuple[type[Model], FileField, str]]:
    """Each record's kind and file field, with the name that its file is stored under."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, FileField):
                rows: Any = model._base_manager.exclude(**{field.name: ""}).exclude(**{field.name: None})
                for name in rows.values_list(field.name, flat=True).iterator():
                    yield model, field, name
