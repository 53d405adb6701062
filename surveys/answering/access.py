"""Who may see an answer's pages: those who came by its access link (see ``members.common.access``)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from members.common.access import LinkEndedError, is_admitted, shut_out
from surveys.answering.drafts import load_draft, submission_of
from surveys.answering.forms import AnswerForm
from surveys.answering.places import Place
from surveys.answering.returned import open_return
from surveys.models import SectionLink, SurveyTarget


def for_target(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Hand a view the target of the address; all who did not come by its link stay outside.

    A wrong address and a missing cookie look the same from outside.
    """

    @wraps(view)
    def inner(request: HttpRequest, anchor: str, **kwargs: Any) -> HttpResponseBase:
        target = SurveyTarget.objects.for_answering().filter(anchor=anchor).first()
        if target is None or not is_admitted(request, target):
            return shut_out(request, target)
        try:
            response = view(request, target, **kwargs)
        except LinkEndedError:
            return shut_out(request, target)
        # Town halls share desktops: nothing of an answer stays in a cache.
        response["Cache-Control"] = "no-store"
        return response

    return inner


def lock(target: SurveyTarget) -> SurveyTarget:
    """Read the target again, so that nobody else writes this answer until we are done."""
    SurveyTarget.objects.select_for_update(of=("self",), no_key=True).filter(pk=target.pk).first()
    found = SurveyTarget.objects.for_answering().filter(pk=target.pk).first()
    if found is None:
        raise LinkEndedError
    return found


def hold(request: HttpRequest, target: SurveyTarget, link: SectionLink | None = None) -> SurveyTarget:
    """Lock an answer for whoever came by its link, or by that of one section, if it still opens."""
    held = lock(target)
    opened = held if link is None else SectionLink.objects.filter(pk=link.pk).first()
    if opened is None or not is_admitted(request, opened):
        raise LinkEndedError
    return held


def reason_to_stop(
    request: HttpRequest, target: SurveyTarget, place: Place | None = None
) -> HttpResponse | None:
    """The page that says why nothing can be written, and what to do; None where it can.

    What was posted too late is shown, to be copied.
    """
    if target.is_accepting:
        return None
    typed_texts: list[tuple[str, str]] = []
    if request.method == "POST":
        draft = load_draft(target)
        form = draft.form(data=request.POST)
        typed_texts = [
            (form.error_label(name), written(form, name))
            for name in form.answer_names
            if form.typed.get(name)
        ]
    context = answer_context(target, place, typed=typed_texts)
    return render(request, "surveys/closed.html", context, status=403)


def written(form: AnswerForm, name: str) -> str:
    """What was typed in a field, to be copied."""
    item = form.cells.get(name)
    if item is not None and name in item.cells:
        return item.describe(name, form.typed)
    return str(form.typed[name])


def answer_context(target: SurveyTarget, place: Place | None = None, **context: object) -> dict[str, object]:
    """What every answering page shows: survey, municipality, council, state, and where it leads."""
    survey, submission = target.survey, submission_of(target)
    return {
        "place": place or Place(target),
        "target": target,
        "survey": survey,
        "council": survey.council_year.council,
        "submission": submission,
        "is_submitted": submission is not None,
        "returned": open_return(target) if submission else None,
        **context,
    }
