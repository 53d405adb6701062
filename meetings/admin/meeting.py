"""A meeting's form: date, agenda, materials, attendance; its record has screens of its own."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.db.models import Max
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html_join

from meetings.admin.agenda import AgendaItemForm
from meetings.admin.attendance import AttendanceInline, AttendanceScreens, RecordFormSet
from meetings.admin.material import MaterialForm, MaterialInline
from meetings.admin.record import RecordScreens
from meetings.agenda.line_form import MAX_LINES
from meetings.minutes.editor import CorrectionForm
from meetings.models import AgendaItem, CorrectionProposal, Meeting
from meetings.record.proposals import try_out, wants_second_person
from meetings.record.snapshot import NOTHING_CHANGED, keep_first_state, keep_revision
from members.common.admin.base import PortalTabularInline
from members.common.admin.screens import person
from members.common.forms.seen import SeenForm
from members.common.publication.rights import FILES_FIRST, PublishingSwitches
from members.common.remit import within
from members.common.text.eras import fiscal_year
from members.common.text.numbers import whole_number
from members.common.web.step_up import confirm_identity, is_confirmed
from members.models import CouncilYear

FILES_LATER = (
    "公開した記録をファイルと一緒に直すには、先に本人確認が必要です。まだ何も変えていません。"
    "ファイルなしで訂正を一度保存して本人確認を済ませてから、ファイルを選び直してください。"
)
FILES_APART = (
    "公開した記録の資料ファイルは、訂正の依頼に含められません。公開を取り下げてから差し替えてください。"
    "まだ何も変えていません。"
)


def copies(files: MultiValueDict[str, Any]) -> MultiValueDict[str, Any]:
    """Uploads to try out with: what is saved is moved away, and they are needed once more."""
    found: MultiValueDict[str, Any] = MultiValueDict()
    for name, each in files.lists():
        for file in each:
            file.seek(0)
            found.appendlist(name, SimpleUploadedFile(file.name, file.read(), file.content_type))
            file.seek(0)
    return found


def author(request: HttpRequest) -> User:
    """Who stands in the record's history for a change: of a correction that was approved, who proposed it."""
    return getattr(request, "proposed_by", None) or person(request)


def forget_messages(request: HttpRequest) -> None:
    """What was said of a change that was taken back is not true."""
    storage: Any = messages.get_messages(request)
    storage._queued_messages.clear()


class AgendaItemInline(PortalTabularInline):
    model = AgendaItem
    form = AgendaItemForm
    formset = RecordFormSet

    def get_extra(self, request: HttpRequest, obj: Meeting | None = None, **kwargs: Any) -> int:
        return 1 if obj else 5

    def get_formset(self, request: HttpRequest, obj: Meeting | None = None, **kwargs: Any) -> Any:
        # Each row is drawn, checked and written by itself: no agenda has more.
        most = {"max_num": MAX_LINES, "absolute_max": MAX_LINES + 5, "validate_max": True}
        made = super().get_formset(request, obj, **most, **kwargs)
        made.default_error_messages = {
            **made.default_error_messages,
            "too_many_forms": f"次第は{MAX_LINES}行までです。まだ何も変えていません。",
        }
        return made


