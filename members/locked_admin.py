"""Admin forms that hold a lock from before the record is read until it is saved."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse


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
            if request.method == "POST" and object_id and object_id.isdigit():
                self.lock(int(object_id))
            return super().changeform_view(request, object_id, form_url, extra_context)
