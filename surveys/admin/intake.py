"""Answers that reach the secretariat: workbooks that came back, and 代理入力 from phone or paper."""

import io
import zipfile
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from members.common.admin.screens import numbers, person
from members.common.audit import note_access
from members.common.files.spreadsheets import MAX_BYTES, attachment
from members.common.web.limits import spend
from members.common.web.step_up import confirm_identity
from surveys.admin.screens import SurveyScreens
from surveys.answering.access import lock
from surveys.answering.drafts import load_draft, load_drafts
from surveys.answering.submitting import submit
from surveys.models import Channel, Survey, SurveyTarget, WorkbookUpload
from surveys.questionnaire.structure import load_questionnaire
from surveys.views.workbook import workbook_name
from surveys.workbook.intake import decide, import_as_answer, preview, receive, unpack
from surveys.workbook.write import write_workbook

MAX_TOTAL = 20 * MAX_BYTES


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class EntryForm(forms.Form):
    """By which way the answer reached the secretariat."""

    received = forms.CharField(
        label="受け取った方法",
        max_length=200,
        help_text="提出の履歴と受付票に表示します（例: 11月20日に電話で聞き取り、紙の回答票）。",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        error_messages={"required": "受け取った方法を入力してください。"},
    )


class IntakeScreens(SurveyScreens):
    def get_urls(self) -> list[Any]:
        return [
            self.screen("<int:pk>/workbooks/", self.workbooks_view, "workbooks"),
            self.screen("<int:pk>/workbooks.zip", self.workbooks_zip_view, "workbooks_zip"),
            self.screen("<int:pk>/entry/<int:target>/", self.entry_view, "entry"),
            *super().get_urls(),
        ]

    def workbooks_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take many returned workbooks, show what each would do, and take over those ticked."""
        survey = self.survey_for(request, pk, "change_submission", "add_workbookupload")
        errors: list[str] = []
        if request.method == "POST" and "decide" in request.POST:
            self.import_chosen(request, survey)
            return redirect("admin:surveys_survey_workbooks", pk)
        if request.method == "POST":
            errors = self.receive_files(request, survey)
            if not errors:
                return redirect("admin:surveys_survey_workbooks", pk)
        uploads = survey.workbook_uploads.exclude(uploaded_by=None).select_related("uploaded_by")
        questionnaire = load_questionnaire(survey)
        pending = list(uploads.filter(state=WorkbookUpload.State.PENDING))
        wanted = {upload.target_id for upload in pending if upload.target_id}
        drafts = load_drafts(SurveyTarget.objects.for_answering().filter(pk__in=wanted), questionnaire)
        previews = []
        for upload in pending:
            draft = drafts.get(upload.target_id or 0)
            upload.target = draft.target if draft else None
            previews.append(preview(upload, draft))
        return self.page(
            request,
            "workbooks.html",
            "回答用Excelの取り込み",
            survey,
            status=422 if errors else 200,
            errors=errors,
            previews=[row for row in previews if not row.is_same],
            unchanged=[row for row in previews if row.is_same],
            ticks_all=request.GET.get("tick") == "all",
            decided=uploads.exclude(state=WorkbookUpload.State.PENDING).select_related(
                "target__organization"
            )[:50],
        )

    def receive_files(self, request: HttpRequest, survey: Survey) -> list[str]:
        """Read what was uploaded; returns why nothing could be read at all."""
        files = request.FILES.getlist("files")
        if not files:
            return ["回答用Excelか、それをまとめたZIPを選んでください。"]
        if sum(file.size or 0 for file in files) > MAX_TOTAL:
            return [f"合計が{MAX_TOTAL // 1024 // 1024}MBを超えています。何回かに分けてください。"]
        errors: list[str] = []
        unpacked: list[tuple[str, bytes]] = []
        for file in files:
            try:
                unpacked += unpack(file.name or "", file.read())
            except ValidationError as error:
                errors += [f"{file.name}：{message}" for message in error.messages]
        if errors:
            return errors
        receive(survey, unpacked, by=person(request))
        return []

    def import_chosen(self, request: HttpRequest, survey: Survey) -> None:
        """Hand in the workbooks that were ticked, each on its own; put the refused ones away."""
        chosen = numbers(request.POST.getlist("upload"))
        pending = survey.workbook_uploads.filter(pk__in=chosen, state=WorkbookUpload.State.PENDING)
        for upload in survey.workbook_uploads.filter(
            pk__in=numbers(request.POST.getlist("same")), state=WorkbookUpload.State.PENDING
        ):
            # It would change nothing, and is seen.
            decide(upload, WorkbookUpload.State.REFUSED)
        taken = 0
        for upload in pending.select_related("target"):
            if request.POST["decide"] == "refuse":
                decide(upload, WorkbookUpload.State.REFUSED)
                taken += 1
                continue
            try:
                import_as_answer(upload, person(request), knows=f"knows-{upload.pk}" in request.POST)
                taken += 1
            except ValidationError as error:
                messages.error(request, f"{upload.file_name}：{' '.join(error.messages)}")
        word = (
            "取り込まないことにしました。"
            if request.POST["decide"] == "refuse"
            else "取り込み、提出済みにしました。"
        )
        if taken:
            messages.success(request, f"{taken}件を{word}")

    def workbooks_zip_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand out every target's answer workbook in one ZIP, for the office's own mailing."""
        survey = self.survey_for(request, pk, "change_surveytarget")
        # Each holds what its body has answered so far.
        confirm_identity(request)
        spend(request, "exports")
        note_access(survey, person(request), "書き出し：回答用Excel（ZIP）")
        questionnaire = load_questionnaire(survey)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for target in SurveyTarget.objects.for_answering().filter(survey=survey).asked():
                archive.writestr(workbook_name(target), write_workbook(load_draft(target, questionnaire)))
        return attachment(out.getvalue(), "application/zip", f"回答用Excel_{survey.title}.zip")

    def entry_view(self, request: HttpRequest, pk: int, target: int) -> HttpResponse:
        """代理入力: put an answer that came by phone or on paper into force, marked as such."""
        survey = self.survey_for(request, pk, "change_submission")
        found = get_object_or_404(SurveyTarget.objects.for_answering(), pk=target, survey=survey)
        if not found.is_accepting:
            messages.error(
                request, "受付が終わっています。個別の締切を延ばすか、受付を再開してから入力してください。"
            )
            return redirect("admin:surveys_survey_board", pk)
        if request.method == "POST":
            return self.save_entry(request, survey, found)
        draft = load_draft(found)
        answered = getattr(found, "submission", None)
        if answered or draft.values:
            # What the body answered, or has typed so far, is ticked.
            note_access(answered or found, person(request), "団体の回答（代理入力の画面）")
        return self.show_entry(request, survey, found, draft.form(), EntryForm())

    def save_entry(self, request: HttpRequest, survey: Survey, target: SurveyTarget) -> HttpResponse:
        entry = EntryForm(request.POST)
        with transaction.atomic():
            target = lock(target)
            draft = load_draft(target)
            form = draft.form(data=request.POST)
            is_fresh = request.POST.get("state") == draft.fingerprint
            if not target.is_accepting:
                entry.add_error(None, "入力している間に受付が終わりました。まだ保存していません。")
            elif not is_fresh:
                entry.add_error(
                    None,
                    "この画面を開いた後に、団体の側で回答が変わりました。まだ保存していません。"
                    "回答の状況を確かめ、この内容で置き換えるときはもう一度保存してください。",
                )
            if form.is_valid() and entry.is_valid():
                note = entry.cleaned_data["received"]
                submit(draft, form.content, channel=Channel.STAFF, by=person(request), note=note)
                messages.success(request, f"{target.name}の回答を代理入力しました。")
                return redirect("admin:surveys_survey_board", survey.pk)
        return self.show_entry(request, survey, target, form, entry, status=422)

    def show_entry(
        self,
        request: HttpRequest,
        survey: Survey,
        target: SurveyTarget,
        form: Any,
        entry: EntryForm,
        status: int = 200,
    ) -> HttpResponse:
        return self.page(
            request,
            "entry.html",
            f"代理入力：{target.name}",
            survey,
            status=status,
            target=target,
            form=form,
            entry=entry,
            state=load_draft(target).fingerprint,
        )
