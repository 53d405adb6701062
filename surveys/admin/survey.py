"""A questionnaire: its questions, its opening and its closing."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path

from surveys.admin.target import show_links
from surveys.models import Choice, Question, Submission, Survey, Topic
from surveys.opening import close_survey, open_survey, reasons_not_to_open


class StructureInline(admin.TabularInline):
    """Parts of a questionnaire; once an answer is in, none is added or taken away."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and not is_locked(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not is_locked(obj)


def is_locked(obj: Survey | Question | None) -> bool:
    """Whether the questionnaire that this is, or is part of, has answers."""
    survey = obj.survey if isinstance(obj, Question) else obj
    return survey is not None and survey.is_locked


class QuestionInline(StructureInline):
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
        # Opening makes targets and shows their links, so it asks for that permission too.
        may_hand_out_links = request.user.has_perm("surveys.change_surveytarget")
        if not (self.has_change_permission(request, survey) and may_hand_out_links):
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


class CodedInline(StructureInline):
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

    def get_readonly_fields(self, request: HttpRequest, obj: Question | None = None) -> list[str]:
        return ["survey"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Question | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not is_locked(obj)
