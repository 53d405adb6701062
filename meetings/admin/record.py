"""The screens of a meeting's record: minutes, attendance, history, publication, pasting."""

from copy import copy
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from meetings.admin.excerpt import excerpt_screen
from meetings.admin.paste import paste_agenda
from meetings.admin.paste_minutes import paste_minutes
from meetings.admin.remarks import remarks_screen
from meetings.admin.to_do import to_do_screen
from meetings.minutes.editor import Editor, outline, rows_as_data, rows_of_revision
from meetings.models import AutosavedDraft, CorrectionProposal, Meeting, RecordRevision
from meetings.record.proposals import (
    Trial,
    approve,
    changes_of,
    drop,
    posted_again,
    proposal_of,
    propose,
    token_of,
    try_out,
    wants_second_person,
)
from meetings.record.publication import attendance_counts, publication
from meetings.record.snapshot import NOTHING_CHANGED, compare
from members.common.admin.screens import ScreenAdmin, person
from members.common.models.autosave import autosave
from members.common.publication.engine import Order
from members.common.publication.findings import errors_of
from members.common.publication.rights import may_publish, nobody_to_approve, require_publisher
from members.common.remit import within
from members.common.text.numbers import whole_number
from members.common.web.step_up import confirm_identity

EDITOR = "admin/meetings/record.html"
YEARS = range(1950, 2101)
# What whoever edits may do on the publication screen; all else takes something to the public or back.
EDITING_STEPS = {"review", "back", "drop"}


