"""Files attached to an answer: part of its draft until it is handed in, kept by its revisions after that.

The list of what is attached is a draft like any other section's, so that discarding, status and
approval see a change of it. A file itself is never overwritten: what was handed in stays as it was.
"""

from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from meetings.materials.files import CheckedFile, check_file, human_size
from members.common.forms.page import PageForm
from surveys.answering.drafts import FILES, AnswerDraft, submission_of
from surveys.answering.fields import TypedField
from surveys.models import AnswerFile, DraftSection, SubmissionRevision

MAX_BYTES, MOST_FILES = 10 * 1024 * 1024, 20
# With all that was handed in once and replaced.
MOST_KEPT = 100


class AttachmentForm(PageForm):
    """One file for the answer."""

    upload = forms.FileField(
        label="添付するファイル",
        help_text=f"PDF、Word、Excel、PowerPoint、画像など。1つ{human_size(MAX_BYTES)}まで、{MOST_FILES}個まで。",
        error_messages={
            "required": "添付するファイルを選んでください。",
            "empty": "ファイルが空です。内容のあるファイルを選んでください。",
            "max_length": "ファイル名が長すぎます。短くしてください。",
        },
    )
    uploaded_by = TypedField(label="添付する人の課・氏名", max_length=100, required=False)
    checked: CheckedFile

    def __init__(self, draft: AnswerDraft, data: Any = None, files: Any = None) -> None:
        super().__init__(data=data, files=files)
        self.draft = draft
        self.lay_out("upload", "uploaded_by")

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        # Before anything of it is read: somebody else of the body waits meanwhile.
        if upload.size > MAX_BYTES:
            raise ValidationError(
                f"ファイルが大きすぎます（{human_size(upload.size)}）。{human_size(MAX_BYTES)}までです。"
            )
        self.checked = check_file(upload)
        if AnswerFile.objects.filter(target=self.draft.target).count() >= MOST_KEPT:
            raise ValidationError(
                "何度も差し替えたため、これ以上添付できません。事務局に問い合わせてください。"
            )
        if len(self.draft.files) >= MOST_FILES:
            raise ValidationError(f"添付できるのは{MOST_FILES}個までです。要らないファイルを外してください。")
        return upload

    def save(self) -> AnswerFile:
        """Keep the file and put it on the draft's list; the caller holds the target's lock."""
        row = AnswerFile(target=self.draft.target, uploaded_by=self.cleaned_data["uploaded_by"])
        row.take(self.cleaned_data["upload"], self.checked).save()
        write_list(self.draft, [*self.draft.files, row.pk], row.uploaded_by)
        return row


def take_off(draft: AnswerDraft, pk: int) -> None:
    """Take a file off the list; what was handed in keeps it until the answer is handed in again."""
    write_list(draft, [each for each in draft.files if each != pk], "")
    revisions = SubmissionRevision.objects.filter(submission__target=draft.target)
    if any(pk in files for files in revisions.values_list("files", flat=True)):
        return
    # Never handed in: nobody has seen it, and nothing refers to it.
    for row in AnswerFile.objects.filter(target=draft.target, pk=pk):
        transaction.on_commit(partial(row.file.delete, save=False))
        row.delete()


def write_list(draft: AnswerDraft, files: list[int], saved_by: str) -> None:
    section = draft.sections.get(FILES)
    if submission_of(draft.target) and files == draft.submitted_files:
        # As it was handed in: no draft.
        if section:
            section.delete()
            del draft.sections[FILES]
        return
    section = section or DraftSection(target=draft.target, section=FILES)
    section.values, section.saved_by = {"files": files}, saved_by or section.saved_by
    section.save()
    draft.sections[FILES] = section


def rows_of(draft: AnswerDraft, files: list[int]) -> list[AnswerFile]:
    """Attached files in the order in which they were attached."""
    found = {row.pk: row for row in AnswerFile.objects.filter(target=draft.target, pk__in=files)}
    return [found[pk] for pk in files if pk in found]
