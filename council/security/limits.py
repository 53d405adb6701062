"""Who asks too often gets a page that says how long to wait; the audit trail learns of it once a window."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from council.security.errors import error_page
from members.common.web.limits import Limit, TooMany, reached
from members.trail.gathering import note_alone


class SayTooMany:
    """Turns :class:`TooMany` of any view into its answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TooMany):
            return None
        answer = error_page(429)
        answer["Retry-After"] = str(exception.seconds)
        return answer


def note_limit(sender: Any, request: HttpRequest, limit: Limit, most: int, **kwargs: Any) -> None:
    whose = "1人" if most == limit.each else "全体"
    reason = f"{limit.seconds}秒に{whose}で{most}回を超えたため、止めました。"
    note_alone(request, f"回数の制限：{limit.label}", reason)


def connect() -> None:
    reached.connect(note_limit, dispatch_uid="trail-limit")
