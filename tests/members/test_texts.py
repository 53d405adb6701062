"""What no document can hold enters nowhere: not by a form, not by a file."""

import io
import xml.etree.ElementTree as ET

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from members.common.files.spreadsheets import CSV, XLSX, attachment
from members.common.text.cleaning import printable, unix_lines
from members.models import Council, Organization
from surveys.answering.drafts import load_draft
from surveys.models import DraftSection, SurveyTarget
from surveys.workbook.write import write_workbook
from tests import factories
from tests.members.test_files import confirm

# One of each kind that XML refuses.
ODD = "\x00\x01\x0b\x0c\x1f\x7f\ud800\ufdd0\ufffe\uffff"


def test_one_list_is_what_xml_refuses() -> None:
    assert printable(f"前{ODD}後\t\n𠮷😀") == "前後\t\n𠮷😀"
    assert unix_lines("一\r\n二\r三\x0b四") == "一\n二\n三\n四"
    for code in [*range(0x20), 0xD800, 0xFFFE, 0xFFFF]:
        if printable(chr(code)):
            ET.fromstring(f"<a>{chr(code)}</a>")


@pytest.mark.django_db
def test_a_posted_name_breaks_no_feed(staff_client: Client) -> None:
    council = factories.council(slug="feed-council")
    fields = {
        "name": "検討\x0b会議\ufffe",
        "slug": "feed-council",
        "established_year": "2019",
        "is_public": "on",
    }
    staff_client.post(f"/admin/members/council/{council.pk}/change/", fields)
    assert Council.objects.get().name == "検討\n会議"
    feed = Client().get("/councils/feed-council/records.atom")
    ET.fromstring(feed.content)


@pytest.mark.django_db
def test_an_imported_cell_is_cleaned(staff_client: Client) -> None:
    rows = f"団体コード,団体名,ふりがな,種別\n{factories.code(7)},試験\ufffe\x0b町,しけんちょう,町\n"
    file = SimpleUploadedFile("a.csv", rows.encode())
    page = staff_client.post("/admin/members/organization/import/", {"import_file": file, "format": ""})
    confirm(staff_client, page, "organization")
    assert Organization.objects.get().name == "試験町"


@pytest.mark.django_db
def test_a_draft_kept_before_breaks_no_workbook() -> None:
    survey = factories.survey(factories.council_year())
    factories.question(survey, key="note", kind="text", is_required=False)
    target = factories.target(survey)
    DraftSection.objects.create(target=target, section="main", values={"q-note": "前\ufffe後"})
    work = load_draft(SurveyTarget.objects.for_answering().get())
    sheet = load_workbook(io.BytesIO(write_workbook(work)))["回答"]
    assert sheet.cell(6, 4).value == "前後"


def test_exports_hold_no_character_that_excel_refuses() -> None:
    table = CSV().create_dataset("名前\n一\n".encode())
    table.append(["二\ufffe\x01"])
    book = load_workbook(io.BytesIO(XLSX().export_data(table)))
    assert book.active.cell(3, 1).value == "二"


def test_a_file_name_is_one_line() -> None:
    assert "\n" not in attachment(b"", "text/plain", "a\nb.csv")["Content-Disposition"]
