"""The answer workbook: written, filled with a library of its own, and read back with suspicion."""

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from surveys.answering.drafts import load_draft
from surveys.models import (
    DraftSection,
    Question,
    Submission,
    Survey,
    SurveyTarget,
    Topic,
    WorkbookUpload,
)
from surveys.running.lifecycle import issue_links
from surveys.workbook.write import write_workbook
from tests import factories

pytestmark = pytest.mark.django_db
FILLED = {
    "q-one": "はい",
    "q-many=c1": "○",
    "q-many=c3": "〇",
    "q-many~c3": "=1+1 と書いた",
    "q-grid.t1": "進んだ",
    "q-grid.t2": "変わらない",
    "q-count": 1234,
    "q-day": "令和8年11月23日",
    "q-note": "髙﨑𠮷 😀",
    "respondent_department": "総務課",
    "respondent_name": "試験 花子",
}


@pytest.fixture
def survey() -> Survey:
    survey = factories.survey(factories.council_year(), title="試験アンケート")
    factories.question(survey, "はい", "いいえ", key="one", text="始めていますか")
    many = factories.question(survey, "A", "B", "その他", key="many", kind="multiple", is_required=False)
    many.choices.filter(code="c3").update(asks_text=True)
    grid = factories.question(survey, "進んだ", "変わらない", key="grid", kind="grid", text="進み具合")
    for code in ("t1", "t2"):
        Topic.objects.create(question=grid, code=code, label=f"項目{code}")
    factories.question(survey, key="count", kind="number", is_required=False, unit="件")
    factories.question(survey, key="day", kind="date", is_required=False)
    factories.question(survey, key="note", kind="text", is_required=False)
    return survey


@pytest.fixture
def target(survey: Survey) -> SurveyTarget:
    target = factories.target(survey, organization=factories.organization(name="試験町"))
    return SurveyTarget.objects.for_answering().get(pk=target.pk)


@pytest.fixture
def client(target: SurveyTarget) -> Client:
    client = Client()
    (link,) = issue_links([target])
    client.get(f"/answer/open/{link.token}/")
    return client


def book_of(target: SurveyTarget) -> Any:
    return load_workbook(io.BytesIO(write_workbook(load_draft(target))))


def row_of(sheet: Any, name: str) -> int:
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 6).value == name)


def fill(book: Any, values: dict[str, Any] = FILLED) -> Any:
    sheet = book["回答"]
    for name, value in values.items():
        cell = sheet.cell(row_of(sheet, name), 4)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
    return book


def as_file(book: Any, name: str = "回答.xlsx") -> SimpleUploadedFile:
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile(name, out.getvalue())


def send(client: Client, target: SurveyTarget, file: SimpleUploadedFile) -> tuple[WorkbookUpload, str]:
    """Send a workbook as the municipality does; returns it with the preview page."""
    response = client.post(f"/answer/{target.anchor}/workbook/", {"file": file})
    assert response.status_code == 302, response.content.decode()
    upload = WorkbookUpload.objects.latest("pk")
    return upload, client.get(response["Location"]).content.decode()


def test_the_workbook_is_ready_for_japanese_excel(client: Client, target: SurveyTarget) -> None:
    response = client.get(f"/answer/{target.anchor}/workbook.xlsx")
    book = load_workbook(io.BytesIO(response.content))
    sheet = book["回答"]
    assert "試験町" in sheet.cell(2, 1).value
    assert sheet.protection.sheet
    assert book.security.lockStructure
    assert {book[name].sheet_state for name in ("choices", "portal")} == {"veryHidden"}
    assert sheet.column_dimensions["F"].hidden
    one = row_of(sheet, "q-one")
    assert not sheet.cell(one, 4).protection.locked
    assert sheet.cell(one, 2).protection.locked
    rules = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    first, last = rules[f"D{one}"].removeprefix("choices!$C$").split(":$C$")
    labels = [book["choices"].cell(row, 3).value for row in range(int(first), int(last) + 1)]
    assert labels == ["はい", "いいえ"]


