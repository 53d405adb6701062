"""When the secretariat changes questions while a body has their page open: nothing typed is lost silently."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from members.common.text.cleaning import tidy
from surveys.answering.access import answer_context
from surveys.answering.drafts import AnswerDraft
from surveys.answering.forms import AnswerForm
from surveys.answering.places import Place
from surveys.models.survey import validate_key
from surveys.questionnaire.field_names import PREFIX


def answers_to_nothing(request: HttpRequest, form: AnswerForm | None) -> list[str]:
    """What was typed for questions that the page had when it was opened, and has no more.

    The secretariat may change questions as long as nobody has saved an answer. Ticks say nothing without
    their question; texts are shown, to be copied.
    """
    names = [name for name in request.POST if name.startswith(PREFIX)]
    gone = [name for name in names if form is None or name not in form.fields]
    return [text for name in gone if (text := tidy(request.POST[name])) and not is_code(text)]


def is_code(text: str) -> bool:
    """Whether a posted value is a choice's 識別名, which nobody typed."""
    try:
        validate_key(text)
    except ValidationError:
        return False
    return not text.isdecimal()


def section_gone(request: HttpRequest, draft: AnswerDraft, place: Place) -> HttpResponse:
    """Say that the page there was is no part of the questionnaire any more, with what was typed."""
    typed = [("入力した内容", text) for text in answers_to_nothing(request, None)]
    context = answer_context(draft.target, place, typed=typed)
    return render(request, "surveys/section_gone.html", context, status=409)
