"""Going back to what was handed in: what was typed since is shown first, then thrown away."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from surveys.answering.access import answer_context, for_target, hold, reason_to_stop
from surveys.answering.drafts import discard, load_draft, submission_of
from surveys.models import SurveyEvent, SurveyTarget
from surveys.questionnaire.structure import differences
from surveys.running.lifecycle import note_event


@require_http_methods(["GET", "POST"])
@for_target
def discard_changes(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Show what was changed since the answer was handed in, and on confirmation take it back."""
    with transaction.atomic():
        target = hold(request, target)
        if stop := reason_to_stop(request, target):
            return stop
        draft = load_draft(target)
        if submission_of(target) is None or not draft.sections:
            # Nothing was handed in that one could go back to, or nothing was changed.
            return redirect("answer", target.anchor)
        if request.method == "POST" and request.POST.get("state") == draft.state:
            discard(draft)
            note_event(target.survey, SurveyEvent.Kind.DISCARDED, None, target.name)
            return redirect("answer", target.anchor)
    written_by = {name: who for each in draft.sections.values() for name, who in each.written_by.items()}
    context = answer_context(
        target,
        draft=draft,
        differences=[
            (row, (written_by.get(row.name) or [""])[0])
            for row in differences(draft.questionnaire, draft.submitted, draft.values)
        ],
        is_changed=request.method == "POST",
    )
    return render(request, "surveys/discard.html", context, status=409 if request.method == "POST" else 200)
