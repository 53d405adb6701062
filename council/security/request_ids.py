"""A name for each request: in its answer, on its error page and in the log; one leads to the other."""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from secrets import token_hex

from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "X-Request-ID"
# Outside a request: a command, the start of a server.
_current: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    return _current.get()


def request_ids(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Give each request an id of ours; one that a visitor sends is no name for anything."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        # Left standing: Django writes its line about a refused request after all middleware.
        _current.set(token_hex(8))
        # For the audit trail, which imports nothing from here.
        vars(request)["request_id"] = _current.get()
        response = get_response(request)
        response[HEADER] = _current.get()
        return response

    return middleware


class WithRequestId(logging.Filter):
    """Adds the id to each line of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id()
        return True
