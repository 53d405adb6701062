"""Organizations, departments and rosters as files: in with reasons, out without formulas."""

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from members.common.text.eras import fiscal_year
from members.models import CouncilYear, Membership, Organization
from tests import factories

pytestmark = pytest.mark.django_db

HEADERS = ["検討会議", "年度", "団体コード", "団体名", "担当課", "役割", "職名"]


def workbook(*rows: list[Any]) -> SimpleUploadedFile:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("名簿.xlsx", out.getvalue())


def upload(client: Client, file: SimpleUploadedFile, model: str = "membership") -> Any:
    return client.post(f"/admin/members/{model}/import/", {"import_file": file, "resource": "0"})


def ticked(response: Any) -> list[str]:
    return re.findall(r'name="row"[^>]*value="([^"]*)"[^>]* checked', response.content.decode())


def confirm(client: Client, response: Any, model: str = "membership", **more: Any) -> Any:
    """Press the button of a preview as it is, or with other rows ticked."""
    data = {**response.context["confirm_form"].initial, "row": ticked(response), **more}
    return client.post(f"/admin/members/{model}/process_import/", data, follow=True)


@pytest.fixture
def year() -> CouncilYear:
    return factories.council_year(council=factories.council(slug="test"))


def test_a_roster_is_previewed_then_imported(staff_client: Client, year: CouncilYear) -> None:
    department = factories.department(organization=factories.organization(code="242012", name="津市"))
    rows = [HEADERS, ["test", 2020, 242012, "津市", department.name, "代表", "課長"]]
    response = upload(staff_client, workbook(*rows))
    assert not Membership.objects.exists()
    assert "津市" in response.content.decode()
    confirm(staff_client, response)
    membership = Membership.objects.get()
    assert (membership.council_year, membership.department) == (year, department)
    assert (membership.role, membership.post) == ("chair", "課長")

    again = upload(staff_client, workbook(*rows))
    confirm(staff_client, again)
    assert Membership.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (
            ["test", 2020, "242013", "", "総務課", "", ""],
            "担当課",
            "団体コード「242013」の団体が登録されていません",
        ),
        (["test", 2020, "242012", "四日市市", "総務課", "", ""], "担当課", "団体コード 242012 は津市です"),
        (
            ["test", 2019, "242012", "津市", "総務課", "", ""],
            "年度",
            "検討会議「test」の令和元（2019）年度が登録されていません",
        ),
        (["test", "来年", "242012", "津市", "総務課", "", ""], "年度", "「来年」を読み取れません"),
        (["test", 2020, "", "", "総務課", "", ""], "担当課", "団体コードか団体名を入力してください"),
        (["test", 2020, "", "津", "総務課", "", ""], "担当課", "団体名「津」の団体が登録されていません"),
        (["別の会議", 2020, "242012", "津市", "総務課", "", ""], "年度", "登録されているのは"),
        (["test", 2020, "242012", "津市", "#N/A", "", ""], "担当課", "数式の結果がエラー"),
        (["test", 2020, "242012", "津市", "税務課", "", ""], "行全体", "シートの2行目と同じ検討メンバー"),
        (["test", 2020, "242012", "津市", "総務課", "部長", ""], "役割", "代表、副代表、構成員"),
    ],
)
def test_an_error_names_row_column_and_reason(
    staff_client: Client, year: CouncilYear, row: list[Any], column: str, reason: str
) -> None:
    tsu = factories.organization(code="242012", name="津市")
    factories.department(organization=tsu, name="総務課")
    factories.department(organization=tsu, name="税務課")
    good = ["test", 2020, "242012", "津市", "税務課", "", ""]
    response = upload(staff_client, workbook(HEADERS, good, row))
    page = response.content.decode()
    assert "<td>3行目</td>" in page
    assert f"<td>{column}</td>" in page
    assert reason in page
    assert not Membership.objects.exists()
    # What is right does not wait for it.
    confirm(staff_client, response)
    assert [each.department.name for each in Membership.objects.all()] == ["税務課"]


def test_a_council_is_not_guessed_from_a_name_that_two_have(staff_client: Client) -> None:
    town = factories.organization(code="242012", name="津市")
    factories.department(organization=town, name="税務課")
    slugs = []
    for _ in range(2):
        slugs.append(factories.council_year(council=factories.council(name="同名会議")).council.slug)
    rest = [2020, "242012", "津市", "税務課", "", ""]
    page = upload(staff_client, workbook(HEADERS, ["同名会議", *rest])).content.decode()
    assert "検討会議が2つあります。名称の代わりに識別名を入力してください" in page
    confirm(staff_client, upload(staff_client, workbook(HEADERS, [slugs[1], *rest])))
    assert Membership.objects.get().council_year.council.slug == slugs[1]


@pytest.mark.parametrize("year", ["令和", "9" * 5_000])
def test_a_year_that_is_no_number_gets_a_sentence(staff_client: Client, year: str) -> None:
    file = SimpleUploadedFile(
        "名簿.csv", f"検討会議,年度,団体コード,担当課\ntest,{year},242012,税務課\n".encode()
    )
    assert "を読み取れません" in upload(staff_client, file).content.decode()


