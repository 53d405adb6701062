"""The secretariat's front page: what to work on, in the order of the work."""

from functools import partial, wraps
from typing import Any

from allauth.core import ratelimit
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.csrf import csrf_protect

from council.accounts.events import tell_of_password
from council.accounts.sessions import login_before
from council.doctor.screen import doctor_view, may_see
from council.guide.help import help_address
from council.rollover.reorganisation_screen import reorganisation_view
from council.rollover.screen import rollover_view
from council.site.session_expiry import session_ended
from council.work.board import board_for
from council.work.first_steps import first_steps
from council.work.search import admin_search
from members.common.admin.screens import person
from members.common.text.numbers import whole_number

# Heading, and the models below it. What is not named here comes last, under its app.
WORK = (
    ("年度の準備", ["CouncilYear", "Membership"]),
    ("会議", ["Meeting", "Guest"]),
    (
        "アンケート",
        ["Survey", "Question", "Scale", "SurveyTarget", "Submission", "Inquiry", "Faq", "Indicator"],
    ),
    ("年次報告書", ["AnnualReport", "EvaluationGrade"]),
    ("台帳", ["Council", "Organization", "Department", "DeskPerson"]),
    ("アカウントと監査", ["User", "Lockout", "AuditEntry"]),
)


class PortalAdminSite(AdminSite):
    site_header = f"{settings.PORTAL_NAME} 職員用"
    site_title = settings.PORTAL_NAME
    index_title = "業務"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST" and not request.user.is_authenticated and request.POST:
                # Django would send them to the login, and what was typed nowhere.
                return session_ended(request)
            try:
                return inner(request, *args, **kwargs)
            except FieldDoesNotExist as error:
                # An address that names a field there is not, on whichever library's screen.
                raise Http404 from error

        return csrf_protect(answered)

    def get_urls(self) -> list[Any]:
        shown = path(
            "r/<path:content_type_id>/<path:object_id>/",
            self.admin_view(self.view_on_site),
            name="view_on_site",
        )
        found = path("search/", self.admin_view(self.search_view), name="search")
        handed_on = path("rollover/<int:pk>/", self.admin_view(partial(rollover_view, self)), name="rollover")
        reorganised = path(
            "reorganisation/<int:pk>/",
            self.admin_view(partial(reorganisation_view, self)),
            name="reorganisation",
        )
        examined = path("doctor/", self.admin_view(partial(doctor_view, self)), name="doctor")
        return [shown, found, examined, handed_on, reorganised, *super().get_urls()]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "help_address": help_address(request)}

    def search_view(self, request: HttpRequest) -> HttpResponse:
        """Meetings, bodies, surveys and reports by their names, as far as somebody may open them."""
        text = request.GET.get("q", "").strip()
        hits = list(admin_search(self, request, text))
        context = {**self.each_context(request), "title": "探す", "q": text, "hits": hits}
        return render(request, "admin/search.html", context)

    def view_on_site(self, request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
        """To a record's public page: for who may see the record, since its address names the council."""
        kind = ContentType.objects.filter(pk=whole_number(content_type_id) or 0).first()
        screens = self._registry.get(kind.model_class()) if kind else None  # type: ignore[arg-type]
        record = screens.get_object(request, object_id) if screens else None
        if screens is None or record is None or not screens.has_view_permission(request, record):
            raise Http404
        return shortcut(request, kind.pk, object_id)  # type: ignore[union-attr]

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one login, which asks for the second factor."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The session goes on under another key, and stays among those that can be ended.

        Wrong passwords are counted here as at the login: who sits at an open desktop guesses no other way.
        """
        if request.method == "POST":
            refused = ratelimit.consume_or_429(request, action="change_password", user=request.user)
            if refused is not None:
                return refused
        with transaction.atomic():
            # The whole account is written: whoever stops it at this moment must not be undone.
            account = User.objects.select_for_update(of=("self",), no_key=True).get(pk=person(request).pk)
            if not account.is_active:
                raise PermissionDenied
            request.user = account
            response = super().password_change(request, extra_context)
        if response.status_code == 302:
            UserSession.objects.create_from_request(request)
            tell_of_password(request, person(request), "パスワードの変更")
        return response

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        more = {
            "login_before": login_before(request),
            "board": board_for(request.user),
            "steps": first_steps(request.user),
            "may_see_doctor": may_see(request.user),
        }
        return super().index(request, {**(extra_context or {}), **more})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        if app_label:
            return apps
        models = {model["object_name"]: model for app in apps for model in app["models"]}
        groups = []
        for number, (heading, names) in enumerate(WORK):
            if found := [models.pop(name) for name in names if name in models]:
                groups.append(work_group(number, heading, found))
        for app in apps:
            app["models"] = [model for model in app["models"] if model["object_name"] in models]
        return groups + [app for app in apps if app["models"]]


def work_group(number: int, heading: str, models: list[Any]) -> dict[str, Any]:
    """One piece of the secretariat's work, as the admin lists an app; its heading leads to the first list."""
    return {
        "name": heading,
        "app_label": f"work-{number}",
        "app_url": models[0]["admin_url"],
        "has_module_perms": True,
        "models": models,
    }
