"""Pages and files that are drawn once and then served as the same bytes.

The key of a drawing begins with the hash of what it is drawn from, so that a newer
edition is never hidden by an older drawing, in any process: whoever asks first for
the new hash draws it. A process keeps its latest drawings, plain and compressed.
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

KEPT = 256
# Too small to gain from compression.
SMALL = 512


@dataclass(frozen=True)
class Drawn:
    """Bytes ready to be sent."""

    content: bytes
    content_type: str = "text/html; charset=utf-8"
    file_name: str = ""
    # Whole seconds; None where only the ETag tells.
    last_modified: datetime | None = None
    etag: str = field(init=False)
    packed: bytes | None = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(self.content).hexdigest()[:32]
        object.__setattr__(self, "etag", f'W/"{digest}"')
        is_worth_it = len(self.content) > SMALL and self.content_type.startswith(
            ("text/", "application/json")
        )
        # No time stamp inside: the same content is the same bytes in every process.
        packed = gzip.compress(self.content, 6, mtime=0) if is_worth_it else None
        object.__setattr__(self, "packed", packed)


_drawn: OrderedDict[tuple[object, ...], Drawn] = OrderedDict()
_lock = Lock()


D = TypeVar("D", Drawn, Drawn | None)


def draw_once(key: tuple[object, ...], draw: Callable[[], D]) -> D:
    """The drawing of this key, made now if this process does not have it."""
    with _lock:
        if key in _drawn:
            _drawn.move_to_end(key)
            return _drawn[key]
    drawn = draw()
    if drawn is not None:
        with _lock:
            _drawn[key] = drawn
            while len(_drawn) > KEPT:
                _drawn.popitem(last=False)
    return drawn


def is_known(request: HttpRequest, drawn: Drawn) -> bool:
    """Whether the reader has this drawing already; an ETag says it better than a time."""
    if tags := request.headers.get("If-None-Match"):
        known = parse_etags(tags)
        return drawn.etag in known or drawn.etag.removeprefix("W/") in known or "*" in known
    since = (
        parse_http_date_safe(request.headers.get("If-Modified-Since", "")) if drawn.last_modified else None
    )
    return since is not None and drawn.last_modified is not None and drawn.last_modified.timestamp() <= since


def serve(request: HttpRequest, drawn: Drawn) -> HttpResponse:
    """Send a drawing: not at all where the reader has it, compressed where they can unpack it.

    Any cache may keep it but asks each time whether it still holds, which costs a 304.
    """
    response: HttpResponse
    if is_known(request, drawn):
        response = HttpResponseNotModified()
    elif drawn.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(drawn.packed, content_type=drawn.content_type)
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(drawn.content, content_type=drawn.content_type)
    if drawn.file_name and response.status_code == 200:
        response["Content-Disposition"] = content_disposition_header(True, drawn.file_name) or ""
    response["ETag"] = drawn.etag
    if drawn.last_modified:
        response["Last-Modified"] = http_date(drawn.last_modified.timestamp())
    response["Cache-Control"] = "public, max-age=0, must-revalidate"
    if drawn.packed is not None:
        patch_vary_headers(response, ["Accept-Encoding"])
    return response