def test_an_alias_is_as_good_as_the_name(staff_client: Client, year: CouncilYear) -> None:
    town = factories.organization(code="243035", name="木曽岬町")
    town.aliases.create(name="木曾岬町")
    factories.department(organization=town, name="危機管理課")
    file = workbook(HEADERS, ["test", 2020, "２４３０３５", "木曾岬町", "危機管理課", "", ""])
    confirm(staff_client, upload(staff_client, file))
    assert Membership.objects.get().department.organization == town


def test_a_missing_column_is_named(staff_client: Client) -> None:
    response = upload(staff_client, workbook(["団体コード", "団体名"], ["242012", "津市"]), "organization")
    assert "見出し「ふりがな」「種別」がありません" in response.content.decode()


def test_organizations_come_from_a_cp932_file(staff_client: Client) -> None:
    text = "団体コード,団体名,ふりがな,種別,郡\r\n243035,木曽岬町,きそさきちょう,町,桑名郡\r\n"
    file = SimpleUploadedFile("団体.csv", text.encode("cp932"))
    confirm(staff_client, upload(staff_client, file, "organization"), "organization")
    assert Organization.objects.get().district == "桑名郡"


def test_a_lost_leading_zero_is_put_back(staff_client: Client) -> None:
    file = workbook(["団体コード", "団体名", "ふりがな", "種別"], [11002, "札幌市", "さっぽろし", "市"])
    confirm(staff_client, upload(staff_client, file, "organization"), "organization")
    assert Organization.objects.get().code == "011002"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("名簿.xlsx", b"not a workbook", "Excelのブック（.xlsx）として読めません"),
        ("名簿.xlsx", b"", "空です"),
        ("名簿.pdf", b"%PDF-1.4", "Excel（.xlsx）かCSV（.csv）"),
        ("名簿.csv", b"\x81\x00\xff\xfe", "文字コードを判別できません"),
        ("名簿.csv", b"\n\n", "表がありません"),
        ("名簿.csv", b"x" * (5 * 1024 * 1024 + 1), "5MBを超えています"),
    ],
)
def test_a_bad_file_gets_a_sentence(staff_client: Client, name: str, content: bytes, reason: str) -> None:
    response = upload(staff_client, SimpleUploadedFile(name, content))
    assert response.status_code == 200
    assert reason in response.content.decode()


def export(client: Client, file_format: str) -> bytes:
    data = {"format": file_format, "resource": "0"}
    response = client.post("/admin/members/organization/export/", data)
    assert response.status_code == 200
    return response.content


def test_no_exported_cell_is_a_formula(staff_client: Client) -> None:
    for name in ("=1+1", "＝HYPERLINK()", "@SUM", "-5", "・町"):
        factories.organization(name=name)
    sheet = load_workbook(io.BytesIO(export(staff_client, "0"))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["団体コード", "団体名", "ふりがな", "種別", "郡"]
    assert all(cell.data_type == "s" for row in sheet.iter_rows(max_col=4) for cell in row)
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [
        "=1+1", "＝HYPERLINK()", "@SUM", "-5", "・町",
    ]  # fmt: skip

    raw = export(staff_client, "1")
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = raw.decode("utf-8-sig").split("\r\n")
    names = [line.split(",")[1] for line in lines[1:-1]]
    assert names == ["'=1+1", "'＝HYPERLINK()", "'@SUM", "-5", "・町"]


def test_an_exported_roster_names_the_council_as_people_do(staff_client: Client) -> None:
    years = [
        factories.council_year(council=factories.council(name=name)) for name in ("部会", "部会", "総会")
    ]
    for year in years:
        factories.membership(year)
    data = {"format": "0", "resource": "0"}
    exported = staff_client.post("/admin/members/membership/export/", data).content
    rows = load_workbook(io.BytesIO(exported)).active.iter_rows(min_row=2, values_only=True)
    # A name that two councils have would not be read again.
    assert {row[0] for row in rows} == {"総会", years[0].council.slug, years[1].council.slug}


def test_a_new_year_is_proposed(staff_client: Client) -> None:
    council = factories.council()
    form = staff_client.get("/admin/members/councilyear/add/").context["adminform"].form
    assert form.initial["year"] == fiscal_year(timezone.localdate())
    assert form.initial["council"] == council.pk


def test_what_was_exported_can_be_imported(staff_client: Client, fy2020: CouncilYear) -> None:
    data = {"format": "0", "resource": "0"}
    exported = staff_client.post("/admin/members/membership/export/", data).content
    Membership.objects.all().delete()
    confirm(staff_client, upload(staff_client, SimpleUploadedFile("名簿.xlsx", exported)))
    assert Membership.objects.count() == 43
    assert Membership.objects.get(role="chair").post == "総務部スマート改革推進課長"


def test_only_staff_with_the_right_import() -> None:
    assert Client().get("/admin/members/organization/import/").status_code == 302
