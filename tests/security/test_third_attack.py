"""What a third attack found, each as the request that had succeeded."""

import io
import time
import zipfile
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.test.utils import override_settings

from council.models import AnnualReport
from council.publishing.links import leads_somewhere
from council.security.lockout import visitor
from members.common.files.spreadsheets import XLSX, open_book
from members.models import AuditEntry
from surveys.models import Submission
from surveys.running.lifecycle import issue_links
from tests import factories

pytestmark = pytest.mark.django_db
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
CELL = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'


def workbook(sheet: str, *, named: int = 1, target: str = "worksheets/sheet1.xml", types: str = "") -> bytes:
    """A workbook of one sheet that is named so many times."""
    sheets = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, named + 1))
    parts = {
        "[Content_Types].xml": types
        or f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship '
        f'Id="rId1" Type="{OFFICE}/worksheet" Target="{target}"/></Relationships>',
        f"xl/{target}": f"<worksheet {MAIN}>{sheet}</worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


BOMBS = {
    "a merged area": workbook(f'{CELL}<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    "behind a decoy": workbook(f'{CELL}<mergeCells><mergeCell x="ref=\'A1\'" ref="A1:Z20000"/></mergeCells>'),
    "behind a sign": workbook(
        f'{CELL}<hyperlinks><hyperlink tooltip="&gt; >" ref="A1:Z20000"/></hyperlinks>'
    ),
    "letters spelt": workbook(f'{CELL}<mergeCells><mergeCell ref="A1:&#90;20000"/></mergeCells>'),
    "another prefix": workbook(
        f'{CELL}<a-b:mergeCells xmlns:a-b="{MAIN[7:-1]}"><a-b:mergeCell ref="A1:Z20000"/></a-b:mergeCells>'
    ),
    "a linked area": workbook(f'{CELL}<hyperlinks><hyperlink ref="A1:Z20000"/></hyperlinks>'),
    "many areas": workbook(f"{CELL}<mergeCells>" + '<mergeCell ref="A1:Z1000"/>' * 100 + "</mergeCells>"),
    "one sheet named often": workbook(CELL, named=30),
    "a sheet in another place": workbook(CELL, target="elsewhere/sheet1.xml"),
    "entities": workbook(f"<!DOCTYPE x>{CELL}"),
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS.keys())
def test_a_small_workbook_holds_nobody_up(content: bytes) -> None:
    begins = time.perf_counter()
    with pytest.raises(ValidationError):
        open_book(content, max_other=20 << 20, sheet_bytes=2 << 20)
    assert time.perf_counter() - begins < 1


def test_an_ordinary_workbook_with_merged_cells_opens() -> None:
    book = open_book(workbook(f'{CELL}<mergeCells><mergeCell ref="A1:D2"/></mergeCells>'))
    assert book.worksheets[0]["A1"].value == 1


def test_a_sheet_that_lies_about_its_size_is_read_by_its_cells() -> None:
    cell = '<c r="A1" t="inlineStr"><is><t>名称</t></is></c>'
    rows = f'<row r="1">{cell}</row><row r="9000"><c r="A9000"><v>1</v></c></row>'
    far = f'<dimension ref="A1:XFD9000"/><sheetData>{rows}</sheetData>'
    begins = time.perf_counter()
    assert len(XLSX().create_dataset(workbook(far))) == 8999
    assert time.perf_counter() - begins < 5
    wide = f'<sheetData><row r="1">{cell}<c r="ZZ1"><v>1</v></c></row></sheetData>'
    with pytest.raises(ValidationError, match="300列"):
        XLSX().create_dataset(workbook(wide))


@override_settings(REQUIRE_MFA=True)
def test_links_are_not_issued_anew_from_a_session_left_open(staff_client: Client) -> None:
    target = factories.target(factories.survey(factories.council_year()))
    (link,) = issue_links([target])
    data = {"action": "reissue_links", "_selected_action": [target.pk]}
    response = staff_client.post("/admin/surveys/surveytarget/", data)
    assert response.status_code in {302, 403}
    assert b"/answer/open/" not in response.content
    assert Client().get(f"/answer/open/{link.token}/").status_code == 302


def test_the_present_password_is_not_guessed_at_the_screen_that_changes_it(
    staff_client: Client, staff: User
) -> None:
    data = {"new_password1": "another-long-password-1", "new_password2": "another-long-password-1"}
    codes = [
        staff_client.post("/admin/password_change/", {**data, "old_password": f"wrong-{n}"}).status_code
        for n in range(8)
    ]
    assert codes[-1] == 429


def test_a_changed_password_stands_in_the_trail_and_is_mailed(
    staff_client: Client, staff: User, mailoutbox: Any
) -> None:
    staff.set_password("a-long-password")
    staff.email = "staff@example.lg.jp"
    staff.save()
    staff_client.force_login(staff)
    data = {"old_password": "a-long-password"}
    data |= {"new_password1": "another-long-password-1", "new_password2": "another-long-password-1"}
    assert staff_client.post("/admin/password_change/", data).status_code == 302
    assert AuditEntry.objects.filter(title="アカウント：パスワードの変更").exists()
    assert [mail.to for mail in mailoutbox] == [["staff@example.lg.jp"]]


@pytest.mark.parametrize(
    "href", ["/accounts/login/", "/councils/smart-jichitai/2020/report.xlsx#a", "/desk/x/"]
)
def test_a_link_in_prose_fails_no_screen(fy2020: Any, href: str) -> None:
    assert AnnualReport.objects.exists()
    assert leads_somewhere(href, "/councils/demo/2020/") in {True, False}


@pytest.mark.parametrize("method", ["get", "options", "put"])
def test_an_answer_is_opened_by_no_method_without_an_entry(
    fy2020: Any, staff_client: Client, method: str
) -> None:
    submission = Submission.objects.first()
    assert submission is not None
    before = AuditEntry.objects.filter(title__startswith="閲覧").count()
    response = getattr(staff_client, method)(f"/admin/surveys/submission/{submission.pk}/change/")
    assert response.status_code in {200, 405}
    opened = AuditEntry.objects.filter(title__startswith="閲覧").count() - before
    assert opened == (response.status_code == 200)


@override_settings(STAFF_NETWORKS=["10.0.0.0/8"])
def test_staff_see_no_preview_from_outside_their_networks(staff: User) -> None:
    survey = factories.survey(factories.council_year(), status="closed")
    address = f"{survey.council_year.get_absolute_url()}surveys/{survey.key}/"
    client = Client(REMOTE_ADDR="203.0.113.9")
    client.force_login(staff)
    assert client.get(address).status_code == 404
    inside = Client(REMOTE_ADDR="10.1.2.3")
    inside.force_login(staff)
    assert inside.get(address).status_code == 200


def test_one_line_of_ipv6_is_one_visitor(rf: Any) -> None:
    found = {visitor(rf.get("/", REMOTE_ADDR=f"2001:db8:1:2::{number:x}")) for number in range(1, 20)}
    assert len(found) == 1
    assert visitor(rf.get("/", REMOTE_ADDR="192.0.2.7")) == "192.0.2.7"
