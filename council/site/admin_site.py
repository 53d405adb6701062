"""The secretariat's front page: what to work on, in the order of the work."""

from functools import wraps
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect

from council.accounts.sessions import login_before
from council.site.session_expiry import session_ended

# Heading, and the models below it. What is not named here comes last, under its app.
WORK = (
    ("年度の準備", ["CouncilYear", "Membership"]),
    ("会議", ["Meeting", "Guest"]),
    ("アンケート", ["Survey", "Question", "Scale", "SurveyTarget", "Submission", "Indicator"]),
    ("年次報告書", ["AnnualReport", "EvaluationGrade"]),
    ("台帳", ["Council", "Organization", "Department"]),
    ("アカウントと監査", ["User", "Lockout", "AuditEntry"]),
)


class PortalAdminSite(AdminSite):
    site_header = "検討会議ポータル 職員用"
    site_title = "検討会議ポータル"
    index_title = "業務の一覧"

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

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one login, which asks for the second factor."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The session goes on under another key, and stays among those that can be ended."""
        response = super().password_change(request, extra_context)
        if response.status_code == 302:
            UserSession.objects.create_from_request(request)
        return response

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().index(request, {**(extra_context or {}), "login_before": login_before(request)})

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
