"""Files of a survey: what is sent along with it, and what bodies attach to their answers."""

from typing import Any, Self
from uuid import uuid4

from django.db import models
from django.utils import timezone

from meetings.materials.files import CheckedFile, describe_type, human_size
from surveys.models.survey import Survey
from surveys.models.target import SurveyTarget


def stored_name(row: models.Model, name: str) -> str:
    """Where a file is kept: a random name, so that none overwrites or reveals another."""
    return f"surveys/{uuid4().hex}"


class StoredFile(models.Model):
    """A file as it was taken in; it is never changed, only replaced by another."""

    file = models.FileField("ファイル", upload_to=stored_name)
    name = models.CharField("ファイル名", max_length=150)
    content_type = models.CharField("形式", max_length=100)
    size = models.PositiveBigIntegerField("大きさ（バイト）")
    sha256 = models.CharField("ハッシュ値（SHA-256）", max_length=64)
    added_at = models.DateTimeField("登録日時", default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def take(self, upload: Any, checked: CheckedFile) -> Self:
        """Fill in an upload that was judged; the caller saves."""
        self.file, self.name, self.content_type = upload, checked.name, checked.content_type
        self.size, self.sha256 = checked.size, checked.sha256
        self.added_at = timezone.now()
        return self

    @property
    def type_and_size(self) -> str:
        """What a link to the file says of it: 「PDF、1.2MB」."""
        return f"{describe_type(self.content_type)}、{human_size(self.size)}"


class SurveyFile(StoredFile):
    """依頼文, 記入要領 and the like: for every body that the survey asks."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="files", verbose_name="アンケート")
    title = models.CharField("表示する名前", max_length=100, blank=True, help_text="空欄ならファイル名。")

    class Meta:
        verbose_name = verbose_name_plural = "添付ファイル（依頼文など）"
        ordering = ["survey", "pk"]


class AnswerFile(StoredFile):
    """A file that a body attached; which of them are handed in, the revision of its answer says."""

    target = models.ForeignKey(SurveyTarget, models.PROTECT, related_name="attached", verbose_name="回答対象")
    uploaded_by = models.CharField("添付した人", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "回答の添付ファイル"
        ordering = ["target", "pk"]
