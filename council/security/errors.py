"""Error pages that stand alone: no database, no session, no list of static files.

What failed may be any of these. Each page names the request, so that whoever reads it to the
secretariat leads them to the line in the log, and says whom to ask.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from council.security.request_ids import current_request_id


@dataclass(frozen=True)
class Explanation:
    """What an error page says."""

    title: str
    text: str


EXPLANATIONS = {
    400: Explanation(
        "要求を受け付けられません", "アドレスや送信した内容を確かめて、もう一度お試しください。"
    ),
    403: Explanation(
        "このページは表示できません",
        "表示する権限がありません。職員の方は、権限のあるアカウントでログインしてください。",
    ),
    404: Explanation(
        "ページが見つかりません",
        "アドレスが変わったか、まだ公開されていないページです。アドレスを確かめるか、ホームから探してください。",
    ),
    429: Explanation(
        "しばらくお待ちください",
        "短い時間に同じ要求が続いたため、いったん止めています。少し待ってから、もう一度お試しください。"
        "入力して保存が済んだ内容は失われていません。",
    ),
    500: Explanation(
        "エラーが起きました",
        "申し訳ありません。しばらくしてから、もう一度お試しください。保存が済んだ内容は失われていません。",
    ),
}


def error_page(status: int) -> HttpResponse:
    """The page of a status, drawn from nothing but the settings."""
    context = {
        "error": EXPLANATIONS[status],
        "request_id": current_request_id(),
        "contact": settings.CONTACT,
        # By its plain name: the list of hashed names may be what is missing.
        "style": f"{settings.STATIC_URL}portal.css",
    }
    return HttpResponse(render_to_string("error.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(404)


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    return error_page(500)
