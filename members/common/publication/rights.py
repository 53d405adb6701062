"""Who may take a record to the public and back: a right of its own, beside the right to edit."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest

from members.common.remit import is_within
from members.common.web.step_up import confirm_identity, is_confirmed

FILES_FIRST = (
    "ファイルを保存しました。公開の切り替えはまだ変えていません。"
    "もう一度選び、ファイルなしで保存してください。"
)


NOBODY = (
    "ほかに公開できる職員がいません。システム管理の職員に、事務局責任者の登録か担当の変更を頼んでください。"
)


def may_publish(user: User | AnonymousUser, kind: models.Model | type[models.Model]) -> bool:
    """Whether somebody may publish, correct and withdraw records of a kind, or this one record."""
    meta = kind._meta
    is_theirs = isinstance(kind, type) or is_within(user, kind)
    return is_theirs and user.has_perm(f"{meta.app_label}.publish_{meta.model_name}")


def publishers(kind: type[models.Model]) -> list[User]:
    """Everybody who may take records of a kind to the public, of whichever councils."""
    meta = kind._meta
    able = User.objects.with_perm(
        f"{meta.app_label}.publish_{meta.model_name}", backend="django.contrib.auth.backends.ModelBackend"
    )
    return list(able.filter(is_active=True, is_staff=True).order_by("pk"))


def approvers_of(record: models.Model, asking: User, among: list[User] | None = None) -> list[User]:
    """Everybody else who could publish what somebody asks to have published."""
    able = publishers(record._meta.model) if among is None else among
    return [each for each in able if each.pk != asking.pk and is_within(each, record)]


def nobody_to_approve(record: models.Model, asking: User, among: list[User] | None = None) -> str:
    """A sentence for who asks where nobody could grant it; empty where somebody can."""
    return "" if approvers_of(record, asking, among) else NOBODY


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
    """For a model's admin: fields that take something to the public are read only for whoever only edits.

    Whoever may publish confirms who they are before one of them is saved.
    """

    model: Any
    # Whose right it is, where the model has none of its own.
    publishing_model: Any = None
    publishing_fields: tuple[str, ...] = ()

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)  # type: ignore[misc]
        # What somebody else proposed is approved without any switch: they are changed by themselves only.
        is_replay = hasattr(request, "proposed_by")
        is_free = may_publish(request.user, self.publishing_model or self.model) and not is_replay
        return fields if is_free else [*fields, *self.publishing_fields]

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        switched = {*self.publishing_fields} & {*form.changed_data}
        if switched and request.FILES and not is_confirmed(request):
            # A file cannot wait for the password: it is saved, and the switch is not.
            for name in switched:
                setattr(obj, name, form.initial.get(name, False))
                form.changed_data.remove(name)
            messages.warning(request, FILES_FIRST)
        elif switched:
            confirm_identity(request)
        super().save_model(request, obj, form, change)  # type: ignore[misc]
