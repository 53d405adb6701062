"""Browsers in which a person has shown their second factor: guesses from elsewhere never lock these out.

A signed cookie, for the addresses of logging in only. It opens nothing; without password and second
factor it is worth nothing.
"""

import hashlib
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.crypto import salted_hmac

NAME, SALT = "known-device", "council.accounts.known_devices"
MAX_AGE = 60 * 60 * 24 * 90
MOST_FAILURES, FORGOTTEN_AFTER = 10, 60 * 60


def proof(user: User) -> str:
    """Of a person with this password: another one makes every device unknown."""
    return salted_hmac(SALT, f"{user.pk} {user.password}", algorithm="sha256").hexdigest()


def remember(user: User, response: HttpResponseBase | None = None, **kwargs: Any) -> None:
    """Know this browser again, once somebody has come in with a second factor."""
    if response is not None and is_mfa_enabled(user):
        response.set_signed_cookie(
            NAME,
            proof(user),
            salt=SALT,
            max_age=MAX_AGE,
            # For the login, and for confirming who one is.
            path="/accounts/",
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


def device_of(request: HttpRequest) -> str:
    """What failures at a known browser are counted by."""
    # A cookie that we did not sign is counted nowhere: anybody could make up any number of them.
    given = request.get_signed_cookie(NAME, default="", salt=SALT, max_age=MAX_AGE)
    return f"device-failures:{hashlib.sha256(request.COOKIES[NAME].encode()).hexdigest()}" if given else ""


def session_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The same for who is logged in and is asked again; empty for anybody else."""
    user = getattr(request, "user", None)
    name = (credentials or {}).get("username")
    if request.path == reverse("account_login") or not user or not user.is_authenticated:
        return ""
    is_own = user.get_username() == name
    return f"session-failures:{request.session.session_key}" if is_own else ""


def failures(key: str) -> int:
    return int(cache.add_up(key, 0, FORGOTTEN_AFTER)) if key else 0  # type: ignore[attr-defined]


def count_failure(sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    """A wrong password counts against the browser, or the session, that it came from."""
    if request is None:
        return
    key = session_of(request, credentials) or device_of(request)
    if key:
        cache.add_up(key, 1, FORGOTTEN_AFTER)  # type: ignore[attr-defined]


def is_known(request: HttpRequest, credentials: dict[str, Any] | None) -> bool:
    """Whether somebody logs in by a browser of their own.

    So many wrong passwords, and the browser is known no more for an hour: what is guessed here
    counts like a stranger's. At the screen that asks again who somebody is, they count by session, so
    that nobody at the same address keeps others out of it.
    """
    session = session_of(request, credentials)
    if session:
        return failures(session) < MOST_FAILURES
    if request.path != reverse("account_login") or failures(device_of(request)) >= MOST_FAILURES:
        return False
    given = request.get_signed_cookie(NAME, default="", salt=SALT, max_age=MAX_AGE)
    user = User.objects.filter(username=(credentials or {}).get("username") or "").first()
    return bool(given) and user is not None and given == proof(user)
