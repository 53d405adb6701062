"""The published report over HTTP: by the portal, and as a static file by nginx and by WhiteNoise."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from tests.bench_app import BARE

NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  include /etc/nginx/mime.types; access_log off; keepalive_requests 100000;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(port: int, *command: str, **env: str) -> Iterator[Callable[[str], bytes]]:
    """Run a server; gives a function that asks it for a path over one connection."""
    process = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        connection = HTTPConnection("127.0.0.1", port)

        def ask(path: str) -> bytes:
            connection.request("GET", path)
            response = connection.getresponse()
            content = response.read()
            if response.status != 200:
                raise RuntimeError(f"{path}: {response.status}")
            return content

        yield ask
        connection.close()
    finally:
        process.terminate()
        process.wait()


def granian(port: int, app: str) -> list[str]:
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1"]
    return [
        *command,
        "--port",
        str(port),
        "--workers",
        "1",
        f"tests.bench_app:{app}",
    ]


@contextmanager
def works(folder: Path, export: Path, page: str) -> Iterator[dict[str, Callable[[], bytes]]]:
    """What is measured: the same page from each server, asked for over a connection that stays open."""
    with ExitStack() as stack:
        port = free_port()
        portal = stack.enter_context(server(port, *granian(port, "application"), BENCH_PAGE=page))
        found = {
            "bare_view_over_HTTP": lambda: portal(BARE),
            "report_page_over_HTTP": lambda: portal(page),
        }
        port = free_port()
        files = stack.enter_context(server(port, *granian(port, "static"), BENCH_FOLDER=str(export)))
        found["static_export_behind_WhiteNoise"] = lambda: files(page)
        if binary := shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin"):
            port = free_port()
            config = folder / "nginx.conf"
            # Its worker is another user where nginx is started by root.
            folder.chmod(0o755)
            config.write_text(NGINX.format(folder=folder, port=port, root=export))
            web = stack.enter_context(server(port, binary, "-c", str(config)))
            found["static_export_behind_nginx"] = lambda: web(page)
        yield found
