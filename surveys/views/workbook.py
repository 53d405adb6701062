"""The answer workbook on the municipality's side: take it away, send it back, look before it counts."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from members.common.acts import act
from members.common.files.spreadsheets import MAX_BYTES, XLSX, attachment
from surveys.answering.access import answer_context, for_target, hold, reason_to_stop
from surveys.answering.drafts import load_draft
from surveys.models import SurveyTarget, WorkbookUpload
from surveys.workbook.intake import import_as_draft, preview, receive
from surveys.workbook.write import write_workbook


def workbook_name(target: SurveyTarget) -> str:
    """A file name that tells the office which file is whose."""
    return f"{target.organization.code}_{target.name}_{target.survey.title}.xlsx"


@require_safe
@for_target
def download_workbook(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Hand out the answer workbook, with what is answered so far."""
    return attachment(write_workbook(load_draft(target)), XLSX.content_type, workbook_name(target))


@require_http_methods(["GET", "POST"])
@for_target
def return_workbook(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Take a filled workbook for a dry run; nothing of it counts yet."""
    if stop := reason_to_stop(request, target):
        return stop
    error = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            error = "回答用Excelのファイルを選んでください。"
        elif (file.size or 0) > MAX_BYTES:
            error = f"{MAX_BYTES // 1024 // 1024}MBを超えています。回答用Excelのファイルか確かめてください。"
        else:
            act("回答用Excelの提出前の取り込み", about=target, who=target.who(target.name))
            (upload,) = receive(target.survey, [(file.name or "", file.read())], target=target)
            return redirect("answer-workbook-preview", target.anchor, upload.pk)
    context = answer_context(target, error=error)
    return render(request, "surveys/workbook_return.html", context, status=422 if error else 200)


@require_http_methods(["GET", "POST"])
@for_target
def preview_workbook(request: HttpRequest, target: SurveyTarget, pk: int) -> HttpResponse:
    """Show what a returned workbook would change, and on confirmation put it into the draft."""
    if stop := reason_to_stop(request, target):
        return stop
    upload = WorkbookUpload.objects.filter(pk=pk, target=target, uploaded_by=None).first()
    if upload is None:
        raise Http404
    upload.target = target
    errors: list[str] = []
    if request.method == "POST":
        try:
            with transaction.atomic():
                hold(request, target)
                import_as_draft(upload, knows="knows" in request.POST)
        except ValidationError as error:
            errors = error.messages
        else:
            return redirect("answer-check", target.anchor)
    context = answer_context(target, preview=preview(upload), upload=upload, errors=errors)
    return render(request, "surveys/workbook_preview.html", context, status=422 if errors else 200)
