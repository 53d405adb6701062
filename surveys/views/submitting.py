"""The last page before handing in, and handing in."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from surveys.answering.access import for_target, lock, page, reason_to_stop
from surveys.answering.drafts import Work, load_work, review, submission_of
from surveys.answering.submitting import hand_in
from surveys.models import Channel, SurveyTarget
from surveys.questionnaire.structure import read_out


@require_http_methods(["GET", "POST"])
@for_target
def check(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Show the answer as it will be handed in, and hand it in: once, however often it is clicked."""
    if request.method == "GET":
        if stop := reason_to_stop(request, target):
            return stop
        work = load_work(target)
        if submission_of(target) and not work.is_changed:
            return redirect("answer-receipt", target.anchor)
        return show_check(request, work)
    with transaction.atomic():
        target = lock(target)
        work = load_work(target)
        if submission_of(target) and not work.is_changed:
            # A second click, or F5: the first one counted.
            return redirect("answer-receipt", target.anchor)
        if stop := reason_to_stop(request, target):
            return stop
        if request.POST.get("state") != work.state:
            return show_check(request, work, is_changed=True, status=409)
        form = work.form(data=work.values)
        if not form.is_valid():
            return show_check(request, work, is_refused=True, status=422)
        hand_in(work, form.content, channel=Channel.WEB)
    return redirect("answer-receipt", target.anchor)


def show_check(
    request: HttpRequest,
    work: Work,
    *,
    is_changed: bool = False,
    is_refused: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Draw the whole answer, page by page, with what is still in the way."""
    states = review(work)
    values = work.values
    context = page(
        work.target,
        work=work,
        sheet=[(state.part, read_out(work.questionnaire, state.part, values)) for state in states],
        problems=[
            (state.part, state.form.error_label(name), error, name)
            for state in states
            if not state.is_done
            for name, errors in state.form.errors.items()
            for error in errors
        ],
        values=values,
        is_changed=is_changed,
        is_refused=is_refused,
    )
    return render(request, "surveys/check.html", context, status=status)
