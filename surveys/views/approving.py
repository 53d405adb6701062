"""庁内の確認: look at the whole answer as it stands, and put on record who agrees."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from surveys.answering.access import answer_context, for_target, hold, reason_to_stop
from surveys.answering.approving import ApprovalForm, approval_of, approved_state
from surveys.answering.drafts import AnswerDraft, load_draft, review
from surveys.answering.returned import open_return, read_comments
from surveys.answering.sheet import read_sheet
from surveys.models import SurveyTarget


@require_http_methods(["GET", "POST"])
@for_target
def approve(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Show the answer to whoever approves it, and take their name and the day."""
    if not target.survey.asks_approval:
        return redirect("answer", target.anchor)
    with transaction.atomic():
        target = hold(request, target)
        if stop := reason_to_stop(request, target):
            return stop
        draft = load_draft(target)
        if request.method != "POST":
            return show_approval(request, draft, ApprovalForm(draft))
        form = ApprovalForm(draft, request.POST)
        if request.POST.get("state") != approved_state(draft):
            form.add_error(
                None,
                "この画面を開いた後に、回答の内容が変わりました。下の内容をもう一度確かめてください。",
            )
        if not form.is_valid():
            return show_approval(request, draft, form, status=422)
        form.save()
    return redirect("answer-check", target.anchor)


def show_approval(
    request: HttpRequest, draft: AnswerDraft, form: ApprovalForm, status: int = 200
) -> HttpResponse:
    progress, values = review(draft), draft.values
    context = answer_context(
        draft.target,
        draft=draft,
        state=approved_state(draft),
        lines=read_comments(draft, found) if (found := open_return(draft.target)) else [],
        form=form,
        sheet=read_sheet(draft, progress),
        values=values,
        unfinished=[each.page for each in progress if not each.is_done],
        approval=approval_of(draft),
    )
    return render(request, "surveys/approval.html", context, status=status)
