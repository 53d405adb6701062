"""Bodies from outside the roster."""

from django.contrib import admin

from meetings.models import Guest
from members.common.admin.base import PortalAdmin


@admin.register(Guest)
class GuestAdmin(PortalAdmin):
    search_fields = ["name"]
