"""Who is asked, and the access link of each."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from surveys.models import Survey, SurveyTarget
from surveys.opening import IssuedLink, issue_links


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


@admin.register(SurveyTarget)
class SurveyTargetAdmin(admin.ModelAdmin):
    list_display = ["organization", "survey", "state", "in_base", "link_issued_at"]
    list_filter = ["survey__council_year__council", "survey__council_year__year", "survey", "in_base"]
    list_select_related = ["organization", "survey__council_year__council", "submission"]
    search_fields = ["organization__name", "organization__kana", "organization__code", "survey__title"]
    autocomplete_fields = ["survey", "organization"]
    fields = ["survey", "organization", "in_base", "exclusion_reason", "link_issued_at", "link_revoked_at"]
    readonly_fields = ["link_issued_at", "link_revoked_at"]
    actions = ["reissue_links", "revoke_links"]

    def get_readonly_fields(self, request: HttpRequest, obj: SurveyTarget | None = None) -> list[str]:
        # An answer stays the answer of the body and the survey it was given for.
        return [*self.readonly_fields, *(["survey", "organization"] if obj else [])]

    @admin.action(description="回答用リンクを無効にする", permissions=["change"])
    def revoke_links(self, request: HttpRequest, queryset: QuerySet[SurveyTarget]) -> None:
        targets = list(queryset.select_related("organization"))
        for target in targets:
            target.revoke_link()
            self.log_change(request, target, "回答用リンクを無効にしました。")
        self.message_user(request, f"{len(targets)}団体の回答用リンクを無効にしました。", messages.SUCCESS)

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
