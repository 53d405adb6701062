"""Files of a survey as its bodies see them: what came with it, and what they attach to their answer."""

from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from meetings.views.files import send_file
from members.common.acts import act
from members.common.text.numbers import whole_number
from surveys.answering.access import answer_context, for_target, hold, reason_to_stop
from surveys.answering.attachments import AttachmentForm, rows_of, take_off
from surveys.answering.drafts import AnswerDraft, load_draft
from surveys.models import SectionLink, Survey, SurveyFile, SurveyTarget
from surveys.views.parts import for_part


def files_of(survey: Survey) -> QuerySet[SurveyFile]:
    """What comes with a survey, once it asks anybody."""
    return SurveyFile.objects.filter(survey=survey).exclude(survey__status=Survey.Status.DRAFT)


@require_safe
@for_target
def survey_file(request: HttpRequest, target: SurveyTarget, pk: int) -> FileResponse:
    """Send a file that came with the survey."""
    return send_file(get_object_or_404(files_of(target.survey), pk=pk))


@require_safe
@for_part
def survey_file_of_part(request: HttpRequest, link: SectionLink, pk: int) -> FileResponse:
    """The same for whoever has a link to one section."""
    return send_file(get_object_or_404(files_of(link.target.survey), pk=pk))


@require_http_methods(["GET", "POST"])
@for_target
def attachments(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """List what is attached to the answer, attach another file, take one off."""
    if not target.survey.asks_files:
        return redirect("answer", target.anchor)
    with transaction.atomic():
        target = hold(request, target)
        if stop := reason_to_stop(request, target):
            return stop
        draft = load_draft(target)
        if request.method != "POST":
            return show_attachments(request, draft, AttachmentForm(draft))
        what = "削除" if "remove" in request.POST else "追加"
        act(f"回答の添付ファイルの{what}", about=target, who=target.who(target.name))
        if "remove" in request.POST:
            take_off(draft, whole_number(request.POST["remove"]) or 0)
            return redirect("answer-attachments", target.anchor)
        form = AttachmentForm(draft, request.POST, request.FILES)
        if not form.is_valid():
            return show_attachments(request, draft, form, status=422)
        form.save()
    return redirect("answer-attachments", target.anchor)


def show_attachments(
    request: HttpRequest, draft: AnswerDraft, form: AttachmentForm, status: int = 200
) -> HttpResponse:
    context = answer_context(draft.target, draft=draft, form=form, rows=rows_of(draft, draft.files))
    return render(request, "surveys/attachments.html", context, status=status)


@require_safe
@for_target
def attachment(request: HttpRequest, target: SurveyTarget, pk: int) -> FileResponse:
    """Send one of the files that this body attached, handed in or not."""
    draft = load_draft(target)
    if pk not in {*draft.files, *draft.submitted_files}:
        raise Http404
    return send_file(get_object_or_404(target.attached, pk=pk))
