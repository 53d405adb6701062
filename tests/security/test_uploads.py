"""A virus scanner sees every file before any view does; here a small one that speaks clamd's protocol."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from members.models import AuditEntry
from surveys.models import SurveyTarget, WorkbookUpload
from tests import factories
from tests.surveys.test_answering import client, survey, target, url

__all__ = ["client", "survey", "target"]
pytestmark = pytest.mark.django_db
BAD = b"X5O-a-test-signature"


class Clamd(socketserver.StreamRequestHandler):
    """Finds the test's signature, also across chunks; a file with ``TOO BIG`` gets no verdict."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        if BAD in content:
            self.wfile.write(b"stream: Test-Signature FOUND\0")
        elif b"TOO BIG" in content:
            self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
        else:
            self.wfile.write(b"stream: OK\0")


@pytest.fixture
def clamd(settings: Any) -> Iterator[None]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.CLAMD = f"127.0.0.1:{server.server_address[1]}"
    yield
    server.shutdown()
    server.server_close()


def send(client: Client, target: SurveyTarget, content: bytes) -> Any:
    file = SimpleUploadedFile("回答.xlsx", content)
    return client.post(url(target, "workbook/"), {"file": file, "note": "添え書き"})


def test_what_is_infected_is_taken_nowhere(clamd: None, client: Client, target: SurveyTarget) -> None:
    response = send(client, target, b"PK" + b"x" * 70_000 + BAD)
    assert response.status_code == 422
    page = response.content.decode()
    assert "「回答.xlsx」からウイルスの疑い" in page
    assert "添え書き" in page
    assert not WorkbookUpload.objects.exists()
    entry = AuditEntry.objects.latest("pk")
    assert entry.title == "ウイルスの疑いがあるファイルを断りました"
    assert "Test-Signature" in entry.reason


def test_staffs_files_are_seen_too(clamd: None, staff_client: Client) -> None:
    meeting = factories.meeting(factories.council_year())
    data = {"materials-0-upload": SimpleUploadedFile("資料.pdf", b"%PDF-1.4" + BAD)}
    assert staff_client.post(f"/admin/meetings/meeting/{meeting.pk}/change/", data).status_code == 422


def test_what_is_clean_goes_on_whole(clamd: None, client: Client, target: SurveyTarget) -> None:
    workbook = client.get(url(target, "workbook.xlsx")).content
    assert send(client, target, workbook).status_code == 302
    # The view has read it from its beginning.
    assert WorkbookUpload.objects.get().fingerprint


@pytest.mark.parametrize("broken", ["no verdict", "not there"])
def test_what_cannot_be_scanned_is_not_taken(
    clamd: None, client: Client, target: SurveyTarget, settings: Any, broken: str
) -> None:
    if broken == "not there":
        settings.CLAMD = "127.0.0.1:1"
    response = send(client, target, b"TOO BIG")
    assert response.status_code == 503
    assert "検査ができない" in response.content.decode()
    assert not WorkbookUpload.objects.exists()


def test_without_the_setting_nobody_is_asked(client: Client, target: SurveyTarget) -> None:
    assert send(client, target, BAD).status_code == 302
    assert not AuditEntry.objects.filter(title__startswith="ウイルス").exists()
