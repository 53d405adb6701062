"""Import sheets: the template, an office's ways of writing, rows that are chosen, and nothing unseen."""

import io
import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from members.common.text.eras import parse_fiscal_year
from members.models import CouncilYear, Department, Membership, Organization
from tests import factories
from tests.members.test_files import HEADERS, confirm, ticked, upload, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def year() -> CouncilYear:
    council = factories.council(slug="test", name="三重県・市町DX推進協議会")
    return factories.council_year(council=council)


@pytest.fixture
def tsu() -> Organization:
    return factories.organization(code="242012", name="津市")


@pytest.fixture
def section(tsu: Organization) -> Department:
    return factories.department(organization=tsu, name="DX推進課")


def row(**cells: Any) -> list[Any]:
    given = {"検討会議": "test", "年度": 2020, "団体コード": "242012", "担当課": "DX推進課", **cells}
    return [given.get(heading, "") for heading in HEADERS]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("令和2年度", 2020), ("令和２年", 2020), ("R2", 2020), ("r2年度", 2020), (2020, 2020), (2020.0, 2020),
        ("２０２０年度", 2020), ("令和2(2020)年度", 2020), ("2020（令和2）年度", 2020), ("令和元年度", 2019),
        ("平成31年度", 2019), ("㋿2年度", 2020), (date(2020, 4, 1), 2020), (date(2021, 3, 31), 2020),
        (date(1905, 7, 12), 2020), ("2020/4/1", 2020), ("令和3年3月31日", 2020),
    ],
)  # fmt: skip
def test_a_fiscal_year_as_offices_write_it(written: Any, expected: int) -> None:
    assert parse_fiscal_year(written) == expected


@pytest.mark.parametrize("written", ["", "来年", "令和", "202", "20200", "明治2年度", "令和0年度", None])
def test_what_is_no_fiscal_year(written: Any) -> None:
    with pytest.raises(ValueError, match=r"day|year"):
        parse_fiscal_year(written)


@pytest.mark.parametrize(
    "name",
    [
        "三重県・市町DX推進協議会", "三重県・市町ＤＸ推進協議会", "三重県･市町DX推進協議会",
        "三重県・市町 DX 推進協議会", "三重県・市町DX推進協議会　",
    ],
)  # fmt: skip
def test_a_council_by_its_name_in_any_width(
    staff_client: Client, year: CouncilYear, section: Department, name: str
) -> None:
    other = factories.council(slug="sub", name="三重県・市町DX推進協議会 幹事会")
    factories.council_year(council=other)
    file = workbook(HEADERS, row(検討会議=name, 年度="令和2年度", 担当課="ＤＸ推進課"))
    confirm(staff_client, upload(staff_client, file))
    assert Membership.objects.get().council_year == year
    assert Department.objects.count() == 1


@pytest.mark.parametrize(
    ("mark", "role"),
    [("◎", "chair"), (" ◎　", "chair"), ("○", "member"), ("〇", "member"), ("◯", "member"), ("", "member")],
)
def test_marks_say_the_role(
    staff_client: Client, year: CouncilYear, section: Department, mark: str, role: str
) -> None:
    confirm(staff_client, upload(staff_client, workbook(HEADERS, row(役割=mark))))
    assert Membership.objects.get().role == role


@pytest.mark.parametrize("mark", ["×", "x", "✕", "－"])
def test_a_cross_takes_nobody_in(
    staff_client: Client, year: CouncilYear, section: Department, mark: str
) -> None:
    response = upload(staff_client, workbook(HEADERS, row(役割=mark)))
    assert "参加しない団体と見て取り込みません" in response.content.decode()
    confirm(staff_client, response)
    assert not Membership.objects.exists()


