"""The application as the server runs it: a request reaches Django only when its body is all there.

A WSGI server hands a request over with its headers, and the thread that answers waits for whoever
sends the body: two half-sent posts once stopped the whole portal. Here bodies are awaited on the
event loop, where waiting costs nothing, within a size and a time; then one thread answers, as
under WSGI. asgiref's ``WsgiToAsgi`` does the same without bounds, at half the pages a second.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any

from django.core.wsgi import get_wsgi_application

from council.security.headers import PERMISSIONS_POLICY

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

MEGABYTE = 1024 * 1024
# The answer workbook takes 5 MB; staff upload materials and ZIPs of workbooks.
PUBLIC_MOST, STAFF_MOST = 10 * MEGABYTE, 120 * MEGABYTE
# Seconds for a body to arrive: at least, and more for each megabyte (a slow line of an office).
PATIENCE, PATIENCE_PER_MEGABYTE = 15.0, 15.0
# So much of each body is kept in memory, the rest on disk.
IN_MEMORY = 256 * 1024


class Refused(Exception):
    """A body that is not taken: status and sentence."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class BufferedWsgi:
    """Runs a WSGI application on one thread, each request with its body before it."""

    def __init__(self, application: Callable[..., Any], *, patience: float = PATIENCE) -> None:
        self.application, self.patience = application, patience
        # One thread: more would take turns at the interpreter's lock.
        self.pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answer")

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            body = await self.read_body(scope, receive)
        except Refused as refused:
            await refuse(send, refused)
            return
        loop = asyncio.get_running_loop()
        status, headers, parts = await loop.run_in_executor(self.pool, self.answer, scope, body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if isinstance(parts, bytes):
            await send({"type": "http.response.body", "body": parts})
            return
        # A file, piece by piece.
        try:
            while part := await loop.run_in_executor(self.pool, next, parts.iterator, None):
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await loop.run_in_executor(self.pool, parts.close)

    async def read_body(self, scope: dict[str, Any], receive: Receive) -> Any:
        """The whole body; raises :class:`Refused` where it is too large or takes too long."""
        given = {name: value for name, value in scope["headers"] if name in HEADERS_OF_BODIES}
        if not given:
            return BytesIO()
        text = given.get(b"content-length", b"").decode("latin-1")
        length = int(text) if text.isdecimal() and len(text) < 16 else 0
        most = STAFF_MOST if scope["path"].startswith("/admin/") else PUBLIC_MOST
        if length > most:
            raise Refused(413, "送られたデータが大きすぎます。")
        body: Any = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        try:
            async with asyncio.timeout(self.patience + PATIENCE_PER_MEGABYTE * length / MEGABYTE):
                await fill(body, receive, most)
        except TimeoutError as error:
            body.close()
            raise Refused(408, "データが届くまでに時間がかかりすぎました。送り直してください。") from error
        except Refused:
            body.close()
            raise
        body.seek(0)
        return body

    def answer(self, scope: dict[str, Any], body: Any) -> tuple[int, list[tuple[bytes, bytes]], Any]:
        """Ask the application; the content as bytes, or as parts where it is a file."""
        started: list[Any] = []
        response = self.application(environ(scope, body), lambda *args: started.extend(args[:2]))
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in started[1]]
        status = int(started[0].split(" ", 1)[0])
        if getattr(response, "streaming", False) or not hasattr(response, "content"):
            return status, headers, Parts(response, body)
        content = b"".join(response)
        response.close()
        body.close()
        return status, headers, content


async def fill(body: Any, receive: Receive, most: int) -> None:
    """Write what arrives until it is all there; raises :class:`Refused`."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "データが途中で切れました。")
        body.write(message.get("body", b""))
        if body.tell() > most:
            raise Refused(413, "送られたデータが大きすぎます。")
        if not message.get("more_body"):
            return


class Parts:
    """A streamed response and what must be closed after it."""

    def __init__(self, response: Any, body: Any) -> None:
        self.iterator, self.response, self.body = iter(response), response, body

    def close(self) -> None:
        if hasattr(self.response, "close"):
            self.response.close()
        self.body.close()


HEADERS_OF_BODIES = {b"content-length", b"transfer-encoding"}


def environ(scope: dict[str, Any], body: Any) -> dict[str, Any]:
    """A request as WSGI applications know it."""
    host, port = scope.get("server") or ("localhost", 80)
    found: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw, value in scope["headers"]:
        name = raw.decode("latin-1")
        key = name.upper().replace("-", "_")
        if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            if "_" in name:
                # Would pass for the same header with a dash.
                continue
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        joint = "; " if key == "HTTP_COOKIE" else ","
        found[key] = f"{found[key]}{joint}{text}" if key in found else text
    if "CONTENT_LENGTH" not in found and hasattr(body, "tell"):
        # Sent in chunks: now its length is known.
        found["CONTENT_LENGTH"] = str(body.seek(0, os.SEEK_END))
        body.seek(0)
    return found


# What Django's middleware would have set, had it been asked.
REFUSAL = {
    "Content-Type": "text/plain; charset=utf-8",
    "Connection": "close",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


async def refuse(send: Send, refused: Refused) -> None:
    """Answer without the application, and end the connection on which more may still come."""
    headers = [(name.lower().encode(), value.encode()) for name, value in REFUSAL.items()]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": refused.text.encode()})


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council.settings")
application = BufferedWsgi(get_wsgi_application())
