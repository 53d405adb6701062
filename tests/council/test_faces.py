"""The faces of the report, each opened again with a library of its own and compared with the object."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from django.conf import settings
from django.test import Client
from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader

from council.editions.reading import find, read
from council.editions.stored import report_of_edition
from council.models import AnnualReport, ReportSection
from council.publishing.files import make_missing
from council.renderers import pdf
from council.renderers.excel import write_xlsx
from council.renderers.files import BY_EXTENSION
from council.renderers.text import plain, write_text
from council.renderers.word import write_word
from council.report.build import Minute, Report, build_report
from council.report.imprint import Printed
from council.report.tables import TABLES
from meetings.models import MinuteEntry
from members.common.snapshot import deserialize
from members.models import CouncilYear
from tests.publishing import printed, publish

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"


@pytest.fixture
def report(fy2020: CouncilYear) -> Report:
    found = AnnualReport.objects.select_related("council_year__council", "grade").get()
    return report_of_edition(publish(found))


def in_force() -> Printed:
    """The published report as its renderers take it."""
    found = find("smart-jichitai", 2020)
    assert found
    return read(found)


def facts(report: Report) -> list[str]:
    """What every face must hold."""
    wanted = [section.heading for section in report.sections]
    wanted += [row.name for row in (*report.roster.municipalities, *report.roster.prefectures)]
    wanted += [item.title for meeting in report.meetings for item in meeting.agenda]
    wanted += [department.name for row in report.roster.municipalities for department in row.departments]
    wanted += ["86%", "28市町中24市町", report.grade_sentence, *(figure.name for figure in report.figures)]
    return wanted


def squeezed(text: str) -> str:
    return "".join(text.split())


def body_of(client: Client, extension: str) -> bytes:
    make_missing()
    response = client.get(f"{URL}report.{extension}")
    assert response.status_code == 200
    assert f".{extension}" in response["Content-Disposition"]
    return response.content


def test_plain_text_in_the_offices_outline(report: Report) -> None:
    text = body_of(Client(), "txt").decode("utf-8-sig")
    assert "\n(1) 取組目標\n" in text
    assert [fact for fact in facts(report) if fact not in text] == []
    assert all(plain(paragraph) in text for section in report.sections for paragraph in section.paragraphs)


def test_json_builds_the_same_object_and_fits_its_schema(report: Report) -> None:
    content = json.loads(body_of(Client(), "json"))
    assert deserialize(Report, content["report"]) == report
    assert content["edition"] == 1
    schema = json.loads(Client().get("/report.schema.json").content)
    jsonschema.Draft202012Validator(schema).validate(content)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**content, "report": {}}, schema)


def test_a_workbook_of_tables_with_their_dictionary(report: Report) -> None:
    book = load_workbook(io.BytesIO(body_of(Client(), "xlsx")))
    titles = [table.title for table in TABLES]
    assert book.sheetnames == [titles[0], "データ定義", *titles[1:]]
    for table in TABLES:
        rows = list(book[table.title].iter_rows(values_only=True))
        assert list(rows[0]) == table.headers
        assert len(rows) - 1 == len(table.fill(in_force()))
    members = {row[0] for row in book["検討メンバー"].iter_rows(min_row=2, values_only=True)}
    assert members == {row.code for row in (*report.roster.municipalities, *report.roster.prefectures)}
    explained = {row[:2] for row in book["データ定義"].iter_rows(min_row=2, values_only=True)}
    assert explained == {(table.title, name) for table in TABLES for name in table.headers}


@pytest.mark.parametrize("name", [table.name for table in TABLES])
def test_every_table_as_csv(report: Report, name: str) -> None:
    content = Client().get(f"{URL}tables/{name}.csv").content
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len(rows) - 1 == len(next(table for table in TABLES if table.name == name).fill(in_force()))


def test_one_figures_table_as_csv(report: Report) -> None:
    content = Client().get(f"{URL}figures/progressed.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert {row["識別名"] for row in rows} == {"progressed"}
    assert sum(int(row["数"]) for row in rows if row["数える"] == "はい") == 24
    assert Client().get(f"{URL}figures/nothing.csv").status_code == 404


def test_a_word_file_as_an_office_expects_it(report: Report) -> None:
    document = Document(io.BytesIO(body_of(Client(), "docx")))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    text = "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    assert [fact for fact in facts(report) if fact not in text] == []
    headings = [p.text for p in document.paragraphs if p.style and p.style.name == "Heading 1"]
    assert "(1) 取組目標" in headings
    for table in document.tables:
        assert "tblHeader" in table.rows[0]._tr.xml
    assert document.core_properties.language == "ja-JP"
    assert 'w:eastAsia="ja-JP"' in document.styles["Normal"].element.xml


def struct_types(node: Any, found: list[str]) -> list[str]:
    """The tags of a PDF's structure tree, in order."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for each in node:
            struct_types(each, found)
    elif isinstance(node, dict):
        if "/S" in node:
            found.append(str(node["/S"]))
        if "/K" in node:
            struct_types(node["/K"], found)
    return found


