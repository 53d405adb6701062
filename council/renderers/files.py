"""The one list of a report's files: its page, the link check, the sitemap and the addresses read it."""

from collections.abc import Callable
from dataclasses import dataclass

from council.renderers.excel import write_xlsx
from council.renderers.json import write_json
from council.renderers.pdf import write_pdf
from council.renderers.picture import write_picture
from council.renderers.text import write_text
from council.renderers.word import write_word
from council.report.imprint import Printed
from members.common.files.spreadsheets import XLSX

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

PLAIN_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A form in which a published report can be taken away."""

    extension: str
    label: str
    content_type: str
    write: Callable[[Printed], bytes]
    # Costly: made at publication, in the background, never while a reader waits.
    is_drawn: bool = False


# In the order in which the page offers them.
FILES = (
    ReportFile("pdf", "PDF", "application/pdf", write_pdf, is_drawn=True),
    ReportFile("docx", "Word", WORD, write_word, is_drawn=True),
    ReportFile("xlsx", "Excel", XLSX.content_type, write_xlsx, is_drawn=True),
    ReportFile("txt", "テキスト", PLAIN_TEXT, lambda printed: write_text(printed).encode("utf-8-sig")),
    ReportFile("json", "JSON", "application/json", write_json),
)
# For whoever shares the page's address; nobody takes it away by itself.
PICTURE = ReportFile("png", "共有用の画像", "image/png", write_picture, is_drawn=True)
DRAWN = (*(file for file in FILES if file.is_drawn), PICTURE)
BY_EXTENSION = {file.extension: file for file in (*FILES, PICTURE)}
