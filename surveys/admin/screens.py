"""What the secretariat's own screens of a survey share."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path

from members.common.text.numbers import whole_number
from surveys.models import Survey


def person(request: HttpRequest) -> User:
    """The member of staff who is logged in; the admin lets nobody else through."""
    return cast(User, request.user)


def posted(request: HttpRequest) -> Any:
    """What a form is bound to: nothing before it is sent."""
    return request.POST if request.method == "POST" else None


def numbers(values: list[str]) -> list[int]:
    """The ids among posted values; what no database could hold is none."""
    return [number for value in values if (number := whole_number(value)) is not None]


class Screens:
    """Adds screens to a survey's admin; each is named in ``screens`` with its method."""

    admin_site: Any
    model: Any
    has_change_permission: Any
    has_view_permission: Any
    log_change: Any
    screens: dict[str, str] = {}

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        urls = []
        for cls in type(self).__mro__:
            for address, name in vars(cls).get("screens", {}).items():
                route = (
                    f"<int:pk>/{address}" if "." in address or "<str" in address else f"<int:pk>/{address}/"
                )
                words = [word for word in address.split("/") if "<" not in word]
                url_name = "surveys_survey_" + "_".join(words).replace(".", "_")
                urls.append(path(route, view(getattr(self, name)), name=url_name))
        return urls + super().get_urls()  # type: ignore[misc]

    def survey_for(self, request: HttpRequest, pk: int, *permissions: str) -> Survey:
        """The survey of a screen, for staff who may change it and have these permissions too."""
        survey = get_object_or_404(Survey.objects.select_related("council_year__council"), pk=pk)
        allowed = self.has_change_permission(request, survey)
        if not (allowed and request.user.has_perms([f"surveys.{name}" for name in permissions])):
            raise PermissionDenied
        return survey

    def page(
        self, request: HttpRequest, template: str, title: str, survey: Survey, status: int = 200, **more: Any
    ) -> HttpResponse:
        """Draw a screen in the admin's frame."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": title,
            "survey": survey,
            **more,
        }
        return render(request, f"admin/surveys/{template}", context, status=status)
