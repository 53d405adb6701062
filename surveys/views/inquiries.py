"""質問とよくある質問: what a body asks about a survey, and what is told to all."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from surveys.answering.access import answer_context, for_target, hold
from surveys.models import SurveyTarget
from surveys.running.inquiries import InquiryForm, closed_sentence, takes_inquiries


@require_http_methods(["GET", "POST"])
@for_target
def inquiries(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Show the survey's FAQ and the body's own questions, and take another one."""
    form = InquiryForm(target)
    if request.method == "POST":
        with transaction.atomic():
            target = hold(request, target)
            form = InquiryForm(target, request.POST)
            if not takes_inquiries(target):
                form.add_error(None, closed_sentence(target))
            if form.is_valid():
                form.save()
                return redirect("answer-inquiries", target.anchor)
    context = answer_context(
        target,
        form=form,
        can_ask=takes_inquiries(target),
        closed=closed_sentence(target),
        faqs=target.survey.faqs.shown(),
        asked=target.inquiries.all(),
    )
    return render(request, "surveys/inquiries.html", context, status=422 if form.errors else 200)