class MeetingForm(SeenForm):
    """A meeting; of one whose record is public, a change asks for a reason and a date."""

    reason = forms.CharField(
        label="訂正の理由", max_length=200, required=False, help_text="公開ページに表示します。"
    )
    corrected_on = forms.DateField(label="訂正日", required=False, widget=AdminDateWidget)
    correction: dict[str, Any] | None = None
    relations = {
        "agenda_items": tuple(AgendaItemForm.Meta.fields),
        "materials": (*MaterialForm.Meta.fields, "versions"),
        "attendances": ("status", "people_count", "people"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.was_public = self.instance.has_public_record
        self.fields["corrected_on"].initial = timezone.localdate()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not (self.instance.pk and self.instance.was_public):
            return cleaned
        changed = set(self.changed_data) & set(Meeting.SCHEDULE)
        if not (changed or cleaned.get("reason")):
            return cleaned
        form = CorrectionForm({name: cleaned.get(name) for name in ("reason", "corrected_on")})
        if form.is_valid():
            self.correction = form.cleaned_data
        for name, errors in form.errors.items():
            self.add_error(name, errors)
        return cleaned


@admin.register(Meeting)
class MeetingAdmin(AttendanceScreens, PublishingSwitches, RecordScreens):
    form = MeetingForm
    publishing_fields = ("is_announced",)
    list_display = ["label", "council_year", "held_on", "status", "is_announced", "record_status"]
    list_filter = ["council_year__council", "council_year__year", "status", "record_status"]
    list_select_related = ["council_year__council"]
    search_fields = ["council_year__council__name", "agenda_items__title"]
    search_help_text = "検討会議名と議題から探します。議事概要を見る権限があれば、その文からも探します。"
    date_hierarchy = "held_on"
    autocomplete_fields = ["council_year"]
    actions = ["fill_attendance"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Save; a change of a public record waits for a second person where the office wants one."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            # Whether the record is public is decided under the lock: it may become so at this moment.
            self.before_change(request, object_id)
            return self.decide_and_save(request, object_id, form_url, extra_context)

    def decide_and_save(
        self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: dict[str, Any] | None
    ) -> Any:
        def save() -> Any:
            return super(MeetingAdmin, self).changeform_view(request, object_id, form_url, extra_context)

        pk = whole_number(object_id)
        meeting = self.get_queryset(request).filter(pk=pk).first() if pk is not None else None
        is_approved = hasattr(request, "proposed_by")
        if meeting is None or is_approved:
            return save()
        if not wants_second_person(meeting, request.user):
            if meeting.has_public_record and request.POST.get("reason"):
                # A correction is public at once.
                if request.FILES and not is_confirmed(request):
                    messages.error(request, FILES_LATER)
                    return redirect("admin:meetings_meeting_change", meeting.pk)
                confirm_identity(request)
            return save()
        uploads = request.FILES
        cast(Any, request)._files = copies(uploads)
        trial = try_out(meeting.pk, save)
        cast(Any, request)._files = uploads
        if trial.answer.status_code != 302:
            # The form has errors: nothing was saved, and the page says where.
            return trial.answer
        forget_messages(request)
        if not trial.is_correction:
            # Nothing of the record: its announcement, say, or a material that the public does not get.
            return save()
        if request.FILES:
            messages.error(request, FILES_APART)
            return redirect("admin:meetings_meeting_change", meeting.pk)
        return self.proposed(request, meeting, CorrectionProposal.Screen.MEETING, trial)

    def get_fieldsets(self, request: HttpRequest, obj: Meeting | None = None) -> Any:
        seen = ["seen"] if obj and self.has_change_permission(request, obj) else []
        fieldsets: list[Any] = [
            ("会議", {"fields": [("council_year", "number"), "held_on", ("start_time", "end_time")]}),
            ("開催方法", {"fields": ["mode", "place", "status", "replies_due_on"]}),
            (
                "公開",
                {
                    "fields": ["is_announced", *seen],
                    "description": "議事概要と出席状況は、右上の「会議記録の公開」から公開します。",
                },
            ),
        ]
        if obj and request.user.has_perm("meetings.view_attendancereply") and obj.attendance_replies.exists():
            fieldsets.append(("出欠の回答（団体の窓口から）", {"fields": ["replies"]}))
        if obj and obj.has_public_record:
            description = "会議記録は公開されています。日程、次第、出席状況を直すときに入力します。"
            fieldsets.append(("訂正", {"fields": [("reason", "corrected_on")], "description": description}))
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), "replies"]

    @admin.display(description="回答")
    def replies(self, meeting: Meeting) -> str:
        """What bodies said beforehand of who comes; only they change it."""
        rows = meeting.attendance_replies.select_related("organization")
        told = (
            [row.organization.name, row.get_status_display(), "、".join(row.people.split("\n")), row.comment]
            for row in rows
        )
        return format_html_join("", "<p>{}</p>", (("　".join(filter(None, parts)),) for parts in told))

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        # Whether a word is found tells what stands in minutes that are not public.
        may_read = request.user.has_perm("meetings.view_minuteentry")
        return [*self.search_fields, *(["minute_entries__body"] if may_read else [])]

    def get_inlines(self, request: HttpRequest, obj: Meeting | None) -> list[Any]:
        return (
            [AgendaItemInline, MaterialInline, AttendanceInline]
            if obj
            else [AgendaItemInline, MaterialInline]
        )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The next number of the year that staff are most likely working on."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        chosen = str(initial.pop("council_year", ""))
        pk = whole_number(chosen)
        wanted = {"pk": pk} if pk is not None else {"year": fiscal_year(timezone.localdate())}
        years = within(request.user, CouncilYear.objects.filter(**wanted))[:2]
        if len(years) == 1:
            last = years[0].meetings.aggregate(last=Max("number"))["last"]
            initial |= {"council_year": years[0].pk, "number": (last or 0) + 1}
        return initial

    def lock(self, object_id: int) -> None:
        meeting = Meeting.objects.select_for_update(of=("self",), no_key=True).filter(pk=object_id).first()
        if meeting and meeting.has_public_record:
            keep_first_state(meeting)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        for formset in formsets:
            self.ask_before_showing(request, form.instance, formset)
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            self.save_versions(request, formset)
        meeting = form.instance
        if change and meeting.record_version:
            revision = keep_revision(meeting, author(request), form.correction)
            if form.correction and not revision:
                self.message_user(request, NOTHING_CHANGED, messages.WARNING)
        if not change and (count := meeting.prefill_attendance()):
            self.message_user(
                request,
                f"出席状況に、検討メンバーの{count}団体を入れました。会議の後に出欠を選んでください。",
            )

    def ask_before_showing(self, request: HttpRequest, meeting: Meeting, formset: Any) -> None:
        """Whoever takes a material to the public, or back, confirms who they are before that."""
        parts = [part for part in formset.forms if isinstance(part, MaterialForm)]
        switched = [part for part in parts if "is_public" in part.changed_data]
        if not (switched and meeting.is_visible) or hasattr(request, "proposed_by"):
            return
        if not request.FILES:
            confirm_identity(request)
        elif not is_confirmed(request):
            # A file cannot wait for the password: it is saved, and the switch is not.
            for part in switched:
                part.instance.is_public = bool(part.initial.get("is_public", False))
            messages.warning(request, FILES_FIRST)

    def save_versions(self, request: HttpRequest, formset: Any) -> None:
        """Keep the file of each material of a formset as its next version."""
        for part in formset.forms:
            if isinstance(part, MaterialForm) and part not in formset.deleted_forms:
                part.save_version(author(request))

    def has_delete_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        # What was public once can be cited: cancel it, never delete it.
        if obj is not None and obj.first_public_at:
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description="会議", ordering="number")
    def label(self, meeting: Meeting) -> str:
        return meeting.label
