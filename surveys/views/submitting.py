"""The last page before handing in, and handing in."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from surveys.answering.access import answer_context, for_target, hold, reason_to_stop
from surveys.answering.approving import approval_of, approval_problem, is_of_the_respondent
from surveys.answering.attachments import rows_of
from surveys.answering.drafts import AnswerDraft, load_draft, review, submission_of
from surveys.answering.returned import CommentLine, open_return, read_comments
from surveys.answering.sheet import read_sheet
from surveys.answering.submitting import submit
from surveys.models import Channel, SurveyTarget
from surveys.running.receipts import ReceiptForm, tell_submitted


@require_http_methods(["GET", "POST"])
@for_target
def check(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Show the answer as it will be handed in, and hand it in: once, however often it is clicked."""
    if request.method == "GET":
        if stop := reason_to_stop(request, target):
            return stop
        draft = load_draft(target)
        if submission_of(target) and not draft.is_changed and not open_return(target):
            return redirect("answer-receipt", target.anchor)
        return show_check(request, draft)
    with transaction.atomic():
        target = hold(request, target)
        draft = load_draft(target)
        if submission_of(target) and not draft.is_changed and not open_return(target):
            # A second click, or F5: the first one counted.
            return redirect("answer-receipt", target.anchor)
        if stop := reason_to_stop(request, target):
            return stop
        if request.POST.get("state") != state_of(draft):
            return show_check(request, draft, is_changed=True, status=409)
        form = draft.form(data=draft.values)
        receipt = ReceiptForm(submission_of(target), request.POST)
        is_ready = form.is_valid() and not approval_problem(draft) and not open_comments(draft)
        if not (receipt.is_valid() and is_ready):
            return show_check(request, draft, receipt=receipt, is_refused=True, status=422)
        submission = submit(draft, form.content, channel=Channel.WEB)
        tell_submitted(submission, receipt.cleaned_data["receipt_to"])
    return redirect("answer-receipt", target.anchor)


def open_comments(draft: AnswerDraft) -> list[CommentLine]:
    """The secretariat's comments that nothing was done about yet."""
    found = open_return(draft.target)
    return [line for line in read_comments(draft, found) if not line.is_settled] if found else []


def state_of(draft: AnswerDraft) -> str:
    """Changes whenever the answer does, what it was asked, and when the secretariat gives it back."""
    found = open_return(draft.target)
    return f"{draft.state}-{draft.questionnaire.wording}{f'-{found.pk}' if found else ''}"


def show_check(
    request: HttpRequest,
    draft: AnswerDraft,
    *,
    receipt: ReceiptForm | None = None,
    is_changed: bool = False,
    is_refused: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Draw the whole answer, page by page, with what is still in the way."""
    progress = review(draft)
    values = draft.values
    approval = approval_of(draft) if draft.target.survey.asks_approval else None
    context = answer_context(
        draft.target,
        draft=draft,
        sheet=read_sheet(draft, progress),
        problems=[
            (each.page, each.form.error_label(name), error, name)
            for each in progress
            if not each.is_done
            for name in each.form.fields
            for error in each.form.errors.get(name, [])
        ],
        approval=approval,
        is_own_approval=is_of_the_respondent(approval, values.get("respondent_name", "")),
        approval_problem=approval_problem(draft),
        comments=open_comments(draft),
        files=rows_of(draft, draft.files),
        form=receipt or ReceiptForm(submission_of(draft.target)),
        state=state_of(draft),
        values=values,
        is_changed=is_changed,
        is_refused=is_refused,
    )
    return render(request, "surveys/check.html", context, status=status)
