"""Results for the secretariat: every tally, the texts that came in, and files of all answers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from members.common.admin.screens import person
from members.common.audit import note_access
from members.common.files.spreadsheets import CSV, XLSX, attachment
from members.common.publication.rights import may_publish, require_publisher
from members.common.text.folding import fold
from members.common.web.limits import spend
from members.common.web.step_up import confirm_identity
from surveys.admin.screens import SurveyScreens
from surveys.models import Answer, Survey
from surveys.questionnaire.structure import load_questionnaire
from surveys.results.answer_files import answer_table, answers_workbook, definition_table, organization_table
from surveys.results.disclosure import PUBLIC, STAFF, disclosed_results
from surveys.results.editions import publish_results, renewals


def texts_of(survey: Survey, query: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What was written, by question (texts and その他), each with the organization's name; two queries."""
    wanted = fold(query)
    groups: dict[str, list[tuple[str, str]]] = {}
    rows = (
        Answer.objects.filter(submission__target__survey=survey)
        .exclude(text="")
        .order_by(
            "question__position", "question", "choice__position", "submission__target__organization__code"
        )
        .values_list("question__text", "choice__label", "submission__target__organization__name", "text")
    )
    for question, choice, organization, text in rows:
        if wanted in fold(f"{organization}\n{text}"):
            heading = f"{question}（{choice}）" if choice else question
            groups.setdefault(heading, []).append((organization, text))
    return list(groups.items())


class ResultsForm(forms.Form):
    """Why results that are public are published again, and what of them was seen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label="新しい版を公開する理由",
        max_length=300,
        help_text="公開ページに表示します。",
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        error_messages={"required": "新しい版を公開する理由を入力してください。"},
    )
    small_change_reason = forms.CharField(
        label="少数の変更を公表する理由",
        max_length=300,
        required=False,
        help_text="変わった団体が少なく、差から個別の回答が分かるときだけ入力します。公開しません。",
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )


class ResultScreens(SurveyScreens):
    def get_urls(self) -> list[Any]:
        return [
            self.screen("<int:pk>/results/", self.results_view, "results"),
            self.screen("<int:pk>/texts/", self.texts_view, "texts"),
            self.screen("<int:pk>/export/<str:name>", self.export_view, "export"),
            *super().get_urls(),
        ]

    def results_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show every question's tally, and what publishing would disclose."""
        survey = self.survey_to_read(request, pk, "view_results")
        if request.method == "POST":
            require_publisher(request, survey)
        form = ResultsForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and survey.results_public and form.is_valid():
            try:
                edition = publish_results(survey, by=person(request), **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                message = (
                    f"集計結果の第{edition.number}版を公開しました。"
                    if edition
                    else "変わったところがありません。"
                )
                self.log_change(request, survey, message)
                messages.success(request, message)
                return redirect("admin:surveys_survey_results", pk)
        renewal = renewals([survey])[0] if survey.results_public else None
        questionnaire = load_questionnaire(survey)
        disclosed = [item.question for item in questionnaire.items if item.question.disclosure in PUBLIC]
        return self.page(
            request,
            "results.html",
            "集計結果",
            survey,
            results=disclosed_results(survey, STAFF),
            disclosed=disclosed,
            may_publish=may_publish(request.user, survey),
            form=form,
            renewal=renewal,
            editions=survey.editions.select_related("published_by"),
            status=422 if form.errors else 200,
        )

    def texts_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what was written, question by question, and find words in it."""
        survey = self.survey_for(request, pk, "view_submission")
        query = request.GET.get("q", "")[:100]
        note_access(survey, person(request), "自由記述")
        return self.page(
            request, "texts.html", "自由記述", survey, groups=texts_of(survey, query), query=query
        )

    def export_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Hand out the answers as a file."""
        survey = self.survey_for(request, pk, "view_submission")
        confirm_identity(request)
        spend(request, "exports")
        head = f"{survey.council_year.year}_{survey.key}"
        count = survey.targets.submitted().count()
        if name == "answers.xlsx":
            note_access(survey, person(request), f"書き出し：Excel（設問定義、回答、団体別）{count}団体")
            return attachment(answers_workbook(survey), XLSX.content_type, f"{head}_回答.xlsx")
        tables = {
            "answers.csv": ("回答", answer_table),
            "organizations.csv": ("団体別", lambda found: organization_table(found, labelled=False)),
            "organizations-labelled.csv": (
                "団体別_表示",
                lambda found: organization_table(found, labelled=True),
            ),
            "definition.csv": ("設問定義", definition_table),
        }
        if name not in tables:
            raise Http404
        label, make = tables[name]
        note_access(survey, person(request), f"書き出し：CSV（{label}）{count}団体")
        return attachment(CSV().export_data(make(survey)), CSV.content_type, f"{head}_{label}.csv")
