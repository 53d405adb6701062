"""Meetings as the secretariat works on them: date, agenda, materials, minutes, attendance."""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import ForeignKey, Max, QuerySet
from django.forms import ModelChoiceField, Textarea
from django.http import HttpRequest
from django.utils import timezone

from meetings.models import AgendaItem, Attendance, Guest, Material, Meeting, MinuteEntry
from members.eras import fiscal_year
from members.models import CouncilYear


class AgendaItemInline(admin.TabularInline):
    model = AgendaItem
    fields = ["position", "label", "title"]

    def get_extra(self, request: HttpRequest, obj: Meeting | None = None, **kwargs: Any) -> int:
        return 1 if obj else 5


class MaterialInline(admin.TabularInline):
    model = Material
    extra = 1
    fields = ["position", "label", "title", "kind", "provider", "url", "is_public"]


class MinuteEntryInline(admin.StackedInline):
    model = MinuteEntry
    extra = 1
    fields = [
        ("position", "kind", "agenda_item"),
        "body",
        ("department", "guest", "speaker_post"),
        "speaker_name",
    ]
    autocomplete_fields = ["department", "guest"]
    formfield_overrides = {models.TextField: {"widget": Textarea(attrs={"rows": 4, "cols": 80})}}

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name == "agenda_item":
            meeting = request.resolver_match.kwargs["object_id"]  # type: ignore[union-attr]
            kwargs["queryset"] = AgendaItem.objects.filter(meeting=meeting)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class AttendanceInline(admin.TabularInline):
    model = Attendance
    extra = 0
    fields = ["organization", "status"]
    autocomplete_fields = ["organization"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attendance]:
        return super().get_queryset(request).select_related("organization")


@admin.register(Meeting)
class MeetingAdmin(admin.ModelAdmin):
    list_display = ["label", "council_year", "held_on", "status", "is_announced", "record_status"]
    list_filter = ["council_year__council", "council_year__year", "status", "record_status"]
    list_select_related = ["council_year__council"]
    search_fields = ["council_year__council__name", "agenda_items__title", "minute_entries__body"]
    search_help_text = "検討会議名、議題、議事概要から探します。"
    date_hierarchy = "held_on"
    autocomplete_fields = ["council_year"]
    actions = ["fill_attendance"]
    fieldsets = [
        ("会議", {"fields": [("council_year", "number"), "held_on", ("start_time", "end_time")]}),
        ("開催方法", {"fields": ["mode", "place", "status"]}),
        (
            "公開",
            {
                "fields": ["is_announced", "record_status"],
                "description": "開催前は「開催案内を公開する」、記録ができたら会議記録を「公開」にします。",
            },
        ),
    ]

    def get_inlines(self, request: HttpRequest, obj: Meeting | None) -> list[Any]:
        if obj is None:
            # Minutes point to agenda items, which must be there first.
            return [AgendaItemInline, MaterialInline]
        return [AgendaItemInline, MinuteEntryInline, MaterialInline, AttendanceInline]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The next number of the year that staff are most likely working on."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        chosen = initial.get("council_year")
        wanted = {"pk": chosen} if chosen else {"year": fiscal_year(timezone.localdate())}
        years = CouncilYear.objects.filter(**wanted)[:2]
        if len(years) == 1:
            last = years[0].meetings.aggregate(last=Max("number"))["last"]
            initial.update(council_year=years[0].pk, number=(last or 0) + 1)
        return initial

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change and (count := form.instance.prefill_attendance()):
            self.message_user(
                request,
                f"出席状況に、検討メンバーの{count}団体を入れました。会議の後に出欠を選んでください。",
            )

    def has_delete_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        # What was public once can be cited: cancel it, never delete it.
        if obj is not None and obj.first_public_at:
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description="会議", ordering="number")
    def label(self, meeting: Meeting) -> str:
        return meeting.label

    @admin.action(description="出席状況に検討メンバーの団体を補う", permissions=["change"])
    def fill_attendance(self, request: HttpRequest, queryset: QuerySet[Meeting]) -> None:
        added = sum(meeting.prefill_attendance() for meeting in queryset)
        self.message_user(request, f"出席状況に{added}団体を補いました。", messages.SUCCESS)


@admin.register(Guest)
class GuestAdmin(admin.ModelAdmin):
    search_fields = ["name"]
