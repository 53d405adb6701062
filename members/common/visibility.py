"""Who may read a row: everybody the public ones, staff what they may view in the admin."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q

from members.common.remit import is_within, remit_of, within

# Whom a page is drawn for: None is the public. Staff see of each model what they may view.
Viewer = User | AnonymousUser | None


def may_preview(
    user: User | AnonymousUser | None, model: type[models.Model], of: models.Model | None = None
) -> bool:
    """Tell whether a visitor is staff who may view this model, published or not.

    ``of`` is the record, or another of the same council: of what they take no care they see what all see.
    """
    permission = f"{model._meta.app_label}.view_{model._meta.model_name}"
    may_view = bool(user and user.is_active and user.is_staff and user.has_perm(permission))
    return may_view and (of is None or is_within(user, of))


def visible_to(user: User | AnonymousUser | None, model: Any) -> Any:
    """The rows of a model that a visitor may read; default deny, by its ``public()``."""
    if not may_preview(user, model):
        return model.objects.public()
    rows = model.objects.all()
    if remit_of(user) is None:
        return rows
    own, public = within(user, rows), model.objects.public()
    return rows.filter(Q(pk__in=own.values("pk")) | Q(pk__in=public.values("pk")))
