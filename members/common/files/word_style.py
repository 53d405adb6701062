"""An office's Word file whose style alone is used: judged before it is kept, emptied before it is written."""

import io
import zipfile
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.forms import ClearableFileInput
from django.template.loader import get_template
from django.utils.safestring import SafeString
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RELATIONSHIP

MAX_BYTES, MAX_UNPACKED = 3 * 1024 * 1024, 30 * 1024 * 1024
NOT_WORD = "Wordの文書（.docx）として読めません。Wordで開き、.docx形式で保存し直してください。"
# Of a whole package only these parts are needed to write with its styles; others tell of its author.
KEPT = {RELATIONSHIP.OFFICE_DOCUMENT, RELATIONSHIP.CORE_PROPERTIES}
USED = {
    RELATIONSHIP.STYLES, RELATIONSHIP.THEME, RELATIONSHIP.FONT_TABLE, RELATIONSHIP.NUMBERING,
    RELATIONSHIP.SETTINGS, RELATIONSHIP.HEADER, RELATIONSHIP.FOOTER,
}  # fmt: skip


class StoredFileInput(ClearableFileInput):
    """A file that is kept and never handed out as it is: no link to it."""

    template_name = "admin/widgets/stored_file.html"

    def _render(self, template_name: str, context: Any, renderer: Any = None) -> SafeString:
        # From the project's templates, which the renderer of forms does not know.
        return cast(SafeString, get_template(template_name).render(context))


def check_word_style(upload: Any) -> None:
    """Judge an uploaded style; raises ``ValidationError`` with what to do."""
    if upload.size > MAX_BYTES:
        raise ValidationError("ファイルが大きすぎます（3MBまで）。本文と大きな画像を消して保存してください。")
    content = upload.read()
    upload.seek(0)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            check_parts(archive)
        open_style(content)
    except ValidationError:
        raise
    # Whatever a library makes of a broken file: it is none.
    except Exception as error:
        raise ValidationError(NOT_WORD) from error


def check_parts(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise ValidationError("展開すると大きすぎるファイルです。本文と大きな画像を消して保存してください。")
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        raise ValidationError("マクロの入ったファイルは受け取れません。.docx形式で保存し直してください。")
    for entry in entries:
        data = archive.read(entry) if entry.filename.endswith((".rels", ".xml")) else b""
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise ValidationError(NOT_WORD)
        # A picture or template from elsewhere would tell a reader's address there.
        if entry.filename.endswith(".rels") and b'TargetMode="External"' in data.replace(b"'", b'"'):
            raise ValidationError(
                "ほかの場所を参照するリンク、画像かテンプレートが入っています。"
                "ヘッダー、フッターと本文からリンクを消し、画像は埋め込んで保存してください。"
            )


def open_style(content: bytes) -> Any:
    """The office's document with nothing in it but its styles, margins, header and footer."""
    document = Document(io.BytesIO(content))
    body = document.element.body
    for element in list(body):
        if not element.tag.endswith("}sectPr"):
            body.remove(element)
    for part, kept in ((document.part.package, KEPT), (document.part, USED)):
        for key in [key for key, relation in part.rels.items() if relation.reltype not in kept]:
            del part.rels[key]
    properties = document.core_properties
    for name in ("author", "last_modified_by", "comments", "keywords", "category", "subject", "title"):
        setattr(properties, name, "")
    return document
