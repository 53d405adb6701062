"""Deciding on the base: municipalities that roster and targets do not agree about."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from members.common.admin.screens import numbers, person
from members.common.web.step_up import confirm_identity
from members.models import Organization
from surveys.admin.screens import SurveyScreens
from surveys.admin.target import show_links
from surveys.running.base import decide_base, find_gap


class BaseScreens(SurveyScreens):
    def get_urls(self) -> list[Any]:
        return [
            self.screen("<int:pk>/base/", self.base_view, "base"),
            *super().get_urls(),
        ]

    def base_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show where roster and targets differ; ask a municipality after all, or leave it out."""
        survey = self.survey_for(request, pk, "change_surveytarget")
        problem = ""
        if request.method == "POST":
            chosen = numbers([request.POST.get("organization", "")])
            reason = request.POST.get("reason", "").strip()[:200]
            organization = Organization.objects.filter(pk__in=chosen).first()
            if organization is None:
                problem = "団体を選び直してください。"
            elif "leave" in request.POST and not reason:
                problem = f"{organization.name}を除く理由を入力してください。"
            else:
                # It may show a link that opens an answer.
                confirm_identity(request)
                try:
                    links = decide_base(
                        survey,
                        organization,
                        reason=reason if "leave" in request.POST else "",
                        by=person(request),
                    )
                except ValidationError as error:
                    problem = " ".join(error.messages)
                else:
                    done = "対象から除きました。" if "leave" in request.POST else "対象に加えました。"
                    self.log_change(request, survey, f"{organization.name}を{done}")
                    if links:
                        return show_links(self, request, survey, links)
                    messages.success(request, f"{organization.name}を{done}")
                    return redirect("admin:surveys_survey_base", pk)
        return self.page(
            request,
            "base.html",
            "母数の確認",
            survey,
            status=422 if problem else 200,
            gap=find_gap(survey),
            base=survey.targets.in_base().count(),
            problem=problem,
        )
