"""Screens of our own in the admin: each admin class lists its addresses, all are drawn alike."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, resolve

from members.common.admin.base import PortalAdmin
from members.common.text.numbers import whole_number


def person(request: HttpRequest) -> User:
    """The member of staff who is logged in; the admin lets nobody else through."""
    return cast(User, request.user)


def posted(request: HttpRequest) -> Any:
    """What a form is bound to: nothing before it is sent."""
    return request.POST if request.method == "POST" else None


def numbers(values: list[str]) -> list[int]:
    """The ids among posted values; what no database could hold is none."""
    return [number for value in values if (number := whole_number(value)) is not None]


def changed_id(request: HttpRequest) -> int | None:
    """The id of the record whose form this is; None where a new one is added."""
    # By its own address: a form that waited for a password goes on below another one.
    return whole_number(resolve(request.path_info).kwargs.get("object_id"))


class ScreenAdmin(PortalAdmin):
    """A model's admin with screens beside its forms; ``get_urls`` of each class names its own."""

    def screen(self, route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        """One screen's address, for staff only; ``name`` follows the app's and the model's."""
        meta = self.model._meta
        return path(
            route, self.admin_site.admin_view(view), name=f"{meta.app_label}_{meta.model_name}_{name}"
        )

    def draw(
        self, request: HttpRequest, template: str, title: str, status: int = 200, **context: Any
    ) -> HttpResponse:
        """Draw a screen in the admin's frame."""
        frame = {**self.admin_site.each_context(request), "opts": self.model._meta, "title": title}
        return render(request, template, {**frame, **context}, status=status)
