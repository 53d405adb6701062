"""Browsers in which a person has shown their second factor: guesses from elsewhere never lock these out.

A signed cookie, for the addresses of logging in only. It opens nothing; without password and second
factor it is worth nothing.
"""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.crypto import salted_hmac

NAME, SALT = "known-device", "council.accounts.known_devices"
MAX_AGE = 60 * 60 * 24 * 90


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


def is_known(request: HttpRequest, credentials: dict[str, Any] | None) -> bool:
    """Whether somebody logs in by a browser of their own.

    Only there: behind the screen that asks again who somebody is stands no second factor, so that a
    session left open guesses there no more often than a stranger at the login.
    """
    if request.path != reverse("account_login"):
        return False
    given = request.get_signed_cookie(NAME, default="", salt=SALT, max_age=MAX_AGE)
    user = User.objects.filter(username=(credentials or {}).get("username") or "").first()
    return bool(given) and user is not None and given == proof(user)
