"""Questionnaires as the secretariat runs them: draft, open, watch, close, publish."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, ForeignKey, Q, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from surveys.models import (
    Answer,
    Choice,
    CountedChoice,
    Indicator,
    Question,
    Submission,
    Survey,
    SurveyTarget,
    Topic,
)
from surveys.opening import IssuedLink, close_survey, issue_links, open_survey, reasons_not_to_open


class QuestionInline(admin.TabularInline):
    model = Question
    extra = 1
    fields = ["position", "key", "kind", "text", "help", "is_required"]
    show_change_link = True
    verbose_name_plural = "設問（選択肢と項目は、保存した後に各設問の「変更」から登録します）"


@admin.register(Survey)
class SurveyAdmin(admin.ModelAdmin):
    list_display = ["title", "council_year", "status", "closes_at", "progress", "results_public"]
    list_filter = ["council_year__council", "council_year__year", "status", "results_public"]
    list_select_related = ["council_year__council"]
    search_fields = ["title", "key", "council_year__council__name"]
    autocomplete_fields = ["council_year", "after_meeting"]
    inlines = [QuestionInline]
    readonly_fields = ["status", "opened_at"]
    fieldsets = [
        ("アンケート", {"fields": ["council_year", "key", "title", "introduction", "after_meeting"]}),
        ("受付", {"fields": ["status", "opened_at", "closes_at"]}),
        ("公開", {"fields": ["provenance_note", "results_public"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Survey]:
        submitted = Q(targets__submission__submitted_at__isnull=False)
        return (
            super()
            .get_queryset(request)
            .annotate(
                asked=Count("targets", distinct=True),
                answered=Count("targets", filter=submitted, distinct=True),
            )
        )

    @admin.display(description="提出")
    def progress(self, survey: Any) -> str:
        return f"{survey.answered}／{survey.asked}団体" if survey.asked else "-"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/open/", view(self.open_view), name="surveys_survey_open"),
            path("<int:pk>/close/", view(self.close_view), name="surveys_survey_close"),
            *super().get_urls(),
        ]

    def _editable(self, request: HttpRequest, pk: int) -> Survey:
        survey = get_object_or_404(Survey.objects.select_related("council_year__council"), pk=pk)
        if not self.has_change_permission(request, survey):
            raise PermissionDenied
        return survey

    def open_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what opening does or what is missing; on confirmation open and show the links once."""
        survey = self._editable(request, pk)
        if request.method == "POST":
            try:
                links = open_survey(survey)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
                return redirect("admin:surveys_survey_change", pk)
            survey.refresh_from_db()
            self.log_change(request, survey, "受付を開始しました。")
            return show_links(self, request, survey, links)
        context = {
            "title": "受付の開始",
            "survey": survey,
            "reasons": reasons_not_to_open(survey),
            "municipalities": survey.council_year.municipalities().count(),
            "known": survey.targets.count(),
        }
        return self._page(request, "admin/surveys/open.html", context)

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask before closing, then stop taking answers."""
        survey = self._editable(request, pk)
        if request.method == "POST":
            try:
                close_survey(survey)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                self.log_change(request, survey, "受付を終了しました。")
                messages.success(request, f"「{survey.title}」の受付を終了しました。")
            return redirect("admin:surveys_survey_change", pk)
        drafts = Submission.objects.filter(target__survey=survey, submitted_at=None).count()
        context = {
            "title": "受付の終了",
            "survey": survey,
            "missing": survey.targets.exclude(submission__submitted_at__isnull=False).count(),
            "drafts": drafts,
        }
        return self._page(request, "admin/surveys/close.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.model._meta, **context}
        return render(request, template, context)


def show_links(
    model_admin: admin.ModelAdmin, request: HttpRequest, survey: Survey, links: list[IssuedLink]
) -> HttpResponse:
    """Show fresh access links, the only time they can be read."""
    rows = [
        (link.target.organization, request.build_absolute_uri(reverse("answer-open", args=[link.token])))
        for link in links
    ]
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": Survey._meta,
        "title": "回答用リンク",
        "survey": survey,
        "rows": rows,
    }
    return render(request, "admin/surveys/links.html", context)


class CodedInline(admin.TabularInline):
    extra = 3
    fields = ["position", "code", "label"]


class ChoiceInline(CodedInline):
    model = Choice


class TopicInline(CodedInline):
    model = Topic
    extra = 1


@admin.register(Question)
class QuestionAdmin(admin.ModelAdmin):
    list_display = ["text", "survey", "kind", "is_required"]
    list_filter = ["survey__council_year__council", "survey__council_year__year", "kind"]
    list_select_related = ["survey__council_year__council"]
    search_fields = ["text", "key", "survey__title"]
    autocomplete_fields = ["survey"]
    inlines = [ChoiceInline, TopicInline]
    fields = ["survey", "position", "key", "kind", "text", "help", "is_required"]


@admin.register(SurveyTarget)
class SurveyTargetAdmin(admin.ModelAdmin):
    list_display = ["organization", "survey", "state", "in_base", "link_issued_at"]
    list_filter = ["survey__council_year__council", "survey__council_year__year", "survey", "in_base"]
    list_select_related = ["organization", "survey__council_year__council", "submission"]
    search_fields = ["organization__name", "organization__kana", "organization__code", "survey__title"]
    autocomplete_fields = ["survey", "organization"]
    fields = ["survey", "organization", "in_base", "exclusion_reason", "link_issued_at"]
    readonly_fields = ["link_issued_at"]
    actions = ["reissue_links"]

    @admin.display(description="状態")
    def state(self, target: SurveyTarget) -> str:
        submission = getattr(target, "submission", None)
        if submission is None:
            return "未着手"
        return "提出済み" if submission.is_submitted else "入力中"

    @admin.action(
        description="回答用リンクを発行し直す（前のリンクは使えなくなります）", permissions=["change"]
    )
    def reissue_links(self, request: HttpRequest, queryset: QuerySet[SurveyTarget]) -> HttpResponse | None:
        targets = list(queryset.select_related("organization", "survey__council_year__council"))
        surveys = {target.survey for target in targets}
        if len(surveys) != 1:
            self.message_user(request, "1つのアンケートの回答対象だけを選んでください。", messages.ERROR)
            return None
        links = issue_links(targets)
        for link in links:
            self.log_change(request, link.target, "回答用リンクを発行し直しました。")
        return show_links(self, request, surveys.pop(), links)


class AnswerForm(forms.ModelForm):
    """One answer row, which takes only what its own question takes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.question_id:
            return
        question = self.instance.question
        self.fields["question"].disabled = True
        takes = {"choice"} if question.has_choices else {question.kind}
        if question.kind == Question.Kind.GRID:
            takes.add("topic")
        for name in ("topic", "choice", "text", "number"):
            self.fields[name].disabled = name not in takes
        for name in ("topic", "choice"):
            field = self.fields[name]
            field.queryset = field.queryset.filter(question=question)  # type: ignore[attr-defined]


