"""Bodies are awaited within a size and a time before anything of the application is asked."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.http import FileResponse, HttpResponse

from council import asgi
from council.asgi import BufferedWsgi, environ

Sent = list[dict[str, Any]]


class App:
    """A WSGI application that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def __call__(self, found: dict[str, Any], start: Callable[..., Any]) -> Any:
        self.asked.append(found["wsgi.input"].read())
        start("200 OK", [("Content-Type", "text/plain")])
        return HttpResponse(f"{found['REQUEST_METHOD']} {found['PATH_INFO']} {found.get('CONTENT_LENGTH')}")


def scope(path: str = "/", method: str = "POST", **headers: str) -> dict[str, Any]:
    return {
        "type": "http", "method": method, "path": path, "query_string": b"a=b", "http_version": "1.1",
        "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 5),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip


def ask(app: Any, asked: dict[str, Any], *blocks: bytes | None, patience: float = 0.2) -> tuple[Sent, Any]:
    """Send blocks of a body; None is a sender that falls silent."""
    sent: Sent = []
    waiting = iter(blocks)

    async def receive() -> dict[str, Any]:
        block = next(waiting, b"")
        if block is None:
            await asyncio.sleep(10)
        return {"type": "http.request", "body": block, "more_body": len(blocks) > 1 and block != blocks[-1]}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(BufferedWsgi(app, patience=patience)(asked, receive, send))
    return sent, app


def test_a_body_in_pieces_arrives_whole() -> None:
    sent, app = ask(App(), scope("/あ/", content_length="4"), b"ab", b"cd")
    assert app.asked == [b"abcd"]
    assert sent[0]["status"] == 200
    assert sent[1]["body"].startswith("POST /あ/ 4".encode().decode("latin-1").encode())


def test_a_body_in_chunks_gets_its_length() -> None:
    sent, _ = ask(App(), scope(transfer_encoding="chunked"), b"ab", b"cde")
    assert sent[1]["body"].endswith(b" 5")


@pytest.mark.parametrize(
    ("asked", "blocks", "status"),
    [
        (scope(content_length="100"), (b"a", None), 408),
        (scope(content_length=str(200 * 1024 * 1024)), (b"a",), 413),
        (scope("/admin/x/", content_length=str(121 * 1024 * 1024)), (b"a",), 413),
        (scope(transfer_encoding="chunked"), (b"a" * 6_000_000, b"b" * 6_000_000), 413),
    ],
)
def test_what_is_too_slow_or_too_large_asks_nobody(asked: Any, blocks: Any, status: int) -> None:
    sent, app = ask(App(), asked, *blocks)
    assert (sent[0]["status"], app.asked) == (status, [])
    headers = dict(sent[0]["headers"])
    assert headers[b"connection"] == b"close"
    # What every answer of Django carries.
    assert headers[b"cache-control"] == b"no-store"
    assert b"camera=()" in headers[b"permissions-policy"]
    assert b"frame-ancestors 'none'" in headers[b"content-security-policy"]


def test_a_file_is_sent_piece_by_piece_and_closed(tmp_path: Any) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"x" * 10_000)
    closed: list[bool] = []

    def app(found: dict[str, Any], start: Callable[..., Any]) -> Any:
        response = FileResponse(file.open("rb"))
        response.block_size = 4096
        close = response.close
        response.close = lambda: (closed.append(True), close())  # type: ignore[method-assign, func-returns-value]
        start("200 OK", list(response.items()))
        return response

    sent, _ = ask(app, scope(method="GET"))
    assert b"".join(message.get("body", b"") for message in sent) == b"x" * 10_000
    assert len(sent) > 3
    assert closed == [True]


def test_headers_cannot_pass_for_each_other() -> None:
    """X_Forwarded-Proto would read like X-Forwarded-Proto; two cookies are one header."""
    headers = [(b"x_forwarded_proto", b"https"), (b"cookie", b"a=1"), (b"cookie", b"b=2")]
    found = environ({**scope(), "headers": headers}, None)
    assert "HTTP_X_FORWARDED_PROTO" not in found
    assert found["HTTP_COOKIE"] == "a=1; b=2"


@pytest.mark.django_db(transaction=True)
def test_the_portal_itself_answers() -> None:
    sent: Sent = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    asked = scope("/report.schema.json", method="GET", host="testserver")
    asyncio.run(asgi.application(asked, receive, send))
    assert sent[0]["status"] == 200
    assert b'"$schema"' in sent[1]["body"]
