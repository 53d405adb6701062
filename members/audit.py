"""The audit trail: who changed what and when, for every record of our own apps."""

from collections.abc import Sequence

from django.apps import AppConfig


def audit(config: AppConfig, *, secret: Sequence[str] = ()) -> None:
    """Log every change of an app's models, but for the fields that are ``secret``."""
    # Imported late: the library has models of its own.
    from auditlog.registry import auditlog

    for model in config.get_models():
        names = {field.name for field in model._meta.fields}
        auditlog.register(model, exclude_fields=sorted(names & set(secret)))
