"""Files of a survey in the admin: 依頼文 under its form, and what bodies attached to their answers."""

import io
import zipfile
from typing import Any

from django import forms
from django.contrib import admin
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from meetings.materials.files import CheckedFile, check_file
from meetings.views.files import send_file
from members.common.admin.base import PortalTabularInline
from members.common.admin.screens import person
from members.common.audit import note_access
from members.common.files.spreadsheets import attachment
from members.common.web.limits import spend
from members.common.web.step_up import confirm_identity
from surveys.admin.screens import SurveyScreens
from surveys.answering.drafts import files_of
from surveys.models import AnswerFile, Submission, SurveyFile, SurveyTarget


class SurveyFileForm(forms.ModelForm):
    """A file that goes out with a survey; a new upload takes the place of the old one."""

    upload = forms.FileField(label="ファイル", required=False)
    checked: CheckedFile | None = None

    class Meta:
        model = SurveyFile
        fields = ["title"]

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        if upload:
            self.checked = check_file(upload)
        elif not self.instance.pk:
            raise forms.ValidationError("ファイルを選んでください。")
        return upload

    def save(self, commit: bool = True) -> SurveyFile:
        if self.checked:
            self.instance.take(self.cleaned_data["upload"], self.checked)
        saved: SurveyFile = super().save(commit)
        return saved


class SurveyFileInline(PortalTabularInline):
    model = SurveyFile
    form = SurveyFileForm
    # One empty row: without a script none could be added.
    extra = 1
    fields = ["title", "upload", "current"]
    readonly_fields = ["current"]
    verbose_name_plural = "添付ファイル（依頼文など。対象の団体だけが、回答の画面から開けます）"

    @admin.display(description="今のファイル")
    def current(self, row: SurveyFile) -> str:
        return f"{row.name}（{row.type_and_size}）" if row.pk else "-"


def handed_in(submission: Submission) -> list[AnswerFile]:
    """What was attached to an answer when it was handed in last."""
    found = {row.pk: row for row in AnswerFile.objects.filter(target=submission.target_id)}
    return [found[pk] for pk in files_of(submission) if pk in found]


def links_to(submission: Submission) -> SafeString:
    """The files of an answer in force, for its page in the admin."""
    survey = submission.target.survey_id
    return format_html_join(
        "、",
        '<a href="{}">{}</a>（{}）',
        (
            (reverse("admin:surveys_survey_attachment", args=[survey, row.pk]), row.name, row.type_and_size)
            for row in handed_in(submission)
        ),
    ) or SafeString("-")


class AttachmentScreens(SurveyScreens):
    def get_urls(self) -> list[Any]:
        return [
            self.screen("<int:pk>/attachments/<int:number>/", self.attachment_view, "attachment"),
            self.screen("<int:pk>/attachments.zip", self.attachments_view, "attachments_zip"),
            *super().get_urls(),
        ]

    def attachment_view(self, request: HttpRequest, pk: int, number: int) -> FileResponse:
        """Send one file that was handed in; what a body has not handed in is its own."""
        survey = self.survey_for(request, pk, "view_submission")
        row = get_object_or_404(AnswerFile, pk=number, target__survey=survey)
        submission = get_object_or_404(Submission, target=row.target_id)
        get_object_or_404(AnswerFile, pk=number, pk__in=files_of(submission))
        note_access(submission, person(request), f"添付ファイル「{row.name}」")
        return send_file(row)

    def attachments_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand out all files that were handed in, each below its body's name."""
        survey = self.survey_for(request, pk, "view_submission")
        confirm_identity(request)
        spend(request, "exports")
        note_access(survey, person(request), "書き出し：添付ファイル（ZIP）")
        out = io.BytesIO()
        targets = SurveyTarget.objects.for_answering().filter(survey=survey).submitted()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for target in targets.order_by("organization__code"):
                for number, row in enumerate(handed_in(target.submission), 1):
                    folder = f"{target.organization.code}_{target.name}"
                    with row.file.open() as content:
                        archive.writestr(f"{folder}/{number:02}_{row.name}", content.read())
        return attachment(out.getvalue(), "application/zip", f"添付ファイル_{survey.title}.zip")
