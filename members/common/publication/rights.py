"""Who may take a record to the public and back: a right of its own, beside the right to edit."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest

from members.common.web.step_up import confirm_identity


def may_publish(user: User | AnonymousUser, kind: models.Model | type[models.Model]) -> bool:
    """Whether somebody may publish, correct and withdraw records of a kind."""
    meta = kind._meta
    return user.has_perm(f"{meta.app_label}.publish_{meta.model_name}")


def require_publisher(
    request: HttpRequest, kind: models.Model | type[models.Model], *, unless: bool = False
) -> None:
    """Raise ``PermissionDenied`` for whoever only edits; the screens show them no button for it.

    Who has the right confirms who they are, as for all that cannot be taken back.
    """
    if unless:
        return
    if not may_publish(request.user, kind):
        raise PermissionDenied
    confirm_identity(request)


class PublishingSwitches:
    """For a model's admin: fields that take something to the public are read only for whoever only edits."""

    model: Any
    publishing_fields: tuple[str, ...] = ()

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)  # type: ignore[misc]
        return fields if may_publish(request.user, self.model) else [*fields, *self.publishing_fields]
