"""Results for those who answered, and for everybody once they are published."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from members.common.files.spreadsheets import CSV, XLSX, OfficeFormat, attachment
from members.common.visibility import visible_to
from surveys.answering.access import answer_context, for_target
from surveys.models import Survey, SurveyTarget
from surveys.results.csv import TALLY
from surveys.results.disclosure import MEMBERS, PUBLIC, disclosed_results


@require_safe
@for_target
def shared_results(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Show a organization that was asked what all answered, question by question, as far as disclosed."""
    if not target.survey.results_shared:
        return redirect("answer", target.anchor)
    context = answer_context(target, results=disclosed_results(target.survey, MEMBERS))
    return render(request, "surveys/shared_results.html", context)


def public_survey(request: HttpRequest, slug: str, year: int, key: str) -> Survey:
    return get_object_or_404(
        visible_to(request.user, Survey).select_related("council_year__council"),
        council_year__council__slug=slug,
        council_year__year=year,
        key=key,
    )


@require_safe
def public_results(request: HttpRequest, slug: str, year: int, key: str) -> HttpResponse:
    """Show the tallies of a survey's disclosed questions, with their bases; never an answer."""
    survey = public_survey(request, slug, year, key)
    context = {
        "survey": survey,
        "council": survey.council_year.council,
        "council_year": survey.council_year,
        "results": disclosed_results(survey, PUBLIC),
        "edition": survey.editions.first() if survey.shows_results else None,
        "is_preview": not (survey.shows_results and survey.council_year.is_visible),
    }
    return render(request, "surveys/public_results.html", context)


@require_safe
def public_tally(request: HttpRequest, slug: str, year: int, key: str, extension: str) -> HttpResponse:
    """Hand out the same tallies as a file."""
    formats: dict[str, type[OfficeFormat]] = {"csv": CSV, "xlsx": XLSX}
    if extension not in formats:
        raise Http404
    survey = public_survey(request, slug, year, key)
    written = formats[extension]
    content = written().export_data(TALLY.fill((survey, disclosed_results(survey, PUBLIC))))
    return attachment(
        content, written.content_type, f"{survey.council_year.year}_{survey.key}_集計.{extension}"
    )
