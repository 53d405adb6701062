"""差し戻し on the body's side: read the comments, reply to them, then hand in again."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from surveys.answering.access import answer_context, for_target, hold, reason_to_stop
from surveys.answering.drafts import load_draft
from surveys.answering.returned import RepliesForm, open_return, read_comments
from surveys.models import SurveyTarget


@require_http_methods(["GET", "POST"])
@for_target
def answer_comments(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Show what the secretariat asks, question by question, and keep the body's replies."""
    with transaction.atomic():
        target = hold(request, target)
        if stop := reason_to_stop(request, target):
            return stop
        found = open_return(target)
        if found is None:
            return redirect("answer", target.anchor)
        draft = load_draft(target)
        lines = read_comments(draft, found)
        form = RepliesForm(found, lines, request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            form.save()
            return redirect("answer", target.anchor)
    context = answer_context(target, draft=draft, form=form, found=found)
    return render(request, "surveys/returned.html", context, status=422 if form.errors else 200)
