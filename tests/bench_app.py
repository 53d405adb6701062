"""What `make bench` serves over HTTP: the portal with a bare view beside it, and a folder by WhiteNoise."""

import os
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches, path
from whitenoise import WhiteNoise

from council.asgi import BufferedWsgi, application

BARE = "/bench-bare/"


def add_bare_view(body: bytes) -> None:
    """A view that returns these bytes and does nothing else, below the portal's middleware."""
    from council import urls

    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse(body)

    urls.urlpatterns.append(path(BARE.strip("/") + "/", bare))
    clear_url_caches()


def nothing(environ: Any, start_response: Any) -> list[bytes]:
    start_response("404 Not Found", [])
    return []


__all__ = ["application", "static"]
static = BufferedWsgi(WhiteNoise(nothing, root=os.environ.get("BENCH_FOLDER") or None, index_file=True))
if page := os.environ.get("BENCH_PAGE"):
    add_bare_view(Client(headers={"host": "127.0.0.1"}).get(page).content)