def test_a_department_is_registered_where_it_is_ticked(
    staff_client: Client, year: CouncilYear, section: Department
) -> None:
    rows = [row(), row(担当課="デジタル改革課"), row(担当課="てびき課")]
    response = upload(staff_client, workbook(HEADERS, *rows))
    page = response.content.decode()
    assert "「津市 デジタル改革課」は登録されていません" in page
    assert "登録されている担当課：DX推進課" in page
    assert len(ticked(response)) == 1
    assert Department.objects.count() == 1

    tickets = re.findall(r'name="row"[^>]*value="([^"]*)"', page)
    page = confirm(staff_client, response, row=tickets[:2]).content.decode()
    assert "追加2件、変更0件" in page
    assert {each.name for each in Department.objects.all()} == {"DX推進課", "デジタル改革課"}


def test_an_exported_roster_read_again_ticks_what_differs(staff_client: Client, fy2020: CouncilYear) -> None:
    exported = staff_client.post("/admin/members/membership/export/", {"format": "0", "resource": "0"})
    book = load_workbook(io.BytesIO(exported.content))
    sheet: Any = book.active
    sheet.cell(5, 7).value = "情報担当課長"
    out = io.BytesIO()
    book.save(out)
    response = upload(staff_client, SimpleUploadedFile("名簿.xlsx", out.getvalue()))
    page = response.content.decode()
    assert len(ticked(response)) == 1
    assert "変わらない行は42行です" in page
    assert "変更1件" in confirm(staff_client, response).content.decode()
    again = upload(staff_client, SimpleUploadedFile("名簿.xlsx", out.getvalue())).content.decode()
    assert "取り込むものはありません" in again
    assert 'value="選んだ行を取り込む"' not in again


def test_what_changed_after_the_preview_is_not_written_over(
    staff_client: Client, year: CouncilYear, section: Department
) -> None:
    Membership.objects.create(council_year=year, department=section, post="課長")
    response = upload(staff_client, workbook(HEADERS, row(職名="参事")))
    Membership.objects.update(post="部長")
    page = confirm(staff_client, response).content.decode()
    assert "何も取り込んでいません" in page
    assert Membership.objects.get().post == "部長"


def test_a_department_that_went_after_the_preview_does_not_come_back(
    staff_client: Client, year: CouncilYear, section: Department
) -> None:
    response = upload(staff_client, workbook(HEADERS, row()))
    section.delete()
    assert "何も取り込んでいません" in confirm(staff_client, response).content.decode()
    assert not Department.objects.exists()


def test_nothing_chosen_changes_nothing(staff_client: Client, year: CouncilYear, section: Department) -> None:
    response = upload(staff_client, workbook(HEADERS, row()))
    assert "選ばれていません" in confirm(staff_client, response, row=[]).content.decode()
    assert not Membership.objects.exists()


def test_cells_merged_over_rows_hold_for_each(
    staff_client: Client, year: CouncilYear, tsu: Organization
) -> None:
    for name in ("情報政策課", "総務課"):
        factories.department(organization=tsu, name=name)
    book = Workbook()
    sheet: Any = book.active
    for cells in (HEADERS, row(担当課="情報政策課"), ["", "", "", "", "総務課", "", ""], ["※ 4月1日現在"]):
        sheet.append(cells)
    for column in "ABCD":
        sheet.merge_cells(f"{column}2:{column}3")
    sheet.merge_cells("A4:G4")
    out = io.BytesIO()
    book.save(out)
    response = upload(staff_client, SimpleUploadedFile("名簿.xlsx", out.getvalue()))
    assert "注記と見て、取り込みません" in response.content.decode()
    confirm(staff_client, response)
    assert Membership.objects.count() == 2


def test_a_formula_that_was_never_calculated_is_not_a_blank(staff_client: Client, year: CouncilYear) -> None:
    file = workbook(HEADERS, row(年度="=2018+2"))
    assert "数式の結果が保存されていない" in upload(staff_client, file).content.decode()


def test_other_headings_and_no_codes(staff_client: Client, year: CouncilYear, section: Department) -> None:
    headers = ["会議名", "年 度", "市町名", "課名"]
    confirm(staff_client, upload(staff_client, workbook(headers, ["test", "R2", "津市", "DX推進課"])))
    assert Membership.objects.get().department == section
    twice = workbook([*headers, "担当課"], ["test", "R2", "津市", "DX推進課", "別の課"])
    assert "見出し「担当課」が2つあります" in upload(staff_client, twice).content.decode()


