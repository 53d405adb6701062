"""Files that are not what they should be: each names its cause, and none holds the portal up."""

import io
import time
import zipfile
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook, load_workbook

from members.common.files.bounded import bounded, cause
from members.common.files.turns import one_at_a_time
from surveys.answering.drafts import load_draft
from surveys.models import Condition, Question, SurveyTarget, Topic
from surveys.workbook.intake import preview, receive
from surveys.workbook.write import write_workbook
from tests import factories

LOOSE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"


@pytest.fixture
def grid(db: None) -> Question:
    survey = factories.survey(factories.council_year())
    grid = factories.question(survey, "進んだ", "変わらない", key="grid", kind="grid", is_required=False)
    for code, label in (("t1", "研修"), ("t2", "相談"), ("t3", "備蓄")):
        Topic.objects.create(question=grid, code=code, label=label)
    return grid


def target_of(question: Question) -> SurveyTarget:
    return SurveyTarget.objects.for_answering().get(pk=factories.target(question.survey).pk)


def book_of(target: SurveyTarget) -> Any:
    return load_workbook(io.BytesIO(write_workbook(load_draft(target))))


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The same workbook with some parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            for before, after in parts.items():
                data = data.replace(before.encode(), after)
            new.writestr(entry.filename, data)
    return out.getvalue()


def with_borders_pulled_down(content: bytes, rows: int) -> bytes:
    """What Excel saves when somebody pulls a border down: formatted cells without a value."""
    row = b'<row r="%d"><c r="A%d" s="1"/><c r="B%d" s="1"/><c r="D%d" s="1"/></row>'
    empty = b"".join(row % ((number,) * 4) for number in range(200, 200 + rows))
    return repacked(content, **{"</sheetData>": empty + b"</sheetData>"})


def test_borders_pulled_down_cost_nothing_and_the_answers_are_taken(grid: Question) -> None:
    target = target_of(grid)
    book = book_of(target)
    book["回答"]["D6"], book["回答"]["D7"] = "進んだ", "変わらない"
    content = with_borders_pulled_down(saved(book), 150_000)
    began = time.process_time()
    (upload,) = receive(grid.survey, [("回答.xlsx", content)], target=target)
    assert time.process_time() - began < 2
    assert not upload.problems
    assert upload.values == {"q-grid.t1": "c1", "q-grid.t2": "c2"}


def test_an_answer_behind_a_long_empty_stretch_is_not_lost_silently(grid: Question) -> None:
    target = target_of(grid)
    content = with_borders_pulled_down(saved(book_of(target)), 200_000)
    last = b'<row r="900000"><c r="D900000"><v>1</v></c></row></sheetData>'
    content = repacked(content, **{"</sheetData>": last})
    (upload,) = receive(grid.survey, [("回答.xlsx", content)], target=target)
    assert "行か列が多すぎます" in upload.problems[0]


def test_merged_cells_are_found_behind_a_long_sheet(grid: Question) -> None:
    target = target_of(grid)
    book = book_of(target)
    book["回答"]["D6"] = "進んだ"
    book["回答"].merge_cells("D6:D7")
    content = with_borders_pulled_down(saved(book), 200_000)
    (upload,) = receive(grid.survey, [("回答.xlsx", content)], target=target)
    assert any("セルが結合されています" in problem for problem in upload.problems)


def test_a_renamed_sheet_is_taken(grid: Question) -> None:
    target = target_of(grid)
    book = book_of(target)
    book["回答"]["D6"] = "進んだ"
    book["回答"].title = "総務課記入"
    (upload,) = receive(grid.survey, [("回答.xlsx", saved(book))], target=target)
    assert (upload.problems, upload.values) == ([], {"q-grid.t1": "c1"})


def test_rows_sorted_without_the_hidden_column_go_to_what_is_read(grid: Question) -> None:
    target = target_of(grid)
    book = book_of(target)
    sheet = book["回答"]
    for row, label, answer in ((6, "備蓄", "変わらない"), (7, "研修", "進んだ"), (8, "相談", None)):
        sheet.cell(row, 3).value, sheet.cell(row, 4).value = label, answer
    (upload,) = receive(grid.survey, [("回答.xlsx", saved(book))], target=target)
    assert upload.values == {"q-grid.t1": "c1", "q-grid.t3": "c2"}
    assert "6行目：行が並べ替えられています" in upload.notes[0]


def test_a_label_corrected_since_is_no_sorted_row(grid: Question) -> None:
    target = target_of(grid)
    book = book_of(target)
    book["回答"]["D6"] = "進んだ"
    grid.topics.filter(code="t1").update(label="職員の研修")
    (upload,) = receive(grid.survey, [("回答.xlsx", saved(book))], target=target)
    assert (upload.problems, upload.notes, upload.values) == ([], [], {"q-grid.t1": "c1"})


def test_a_percent_cell_is_read_as_it_shows(db: None) -> None:
    survey = factories.survey(factories.council_year())
    share = factories.question(survey, key="share", kind="number", unit="%", decimals=1, maximum=100)
    target = target_of(share)
    book = book_of(target)
    cell = book["回答"]["D6"]
    cell.value, cell.number_format = 0.125, "0.0%"
    (upload,) = receive(survey, [("回答.xlsx", saved(book))], target=target)
    assert (upload.problems, upload.values) == ([], {"q-share": "12.5"})


def test_what_does_not_apply_is_said_before_it_is_dropped(db: None) -> None:
    survey = factories.survey(factories.council_year())
    first = factories.question(survey, "はい", "いいえ", key="first", text="始めましたか")
    more = factories.question(survey, key="more", kind="line", text="いつから", is_required=False)
    Condition.objects.create(question=more, choice=first.choices.get(code="c1"))
    target = target_of(first)
    book = book_of(target)
    book["回答"]["D6"], book["回答"]["D7"] = "いいえ", "去年から"
    (upload,) = receive(survey, [("回答.xlsx", saved(book))], target=target)
    found = preview(upload)
    assert [difference.label for difference in found.differences] == ["問1 始めましたか"]
    assert "「いつから」の「去年から」は使いません" in found.unused[0]


def test_each_cause_has_its_own_sentence() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert "パスワード" in cause(ole + "EncryptedPackage".encode("utf-16-le"))
    assert "古い形式" in cause(ole)
    strict = repacked(saved(Workbook()), **{LOOSE: STRICT})
    assert "Strict Open XML" in cause(strict)


def test_a_strict_workbook_is_refused_with_its_cause(grid: Question) -> None:
    strict = repacked(saved(book_of(target_of(grid))), **{LOOSE: STRICT})
    (upload,) = receive(grid.survey, [("回答.xlsx", strict)])
    assert "Strict Open XML" in upload.problems[0]


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<row></row>" * 40_000_000)
    began = time.process_time()
    with pytest.raises(ValidationError, match="展開すると大きすぎる"):
        bounded(out.getvalue(), max_other=1000, sheet_bytes=1000)
    assert time.process_time() - began < 1


@pytest.mark.django_db
def test_two_readings_never_run_at_once() -> None:
    with one_at_a_time("test"):
        with one_at_a_time("other"):
            pass
        with pytest.raises(ValidationError, match="1分ほど待って"), one_at_a_time("test", patience=0.2):
            pytest.fail("both ran")
    with one_at_a_time("test", patience=0):
        pass
