"""Bodies from outside the roster."""

from django.contrib import admin

from meetings.models import Guest


@admin.register(Guest)
class GuestAdmin(admin.ModelAdmin):
    search_fields = ["name"]