@pytest.mark.parametrize("model", ["organization", "department", "membership"])
def test_the_template_is_filled_in_and_read(
    staff_client: Client, year: CouncilYear, section: Department, model: str
) -> None:
    page = staff_client.get(f"/admin/members/{model}/import/").content.decode()
    assert f"/admin/members/{model}/template.xlsx" in page
    content = staff_client.get(f"/admin/members/{model}/template.xlsx").content
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["記入", "記入例", "コード表"]
    entry: Any = book["記入"]
    assert entry.data_validations.dataValidation
    assert [cell.value for cell in book["記入例"][1]] == [cell.value for cell in entry[1]]
    # As handed out: the example is none of it.
    response = upload(staff_client, SimpleUploadedFile("用紙.xlsx", content), model)
    assert "confirm_form" not in response.context


def test_the_templates_choices_are_codes_that_are_read(
    staff_client: Client, year: CouncilYear, section: Department
) -> None:
    content = staff_client.get("/admin/members/membership/template.xlsx").content
    book = load_workbook(io.BytesIO(content))
    entry: Any = book["記入"]
    lists: Any = book["コード表"]
    choices = {cell.value: lists.cell(2, cell.column).value for cell in lists[1] if cell.value}
    for cell in entry[1]:
        if cell.value in choices:
            entry.cell(2, cell.column).value = choices[cell.value]
    out = io.BytesIO()
    book.save(out)
    response = upload(staff_client, SimpleUploadedFile("用紙.xlsx", out.getvalue()))
    confirm(staff_client, response)
    assert Membership.objects.get().department == section
    assert Membership.objects.get().role == "chair"


def test_every_word_of_the_screens_is_japanese(
    staff_client: Client, year: CouncilYear, section: Department
) -> None:
    pages = [
        staff_client.get("/admin/members/membership/").content.decode(),
        staff_client.get("/admin/members/membership/import/").content.decode(),
        staff_client.get("/admin/members/membership/export/").content.decode(),
    ]
    response = upload(staff_client, workbook(HEADERS, row()))
    pages += [response.content.decode(), confirm(staff_client, response).content.decode()]
    pages.append(
        staff_client.get(f"/admin/members/membership/{Membership.objects.get().pk}/history/").content.decode()
    )
    english = re.compile(r">[^<>]*\b(Import|Export|exporter|importer|finished|Submit|Row|Preview|through)\b")
    assert [english.search(page) for page in pages] == [None] * len(pages)
    assert "ファイルから取り込みました" in pages[-1]


def test_who_only_reads_gets_no_template() -> None:
    assert Client().get("/admin/members/membership/template.xlsx").status_code == 302


# --- As offices send their tables ---


def book_of(*sheets: tuple[str, list[list[Any]]], hidden: dict[str, list[int]] | None = None) -> Any:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        page = book.create_sheet(title)
        for cells in rows:
            page.append(cells)
        for number in (hidden or {}).get(title, []):
            page.row_dimensions[number].hidden = True
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("名簿.xlsx", out.getvalue())


def test_a_table_below_titles_and_on_another_sheet(
    staff_client: Client, year: CouncilYear, section: Department
) -> None:
    cover = ("表紙", [["検討メンバー名簿の提出について"], ["担当課 各位"]])
    table = (
        "名簿",
        [["令和2年度 名簿"], [], ["（7月1日現在）", "", "津市"], HEADERS, row(), ["合計", "", 1]],
    )
    response = upload(staff_client, book_of(cover, table, ("メモ", [["年度"]])))
    page = response.content.decode()
    assert "シート「名簿」を読み取りました" in page
    assert "見出しの行か、それより上の行です" in page
    assert "合計の行と見て、取り込みません" in page
    # Rows are named as Excel numbers them.
    assert "5行目" in page
    confirm(staff_client, response)
    assert Membership.objects.get().department == section


