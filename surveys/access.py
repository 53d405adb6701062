"""Who may see an answer's pages: those who came by its access link (see ``members.access``)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from members.access import is_admitted, typed
from surveys.models import SurveyTarget


def for_target(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand a view the target of the address; all who did not come by its link stay outside.

    A wrong address and a missing cookie look the same from outside.
    """

    @wraps(view)
    def inner(request: HttpRequest, anchor: str, **kwargs: Any) -> HttpResponse:
        target = SurveyTarget.objects.for_answering().filter(anchor=anchor).first()
        if target is None or not is_admitted(request, target):
            return render(request, "no_access.html", {"typed": typed(request)}, status=403)
        response = view(request, target, **kwargs)
        # Town halls share desktops: nothing of an answer stays in a cache.
        response["Cache-Control"] = "no-store"
        return response

    return inner
