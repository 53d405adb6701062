"""Every file that anybody sends is shown to the office's virus scanner, where the settings name one (clamd).

One place for all forms, whatever form comes next. What cannot be scanned is not taken. The protocol is
five lines (INSTREAM: chunks with their length before them); the library that speaks it is under the GPL.
"""

import logging
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import IO, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from council.site.session_expiry import SCRIPT
from members.common.access import typed
from members.trail.gathering import note_alone

logger = logging.getLogger(__name__)
CHUNK = 64 * 1024
# Seconds for connecting, and for a verdict on one file.
PATIENCE = 30
UNSCANNED = (
    "ウイルスの検査ができないため、ファイルを受け取っていません。しばらくしてから、もう一度お試しください。"
)
INFECTED = "「{}」からウイルスの疑いがある内容が見つかったため、受け取っていません（{}）。"


class ScanFiles:
    """Looks at the files of a post before any view does, and after the CSRF check."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        if request.method != "POST" or not settings.CLAMD:
            return None
        for file in (each for _, files in request.FILES.lists() for each in files):
            try:
                found = scan(file)
            except (OSError, ValueError):
                logger.exception("the virus scanner does not answer")
                return refused(request, UNSCANNED, 503)
            if found:
                note_alone(request, "ウイルスの疑いがあるファイルを断りました", f"{file.name}：{found}")
                return refused(request, INFECTED.format(file.name, found), 422)
        return None


def refused(request: HttpRequest, text: str, status: int) -> HttpResponse:
    """Say so, and show again all that was typed beside the file."""
    if request.headers.get(SCRIPT):
        return JsonResponse({"error": text}, status=status)
    return render(request, "upload_refused.html", {"text": text, "typed": typed(request)}, status=status)


def scan(file: IO[bytes]) -> str:
    """The name of what clamd finds in a file; empty where it finds nothing.

    Raises ``OSError`` where clamd is not there, ``ValueError`` where it gives no verdict.
    """
    with closing(connect(settings.CLAMD)) as clamd:
        clamd.sendall(b"zINSTREAM\0")
        file.seek(0)
        for chunk in chunks(file):
            clamd.sendall(struct.pack("!L", len(chunk)) + chunk)
        file.seek(0)
        clamd.sendall(struct.pack("!L", 0))
        with clamd.makefile("rb") as answers:
            verdict = answers.read(4096).rstrip(b"\0").decode(errors="replace").strip()
    if verdict.endswith(" FOUND"):
        return verdict.removeprefix("stream: ").removesuffix(" FOUND")
    if not verdict.endswith("OK"):
        raise ValueError(verdict or "no verdict")
    return ""


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def connect(address: str) -> socket.socket:
    """By a path, or by host and port."""
    if address.startswith("/"):
        clamd = socket.socket(socket.AF_UNIX)
        clamd.settimeout(PATIENCE)
        clamd.connect(address)
        return clamd
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), PATIENCE)
