"""設問を作る: one screen on which a questionnaire is made, in the form in which it will be answered.

One question is open at a time, the others stand as the municipality will see them. Every button saves
what is typed in the open one first, so that nothing typed is lost; no script is needed.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.common.text.numbers import whole_number
from surveys.admin.builder_form import BuiltQuestionForm
from surveys.admin.screens import SurveyScreens
from surveys.answering.forms import AnswerForm
from surveys.models import CountedChoice, Question, Survey
from surveys.questionnaire.building import LOCKED, lock_draft, move, remove
from surveys.questionnaire.structure import Item, load_questionnaire
from surveys.results.disclosure import may_disclose
from surveys.running.lifecycle import flaws

# Buttons that go on with the next question after saving.
NEXT = "next"


@dataclass
class Card:
    """One question on the screen: as it will be answered, or its form."""

    item: Item
    preview: AnswerForm
    form: BuiltQuestionForm | None = None
    is_to_remove: bool = False
    # Names of the indicators that count its choices.
    counted_by: tuple[str, ...] = ()


class BuilderScreens(SurveyScreens):
    def get_urls(self) -> list[Any]:
        return [self.screen("<int:pk>/build/", self.build_view, "build"), *super().get_urls()]

    def build_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the questionnaire with one question open; save, add, move or take out one."""
        permissions = ("add_question", "change_question", "delete_question")
        survey = self.survey_for(request, pk, *permissions)
        if request.method != "POST":
            return self.show_builder(request, survey, self.open_form(request, survey))
        try:
            with transaction.atomic():
                survey = lock_draft(survey)
                form = self.open_form(request, survey)
                is_good = form is None or form.is_valid()
                saved = form.save_all() if form and is_good else None
                said = self.step(request, survey) if is_good else ""
        except ValidationError as error:
            form = self.open_form(request, survey)
            if form is not None and form.is_valid():
                form.add_error(None, error)
                return self.show_builder(request, survey, form, status=422)
            messages.error(request, " ".join(error.messages))
            return redirect("admin:surveys_survey_build", pk)
        if not is_good:
            return self.show_builder(request, survey, form, status=422)
        if saved or said:
            words = " ".join(filter(None, (f"設問「{saved.text}」を保存しました。" if saved else "", said)))
            self.log_change(request, survey, words)
            messages.success(request, words)
        return redirect(self.following(request, survey, saved))

    def open_form(self, request: HttpRequest, survey: Survey) -> BuiltQuestionForm | None:
        """The form that is open: of the question that the address names, of a new one, or none."""
        asked = request.POST if request.method == "POST" else request.GET
        may = may_disclose(request.user, survey)
        if "edit" in asked:
            question = Question.objects.filter(survey=survey, pk=whole_number(asked["edit"]) or 0).first()
            data = request.POST if request.method == "POST" else None
            return BuiltQuestionForm(survey, data, instance=question, may_disclose=may) if question else None
        if request.method == "POST":
            is_typed = any(
                request.POST.get(name, "").strip() for name in ("text", "choice_lines", "topic_lines")
            )
            return (
                BuiltQuestionForm(survey, request.POST, may_disclose=may)
                if is_typed and not is_twice(request, survey)
                else None
            )
        initial = {"kind": asked.get("kind", Question.Kind.SINGLE), "disclosure": Question.Disclosure.STAFF}
        last = survey.questions.order_by("-pk").first()
        if last:
            initial |= {"section": last.section_id, "disclosure": last.disclosure}
        return None if "remove" in asked else BuiltQuestionForm(survey, initial=initial, may_disclose=may)

    def step(self, request: HttpRequest, survey: Survey) -> str:
        """What a button does beside saving; returns what to say. Raises ``ValidationError``."""
        for name, way in (("up", -1), ("down", 1)):
            if name in request.POST:
                moved = move(survey, whole_number(request.POST[name]) or 0, way)
                return f"設問「{moved.text}」を動かしました。" if moved else ""
        if "removed" in request.POST:
            return f"設問「{remove(survey, whole_number(request.POST['removed']) or 0)}」を消しました。"
        return ""

    def following(self, request: HttpRequest, survey: Survey, saved: Question | None) -> str:
        """Where a button leads: to the question that it names, or to an empty one of the same kind."""
        page = reverse("admin:surveys_survey_build", args=[survey.pk])
        for name in ("edit", "remove"):
            if pk := whole_number(request.POST.get(f"go-{name}", "")):
                return f"{page}?{name}={pk}#q{pk}"
        if NEXT in request.POST and saved:
            return f"{page}?kind={saved.kind}#new"
        moved = request.POST.get("up") or request.POST.get("down")
        return f"{page}#q{moved or (saved.pk if saved else '')}" if moved or saved else f"{page}#new"

    def show_builder(
        self, request: HttpRequest, survey: Survey, form: BuiltQuestionForm | None, status: int = 200
    ) -> HttpResponse:
        questionnaire = load_questionnaire(survey)
        edited = form.instance.pk if form else None
        to_remove = whole_number(request.GET.get("remove", ""))
        counted = counting(survey)
        pages = []
        for page in questionnaire.pages:
            cards = []
            for item in page.items:
                pk = item.question.pk
                alone = replace(page, code=f"{page.code}-{pk}", items=(item,), asks_respondent=False)
                shown = AnswerForm(questionnaire, (alone,), {})
                # Many stand on one screen: each has names of its own there.
                shown.fields["seen"].widget.attrs["id"] = f"seen-{pk}"
                cards.append(
                    Card(
                        item,
                        shown,
                        form if pk == edited else None,
                        pk == to_remove,
                        tuple(counted.get(pk, ())),
                    )
                )
            pages.append((page, cards))
        return self.page(
            request,
            "build.html",
            "設問を作る",
            survey,
            status=status,
            pages=pages,
            form=form,
            is_new=form is not None and not edited,
            known=survey.questions.count(),
            flaws=[] if form and form.errors else flaws(survey),
            locked=LOCKED if survey.is_locked else "",
        )


def counting(survey: Survey) -> dict[int, list[str]]:
    """The indicators that count a question's choices, by the question."""
    rows = CountedChoice.objects.filter(choice__question__survey=survey).order_by("indicator", "pk")
    found: dict[int, list[str]] = {}
    for question, name in rows.values_list("choice__question", "indicator__name"):
        if name not in found.setdefault(question, []):
            found[question].append(name)
    return found


def is_twice(request: HttpRequest, survey: Survey) -> bool:
    """Whether this is a second click: its question came in after the page was drawn."""
    same = survey.questions.filter(
        text=request.POST.get("text", "").strip(), kind=request.POST.get("kind", "")
    )
    return request.POST.get("known", "") != str(survey.questions.count()) and same.exists()
