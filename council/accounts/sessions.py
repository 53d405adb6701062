"""Sessions of staff: they end when nobody has worked for a while, and each shows the login before it."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from axes.models import AccessLog
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

KEY, START = "last_request", "login"
# Not every request writes the session.
PRECISION = 60


def begin(request: HttpRequest, **kwargs: Any) -> None:
    """A session's time runs from the login on."""
    request.session[KEY] = request.session[START] = int(time.time())


def end_idle_sessions(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Log out whoever was away for longer than ``SESSION_IDLE``; what they typed is kept by other means."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now = int(time.time())
            # One from before sessions had a time is new now.
            last = request.session.get(KEY, now - PRECISION)
            begun = request.session.get(START, now)
            if now - last > settings.SESSION_IDLE or now - begun > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif now - last >= PRECISION:
                request.session[KEY] = now
        return get_response(request)

    return middleware


# Where somebody sets up their second factor, or leaves.
OPEN_WITHOUT = ("/accounts/", "/admin/logout/")


def second_factor_first(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Let nobody of staff on to any page, also not to previews, before they have a second factor.

    Whoever has one has shown it: the login does not end without it.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not settings.REQUIRE_MFA or request.path.startswith(OPEN_WITHOUT):
            return get_response(request)
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and request.user.is_authenticated and not is_mfa_enabled(request.user):
            return redirect("mfa_activate_totp")
        return get_response(request)

    return middleware


def end_other_sessions(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """With a new factor, a session that began without it ends, wherever it is."""
    own = request.session.session_key
    for session in UserSession.objects.filter(user=user).exclude(session_key=own):
        session.end()


def login_before(request: HttpRequest) -> tuple[datetime, str] | None:
    """When and from where somebody logged in the time before this one."""
    entries = AccessLog.objects.filter(username=request.user.get_username()).order_by("-attempt_time")
    found = entries.values_list("attempt_time", "ip_address")[1:2]
    return next(iter(found), None)
