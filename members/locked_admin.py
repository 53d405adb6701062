"""Admin forms that hold a lock from before the record is read until it is saved."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from members.numbers import whole_number


class LockedAdmin(admin.ModelAdmin):
    """Changes a record under the same lock as everybody else who writes it."""

    def lock(self, object_id: int) -> None:
        """Lock the record itself, unless its admin names another lock; the transaction is open."""
        self.model._default_manager.select_for_update(of=("self",)).filter(pk=object_id).first()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        with transaction.atomic():
            pk = whole_number(object_id)
            if request.method == "POST" and pk is not None:
                self.lock(pk)
            return super().changeform_view(request, object_id, form_url, extra_context)
