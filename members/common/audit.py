"""The audit trail: who changed what and when, for every record of our own apps."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.db import models

if TYPE_CHECKING:
    # This module is imported before there are models.
    from django.contrib.auth.models import User as Account


def audit(config: AppConfig, *, secret: Sequence[str] = (), typing: Sequence[str] = ()) -> None:
    """Log every change of an app's models, but for the fields that are ``secret``.

    Models named in ``typing`` hold what somebody has typed and not handed in or saved:
    that is nobody else's to read, and stays out of the trail.
    """
    # Imported late: the library has models of its own.
    from auditlog.registry import auditlog

    for model in config.get_models():
        if model.__name__ in typing:
            continue
        names = {field.name for field in model._meta.fields}
        auditlog.register(model, exclude_fields=sorted(names & set(secret)))


def audit_accounts() -> None:
    """Log every change of an account and of its roles; of passwords nothing, of logins their own list."""
    from auditlog.registry import auditlog
    from django.contrib.auth.models import User

    auditlog.register(User, exclude_fields=["password", "last_login"], m2m_fields={"groups"})


def note_access(instance: models.Model, by: "Account", what: str) -> None:
    """Put on record that somebody opened or carried off what is nobody else's to read."""
    from auditlog.models import LogEntry

    LogEntry.objects.log_create(
        instance, force_log=True, action=LogEntry.Action.ACCESS, actor=by, changes={"閲覧": ["", what]}
    )


def last_change(apps: Sequence[str]) -> datetime | None:
    """When a record of these apps was last changed, as far as the trail tells."""
    from auditlog.models import LogEntry

    # Who only looked changed nothing.
    changes = LogEntry.objects.exclude(action=LogEntry.Action.ACCESS)
    entries = changes.filter(content_type__app_label__in=apps).order_by("-timestamp")
    return entries.values_list("timestamp", flat=True).first()
