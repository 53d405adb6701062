"""Who took part in a meeting: its rows under the form, and filling them in at once."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from meetings.models import Attendance, Meeting
from meetings.record.attendance import WAYS
from members.common.admin.base import PortalFormSet, PortalTabularInline

PUBLIC_CHANGE = (
    "会議記録は公開されています。直すには「訂正」の欄に理由と日付を入力してください。まだ何も変えていません。"
)


class RecordFormSet(PortalFormSet):
    """Part of a record: once it is public, a change is a correction with a reason."""

    def clean(self) -> None:
        super().clean()
        is_correction = self.instance.pk and self.instance.was_public and self.has_changed()
        if is_correction and not self.data.get("reason", "").strip():
            raise forms.ValidationError(PUBLIC_CHANGE)


class AttendanceInline(PortalTabularInline):
    """The organizations of the roster; drawn without a query for each."""

    model = Attendance
    formset = RecordFormSet
    extra = 0
    fields = ["organization_name", "status", "people_count", "people"]
    readonly_fields = ["organization_name"]
    radio_fields = {"status": admin.HORIZONTAL}
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attendance]:
        return super().get_queryset(request).select_related("organization")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "people":
            kwargs["widget"] = forms.Textarea(attrs={"rows": 1, "cols": 30, "class": "one-line"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["choices"] = [("", "未入力"), *Attendance.Status.choices]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @admin.display(description="団体")
    def organization_name(self, attendance: Attendance) -> str:
        return attendance.organization.name


class AttendanceScreens:
    """Adds filling in the attendance to the meeting's admin."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        way = WAYS.get(request.POST.get("_attendance", ""))
        meeting: Meeting = form.instance
        if way is None or not change or meeting.has_public_record:
            return
        filled = way(meeting)
        if filled.problem:
            messages.error(request, filled.problem)
            return
        messages.success(
            request, f"未入力だった{filled.count}団体の出席状況を入れました。違う団体だけ直してください。"
        )
        if filled.gone:
            names = "、".join(filled.gone)
            messages.warning(request, f"前回の{names}は、この年度の検討メンバーにないため入れていません。")

    def response_change(self, request: HttpRequest, obj: Meeting) -> HttpResponse:
        if "_attendance" in request.POST:
            # What was filled in is looked over at once.
            return redirect("admin:meetings_meeting_change", obj.pk)
        response: HttpResponse = super().response_change(request, obj)  # type: ignore[misc]
        return response

    @admin.action(description="出席状況に検討メンバーの団体を補う", permissions=["change"])
    def fill_attendance(self, request: HttpRequest, queryset: QuerySet[Meeting]) -> None:
        with transaction.atomic():
            chosen = list(queryset.select_for_update(of=("self",), no_key=True))
            public = [meeting.label for meeting in chosen if meeting.has_public_record]
            added = sum(each.prefill_attendance() for each in chosen if not each.has_public_record)
        messages.success(request, f"出席状況に{added}団体を補いました。")
        if public:
            names = "、".join(public)
            messages.warning(request, f"{names}の記録は公開されているため、団体を補っていません。")