class RecordScreens(ScreenAdmin):
    """Adds the record's screens to the meeting's admin."""

    def get_urls(self) -> list[Any]:
        return [
            self.screen("paste/", self.paste_agenda_view, "paste"),
            self.screen("to-do/", self.to_do_view, "to-do"),
            self.screen("<int:pk>/record/", self.record_view, "record"),
            self.screen("<int:pk>/autosave/", self.autosave_view, "autosave"),
            self.screen("<int:pk>/history/", self.record_history_view, "history"),
            self.screen("<int:pk>/publication/", self.publication_view, "publication"),
            self.screen("<int:pk>/minutes-paste/", self.paste_minutes_view, "minutes-paste"),
            self.screen("<int:pk>/excerpt/", self.excerpt_view, "excerpt"),
            self.screen("<int:pk>/remarks/", self.remarks_view, "remarks"),
            *super().get_urls(),
        ]

    def meeting_for(self, request: HttpRequest, pk: int, *, lock: bool = False) -> Meeting:
        """The meeting whose record this person may change; ``lock`` holds it until the transaction ends."""
        meetings = Meeting.objects.select_related("council_year__council")
        if lock:
            meetings = meetings.select_for_update(of=("self",), no_key=True)
        meeting = get_object_or_404(within(request.user, meetings), pk=pk)
        # Every screen of the record shows or changes its minutes.
        may_write = request.user.has_perm("meetings.change_minuteentry")
        if not (may_write and self.has_change_permission(request, meeting)):
            raise PermissionDenied
        return meeting

    def page(
        self,
        request: HttpRequest,
        template: str,
        meeting: Meeting | None,
        status: int = 200,
        *,
        title: str,
        **context: Any,
    ) -> HttpResponse:
        """Draw a screen of one meeting, or of one that is to be made."""
        return self.draw(request, template, title, status, meeting=meeting, **context)

    def record_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write the minutes: all entries on one screen, saved together."""
        if request.method == "POST":
            with transaction.atomic():
                meeting = self.meeting_for(request, pk, lock=True)
                editor = Editor(meeting, person(request), request.POST)
                if editor.is_valid():
                    if wants_second_person(meeting, person(request)):
                        return self.propose_minutes(request, meeting, editor)
                    if meeting.has_public_record:
                        # A correction is public at once.
                        confirm_identity(request)
                    if editor.save():
                        self.log_change(request, meeting, "議事概要を保存しました。")
                        messages.success(request, "議事概要を保存しました。")
                    else:
                        messages.info(request, NOTHING_CHANGED)
                    return redirect("admin:meetings_meeting_record", pk)
            return self._editor_page(request, meeting, editor, status=409 if editor.is_conflict else 422)

        meeting = self.meeting_for(request, pk)
        draft = AutosavedDraft.objects.filter(meeting=meeting, user=person(request)).first()
        data: Any = None
        if draft and "restore" in request.GET:
            data = draft.posted
        elif (number := whole_number(request.GET.get("from"))) is not None:
            revision = get_object_or_404(meeting.revisions, number=number)
            data = rows_as_data(
                rows_of_revision(meeting, revision.content, person(request)), meeting.record_version
            )
        editor = Editor(meeting, person(request), data)
        if editor.posted_version != str(editor.version):
            # A draft from before somebody else saved: saving it must not undo that unseen.
            editor.is_valid()
        return self._editor_page(
            request, meeting, editor, draft=None if data else draft, is_loaded=bool(data)
        )

    def propose_minutes(self, request: HttpRequest, meeting: Meeting, editor: Editor) -> HttpResponse:
        """Keep corrected minutes for a second person instead of saving them."""
        trial = try_out(meeting.pk, editor.save)
        return self.proposed(request, meeting, CorrectionProposal.Screen.RECORD, trial)

    def proposed(self, request: HttpRequest, meeting: Meeting, screen: str, trial: Trial) -> HttpResponse:
        """Say that a correction waits for somebody else."""
        if not trial.is_correction:
            messages.info(request, NOTHING_CHANGED)
            return redirect("admin:meetings_meeting_publication", meeting.pk)
        try:
            propose(meeting, person(request), screen, request.POST, trial)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            done = "訂正の公開を依頼しました。別の職員がこの画面で公開します。"
            self.log_change(request, meeting, done)
            messages.success(request, done)
        return redirect("admin:meetings_meeting_publication", meeting.pk)

    def replay(self, request: HttpRequest, meeting: Meeting, proposal: CorrectionProposal) -> None:
        """Save what was typed in a proposal, in the name of who proposed it."""
        data = posted_again(proposal)
        if proposal.screen == CorrectionProposal.Screen.RECORD:
            editor = Editor(meeting, proposal.proposed_by, data)
            if editor.is_valid():
                editor.save()
            return
        again: Any = copy(request)
        # By the right of who approves: who proposed it may have left the office since.
        again.POST, again.proposed_by = data, proposal.proposed_by
        again._dont_enforce_csrf_checks = True
        self.changeform_view(again, str(meeting.pk))

    def _editor_page(
        self, request: HttpRequest, meeting: Meeting, editor: Editor, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        return self.page(
            request,
            EDITOR,
            meeting,
            status,
            title="議事概要",
            editor=editor,
            outline=outline(meeting),
            **context,
        )

    def autosave_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep what is typed, for this person only; or throw it away."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        meeting = self.meeting_for(request, pk)
        screen = reverse("admin:meetings_meeting_record", args=[pk])
        return autosave(request, AutosavedDraft.objects, screen, meeting=meeting)

    def record_history_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """List every saved state, and show what differs between two of them."""
        meeting = self.meeting_for(request, pk)
        revisions = list(meeting.revisions.select_related("saved_by").order_by("-number"))
        pair = self._pair(request, revisions)
        return self.page(
            request,
            "admin/meetings/history.html",
            meeting,
            title="履歴",
            revisions=revisions,
            pair=pair,
            changes=compare(pair[0].content, pair[1].content) if pair else [],
        )

    def _pair(
        self, request: HttpRequest, revisions: list[RecordRevision]
    ) -> tuple[RecordRevision, RecordRevision] | None:
        by_number = {str(revision.number): revision for revision in revisions}
        chosen = [by_number.get(request.GET.get(name, "")) for name in ("a", "b")]
        if chosen[0] and chosen[1]:
            return chosen[0], chosen[1]
        return (revisions[1], revisions[0]) if len(revisions) > 1 else None

    def publication_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Check the record and take it through 下書き, 確認中, 公開."""
        meeting = self.meeting_for(request, pk)
        if request.method == "POST":
            try:
                done = self._run_step(request, meeting)
            except ValidationError as error:
                for text in error.messages:
                    messages.error(request, text)
            else:
                self.log_change(request, meeting, done)
                messages.success(request, done)
            return redirect("admin:meetings_meeting_publication", pk)
        candidate = publication.candidate(meeting)
        proposal = proposal_of(meeting)
        return self.page(
            request,
            "admin/meetings/publication.html",
            meeting,
            title="会議記録の公開",
            seen=candidate.state,
            is_overtaken=publication.is_overtaken(meeting, candidate),
            findings=candidate.findings,
            has_errors=bool(errors_of(candidate.findings)),
            attendance=attendance_counts(meeting),
            may_publish=may_publish(request.user, meeting),
            proposal=proposal,
            proposed_changes=changes_of(proposal) if proposal else [],
            proposal_token=token_of(proposal) if proposal else "",
        )

    def _run_step(self, request: HttpRequest, meeting: Meeting) -> str:
        user = person(request)
        order = Order(request.POST.get("seen", ""), "confirmed" in request.POST)
        step = request.POST.get("step")
        require_publisher(request, meeting, unless=step in EDITING_STEPS)
        match step:
            case "review":
                publication.ask(meeting, user, seen=order.seen)
                return f"確認を依頼しました。{nobody_to_approve(meeting, user)}"
            case "back":
                publication.send_back(meeting, user)
                return "下書きに戻しました。"
            case "publish":
                publication.publish(meeting, user, order)
                return "会議記録を公開しました。"
            case "schedule":
                publication.schedule(meeting, user, self._moment(request), order)
                return "公開を予約しました。"
            case "cancel":
                publication.cancel_schedule(meeting, user)
                return "公開の予約を取り消しました。"
            case "withdraw":
                publication.withdraw(meeting, user, request.POST.get("reason", ""))
                done = "公開を取り下げ、下書きに戻しました。"
                if meeting.is_announced:
                    done += "開催案内と公開する資料は公開のままです。隠すときは、会議の画面で直してください。"
                done += "公開中の年次報告書にこの記録が載っているときは、報告書の新しい版も公開してください。"
                return done
            case "approve" | "drop" as step:
                return self._decide_proposal(request, meeting, step)
            case "undo":
                publication.restore(meeting, user)
                return "取り下げを取り消し、元のとおり公開しました。"
            case _:
                raise ValidationError("操作を選び直してください。")

    def _decide_proposal(self, request: HttpRequest, meeting: Meeting, step: str) -> str:
        """Make a proposed correction public, or take it back."""
        token = request.POST.get("proposal", "")
        if step == "drop":
            drop(meeting, token)
            return "訂正の依頼を取り下げました。記録は変わっていません。"
        with transaction.atomic():
            locked = self.meeting_for(request, meeting.pk, lock=True)
            found = approve(
                locked, person(request), token, lambda proposal: self.replay(request, locked, proposal)
            )
        return f"訂正を公開しました（依頼した職員：{found.proposed_by}）。"

    def _moment(self, request: HttpRequest) -> datetime:
        try:
            moment = parse_datetime(request.POST.get("publish_at", ""))
        except ValueError:
            moment = None
        # What lies further off is a slip, and overflows in another time zone.
        if moment is None or moment.year not in YEARS:
            raise ValidationError("公開の予約の日時を入力してください（例: 2026-12-01 09:00）。")
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment

    def excerpt_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand out one body's part of the minutes as Word, or show whose there are."""
        return excerpt_screen(self, request, self.meeting_for(request, pk))

    def remarks_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let each organization confirm its own remarks before publication."""
        return remarks_screen(self, request, self.meeting_for(request, pk), person(request))

    def to_do_view(self, request: HttpRequest) -> HttpResponse:
        """List what is to be done, across meetings."""
        return to_do_screen(self, request)

    def paste_agenda_view(self, request: HttpRequest) -> HttpResponse:
        """Make a meeting from a pasted 次第."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return paste_agenda(self, request)

    def paste_minutes_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Split a pasted text into minute entries, to be looked at before they are saved."""
        return paste_minutes(self, request, self.meeting_for(request, pk))
