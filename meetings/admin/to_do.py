"""What is to be done, across meetings: open decisions and follow-ups, and what became of them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from meetings.models import Meeting, MinuteEntry
from members.common.acts import act
from members.common.admin.screens import person
from members.common.merging import short_digest
from members.common.remit import within
from members.common.text.eras import format_date
from members.common.text.numbers import whole_number
from members.models import Council

ON_ONE_PAGE = 100
MEANWHILE = (
    "この画面を開いた後に、ほかの人がこの項目を直しました。今の内容を確かめて、もう一度保存してください。"
)


class OutcomeForm(forms.ModelForm):
    """What became of one decision or follow-up; no part of the record as it is published."""

    class Meta:
        model = MinuteEntry
        fields = ["done_on", "outcome"]
        widgets = {"done_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}

    def __init__(self, data: Any = None, *, instance: MinuteEntry) -> None:
        super().__init__(data, instance=instance, prefix=instance.anchor)
        self.stands = short_digest([instance.done_on, instance.outcome])
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}（{instance.heading}：{instance.body[:20]}）"

    def clean_done_on(self) -> Any:
        day = self.cleaned_data["done_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError("済んだ日は今日までの日にしてください。")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.data.get("seen") != self.stands:
            raise forms.ValidationError(f"{MEANWHILE}（{self.told()}）")
        return cleaned

    def told(self) -> str:
        """What somebody else saved."""
        day = self.initial.get("done_on")
        return "、".join(filter(None, (format_date(day) if day else "未了", self.initial["outcome"])))


def listed(request: HttpRequest) -> QuerySet[MinuteEntry]:
    """The open entries, or all, of the councils of this person, those due first."""
    entries = MinuteEntry.objects.filter(meeting__in=within(request.user, meetings_of(request)))
    entries = entries.to_do() if request.GET.get("state") == "all" else entries.still_open()
    related = entries.select_related("meeting__council_year__council")
    return related.order_by(F("due_on").asc(nulls_last=True), "meeting__held_on", "position", "pk")


def meetings_of(request: HttpRequest) -> QuerySet[Any]:
    """Meetings of the council that was asked for, or of all."""
    meetings = Meeting.objects.all()
    council = whole_number(request.GET.get("council"))
    return meetings if council is None else meetings.filter(council_year__council=council)


def to_do_screen(screens: Any, request: HttpRequest) -> HttpResponse:
    """List what is to be done; each line is saved by itself."""
    if not person(request).has_perms(["meetings.change_meeting", "meetings.change_minuteentry"]):
        raise PermissionDenied
    wrong = None
    if request.method == "POST":
        wrong = save_outcome(screens, request)
        if wrong is None:
            return redirect(request.get_full_path())
    page = Paginator(listed(request), ON_ONE_PAGE).get_page(request.GET.get("page"))
    rows = [
        (entry, wrong if wrong and wrong.instance.pk == entry.pk else OutcomeForm(instance=entry))
        for entry in page.object_list
    ]
    return screens.draw(
        request,
        "admin/meetings/to_do.html",
        "決定と今後の対応",
        422 if wrong else 200,
        rows=rows,
        page=page,
        today=timezone.localdate(),
        councils=within(request.user, Council.objects.order_by("name")),
        chosen=whole_number(request.GET.get("council")),
        is_all=request.GET.get("state") == "all",
    )


@transaction.atomic
def save_outcome(screens: Any, request: HttpRequest) -> OutcomeForm | None:
    """Keep one line; returns its form where it is wrong."""
    mine = MinuteEntry.objects.to_do().filter(meeting__in=within(request.user, meetings_of(request)))
    entry = get_object_or_404(mine, anchor=request.POST.get("entry", ""))
    # The editor writes whole entries: both hold the meeting's lock.
    meeting = screens.meeting_for(request, entry.meeting_id, lock=True)
    form = OutcomeForm(request.POST, instance=get_object_or_404(mine, pk=entry.pk))
    if not form.is_valid():
        return form
    if not form.changed_data:
        messages.info(request, "変わったところがないため、何も保存していません。")
        return None
    act("対応の結果の記録", about=meeting, is_general=True)
    form.save()
    messages.success(request, f"{meeting.label}の「{entry.heading}」の結果を保存しました。")
    return None
