"""差し戻し on the secretariat's side: read an answer question by question, and give it back with comments."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from members.common.admin.screens import person, posted
from members.common.audit import note_access
from members.common.forms.fields import moment_field
from members.common.text.cleaning import tidy
from members.common.web.step_up import confirm_identity
from surveys.admin.screens import SurveyScreens
from surveys.answering.drafts import AnswerDraft, load_draft, submission_of
from surveys.answering.returned import in_words, open_return, read_comments
from surveys.models import AnswerReturn, Survey, SurveyTarget
from surveys.running.mailing import addresses_of
from surveys.running.returns import give_back, reasons_not_to_return, take_back

COMMENT_LIMIT = 1000
# How long a body has, where its own deadline is nearer.
DAYS_TO_ANSWER = 7


class ReturnForm(forms.Form):
    """What is asked, question by question, and until when the body answers."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    message = forms.CharField(
        label="全体への連絡",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
    )
    due_at = moment_field("再提出の期限")

    def __init__(self, draft: AnswerDraft, data: Any = None) -> None:
        submission = submission_of(draft.target)
        initial = {"revision": submission.revision if submission else 0, "due_at": due_at(draft.target)}
        super().__init__(data, initial=initial)
        self.items = draft.questionnaire.items
        self.draft = draft
        for item in self.items:
            self.fields[f"comment-{item.question.pk}"] = forms.CharField(
                label=f"「{item.question.text}」へのコメント",
                required=False,
                max_length=COMMENT_LIMIT,
                widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
            )

    def rows(self) -> list[tuple[Any, str, Any]]:
        """Each question, the answer in force, and the box for a comment."""
        submitted = self.draft.submitted
        return [
            (item.question, in_words(item, submitted), self[f"comment-{item.question.pk}"])
            for item in self.items
        ]

    @property
    def comments(self) -> dict[int, str]:
        typed = {
            item.question.pk: tidy(self.cleaned_data[f"comment-{item.question.pk}"]) for item in self.items
        }
        return {pk: comment for pk, comment in typed.items() if comment}


def due_at(target: SurveyTarget) -> Any:
    """A week from now in the evening, or the body's own deadline where that is later."""
    week = timezone.localtime() + timedelta(days=DAYS_TO_ANSWER)
    week = week.replace(hour=17, minute=0, second=0, microsecond=0)
    return max(week, target.deadline) if target.deadline else week


class ReturnScreens(SurveyScreens):
    def get_urls(self) -> list[Any]:
        return [
            self.screen("<int:pk>/return/<int:target>/", self.return_view, "return"),
            *super().get_urls(),
        ]

    def return_view(self, request: HttpRequest, pk: int, target: int) -> HttpResponse:
        """Give an answer back, or see how far a return has come and withdraw it."""
        survey = self.survey_for(request, pk, "change_submission", "change_surveytarget")
        found = get_object_or_404(SurveyTarget.objects.for_answering(), pk=target, survey=survey)
        if request.method == "POST" and "take_back" in request.POST:
            return self.take_back(request, survey, found)
        if returned := open_return(found):
            return self.show_return(request, survey, found, returned)
        if reason := reasons_not_to_return(found):
            messages.error(request, f"{found.name}：{reason}")
            return redirect("admin:surveys_survey_board", pk)
        note_access(found, person(request), "団体の回答")
        form = ReturnForm(load_draft(found), posted(request))
        if form.is_bound and form.is_valid():
            # The mail that goes out holds a link to the answer.
            confirm_identity(request)
            values = {name: form.cleaned_data[name] for name in ("revision", "message", "due_at")}
            try:
                give_back(found, form.comments, by=person(request), **values)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return self.tell_returned(request, survey, found)
        addresses = addresses_of(survey, [found])[found.pk]
        return self.page(
            request,
            "return.html",
            f"差し戻し：{found.name}",
            survey,
            status=422 if form.errors else 200,
            target=found,
            form=form,
            addresses=addresses,
        )

    def tell_returned(self, request: HttpRequest, survey: Survey, found: SurveyTarget) -> HttpResponse:
        if addresses_of(survey, [found])[found.pk]:
            messages.success(
                request, f"{found.name}の回答を差し戻しました。お知らせのメールを送信待ちに登録しました。"
            )
        else:
            messages.warning(
                request,
                f"{found.name}の回答を差し戻しました。メールアドレスの登録がないため、"
                "団体に電話などで知らせてください。",
            )
        return redirect("admin:surveys_survey_board", survey.pk)

    def show_return(
        self, request: HttpRequest, survey: Survey, found: SurveyTarget, returned: AnswerReturn
    ) -> HttpResponse:
        """What was asked, and what the body has said to it; what it has typed is not ours to read yet."""
        draft = load_draft(found)
        draft.sections = {}
        note_access(found, person(request), "団体の回答")
        return self.page(
            request,
            "returned.html",
            f"差し戻し中：{found.name}",
            survey,
            target=found,
            returned=returned,
            lines=read_comments(draft, returned),
        )

    def take_back(self, request: HttpRequest, survey: Survey, found: SurveyTarget) -> HttpResponse:
        returned = open_return(found)
        try:
            if returned is None:
                raise ValidationError("差し戻し中ではありません。")
            take_back(returned, by=person(request))
        except ValidationError as error:
            messages.error(request, f"{found.name}：{' '.join(error.messages)}")
        else:
            messages.success(request, f"{found.name}への差し戻しを取り消しました。")
        return redirect("admin:surveys_survey_board", survey.pk)
