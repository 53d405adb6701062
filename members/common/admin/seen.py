"""Saving a form of the admin: under a lock, and over nothing that somebody else saved meanwhile."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django import forms
from django.contrib.admin.utils import flatten
from django.db import models, transaction
from django.forms.models import _get_foreign_key
from django.http import HttpRequest, HttpResponse

from members.common.forms.seen import SeenForm
from members.common.text.numbers import whole_number


class MergingForm(SeenForm):
    """Merges where its page said what it showed; who posts without a page overwrites knowingly."""

    is_strict = False


@cache
def merging(form: type[forms.ModelForm]) -> type[forms.ModelForm]:
    """A form of the admin that merges, whatever else it does."""
    if issubclass(form, SeenForm):
        return form
    return type(f"Merging{form.__name__}", (MergingForm, form), {"__module__": form.__module__})


def relations_of(inlines: Iterable[Any], model: type[models.Model]) -> dict[str, tuple[str, ...]]:
    """What rows a form shows beside its record: each relation, and the columns that its rows can change."""
    found = {}
    for inline in inlines:
        key: Any = _get_foreign_key(model, inline.model, fk_name=inline.fk_name)
        columns = {field.name for field in inline.model._meta.concrete_fields if field.editable}
        files = {
            field.name for field in inline.model._meta.concrete_fields if isinstance(field, models.FileField)
        }
        # A file is changed by a box of another name.
        shown = ({*flatten(list(inline.fields or columns))} & columns | files) - {key.name}
        found[str(key.remote_field.get_accessor_name())] = tuple(sorted(shown))
    return found


class SeenAdmin:
    """For a model's admin: an older page undoes no switch, and two who save at once do so in turn."""

    model: Any
    form: Any
    get_object: Any
    get_inline_instances: Any
    has_delete_permission: Any
    has_change_permission: Any

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs.setdefault("form", merging(self.form))
        form = super().get_form(request, obj, change, **kwargs)  # type: ignore[misc]
        if obj is not None and not form.relations:
            # The class is this request's own.
            form.relations = relations_of(self.get_inline_instances(request, obj), self.model)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        if any("seen" in options["fields"] for _, options in fieldsets):
            return fieldsets
        *others, (title, options) = fieldsets
        return [*others, (title, {**options, "fields": [*options["fields"], "seen"]})]

    def lock(self, object_id: int) -> None:
        """Lock the record itself, unless its admin names another lock; the transaction is open."""
        self.model._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=object_id).first()

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Whether it may be deleted is asked under the lock: it may go public at this moment."""
        with transaction.atomic():
            self.before_change(request, object_id)
            response: HttpResponse = super().delete_view(request, object_id, extra_context)  # type: ignore[misc]
            return response

    def before_change(self, request: HttpRequest, object_id: str | None) -> None:
        """Called in the transaction that reads and saves the record."""
        pk = whole_number(object_id)
        if request.method != "POST" or pk is None:
            return
        # Locking may write: nothing of what somebody may not change.
        record = self.get_object(request, str(pk))
        if record is not None and self.has_change_permission(request, record):
            self.lock(pk)
            for inline in self.get_inline_instances(request, record):
                # Rows with a screen of their own are saved there under a lock of their own.
                key: Any = _get_foreign_key(self.model, inline.model, fk_name=inline.fk_name)
                rows = inline.model._default_manager.select_for_update(of=("self",), no_key=True)
                list(rows.filter(**{key.name: record}).order_by("pk").values_list("pk"))
