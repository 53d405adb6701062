"""The answers that came in, and their correction by staff."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from members.common.admin.base import PortalAdmin, PortalFormSet, PortalTabularInline
from members.common.admin.screens import person
from members.common.audit import note_access
from members.common.forms.seen import SeenForm
from surveys.admin.files import links_to
from surveys.answering.returned import history_of_returns
from surveys.answering.submitting import correct, drop_what_no_longer_applies, keep_first_revision
from surveys.models import Answer, Submission, SubmissionRevision, SurveyTarget


class AnswerForm(forms.ModelForm):
    """One answer row, which takes only what its own question takes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.question_id:
            return
        question = self.instance.question
        takes = {"choice"} if question.has_choices else {"text"} if question.is_text else {question.kind}
        if self.instance.choice and self.instance.choice.asks_text:
            takes.add("text")
        for name in ("choice", "text", "number", "date"):
            self.fields[name].disabled = name not in takes
        choice: Any = self.fields["choice"]
        choice.choices = [(each.pk, each.label) for each in question.choices.all()]
        choice.required = question.has_choices

    def clean_choice(self) -> Any:
        choice = self.cleaned_data["choice"]
        if choice and choice.question_id != self.instance.question_id:
            raise ValidationError("この設問の選択肢を選んでください。")
        return choice


class AnswerFormSet(PortalFormSet):
    """A corrected answer still holds together: nothing emptied, nothing chosen twice."""

    def clean(self) -> None:
        super().clean()
        chosen: set[tuple[int, int]] = set()
        for form in self.forms:
            answer = form.instance
            if form.errors:
                continue
            if answer.choice_id is None and not answer.text and answer.number is None and answer.date is None:
                form.add_error(None, "回答を空にはできません。内容を入力してください。")
            if answer.choice_id and answer.topic_id is None:
                if (answer.question_id, answer.choice_id) in chosen:
                    form.add_error("choice", "この選択肢はすでに選ばれています。")
                chosen.add((answer.question_id, answer.choice_id))


class AnswerInline(PortalTabularInline):
    model = Answer
    form = AnswerForm
    formset = AnswerFormSet
    extra = 0
    fields = ["asked", "choice", "text", "number", "date"]
    readonly_fields = ["asked"]
    can_delete = False
    verbose_name_plural = "設問ごとの回答"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Answer]:
        answers = super().get_queryset(request).select_related("question", "topic", "choice")
        return answers.prefetch_related("question__choices")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, forms.ModelChoiceField):
            # The questionnaire is not changed from within an answer.
            field.widget.can_add_related = False
        return field

    @admin.display(description="設問")
    def asked(self, answer: Answer) -> str:
        return f"{answer.question.text}（{answer.topic.label}）" if answer.topic else answer.question.text


class SubmissionForm(SeenForm):
    """Who answered and why staff correct it; refuses to overwrite answers that came in meanwhile."""

    relations = {"answers": ("choice", "text", "number", "date"), "revisions": ("number",)}
    rows_changed = (
        "この画面を開いた後に、回答が提出されました。まだ何も変えていません。"
        "画面を開き直し、今の回答を確かめてから直してください。"
    )
    reason = forms.CharField(
        label="訂正の理由",
        max_length=200,
        help_text="提出の履歴に残り、受付票に表示されます（例: 電話で確認）。",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    class Meta:
        model = Submission
        fields = ["respondent_department", "respondent_name"]


class RevisionInline(PortalTabularInline):
    """What was handed in before, newest first."""

    model = SubmissionRevision
    extra = 0
    can_delete = False
    readonly_fields = [
        "number",
        "submitted_at",
        "channel",
        "entered_by",
        "respondent_name",
        "approver",
        "approved_on",
        "note",
        "content_hash",
    ]
    exclude = ["content", "written_by", "files", "respondent_department"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Submission)
class SubmissionAdmin(PortalAdmin):
    form = SubmissionForm
    list_display = ["target", "survey", "respondent_department", "channel", "submitted_at"]
    list_filter = [
        "target__survey__council_year__council",
        "target__survey__council_year__year",
        "target__survey",
        "channel",
    ]
    list_select_related = ["target__organization", "target__survey__council_year__council"]
    search_fields = ["target__organization__name", "target__organization__code", "target__survey__title"]
    readonly_fields = [
        "target",
        "survey",
        "provenance",
        "submitted_at",
        "channel",
        "revision",
        "attached",
        "returned",
    ]
    inlines = [AnswerInline, RevisionInline]
    fieldsets = [
        ("回答", {"fields": [*readonly_fields]}),
        ("訂正", {"fields": ["respondent_department", "respondent_name", "reason", "seen"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Answers come in by the access link, the workbook or 代理入力; here they are only corrected.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # An answer that must not count is excluded with a reason, at its target.
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        # Whatever the method: all but a POST that is saved draw the same page.
        submission = self.get_object(request, object_id)
        if submission is not None and response.status_code == 200:
            note_access(submission, person(request), "団体の回答")
        return response

    def lock(self, object_id: int) -> None:
        # The lock of the answering pages.
        SurveyTarget.objects.select_for_update(of=("self",), no_key=True).filter(submission=object_id).first()

    def save_model(self, request: HttpRequest, obj: Submission, form: Any, change: bool) -> None:
        keep_first_revision(Submission.objects.get(pk=obj.pk))
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        drop_what_no_longer_applies(form.instance)
        correct(form.instance, person(request), form.cleaned_data["reason"])

    @admin.display(description="アンケート")
    def survey(self, submission: Submission) -> str:
        return str(submission.target.survey)

    @admin.display(description="差し戻しの経過")
    def returned(self, submission: Submission) -> str:
        """What was asked each time, and what was said to it."""
        return format_html_join(
            "",
            "<p>{}</p>",
            ((line,) for line in history_of_returns(submission.target)),
        ) or SafeString("-")

    @admin.display(description="添付ファイル")
    def attached(self, submission: Submission) -> str:
        return links_to(submission)

    @admin.display(description="データについて")
    def provenance(self, submission: Submission) -> str:
        return submission.target.survey.provenance_note or "-"