def test_a_fault_below_titles_names_the_row_of_excel(
    staff_client: Client, year: CouncilYear, section: Department
) -> None:
    rows = [["令和2年度 名簿"], ["作成：情報課"], HEADERS, row(), row(団体コード="999999")]
    page = upload(staff_client, book_of(("名簿", rows))).content.decode()
    assert "<td>5行目</td>" in page


def test_hidden_rows_are_read_and_said(staff_client: Client, year: CouncilYear, tsu: Organization) -> None:
    for name in ("一課", "二課", "三課"):
        factories.department(organization=tsu, name=name)
    rows = [HEADERS, *(row(担当課=name) for name in ("一課", "二課", "三課"))]
    response = upload(staff_client, book_of(("名簿", rows), hidden={"名簿": [3]}))
    assert "表示されていない行が1行あります" in response.content.decode()
    assert len(ticked(response)) == 3


@pytest.mark.parametrize("name", ["三重郡菰野町", "三重郡 菰野町", "菰野町"])
def test_a_town_behind_its_district(staff_client: Client, year: CouncilYear, name: str) -> None:
    komono = factories.organization(code="243418", name="菰野町", kind="town", district="三重郡")
    factories.department(organization=komono, name="DX推進課")
    response = upload(staff_client, workbook(HEADERS, row(団体コード="", 団体名=name)))
    assert len(ticked(response)) == 1


@pytest.mark.parametrize("name", ["いなべ", "いなペ市"])
def test_a_name_that_is_nearly_right_is_asked_about(
    staff_client: Client, year: CouncilYear, name: str
) -> None:
    factories.organization(code="242144", name="いなべ市")
    page = upload(staff_client, workbook(HEADERS, row(団体コード="", 団体名=name))).content.decode()
    assert "「いなべ市」のことですか" in page
    assert not Membership.objects.exists()


def test_one_fault_of_many_rows_is_said_once(staff_client: Client, tsu: Organization) -> None:
    factories.council_year(council=factories.council(slug="test", name="協議会"))
    rows = []
    for number in range(40):
        factories.department(organization=tsu, name=f"第{number}課")
        rows.append(row(年度=2031, 担当課=f"第{number}課"))
    page = upload(staff_client, workbook(HEADERS, *rows)).content.decode()
    assert page.count("令和13（2031）年度が登録されていません") == 1
    assert "2〜41行目のうち40行" in page


def test_yes_and_no_for_one_section_are_a_contradiction(
    staff_client: Client, year: CouncilYear, section: Department
) -> None:
    response = upload(staff_client, workbook(HEADERS, row(役割="○"), row(役割="×", 担当課="ＤＸ推進課")))
    page = response.content.decode()
    assert "シートの3行目と、参加するかどうかが食い違っています" in page
    assert "シートの2行目と、参加するかどうかが食い違っています" in page
    assert ticked(response) == []


def test_what_is_right_does_not_wait_for_what_is_wrong(
    staff_client: Client, year: CouncilYear, section: Department
) -> None:
    response = upload(staff_client, workbook(HEADERS, row(), row(担当課="", 団体コード="999999")))
    page = response.content.decode()
    assert "ほかの行は、先に取り込めます" in page
    confirm(staff_client, response)
    assert Membership.objects.count() == 1


@pytest.mark.parametrize(
    ("marks", "roles"),
    [
        (["◎", "○", ""], ["chair", "vice_chair", "member"]),
        (["◎", "○", "○"], ["chair", "member", "member"]),
        (["", "○", ""], ["member", "member", "member"]),
    ],
)
def test_a_circle_beside_blanks_and_a_chair_is_the_second(
    staff_client: Client, year: CouncilYear, tsu: Organization, marks: list[str], roles: list[str]
) -> None:
    rows = []
    for number, mark in enumerate(marks):
        factories.department(organization=tsu, name=f"第{number}課")
        rows.append(row(担当課=f"第{number}課", 役割=mark))
    confirm(staff_client, upload(staff_client, workbook(HEADERS, *rows)))
    assert list(Membership.objects.order_by("department__name").values_list("role", flat=True)) == roles
