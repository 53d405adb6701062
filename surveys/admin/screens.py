"""What the secretariat's own screens of a survey share."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from members.common.admin.screens import ScreenAdmin
from members.common.remit import within
from surveys.models import Survey


class SurveyScreens(ScreenAdmin):
    """Adds screens to a survey's admin."""

    def survey_for(self, request: HttpRequest, pk: int, *permissions: str) -> Survey:
        """The survey of a screen, for staff who may change it and have these permissions too."""
        survey = self.survey_to_read(request, pk, *permissions)
        if not self.has_change_permission(request, survey):
            raise PermissionDenied
        return survey

    def survey_to_read(self, request: HttpRequest, pk: int, *permissions: str) -> Survey:
        """The survey of a screen that only shows, for staff who may see it and have these permissions too."""
        surveys = within(request.user, Survey.objects.select_related("council_year__council"))
        survey: Survey = get_object_or_404(surveys, pk=pk)
        allowed = self.has_view_permission(request, survey)
        if not (allowed and request.user.has_perms([f"surveys.{name}" for name in permissions])):
            raise PermissionDenied
        return survey

    def page(
        self, request: HttpRequest, template: str, title: str, survey: Survey, status: int = 200, **more: Any
    ) -> HttpResponse:
        """Draw a screen of one survey."""
        return self.draw(request, f"admin/surveys/{template}", title, status, survey=survey, **more)