def test_a_tagged_pdf_that_a_screen_reader_can_read(report: Report) -> None:
    reader = PdfReader(io.BytesIO(body_of(Client(), "pdf")))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("ja")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata
    assert reader.metadata.title == report.title
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    tags = struct_types(root["/StructTreeRoot"], [])
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/P"} <= set(tags)
    # The title is the one heading of its level, and everything stands below it.
    assert tags.count("/H1") == 1
    _, sections = reader.outline
    assert isinstance(sections, list)
    assert len(sections) >= len(report.sections)
    text = squeezed("".join(page.extract_text() for page in reader.pages))
    assert [fact for fact in facts(report) if squeezed(fact) not in text] == []
    # A body with several departments stands once.
    assert text.count("熊野市") == 1


def test_without_typst_the_page_says_what_to_do(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(_: Printed) -> bytes:
        raise pdf.PdfUnavailable("このサーバーにはPDFを作る部品（typst）が入っていません。")

    pdf_file = replace(BY_EXTENSION["pdf"], write=unavailable)
    monkeypatch.setattr("council.publishing.files.DRAWN", (pdf_file,))
    assert make_missing().failed == 1
    response = Client().get(f"{URL}report.pdf")
    assert response.status_code == 503
    assert "印刷画面でPDFに保存" in response.content.decode()


def test_odd_characters_break_no_face(fy2020: CouncilYear) -> None:
    built = build_report(AnnualReport.objects.select_related("council_year__council", "grade").get())
    odd = Minute("x", "報告", "=1+1 #title[*] $x$ \\ 髙﨑𠮷 😀 \x0b <b>& 「」", "発言者\x00")
    meeting = replace(built.meetings[0], minutes=(odd,), attended=3, invited=4)
    strange = replace(built, meetings=(meeting,), title="題 & <b> #題")
    for write in (write_word, write_xlsx, pdf.write_pdf):
        assert write(printed(strange))
    assert "髙﨑𠮷 😀" in write_text(printed(strange))


MARKED_UP = """次のことを**進めます**。

- 一覧は[こちら](/open-data/)
    1. 中の一、{progressed.percent}
    2. 中の二
- 二つ目 *強調*

終わりの段落
二行目"""


def test_lists_links_and_emphasis_reach_every_face(fy2020: CouncilYear) -> None:
    ReportSection.objects.filter(kind="goals").update(body=MARKED_UP)
    MinuteEntry.objects.filter(meeting__number=1).update(body=MARKED_UP)
    built = build_report(AnnualReport.objects.select_related("council_year__council", "grade").get())

    document = Document(io.BytesIO(write_word(printed(built))))
    goals = document.paragraphs[[p.text for p in document.paragraphs].index("次のことを進めます。") :][:6]
    assert [p.text for p in goals] == [
        "次のことを進めます。",
        "一覧はこちら",
        "1. 中の一、86%",
        "2. 中の二",
        "二つ目 強調",
        "終わりの段落\n二行目",
    ]
    assert [run.text for run in goals[0].runs if run.bold] == ["進めます"]
    assert goals[1].style
    assert goals[1].style.name == "List Bullet"
    (link,) = goals[1].hyperlinks
    assert (link.text, link.url) == ("こちら", f"{settings.PORTAL_ADDRESS}/open-data/")
    (figure,) = goals[2].hyperlinks
    assert figure.url == f"{settings.PORTAL_ADDRESS}{URL}editions/1/figures/progressed/"

    reader = PdfReader(io.BytesIO(pdf.write_pdf(printed(built))))
    root: Any = reader.trailer["/Root"]
    tags = struct_types(root["/StructTreeRoot"], [])
    assert {"/L", "/LI", "/LBody", "/Link"} <= set(tags)
    text = squeezed("".join(page.extract_text() for page in reader.pages))
    assert "終わりの段落二行目" in text
    assert "中の一、86%" in text

    plain_text = write_text(printed(built))
    assert "　・一覧はこちら\n　　1.中の一、86%\n" in plain_text
    # A token is one in the report's prose only: minutes say what was said.
    assert "1.中の一、{progressed.percent}" in plain_text


def test_no_other_file_is_handed_out(report: Report) -> None:
    assert Client().get(f"{URL}report.exe").status_code == 404
    assert Client().get(f"{URL}tables/secrets.csv").status_code == 404
