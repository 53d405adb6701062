"""Pages and files that are rendered once and then served as the same bytes.

The key of a response begins with the hash of what it is rendered from, so that a newer
edition is never hidden by an older response, in any process: whoever asks first for
the new hash renders it. A process keeps its latest responses, plain and compressed.
"""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header, http_date, parse_etags, parse_http_date_safe

MAX_RESPONSES = 256
# Too small to gain from compression.
SMALL = 512


@dataclass(frozen=True)
class CachedResponse:
    """Bytes ready to be sent."""

    content: bytes
    content_type: str = "text/html; charset=utf-8"
    file_name: str = ""
    # Whole seconds; None where only the ETag tells.
    last_modified: datetime | None = None
    etag: str = field(init=False)
    gzipped: bytes | None = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(self.content).hexdigest()[:32]
        object.__setattr__(self, "etag", f'W/"{digest}"')
        is_worth_it = len(self.content) > SMALL and self.content_type.startswith(
            ("text/", "application/json")
        )
        # No time stamp inside: the same content is the same bytes in every process.
        gzipped = gzip.compress(self.content, 6, mtime=0) if is_worth_it else None
        object.__setattr__(self, "gzipped", gzipped)


_responses: OrderedDict[tuple[object, ...], CachedResponse] = OrderedDict()
_lock = Lock()


D = TypeVar("D", CachedResponse, CachedResponse | None)


def get_or_render(key: tuple[object, ...], render: Callable[[], D]) -> D:
    """The response of this key, rendered now if this process does not have it."""
    with _lock:
        if key in _responses:
            _responses.move_to_end(key)
            return _responses[key]
    cached = render()
    if cached is not None:
        with _lock:
            _responses[key] = cached
            while len(_responses) > MAX_RESPONSES:
                _responses.popitem(last=False)
    return cached


def is_not_modified(request: HttpRequest, cached: CachedResponse) -> bool:
    """Whether the reader has this response already; an ETag says it better than a time."""
    if tags := request.headers.get("If-None-Match"):
        known = parse_etags(tags)
        return cached.etag in known or cached.etag.removeprefix("W/") in known or "*" in known
    if cached.last_modified is None:
        return False
    # The very time that was handed out: a withdrawal that is undone brings an earlier one back.
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return since == int(cached.last_modified.timestamp())


def serve(request: HttpRequest, cached: CachedResponse) -> HttpResponse:
    """Send a response: not at all where the reader has it, compressed where they can unpack it.

    Any cache may keep it but asks each time whether it still holds, which costs a 304.
    """
    response: HttpResponse
    if is_not_modified(request, cached):
        response = HttpResponseNotModified()
    elif cached.gzipped is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(cached.gzipped, content_type=cached.content_type)
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(cached.content, content_type=cached.content_type)
    if cached.file_name and response.status_code == 200:
        response["Content-Disposition"] = content_disposition_header(True, cached.file_name) or ""
    response["ETag"] = cached.etag
    if cached.last_modified:
        response["Last-Modified"] = http_date(cached.last_modified.timestamp())
    response["Cache-Control"] = "public, max-age=0, must-revalidate"
    if cached.gzipped is not None:
        patch_vary_headers(response, ["Accept-Encoding"])
    return response
