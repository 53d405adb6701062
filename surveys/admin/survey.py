"""A survey: what is asked, its course, its results; its screens stand in modules of their own."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from members.common.admin.screens import person
from members.common.forms.proposed import ProposedKeyForm
from members.common.publication.rights import PublishingSwitches
from members.common.web.step_up import confirm_identity
from surveys.admin.builder import BuilderScreens
from surveys.admin.course.base import BaseScreens
from surveys.admin.course.bodies import BodiesScreens
from surveys.admin.course.lifecycle import LifecycleScreens
from surveys.admin.course.returns import ReturnScreens
from surveys.admin.course.status_board import BoardScreens
from surveys.admin.course.trial import TrialScreens
from surveys.admin.files import AttachmentScreens, SurveyFileInline
from surveys.admin.intake import IntakeScreens
from surveys.admin.question import StructureInline
from surveys.admin.questionnaire import QuestionnaireScreens
from surveys.admin.results import ResultScreens
from surveys.models import Section, Survey
from surveys.results.editions import publish_results
from surveys.running.days_off import days_off_near

WAITS = (
    "この年度の年次報告書が公開されているため、集計結果はまだ公開していません。"
    "年次報告書の「公開と版」から新しい版として公開すると、一緒に公開します。"
)


class SectionForm(ProposedKeyForm):
    key_field, key_head, key_within = "code", "s", "survey"


class SurveyForm(ProposedKeyForm):
    key_head, key_within = "survey", "council_year"


class SectionInline(StructureInline):
    model = Section
    form = SectionForm
    extra = 1
    fields = ["position", "code", "title", "description"]
    verbose_name_plural = "区分（回答の画面を分けるとき。分けないなら空のまま）"


@admin.register(Survey)
class SurveyAdmin(
    PublishingSwitches,
    LifecycleScreens,
    BoardScreens,
    BaseScreens,
    ReturnScreens,
    BodiesScreens,
    TrialScreens,
    AttachmentScreens,
    IntakeScreens,
    ResultScreens,
    QuestionnaireScreens,
    BuilderScreens,
):
    form = SurveyForm
    list_display = ["title", "council_year", "status", "closes_at", "progress", "results_public"]
    list_filter = ["council_year__council", "council_year__year", "status", "results_public"]
    list_select_related = ["council_year__council"]
    search_fields = ["title", "key", "council_year__council__name"]
    # Said again: rows that are counted lose the order of their model.
    ordering = ["-council_year__year", "council_year__council", "pk"]
    autocomplete_fields = ["council_year", "after_meeting"]
    inlines = [SectionInline, SurveyFileInline]
    publishing_fields = ("results_shared", "results_public")
    readonly_fields = ["status", "opened_at"]
    fieldsets = [
        ("アンケート", {"fields": ["council_year", "title", "introduction", "after_meeting"]}),
        (
            "受付",
            {
                "fields": [
                    "status",
                    "opened_at",
                    "closes_at",
                    "reminds",
                    "minutes",
                    "asks_approval",
                    "asks_files",
                    "notify_emails",
                ]
            },
        ),
        ("公開", {"fields": ["provenance_note", "results_shared", "results_public"]}),
        (
            "集計値だけの調査",
            {
                "classes": ["collapse"],
                "fields": ["is_aggregate", "aggregate_source", ("aggregate_base", "aggregate_answered")],
            },
        ),
        ("識別名（空欄なら自動で付けます）", {"classes": ["collapse"], "fields": ["key"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Survey]:
        asked = Q(targets__is_excluded=False)
        return (
            super()
            .get_queryset(request)
            .annotate(
                asked=Count("targets", filter=asked, distinct=True),
                answered=Count("targets__submission", filter=asked, distinct=True),
            )
        )

    def save_model(self, request: HttpRequest, obj: Survey, form: Any, change: bool) -> None:
        if "notify_emails" in form.changed_data and obj.notify_emails:
            # What comes in is told there.
            confirm_identity(request)
        super().save_model(request, obj, form, change)
        if "results_public" in form.changed_data:
            self.first_publication(request, obj)
        if "closes_at" in form.changed_data and (warning := days_off_near(obj.closes_at)):
            messages.warning(request, f"{warning}この日でよいか確かめてください。")

    def first_publication(self, request: HttpRequest, survey: Survey) -> None:
        """Freeze results that are public from now on; beside a public report they wait for its edition."""
        is_first = survey.results_public and not survey.editions.exists()
        waits = False
        if is_first:
            try:
                publish_results(survey, by=person(request))
            except ValidationError:
                waits = True
                messages.warning(request, WAITS)
        if survey.waits_for_report != waits:
            survey.waits_for_report = waits
            survey.save(update_fields=["waits_for_report"])

    def response_add(self, request: HttpRequest, obj: Survey, post_url_continue: Any = None) -> HttpResponse:
        if "_save" in request.POST and not obj.questions.exists():
            messages.success(request, f"「{obj.title}」を作りました。次に、設問を作ってください。")
            return redirect("admin:surveys_survey_build", obj.pk)
        return super().response_add(request, obj, post_url_continue)

    @admin.display(description="提出")
    def progress(self, survey: Any) -> str:
        if not survey.asked:
            return "-"
        url = reverse("admin:surveys_survey_board", args=[survey.pk])
        return format_html('<a href="{}">{}／{}団体</a>', url, survey.answered, survey.asked)
