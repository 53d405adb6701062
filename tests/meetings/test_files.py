"""Materials: judged by their content, kept as versions, served to whom they are for."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from openpyxl import Workbook

from meetings.materials.files import check_file, safe_name
from meetings.models import AgendaItem, Material, MaterialVersion, Meeting
from tests import factories
from tests.pages import seen

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n%test\n"


def book() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(33):
            archive.writestr(f"xl/{number}", b"0" * 10_000_000)
    return out.getvalue()


def macros() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("資料.pdf", b"MZ\x90\x00This program", "中身がPDFではありません"),
        ("資料.exe", b"MZ", "この形式のファイルは登録できません"),
        ("資料.html", b"<script>", "この形式のファイルは登録できません"),
        ("資料.svg", b"<svg>", "この形式のファイルは登録できません"),
        ("資料", PDF, "この形式のファイルは登録できません"),
        ("資料.pdf", b"", "空です"),
        ("表.xlsx", PDF, "中身がExcelではありません"),
        ("表.docx", book(), "中身がWordではありません"),
        ("表.xlsx", macros(), "マクロを含むファイル"),
        ("メモ.txt", b"\x00\x01", "中身がテキストではありません"),
    ],
)
def test_a_file_is_judged_by_what_it_holds(name: str, content: bytes, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        check_file(SimpleUploadedFile(name, content))


def damaged(where: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/あ.xml", "x")
    content = out.getvalue()
    directory = content.rindex(b"PK\x01\x02")
    match where:
        case "name":
            return content.replace("あ".encode(), b"\xff\xff\xff")
        case "version":
            return content[: directory + 6] + b"\xff\x00" + content[directory + 8 :]
    return content[:-10]


@pytest.mark.parametrize("where", ["name", "version", "end"])
def test_a_damaged_document_is_refused_with_what_to_do(where: str) -> None:
    with pytest.raises(ValidationError, match="保存し直してください"):
        check_file(SimpleUploadedFile("資料.docx", damaged(where)))


def test_a_bomb_and_a_giant_are_refused() -> None:
    with pytest.raises(ValidationError, match="展開すると大きすぎる"):
        check_file(SimpleUploadedFile("表.xlsx", bomb()))
    with pytest.raises(ValidationError, match=r"大きすぎます（40\.0MB）"):
        check_file(SimpleUploadedFile("資料.pdf", PDF + b"0" * (40 * 1024 * 1024 - len(PDF))))


def test_good_files_are_taken() -> None:
    for name, content in (
        ("資料.PDF", PDF),
        ("表.xlsx", book()),
        ("一覧.csv", "団体,数".encode("cp932")),
    ):
        assert check_file(SimpleUploadedFile(name, content)).size == len(content)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("..\\..\\資料1-2.pdf", "資料1-2.pdf"),
        ("/etc/passwd", "passwd"),
        ("資\u202e料\x00.pdf", "資料.pdf"),
        ('a<b>:"c|d?*.pdf', "a_b___c_d__.pdf"),
        ("あ" * 300 + ".pdf", "あ" * 100 + ".pdf"),
    ],
)
def test_names_are_safe_and_stay_japanese(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.fixture
def meeting(settings: Any, tmp_path: Path) -> Meeting:
    settings.MEDIA_ROOT = tmp_path
    return factories.meeting(factories.council_year(), number=1, is_announced=True)


def read(response: Any) -> bytes:
    """Take a streamed file to its end, and close it without closing the test's connection."""
    content = b"".join(response.streaming_content)
    request_finished.disconnect(close_old_connections)
    try:
        response.close()
    finally:
        request_finished.connect(close_old_connections)
    return content