def test_from_workbook_to_answer(client: Client, target: SurveyTarget) -> None:
    _, page = send(client, target, as_file(fill(book_of(target))))
    assert "取り込むと変わるところ" in page
    assert "A、その他（=1+1 と書いた）" in page
    assert not DraftSection.objects.exists()
    upload = WorkbookUpload.objects.get()
    response = client.post(f"/answer/{target.anchor}/workbook/{upload.pk}/")
    assert response["Location"] == f"/answer/{target.anchor}/check/"
    values = DraftSection.objects.get(section="main").values
    assert values["q-many"] == ["c1", "c3"]
    assert values["q-count"] == "1234"
    check = client.get(response["Location"]).content.decode()
    assert "提出する前に直すところ" not in check
    # Taken over once: the same page again changes nothing.
    again = client.post(f"/answer/{target.anchor}/workbook/{upload.pk}/")
    assert again.status_code == 422
    assert "すでに取り込み済み" in again.content.decode()


def test_a_returned_workbook_opens_with_what_is_answered(client: Client, target: SurveyTarget) -> None:
    upload, _ = send(client, target, as_file(fill(book_of(target))))
    client.post(f"/answer/{target.anchor}/workbook/{upload.pk}/")
    sheet = book_of(SurveyTarget.objects.for_answering().get())["回答"]
    assert sheet.cell(row_of(sheet, "q-one"), 4).value == "はい"
    assert sheet.cell(row_of(sheet, "q-many=c3"), 4).value == "○"
    formula = sheet.cell(row_of(sheet, "q-many~c3"), 4)
    assert (formula.value, formula.data_type) == ("=1+1 と書いた", "s")


def insert_row(book: Any) -> None:
    sheet = book["回答"]
    sheet.insert_rows(row_of(sheet, "q-one"))
    sheet.cell(row_of(sheet, "q-one") - 1, 4).value = "はい"


def merge(book: Any) -> None:
    sheet = book["回答"]
    row = row_of(sheet, "q-grid.t1")
    sheet.merge_cells(start_row=row, end_row=row + 1, start_column=4, end_column=4)


def formula(book: Any) -> None:
    sheet = book["回答"]
    sheet.cell(row_of(sheet, "q-count"), 4).value = "=1+1"


def drop_row(book: Any) -> None:
    sheet = book["回答"]
    sheet.delete_rows(row_of(sheet, "q-note"))


def double_row(book: Any) -> None:
    sheet = book["回答"]
    sheet.append([sheet.cell(row_of(sheet, "q-one"), column).value for column in range(1, 7)])


def unknown_choice(book: Any) -> None:
    fill(book, {"q-one": "どちらでもない"})


def no_tick(book: Any) -> None:
    fill(book, {"q-many=c1": "たぶん"})


def bad_number(book: Any) -> None:
    fill(book, {"q-count": "12.5件"})


def too_long(book: Any) -> None:
    fill(book, {"q-note": "長" * 4001})


def error_value(book: Any) -> None:
    sheet = book["回答"]
    cell = sheet.cell(row_of(sheet, "q-note"), 4)
    cell.value, cell.data_type = "#REF!", "e"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (insert_row, "6行目D列：設問のない行に入力があります"),
        (merge, "セルが結合されています"),
        (formula, "数式が入っています"),
        (drop_row, "行がありません"),
        (double_row, "同じ設問の行が2つあります"),
        (unknown_choice, "「どちらでもない」という選択肢はありません"),
        (no_tick, "「たぶん」は、選ぶのか選ばないのか分かりません"),
        (bad_number, "行目D列：問"),
        (too_long, "4000文字以内"),
        (error_value, "エラー値（#REF!）"),
    ],
)
def test_a_damaged_workbook_says_where_and_changes_nothing(
    client: Client, target: SurveyTarget, damage: Any, words: str
) -> None:
    book = fill(book_of(target))
    damage(book)
    upload, page = send(client, target, as_file(book))
    assert words in page
    assert "シート" in page
    assert client.post(f"/answer/{target.anchor}/workbook/{upload.pk}/").status_code == 422
    assert not DraftSection.objects.exists()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    return out.getvalue()