class AnswerInline(admin.TabularInline):
    model = Answer
    form = AnswerForm
    extra = 0
    fields = ["question", "topic", "choice", "text", "number"]
    verbose_name_plural = "設問ごとの回答"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Answer]:
        return super().get_queryset(request).select_related("question", "topic", "choice")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        submission = request.resolver_match.kwargs.get("object_id")  # type: ignore[union-attr]
        in_survey = {
            "question": Q(survey__targets__submission=submission),
            "topic": Q(question__survey__targets__submission=submission),
            "choice": Q(question__survey__targets__submission=submission),
        }[db_field.name]
        kwargs["queryset"] = db_field.related_model.objects.filter(in_survey)  # type: ignore[union-attr]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, forms.ModelChoiceField):
            # The questionnaire is not changed from within an answer.
            field.widget.can_add_related = False
        return field


@admin.register(Submission)
class SubmissionAdmin(admin.ModelAdmin):
    list_display = ["target", "survey", "respondent_department", "submitted_at"]
    list_filter = [
        "target__survey__council_year__council",
        "target__survey__council_year__year",
        "target__survey",
        ("submitted_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["target__organization", "target__survey__council_year__council"]
    search_fields = ["target__organization__name", "target__organization__code", "target__survey__title"]
    readonly_fields = ["target", "survey", "provenance", "submitted_at", "saved_at"]
    inlines = [AnswerInline]
    fieldsets = [
        ("回答", {"fields": ["target", "survey", "provenance", "submitted_at", "saved_at"]}),
        ("回答者", {"fields": ["respondent_department", "respondent_name"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Answers come in by the access link; here they are only corrected.
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        # A municipality that has the old answer open must not overwrite this one unseen.
        form.instance.version += 1
        form.instance.save()

    @admin.display(description="アンケート")
    def survey(self, submission: Submission) -> str:
        return str(submission.target.survey)

    @admin.display(description="データについて")
    def provenance(self, submission: Submission) -> str:
        return submission.target.survey.provenance_note or "-"


class CountedChoiceField(forms.ModelChoiceField):
    """A choice as staff find it among those of all questions."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.label}｜{obj.question.text}"


class CountedChoiceFormSet(BaseInlineFormSet):
    """Counted choices must be choices of the indicator's survey."""

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            choice = form.cleaned_data.get("choice") if hasattr(form, "cleaned_data") else None
            if choice and choice.question.survey_id != self.instance.survey_id:
                form.add_error("choice", "指標と同じアンケートの選択肢を選んでください。")


class CountedChoiceInline(admin.TabularInline):
    model = CountedChoice
    formset = CountedChoiceFormSet
    extra = 2
    verbose_name_plural = "数える選択肢（このうち1つ以上を選んだ団体を数えます）"

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        if db_field.name == "choice":
            kwargs["queryset"] = Choice.objects.select_related("question__survey__council_year__council")
            indicator = request.resolver_match.kwargs.get("object_id")  # type: ignore[union-attr]
            if indicator:
                kwargs["queryset"] = kwargs["queryset"].filter(question__survey__indicators=indicator)
            kwargs["form_class"] = CountedChoiceField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Indicator)
class IndicatorAdmin(admin.ModelAdmin):
    list_display = ["name", "key", "survey", "page"]
    list_filter = ["council_year__council", "council_year__year"]
    list_select_related = ["survey__council_year__council", "council_year__council"]
    search_fields = ["name", "key"]
    autocomplete_fields = ["survey"]
    inlines = [CountedChoiceInline]
    fields = ["survey", "key", "name", "statement", "unit", "position"]

    @admin.display(description="指標のページ")
    def page(self, indicator: Indicator) -> SafeString:
        year = indicator.council_year
        url = reverse("figure", args=[year.council.slug, year.year, indicator.key])
        return format_html('<a href="{}">表示</a>', url)
