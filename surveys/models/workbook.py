"""Answer workbooks that came back, between dry run and decision."""

from django.conf import settings
from django.db import models

from surveys.models.survey import Survey
from surveys.models.target import SurveyTarget


class WorkbookUpload(models.Model):
    """One returned workbook as it was read; nothing of it counts before it is accepted."""

    class State(models.TextChoices):
        PENDING = "pending", "確認待ち"
        ACCEPTED = "accepted", "取り込み済み"
        REFUSED = "refused", "取り込まない"

    survey = models.ForeignKey(
        Survey, models.CASCADE, related_name="workbook_uploads", verbose_name="アンケート"
    )
    target = models.ForeignKey(
        SurveyTarget,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="workbook_uploads",
        verbose_name="回答対象",
    )
    file_name = models.CharField("ファイル名", max_length=200)
    values = models.JSONField("読み取った回答", default=dict)
    problems = models.JSONField("読み取れなかった点", default=list)
    notes = models.JSONField("読み取りについての注意", default=list)
    # Content of the answer as it stood when the workbook was written.
    made_from = models.CharField("作成時の内容", max_length=64, blank=True)
    fingerprint = models.CharField("設問の版", max_length=16, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name="職員"
    )
    uploaded_at = models.DateTimeField("受け取った日時", auto_now_add=True)
    state = models.CharField("状態", max_length=10, choices=State, default=State.PENDING)
    decided_at = models.DateTimeField("決めた日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "受け取った回答用Excel"
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name