def plain_book() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("回答.xlsm", b"PK", "マクロ有効ブック"),
        ("回答.xls", b"\xd0\xcf", "古い形式"),
        ("回答.pdf", b"%PDF", "回答用Excel（.xlsx）を選んで"),
        ("回答.xlsx", b"no zip at all", "ブック（.xlsx）として読めません"),
        ("回答.xlsx", bomb(), "展開すると大きすぎる"),
        ("回答.xlsx", plain_book(), "このポータルが作った回答用Excelではない"),
    ],
)
def test_what_is_no_answer_workbook_is_refused(
    client: Client, target: SurveyTarget, name: str, content: bytes, words: str
) -> None:
    _, page = send(client, target, SimpleUploadedFile(name, content))
    assert words in page


def test_macros_under_another_name_are_refused(client: Client, target: SurveyTarget) -> None:
    content = io.BytesIO(write_workbook(load_draft(target)))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    _, page = send(client, target, SimpleUploadedFile("回答.xlsx", content.getvalue()))
    assert "マクロの入ったファイル" in page


def test_the_hidden_origin_cannot_be_forged(client: Client, target: SurveyTarget) -> None:
    book = fill(book_of(target))
    book["portal"].cell(1, 1).value = str(book["portal"].cell(1, 1).value)[:-3] + "abc"
    _, page = send(client, target, as_file(book))
    assert "管理用の情報が変えられています" in page


def test_another_bodys_workbook_is_refused(client: Client, survey: Survey, target: SurveyTarget) -> None:
    other = factories.target(survey, organization=factories.organization(name="となり町"))
    other = SurveyTarget.objects.for_answering().get(pk=other.pk)
    _, page = send(client, target, as_file(fill(book_of(other))))
    assert "ほかの団体" in page
    assert "となり町" not in page
    # And nobody else's upload can be looked at.
    elsewhere = WorkbookUpload.objects.create(survey=survey, target=other, file_name="x.xlsx")
    assert client.get(f"/answer/{target.anchor}/workbook/{elsewhere.pk}/").status_code == 404


def test_an_old_version_is_refused_and_a_corrected_label_is_not(
    client: Client, survey: Survey, target: SurveyTarget
) -> None:
    book = fill(book_of(target))
    Question.objects.get(key="one").choices.filter(code="c1").update(label="はい（訂正）")
    upload, _ = send(client, target, as_file(book))
    assert upload.values["q-one"] == "c1"
    factories.question(survey, key="later", kind="text", is_required=False)
    _, page = send(client, target, as_file(book))
    assert "設問が変わる前に作られたファイル" in page


def test_a_newer_web_answer_is_not_overwritten_unseen(client: Client, target: SurveyTarget) -> None:
    book = fill(book_of(target))
    client.post(f"/answer/{target.anchor}/sections/main/", {"q-note": "画面で書いた", "leave": "1"})
    upload, page = send(client, target, as_file(book))
    assert "ダウンロードした後に" in page
    assert "画面で書いた" in page
    path = f"/answer/{target.anchor}/workbook/{upload.pk}/"
    assert client.post(path).status_code == 422
    assert DraftSection.objects.get(section="main").values == {"q-note": "画面で書いた"}
    assert client.post(path, {"knows": "on"}).status_code == 302
    assert DraftSection.objects.get(section="main").values["q-note"] == "髙﨑𠮷 😀"


def test_after_the_deadline_nothing_is_taken(client: Client, target: SurveyTarget) -> None:
    upload, _ = send(client, target, as_file(fill(book_of(target))))
    Survey.objects.update(status="closed")
    assert client.post(f"/answer/{target.anchor}/workbook/{upload.pk}/").status_code == 403
    assert client.post(f"/answer/{target.anchor}/workbook/").status_code == 403
    assert not DraftSection.objects.exists()
    assert not Submission.objects.exists()


def test_no_file_and_a_huge_file_are_said(client: Client, target: SurveyTarget) -> None:
    path = f"/answer/{target.anchor}/workbook/"
    assert "ファイルを選んでください" in client.post(path).content.decode()
    huge = SimpleUploadedFile("回答.xlsx", b"0" * (5 * 1024 * 1024 + 1))
    assert "5MBを超えています" in client.post(path, {"file": huge}).content.decode()
