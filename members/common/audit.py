"""The audit trail: who changed what and when, for every record of our own apps."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.db import models

from members.common.acts import act

if TYPE_CHECKING:
    # This module is imported before there are models.
    from django.contrib.auth.models import User as Account


# Columns that follow from others.
DERIVED = ("folded",)
# Models whose rows say what only those may read who may read the record: their label.
CONFIDENTIAL: set[str] = set()


def audit(
    config: AppConfig,
    *,
    secret: Sequence[str] = (),
    typing: Sequence[str] = (),
    apart: Sequence[str] = (),
    confidential: Sequence[str] = (),
    links: Sequence[str] = (),
) -> None:
    """Log every change of an app's models, but for the fields that are ``secret``.

    Models named in ``typing`` hold what somebody has typed and not handed in or saved:
    that is nobody else's to read, and stays out of the trail. Those in ``apart`` are no record.
    Of those that are ``confidential`` the trail shows what they say only to who may view them.
    Of those in ``links`` it is logged too which other records they are linked with.
    """
    # Imported late: the library has models of its own.
    from auditlog.registry import auditlog

    for model in config.get_models():
        if model.__name__ in {*typing, *apart}:
            continue
        if model.__name__ in confidential:
            CONFIDENTIAL.add(model._meta.label_lower)
        names = {field.name for field in model._meta.fields}
        linked = {field.name for field in model._meta.many_to_many} if model.__name__ in links else set()
        auditlog.register(model, exclude_fields=sorted(names & {*secret, *DERIVED}), m2m_fields=linked)


def audit_accounts() -> None:
    """Log every change of an account and of its roles; of passwords nothing, of logins their own list."""
    from auditlog.registry import auditlog
    from django.contrib.auth.models import User

    auditlog.register(User, exclude_fields=["password", "last_login"], m2m_fields={"groups"})


def note_act(
    instance: models.Model, by: "Account | None", told: dict[str, str], data: dict[str, Any] | None = None
) -> None:
    """Put on record what changes no row, or many at once: ``told`` are headings and words.

    ``data`` is for programs that read the trail.
    """
    _note(instance, by, told, is_access=False, data=data or {})


def note_access(instance: models.Model, by: "Account", what: str) -> None:
    """Put on record that somebody opened or carried off what is nobody else's to read."""
    act(f"閲覧・書き出し：{what.removeprefix('書き出し：')}", about=instance)
    _note(instance, by, {"閲覧": what}, is_access=True, data={})


def _note(
    instance: models.Model, by: "Account | None", told: dict[str, str], *, is_access: bool, data: dict
) -> None:
    from auditlog.models import LogEntry

    kinds = LogEntry.Action
    LogEntry.objects.log_create(
        instance,
        force_log=True,
        action=kinds.ACCESS if is_access else kinds.UPDATE,
        actor=by,
        changes={name: ["", text] for name, text in told.items() if text},
        additional_data=data or None,
    )


def last_change(apps: Sequence[str]) -> datetime | None:
    """When a record of these apps was last changed, as far as the trail tells."""
    from auditlog.models import LogEntry

    # Who only looked changed nothing.
    changes = LogEntry.objects.exclude(action=LogEntry.Action.ACCESS)
    entries = changes.filter(content_type__app_label__in=apps).order_by("-timestamp")
    return entries.values_list("timestamp", flat=True).first()