def upload(client: Client, meeting: Meeting, material: Material | None = None, **values: Any) -> Any:
    data = {
        "council_year": meeting.council_year.pk,
        "number": 1,
        "held_on": "2020-06-17",
        "status": "held",
        "is_announced": "on",
        "agenda_items-TOTAL_FORMS": 0,
        "agenda_items-INITIAL_FORMS": 0,
        "attendances-TOTAL_FORMS": 0,
        "attendances-INITIAL_FORMS": 0,
        "materials-TOTAL_FORMS": 1,
        "materials-INITIAL_FORMS": 1 if material else 0,
        "materials-0-id": material.pk if material else "",
        "materials-0-meeting": meeting.pk,
        "materials-0-title": "説明資料",
        "materials-0-label": "資料1-2",
        "materials-0-kind": "document",
    }
    data |= {f"materials-0-{name}": value for name, value in values.items()}
    path = f"/admin/meetings/meeting/{meeting.pk}/change/"
    return client.post(path, {**data, "seen": seen(client, path)})


def test_a_file_is_uploaded_replaced_and_served(staff_client: Client, meeting: Meeting) -> None:
    item = AgendaItem.objects.create(meeting=meeting, title="議題")
    AgendaItem.objects.filter(pk=item.pk).delete()
    file = SimpleUploadedFile("説明 資料①.pdf", PDF)
    assert upload(staff_client, meeting, upload=file, is_public="on").status_code == 302
    material = Material.objects.get()
    first = material.versions.get()
    assert "①" not in first.file.name
    assert first.added_by is not None

    again = SimpleUploadedFile("改訂版.pdf", PDF + b"2")
    page = upload(staff_client, meeting, material, upload=again, is_public="on").content.decode()
    assert "差し替える理由を入力してください" in page
    again.seek(0)
    response = upload(staff_client, meeting, material, upload=again, note="数値の誤り", is_public="on")
    assert response.status_code == 302
    assert [version.number for version in material.versions.all()] == [2, 1]

    html = Client().get(meeting.get_absolute_url()).content.decode()
    assert "資料1-2 説明資料（PDF、16バイト）" in html
    assert "第2版に差し替え：数値の誤り" in html
    for version in material.versions.all():
        served = Client().get(version.get_absolute_url())
        assert served.status_code == 200
        assert served["X-Content-Type-Options"] == "nosniff"
        assert served["Content-Type"] == "application/pdf"
        assert served["Content-Disposition"].startswith("inline; filename*=utf-8''")
        assert read(served).startswith(PDF)


def test_other_types_are_attachments(staff_client: Client, meeting: Meeting) -> None:
    upload(staff_client, meeting, upload=SimpleUploadedFile("表.xlsx", book()), is_public="on")
    served = Client().get(MaterialVersion.objects.get().get_absolute_url())
    assert served["Content-Disposition"].startswith("attachment")
    read(served)


def test_a_bad_upload_saves_nothing(staff_client: Client, meeting: Meeting) -> None:
    response = upload(staff_client, meeting, upload=SimpleUploadedFile("資料.pdf", b"MZ"))
    assert "中身がPDFではありません" in response.content.decode()
    assert not Material.objects.exists()


def test_a_material_is_a_file_or_a_link(staff_client: Client, meeting: Meeting) -> None:
    file = SimpleUploadedFile("資料.pdf", PDF)
    page = upload(staff_client, meeting, upload=file, url="https://example.lg.jp/a.pdf").content.decode()
    assert "どちらか一方だけ" in page


def test_hidden_files_are_served_to_staff_only_and_are_in_no_zip(
    staff_client: Client, meeting: Meeting
) -> None:
    upload(staff_client, meeting, upload=SimpleUploadedFile("ひみつ.pdf", PDF))
    address = MaterialVersion.objects.get().get_absolute_url()
    archive = f"{meeting.get_absolute_url()}materials.zip"
    assert Client().get(address).status_code == 404
    assert Client().get(archive).status_code == 404
    assert staff_client.get(archive).status_code == 404
    served = staff_client.get(address)
    assert served.status_code == 200
    read(served)

    Material.objects.update(is_public=True)
    response = Client().get(archive)
    content = read(response)
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.namelist() == ["01_ひみつ.pdf"]
        assert opened.read("01_ひみつ.pdf") == PDF
