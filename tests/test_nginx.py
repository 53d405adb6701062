"""The shipped nginx before the portal: slow and large requests end there, and nobody's tale is believed."""

import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.own_portal import Portal, own_portal

ROOT = Path(__file__).resolve().parents[1]
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
pytestmark = pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not installed")
LINKS = """
import json
from members.models import AuditEntry
print(json.dumps([[e.title, e.address] for e in AuditEntry.objects.filter(title__startswith="回数の制限")]))
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with own_portal(tmp_path_factory.mktemp("portal")) as portal:
        yield portal


@pytest.fixture(scope="module")
def front(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """nginx from the shipped file, without TLS, before a portal that trusts it; its port."""
    folder = tmp_path_factory.mktemp("nginx")
    portal.env |= {"TRUSTED_PROXIES": "127.0.0.1", "LIMIT_LINKS": "2/100/600"}
    portal.serve()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shipped = (ROOT / "deploy/nginx/portal.conf").read_text()
    for written, here in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{portal.port};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port};"),
        ("/srv/portal/var/static/", f"{portal.env['VAR_DIR']}/static/"),
        ("server_name portal.example.lg.jp;", "server_name 127.0.0.1;"),
    ):
        assert written in shipped
        shipped = shipped.replace(written, here)
    # What follows only leads to HTTPS.
    shipped = shipped[: shipped.index("# Nobody is led anywhere")]
    lines = [line for line in shipped.splitlines() if not line.strip().startswith("ssl_")]
    (folder / "portal.conf").write_text("\n".join(lines))
    shutil.copy(ROOT / "deploy/nginx/portal-proxy.conf", folder)
    (folder / "nginx.conf").write_text(
        # Its workers read the test's own folder.
        f"{'user root;' if os.geteuid() == 0 else ''}\n"
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        "include portal.conf; }\n"
    )
    server = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


def get(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    found = response.status, dict(response.getheaders()), response.read()
    connection.close()
    return found


def test_fifty_who_send_by_halves_hold_nobody_up(front: int) -> None:
    assert get(front, "/")[0] == 200
    halves = (
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: a",
        b"POST /search/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nq=a",
    )
    slow = []
    for number in range(50):
        connection = socket.create_connection(("127.0.0.1", front))
        connection.sendall(halves[number % 2])
        slow.append(connection)
    time.sleep(0.5)
    for _ in range(20):
        begun = time.monotonic()
        assert get(front, "/healthz")[0] == 200
        assert time.monotonic() - begun < 1
    for connection in slow:
        connection.close()


@pytest.mark.parametrize(("path", "megabytes"), [("/answer/x/", 150), ("/admin/login/", 121)])
def test_a_huge_body_is_refused_before_it_is_sent(front: int, path: str, megabytes: int) -> None:
    with socket.create_connection(("127.0.0.1", front), 5) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {megabytes * 1024 * 1024}\r\n\r\n"
        connection.sendall(head.encode())
        assert b" 413 " in connection.recv(200)


def test_what_a_visitor_says_of_their_address_is_not_handed_on(front: int, portal: Portal) -> None:
    for number in range(3):
        headers = {"X-Forwarded-For": f"198.51.100.{number}", "X-Forwarded-Host": "evil.example"}
        status, _, page = get(front, "/answer/open/" + "x" * 43 + "/", **headers)
        assert b"evil.example" not in page
    assert status == 429
    assert portal.shell(LINKS) == [["回数の制限：使えないリンクを開くこと", "127.0.0.1"]]


def test_static_files_come_from_nginx_and_stay(front: int, portal: Portal) -> None:
    page = get(front, "/")[2].decode()
    address = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    status, headers, _ = get(front, address)
    assert status == 200
    assert "immutable" in headers["Cache-Control"]
    assert headers["Server"] == "nginx"
