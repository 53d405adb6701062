"""Answering a survey: open the link, write, check, submit, keep the receipt."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from members.access import admit
from surveys.access import for_target
from surveys.forms import AnswerForm, sheet
from surveys.models import Submission, SurveyTarget


@require_safe
@never_cache
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange an access link for the cookie of its answer; writes nothing."""
    target = SurveyTarget.objects.with_token(token).select_related("survey").first()
    if target is None or not target.link_is_good:
        return render(request, "no_access.html", {"is_bad_link": True}, status=404)
    return admit(redirect("answer", target.anchor), target)


@require_safe
@for_target
def overview(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Say whose answer this is, until when, and how far it has come."""
    return render(request, "surveys/overview.html", page(target))


@require_http_methods(["GET", "POST"])
@for_target
def edit(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Write the answer: keep it as a draft, or go on to checking it."""
    if request.method == "GET":
        if stop := reason_to_stop(request, target):
            return stop
        form = AnswerForm(target)
        if "incomplete" in request.GET:
            form = AnswerForm(target, data=form.stored_data())
        return render(request, "surveys/edit.html", page(target, form=form))

    with transaction.atomic():
        target = lock(target)
        if stop := reason_to_stop(request, target):
            return stop
        form = AnswerForm(target, data=request.POST, partial="keep" in request.POST)
        if not form.is_valid():
            return render(request, "surveys/edit.html", page(target, form=form), status=422)
        form.save()
    return redirect("answer" if form.partial else "answer-check", target.anchor)


@require_http_methods(["GET", "POST"])
@for_target
def check(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Show the answer as it will be handed in, and hand it in."""
    if request.method == "GET":
        if stop := reason_to_stop(request, target):
            return stop
        if not is_complete(target):
            return redirect_to_gaps(target)
        return render(request, "surveys/check.html", page(target, sheet=sheet(target)))

    with transaction.atomic():
        target = lock(target)
        if is_submitted(target):
            # A second click, or F5: the first one counted.
            return redirect("answer-receipt", target.anchor)
        if stop := reason_to_stop(request, target):
            return stop
        if not is_complete(target):
            return redirect_to_gaps(target)
        submission = target.submission
        if request.POST.get("version") != str(submission.version):
            context = page(target, sheet=sheet(target), is_changed=True)
            return render(request, "surveys/check.html", context, status=409)
        submission.submitted_at = timezone.now()
        submission.save()
    return redirect("answer-receipt", target.anchor)


@require_safe
@for_target
def receipt(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Show what was handed in, when, and under which number."""
    if not is_submitted(target):
        return redirect("answer", target.anchor)
    return render(request, "surveys/receipt.html", page(target, sheet=sheet(target)))


def lock(target: SurveyTarget) -> SurveyTarget:
    """Read the target again, so that nobody else writes this answer until we are done."""
    SurveyTarget.objects.select_for_update(of=("self",)).get(pk=target.pk)
    return SurveyTarget.objects.for_answering().get(pk=target.pk)


def submission_of(target: SurveyTarget) -> Submission | None:
    """The target's answer, if anything was ever written."""
    return getattr(target, "submission", None)


def is_submitted(target: SurveyTarget) -> bool:
    submission = submission_of(target)
    return submission is not None and submission.is_submitted


def reason_to_stop(request: HttpRequest, target: SurveyTarget) -> HttpResponse | None:
    """The page that says why nothing can be written, and what to do; None where it can."""
    if is_submitted(target):
        context = page(target, typed=AnswerForm.readable(target, request.POST))
        return render(request, "surveys/already_submitted.html", context, status=409)
    if not target.survey.is_accepting:
        context = page(target, typed=AnswerForm.readable(target, request.POST))
        return render(request, "surveys/closed.html", context, status=403)
    return None


def is_complete(target: SurveyTarget) -> bool:
    """Whether the stored draft could be handed in as it is."""
    return AnswerForm(target, data=AnswerForm(target).stored_data()).is_valid()


def redirect_to_gaps(target: SurveyTarget) -> HttpResponse:
    """Back to the form, which then marks what is missing."""
    response = redirect("answer-edit", target.anchor)
    response["Location"] += "?incomplete"
    return response


def page(target: SurveyTarget, **context: object) -> dict[str, object]:
    """What every answering page shows: survey, municipality, council, state."""
    survey = target.survey
    return {
        "target": target,
        "survey": survey,
        "council": survey.council_year.council,
        "submission": submission_of(target),
        "is_submitted": is_submitted(target),
        **context,
    }
