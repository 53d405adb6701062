"""Admin forms that hold a lock from before the record is read until it is saved."""

from django.http import HttpRequest

from members.common.admin.base import PortalAdmin
from members.common.text.numbers import whole_number


class LockedAdmin(PortalAdmin):
    """Changes a record under the same lock as everybody else who writes it."""

    def lock(self, object_id: int) -> None:
        """Lock the record itself, unless its admin names another lock; the transaction is open."""
        self.model._default_manager.select_for_update(of=("self",)).filter(pk=object_id).first()

    def before_change(self, request: HttpRequest, object_id: str | None) -> None:
        pk = whole_number(object_id)
        if request.method != "POST" or pk is None:
            return
        # Locking may write: nothing of what somebody may not change.
        record = self.get_object(request, str(pk))
        if record is not None and self.has_change_permission(request, record):
            self.lock(pk)
