"""Who may read a row: everybody the public ones, staff what they may view in the admin."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import models

# Whom a page is drawn for: None is the public. Staff see of each model what they may view.
Viewer = User | AnonymousUser | None


def may_preview(user: User | AnonymousUser | None, model: type[models.Model]) -> bool:
    """Tell whether a visitor is staff who may view this model, published or not."""
    permission = f"{model._meta.app_label}.view_{model._meta.model_name}"
    return bool(user and user.is_active and user.is_staff and user.has_perm(permission))


def visible_to(user: User | AnonymousUser | None, model: Any) -> Any:
    """The rows of a model that a visitor may read; default deny, by its ``public()``."""
    return model.objects.all() if may_preview(user, model) else model.objects.public()
