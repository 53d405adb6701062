"""Every renderer against the object, field by field: what an edition says is in each of its forms."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.template.loader import render_to_string
from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader

from council.publishing.views import frame
from council.renderers.csv import write_csv
from council.renderers.excel import write_xlsx
from council.renderers.files import FILES
from council.renderers.json import write_json
from council.renderers.page import report_page
from council.renderers.pdf import write_pdf
from council.renderers.text import write_text
from council.renderers.word import write_word
from council.report.imprint import Printed
from council.report.tables import TABLES
from members.common.text.eras import format_date
from tests.council.whole_report import Path, leaves, whole_report
from tests.publishing import printed

pytestmark = pytest.mark.django_db


def page_text(whole: Printed) -> str:
    """The report's page and its figures' pages, tags and all: addresses are part of what it says."""
    report = whole.report
    more: dict[str, Any] = {
        "base": "/r/",
        "page": report_page(report),
        "imprint": whole.imprint,
        "files": FILES,
    }
    more["facts"] = whole.facts
    pages = [render_to_string("report.html", frame(report, tables=TABLES, **more))]
    for tally in report.figures:
        detail = report.detail(tally.key)
        context = frame(report, tally=tally, detail=detail, slug=report.slug, year=report.year, **more)
        pages.append(render_to_string("figure.html", context))
    return "".join(pages)


def pdf_text(whole: Printed) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(write_pdf(whole))).pages)


def word_text(whole: Printed) -> str:
    document = Document(io.BytesIO(write_word(whole)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def excel_text(whole: Printed) -> str:
    book = load_workbook(io.BytesIO(write_xlsx(whole)))
    return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)


def csv_text(whole: Printed) -> str:
    return "".join(write_csv(whole, table.name).decode("utf-8-sig") for table in TABLES)


FACES: dict[str, Callable[[Printed], str]] = {
    "page": page_text,
    "pdf": pdf_text,
    "docx": word_text,
    "xlsx": excel_text,
    "csv": csv_text,
    "txt": write_text,
    "json": lambda whole: write_json(whole).decode(),
}

# What stands in no form of words: how a thing is drawn, or by what the portal knows it.
DRAWN = {
    ("slug",),
    ("is_published",),
    ("sections", "kind"),
    ("sections", "paragraphs", "marker"),
    ("sections", "paragraphs", "level"),
    ("sections", "paragraphs", "segments", "figure"),
    ("sections", "paragraphs", "segments", "style"),
    ("sections", "paragraphs", "segments", "href"),
    ("meetings", "is_cancelled"),
    ("results", "kind"),
    ("results", "rows", "is_counted"),
    ("details", "tables", "kind"),
    ("details", "tables", "rows", "is_counted"),
}
# What a form for reading leaves to the tables: names in addresses, permanent ids, when it was computed.
NAMES = {
    ("figures", "key"),
    ("figures", "as_of"),
    ("figures", "survey_key"),
    # The share stands in words.
    ("trends", "points", "percent"),
    ("trends", "key"),
    ("details", "key"),
    ("details", "tables", "key"),
    ("results", "key"),
    ("meetings", "number"),
    ("meetings", "minutes", "anchor"),
    # Depth is drawn by blanks, kind by having a number or not.
    ("meetings", "agenda", "kind"),
    ("meetings", "agenda", "level"),
    ("meetings", "status"),
    ("roster", "municipalities", "code"),
    ("roster", "prefectures", "code"),
    ("roster", "others", "code"),
    # How each organization took part stands on the meeting's page; the report says how many did.
    ("meetings", "attendances", "code"),
    ("meetings", "attendances", "name"),
    ("meetings", "attendances", "status"),
    ("roster", "municipalities", "kana"),
    ("roster", "municipalities", "kind"),
    ("roster", "prefectures", "kana"),
    ("roster", "others", "kana"),
    ("roster", "prefectures", "kind"),
    ("roster", "others", "kind"),
    # A chart of topics draws shares; its table has counts, those without an answer, and the base.
    ("results", "answered"),
    ("results", "not_asked"),
    ("results", "rows", "percent"),
}
# Tables have the survey's title.
KEYS = {("figures", "survey_key")}
ROLES = {("roster", group, "departments", "mark") for group in ("municipalities", "prefectures", "others")}
# By face, what it does not say, and why.
LEFT_OUT: dict[str, set[Path]] = {
    "page": NAMES,
    "pdf": NAMES,
    "docx": NAMES,
    "txt": NAMES,
    # Tables have the roles in words, without their decoration.
    "xlsx": ROLES | KEYS,
    "csv": ROLES | KEYS,
    "json": set(),
}


@pytest.mark.parametrize("face", FACES)
def test_every_field_reaches_every_face(face: str) -> None:
    whole = printed(whole_report())
    text = re.sub(r"\s", "", FACES[face](whole))
    missing = {
        path
        for path, value in leaves(whole.report)
        if path not in DRAWN | LEFT_OUT[face]
        and not (is_of_a_page_of_its_own(path) and face != "json")
        and not any(form in text for form in forms(value))
    }
    assert missing == set()


def is_of_a_page_of_its_own(path: Path) -> bool:
    """A summary is read at its address; only there a word has its reading above it."""
    return path[0] == "summaries" or path[-1] == "ruby"


def forms(value: object) -> list[str]:
    """How a value may be written."""
    if hasattr(value, "isoformat"):
        day = value.date() if hasattr(value, "date") else value
        return [day.isoformat(), re.sub(r"\s", "", format_date(day))]
    return [str(value)]


@pytest.mark.parametrize("face", FACES)
def test_every_file_says_which_edition_it_is(face: str) -> None:
    whole = printed(whole_report(), number=7, kind="正誤", reason="誤字のため", superseded_by=9)
    text = re.sub(r"\s", "", FACES[face](whole))
    assert whole.imprint.chain_hash in text
    if face != "json":
        assert "第7版（旧版。最新は第9版）" in text
        assert "誤字のため" in text
