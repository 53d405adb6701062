"""Making a questionnaire: copied from an earlier one, read from Excel, looked at as it will be answered."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from members.common.admin.screens import posted
from members.common.files.spreadsheets import XLSX, attachment
from members.common.files.templates import Column, template
from members.models import CouncilYear
from surveys.admin.screens import SurveyScreens
from surveys.answering.forms import AnswerForm
from surveys.models import Question, Survey
from surveys.questionnaire.copying import copy_survey
from surveys.questionnaire.excel import (
    ReadQuestion,
    read_questions,
    write_questions,
)
from surveys.questionnaire.replacing import compared, replace_questions, state_of
from surveys.questionnaire.structure import load_questionnaire
from surveys.questionnaire.table import HEADERS, what_to_know
from surveys.results.disclosure import may_disclose
from surveys.running.lifecycle import flaws

SALT = "surveys.question_file"
ADVICE = {
    "区分": "画面を分けるとき。分けないなら空欄",
    "選択肢": "セルの中で改行（Alt+Enter）し、1行に1つ",
    "項目": "表形式のとき、表の行になるもの",
    "尋ねる条件": "問1=はい のように、前の設問の番号と選択肢",
    "最小": "数値のとき",
    "最大": "数値のとき",
}
EXAMPLE = [
    ["現状", "電子申請を始めていますか", "1つ選ぶ", "", "はい", "公開（集計）", "はい\nいいえ", *[""] * 8],
    ["現状", "手続の数", "数値", "", "はい", "構成員", "", "", "問1=はい", "", "", "0", "", "0", "件"],
    ["課題", "困っていること", "自由記述", "", "いいえ", "事務局のみ", *[""] * 9],
]


class CopyForm(forms.ModelForm):
    """Where a copy goes and what it is called."""

    class Meta:
        model = Survey
        fields = ["council_year", "key", "title"]


class QuestionnaireScreens(SurveyScreens):
    def get_urls(self) -> list[Any]:
        return [
            self.screen("<int:pk>/copy/", self.copy_view, "copy"),
            self.screen("<int:pk>/import/", self.import_view, "import"),
            self.screen("<int:pk>/questions.xlsx", self.questions_view, "questions_xlsx"),
            self.screen("<int:pk>/preview/", self.preview_view, "preview"),
            *super().get_urls(),
        ]

    def copy_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Copy the questionnaire into another year, or under another name."""
        survey = self.survey_for(request, pk, "add_survey", "add_question")
        form = CopyForm(posted(request), initial={"key": survey.key, "title": survey.title})
        years = CouncilYear.objects.filter(council=survey.council_year.council).select_related("council")
        field: Any = form.fields["council_year"]
        field.queryset = years.order_by("-year")
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    copy = copy_survey(survey, **{name: form.cleaned_data[name] for name in form.Meta.fields})
            except IntegrityError:
                # The same page sent twice at once: the other one made it.
                form.add_error("key", "この識別名のアンケートが、いま登録されました。")
                return self.page(request, "copy.html", "アンケートの複製", survey, status=422, form=form)
            self.log_change(request, copy, f"「{survey}」から写しました。")
            messages.success(request, f"「{copy.title}」を作りました。締切を入力し、設問を確かめてください。")
            return redirect("admin:surveys_survey_change", copy.pk)
        return self.page(request, "copy.html", "アンケートの複製", survey, form=form)

    def import_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Read questions from Excel, show what they would change, and replace them on confirmation."""
        survey = self.survey_for(request, pk, "add_question", "delete_question")
        questions: list[ReadQuestion] = []
        problems: list[str] = []
        unread: list[str] = []
        notes: list[str] = []
        try:
            if "confirmed" in request.POST:
                questions, seen = confirmed(request.POST["confirmed"], survey)
                may = may_disclose(request.user, survey)
                replace_questions(survey, questions, seen, may_disclose=may)
                self.log_change(request, survey, f"設問{len(questions)}問をExcelから取り込みました。")
                messages.success(request, f"設問を{len(questions)}問取り込みました。")
                return redirect("admin:surveys_survey_build", pk)
            if request.method == "POST":
                file = request.FILES.get("file")
                if file is None:
                    raise ValidationError("Excelのファイルを選んでください。")
                content = file.read()
                questions, problems = read_questions(content, survey)
                unread, notes = what_to_know(content)
        except ValidationError as error:
            problems = error.messages
        payload = [question.as_json() for question in questions]
        return self.page(
            request,
            "import.html",
            "設問をExcelから取り込む",
            survey,
            status=422 if problems else 200,
            is_locked=survey.is_locked,
            has_questions=survey.questions.exists(),
            comparison=compared(survey, questions) if questions else None,
            problems=problems,
            unread=unread,
            notes=notes,
            payload=signing.dumps([survey.pk, payload, state_of(survey)], salt=SALT, compress=True)
            if questions
            else "",
        )

    def questions_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand out the questionnaire in the form that can be read in."""
        survey = self.survey_for(request, pk, "view_question")
        if not survey.questions.exists():
            return attachment(empty_sheet(), XLSX.content_type, "設問の取り込み用紙.xlsx")
        return attachment(
            XLSX().export_data(write_questions(survey)), XLSX.content_type, f"設問_{survey.title}.xlsx"
        )

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the questionnaire as a municipality will see it; what is typed is checked, not kept."""
        survey = self.survey_for(request, pk, "view_question")
        questionnaire = load_questionnaire(survey)
        form = AnswerForm(questionnaire, questionnaire.pages, {}, data=posted(request))
        context: dict[str, Any] = {"form": form, "is_valid": form.is_bound and form.is_valid()}
        return self.page(request, "preview.html", "回答画面の確認", survey, flaws=flaws(survey), **context)


def empty_sheet() -> bytes:
    """A sheet to fill in, with dropdowns and an example; nobody must invent a 識別名 for it."""
    options = {
        "形式": [[label] for label in Question.Kind.labels],
        "必須": [["はい"], ["いいえ"]],
        "開示範囲": [[label] for label in Question.Disclosure.labels],
    }
    columns = [
        Column(heading, ADVICE.get(heading, ""), options.get(heading, []))
        for heading in HEADERS
        if heading != "識別名"
    ]
    return template(columns, EXAMPLE)


def confirmed(text: str, survey: Survey) -> tuple[list[ReadQuestion], str]:
    """The questions that were shown, and beside which questionnaire; raises for what is not ours."""
    try:
        owner, payload, seen = signing.loads(text, salt=SALT, max_age=60 * 60)
    except signing.BadSignature as error:
        raise ValidationError("確認の画面が古くなっています。もう一度ファイルを選んでください。") from error
    if owner != survey.pk:
        raise ValidationError("ほかのアンケートの確認画面です。もう一度ファイルを選んでください。")
    return [ReadQuestion.from_json(question) for question in payload], seen
