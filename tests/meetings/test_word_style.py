"""The record as Word in the office's own style, and one body's part of it."""

import io
import zipfile
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document

from meetings.models import Attendance, Meeting
from meetings.record.excerpt import write_excerpt
from members.common.files.word_style import check_word_style
from members.models import Council
from tests import factories

pytestmark = pytest.mark.django_db


def style(**parts: bytes) -> bytes:
    """An office's file: a font of its own, a header, words and an author that are nobody's business."""
    document = Document()
    document.styles["Normal"].font.name = "架空明朝"
    document.sections[0].header.paragraphs[0].text = "架空県デジタル課"
    document.add_paragraph("前の会議の議事")
    document.core_properties.author = "担当 太郎"
    out = io.BytesIO()
    document.save(out)
    if not parts:
        return out.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
        for name, data in parts.items():
            new.writestr(name, data)
    return changed.getvalue()


@pytest.fixture
def meeting(tmp_path: Any, settings: Any) -> Meeting:
    settings.MEDIA_ROOT = tmp_path
    year = factories.council_year()
    meeting = factories.meeting(year, status="held")
    meeting.agenda_items.create(title="議題")
    return meeting


def word_of(client: Client, meeting: Meeting) -> Any:
    return Document(io.BytesIO(client.get(f"{meeting.get_absolute_url()}record.docx").content))


def upload(client: Client, council: Council, content: bytes, name: str = "style.docx") -> Any:
    data = {"name": council.name, "slug": council.slug, "established_year": council.established_year}
    file = SimpleUploadedFile(name, content)
    return client.post(f"/admin/members/council/{council.pk}/change/", {**data, "word_style": file})


def test_the_record_wears_the_offices_style(staff_client: Client, meeting: Meeting) -> None:
    council = meeting.council_year.council
    meeting.minute_entries.create(kind="report", body="- 報告した\n- 説明した")
    assert upload(staff_client, council, style()).status_code == 302
    word = word_of(staff_client, meeting)
    texts = [paragraph.text for paragraph in word.paragraphs]
    assert word.sections[0].header.paragraphs[0].text == "架空県デジタル課"
    assert word.styles["Normal"].font.name == "架空明朝"
    assert "報告した" in texts
    assert "前の会議の議事" not in texts
    assert word.core_properties.author == ""
    # The screen says that there is one, and hands none out.
    page = staff_client.get(f"/admin/members/council/{council.pk}/change/").content.decode()
    assert "登録済み" in page
    assert "word-styles/" not in page
    council.refresh_from_db()
    council.word_style.storage.delete(council.word_style.name)
    assert word_of(staff_client, meeting).styles["Normal"].font.name == "游明朝"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no document", "Wordの文書（.docx）として読めません"),
        (b"PK\x03\x04 broken", "Wordの文書（.docx）として読めません"),
        (style(**{"word/vbaProject.bin": b"x"}), "マクロの入ったファイル"),
        (style(**{"word/other.xml": b'<!DOCTYPE a [<!ENTITY b "c">]>'}), "読めません"),
    ],
)
def test_what_is_no_style_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        check_word_style(SimpleUploadedFile("a.docx", content))


def test_a_wrong_style_is_said_beside_the_field(staff_client: Client, meeting: Meeting) -> None:
    council = meeting.council_year.council
    response = upload(staff_client, council, b"no document")
    assert response.status_code == 200
    assert "Wordの文書（.docx）として読めません" in response.content.decode()
    council.refresh_from_db()
    assert not council.word_style


def test_a_style_without_our_styles_is_written_all_the_same(meeting: Meeting) -> None:
    document = Document(io.BytesIO(style()))
    for name in ("Title", "Heading 1", "List Bullet", "Table Grid"):
        element = document.styles[name].element
        element.getparent().remove(element)
    out = io.BytesIO()
    document.save(out)
    meeting.council_year.council.word_style.save("a.docx", ContentFile(out.getvalue()))
    body = factories.organization(name="津市")
    texts = [paragraph.text for paragraph in Document(io.BytesIO(write_excerpt(meeting, body))).paragraphs]
    assert "この会議での発言はありません。" in texts


def test_an_excerpt_holds_one_bodys_part(staff_client: Client, meeting: Meeting) -> None:
    tsu = factories.membership(
        meeting.council_year,
        department=factories.department(organization=factories.organization(name="津市")),
    ).department
    ise = factories.membership(
        meeting.council_year,
        department=factories.department(organization=factories.organization(name="伊勢市")),
    ).department
    entries: list[dict[str, Any]] = [
        {"kind": "report", "body": "基準の説明", "speaker_name": "事務局"},
        {"kind": "question", "body": "津市の質問", "department": tsu},
        {"kind": "answer", "body": "津市への回答", "speaker_name": "事務局"},
        {"kind": "question", "body": "伊勢市の質問", "department": ise},
        {"kind": "answer", "body": "伊勢市への回答", "speaker_name": "事務局"},
        {"kind": "discussion", "body": "連名の意見", "speaker_name": "津市、明和町"},
        {"kind": "decision", "body": "一つ目の決定", "number": 1},
        {"kind": "decision", "body": "津市が調べる決定", "number": 2, "owner": "事務局・津市情報課"},
    ]
    for position, entry in enumerate(entries, start=1):
        meeting.minute_entries.create(position=position, **entry)
    for department in (tsu, ise):
        Attendance.objects.create(
            meeting=meeting, organization=department.organization, status="present", people="部外秘 太郎"
        )
    url = f"/admin/meetings/meeting/{meeting.pk}/excerpt/"
    page = staff_client.get(url).content.decode()
    assert "津市の抜粋（Word）</a>　4項目" in page
    response = staff_client.get(url, {"organization": tsu.organization_id})
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        whole = "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    for words in ("（抜粋：津市）", "津市の質問", "津市への回答", "連名の意見", "津市が調べる決定", "決定2"):
        assert words in whole
    for words in ("伊勢市", "基準の説明", "一つ目の決定", "部外秘"):
        assert words not in whole
    assert staff_client.get(url, {"organization": "x"}).status_code == 404
    assert staff_client.get(url, {"organization": factories.organization().pk}).status_code == 404
