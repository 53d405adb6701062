"""How a municipality gets to its answer: an access link, then a cookie.

The link's token is exchanged for a signed cookie that only this answer's pages
receive, so that the address bar and browser history hold no secret. Opening the
link writes nothing: mail scanners open links too. The cookie carries part of the
token's hash, so a re-issued link ends every visit that began with the old one.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from surveys.models import SurveyTarget

SALT = "surveys.access"
MAX_AGE = 60 * 60 * 24 * 7


def admit(response: HttpResponse, target: SurveyTarget) -> HttpResponse:
    """Put the cookie for one target's pages on a response."""
    response.set_signed_cookie(
        _cookie_name(target.anchor),
        _proof(target),
        salt=SALT,
        max_age=MAX_AGE,
        path=reverse("answer", args=[target.anchor]),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def is_admitted(request: HttpRequest, target: SurveyTarget) -> bool:
    """Tell whether the visitor came by this target's present link."""
    proof = request.get_signed_cookie(_cookie_name(target.anchor), default=None, salt=SALT, max_age=MAX_AGE)
    return proof is not None and target.link_is_good and proof == _proof(target)


def for_target(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand a view the target of the address; all who did not come by its link stay outside.

    A wrong address and a missing cookie look the same from outside.
    """

    @wraps(view)
    def inner(request: HttpRequest, anchor: str, **kwargs: Any) -> HttpResponse:
        target = SurveyTarget.objects.for_answering().filter(anchor=anchor).first()
        if target is None or not is_admitted(request, target):
            return render(request, "surveys/no_access.html", {"typed": typed(request)}, status=403)
        response = view(request, target, **kwargs)
        # Town halls share desktops: nothing of an answer stays in a cache.
        response["Cache-Control"] = "no-store"
        return response

    return inner


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a visitor whose cookie is gone has just posted, to be sent again from the page."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]


def _cookie_name(anchor: str) -> str:
    return f"answer-{anchor}"


def _proof(target: SurveyTarget) -> str:
    return (target.token_hash or "")[:32]
