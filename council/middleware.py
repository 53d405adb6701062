"""What every request passes first."""

from collections.abc import Callable
from itertools import chain

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest


def refuse_nul_bytes(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse an address, query or cookie with a NUL byte, on which PostgreSQL would fail."""

    def middleware(request: HttpRequest) -> HttpResponse:
        values = chain(
            [request.path], *(values for _, values in request.GET.lists()), request.COOKIES.values()
        )
        if any("\x00" in value or "\\000" in value for value in values):
            return HttpResponseBadRequest(
                "要求を受け付けられません。", content_type="text/plain; charset=utf-8"
            )
        return get_response(request)

    return middleware
