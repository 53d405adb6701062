"""What every request passes first."""

from collections.abc import Callable
from itertools import chain
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from members.common.text.cleaning import UNPRINTABLE, printable


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


class PrintablePosts:
    """Take out of every post what no document can hold, so that no form need think of it.

    Stands after the CSRF check, which reads the post with all its limits.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        if request.method != "POST":
            return
        found = {
            name: values
            for name, values in request.POST.lists()
            if any(UNPRINTABLE.search(value) for value in values)
        }
        if found:
            post = request.POST.copy()
            for name, values in found.items():
                # A line break within a paragraph of Word arrives as \x0b.
                post.setlist(name, [printable(value.replace("\x0b", "\n")) for value in values])
            # Django itself sets it anew where a middleware changes what was posted.
            vars(request)["_post"] = post


class RefuseHugeNumbers:
    """Answer a number that no database column holds as what it is: bad input, in any form of any library."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OverflowError):
            return None
        return HttpResponseBadRequest(
            "入力された数が大きすぎます。前の画面に戻り、直してください。まだ何も変えていません。",
            content_type="text/plain; charset=utf-8",
        )
