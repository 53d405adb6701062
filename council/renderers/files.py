"""The one list of a report's files: its page, the link check, the sitemap and the addresses read it."""

from collections.abc import Callable
from dataclasses import dataclass

from council.models import ReportEdition
from council.publishing.verification import sealed
from council.renderers.excel import write_xlsx
from council.renderers.json import write_json
from council.renderers.pdf import write_pdf
from council.renderers.text import write_text
from council.renderers.word import write_word
from council.report.build import Report
from members.common.files.spreadsheets import XLSX

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

PLAIN_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A form in which a published report can be taken away."""

    extension: str
    label: str
    content_type: str
    write: Callable[[ReportEdition, Report], bytes]


def json_of(edition: ReportEdition, _: Report) -> bytes:
    return write_json(edition.content, edition.number, sealed(edition))


# In the order in which the page offers them.
FILES = (
    ReportFile("pdf", "PDF", "application/pdf", lambda _, report: write_pdf(report)),
    ReportFile("docx", "Word", WORD, lambda _, report: write_word(report)),
    ReportFile("xlsx", "Excel", XLSX.content_type, lambda _, report: write_xlsx(report)),
    ReportFile(
        "txt",
        "テキスト",
        "text/plain; charset=utf-8",
        lambda _, report: write_text(report).encode("utf-8-sig"),
    ),
    ReportFile("json", "JSON", "application/json", json_of),
)
BY_EXTENSION = {file.extension: file for file in FILES}
