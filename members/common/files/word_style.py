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
from docx.oxml.ns import nsmap, qn
from docx.parts.image import ImagePart

from members.common.files.parts import check_encoding

MAX_BYTES, MAX_UNPACKED = 3 * 1024 * 1024, 30 * 1024 * 1024
# Of all that is parsed, and of styles: each heading and bullet looks through them.
MAX_TEXT, MOST_STYLES = 4 * 1024 * 1024, 500
NOT_WORD = "Wordの文書（.docx）として読めません。Wordで開き、.docx形式で保存し直してください。"
# Of a whole package only these parts are needed to write with its styles; others tell of its author.
KEPT = {RELATIONSHIP.OFFICE_DOCUMENT, RELATIONSHIP.CORE_PROPERTIES}
USED = {
    RELATIONSHIP.STYLES, RELATIONSHIP.THEME, RELATIONSHIP.FONT_TABLE, RELATIONSHIP.NUMBERING,
    RELATIONSHIP.SETTINGS, RELATIONSHIP.HEADER, RELATIONSHIP.FOOTER,
}  # fmt: skip
RELATIONS = nsmap["r"]
PICTURES = {"image/png", "image/jpeg"}
# Settings that name a template, a source of data, or what a macro left.
TELLING = {"attachedTemplate", "mailMerge", "docVars", "documentProtection", "writeProtection"}
# What a header may count; others fetch pictures or files when the document is opened.
FIELDS = {
    "PAGE",
    "NUMPAGES",
    "SECTION",
    "SECTIONPAGES",
    "STYLEREF",
    "DATE",
    "TIME",
    "MERGEFORMAT",
    "CHARFORMAT",
}
FORMATS = ("http://schemas.", "https://schemas.", "http://purl.oclc.org/", "urn:")
ELSEWHERE = (
    "ほかの場所を参照するリンク、画像、フィールドかテンプレートが入っています。"
    "ヘッダー、フッターと本文からリンクを消し、画像は埋め込んで保存してください。"
)


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
    """Raise ``ValidationError`` for what is refused before any of it is parsed."""
    entries = archive.infolist()
    texts = [entry for entry in entries if entry.filename.lower().endswith((".rels", ".xml"))]
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED or (
        sum(entry.file_size for entry in texts) > MAX_TEXT
    ):
        raise ValidationError("展開すると大きすぎるファイルです。本文と大きな画像を消して保存してください。")
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        raise ValidationError("マクロの入ったファイルは受け取れません。.docx形式で保存し直してください。")
    for entry in texts:
        data = archive.read(entry)
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise ValidationError(NOT_WORD)
        try:
            check_encoding(data)
        except ValidationError as error:
            raise ValidationError(NOT_WORD) from error


def open_style(content: bytes) -> Any:
    """The office's document with nothing in it but its styles, margins, header and footer.

    Raises ``ValidationError`` where these reach out to another place: a picture or template from
    elsewhere would tell each reader's address there.
    """
    document = Document(io.BytesIO(content))
    body = document.element.body
    for element in list(body):
        if not element.tag.endswith("}sectPr"):
            body.remove(element)
    for part, kept in ((document.part.package, KEPT), (document.part, USED)):
        for key in [key for key, relation in part.rels.items() if relation.reltype not in kept]:
            del part.rels[key]
    if len(document.styles.element) > MOST_STYLES:
        raise ValidationError(
            f"スタイルが多すぎます（{MOST_STYLES}まで）。使わないスタイルを消してください。"
        )
    for relation in list(document.part.rels.values()):
        keep_to_itself(document, relation)
    properties = document.core_properties
    for name in ("author", "last_modified_by", "comments", "keywords", "category", "subject", "title"):
        setattr(properties, name, "")
    return document


def keep_to_itself(document: Any, relation: Any) -> None:
    """Leave a part of the style nothing but what it is needed for; raises ``ValidationError``."""
    if relation.is_external:
        raise ValidationError(ELSEWHERE)
    part = relation.target_part
    if relation.reltype in {RELATIONSHIP.HEADER, RELATIONSHIP.FOOTER}:
        check_words(part)
    elif relation.reltype == RELATIONSHIP.SETTINGS:
        for key in list(part.rels):
            del part.rels[key]
        for element in list(document.settings.element):
            if str(element.tag).rpartition("}")[2] in TELLING or reaches_out(element):
                document.settings.element.remove(element)
    elif relation.reltype == RELATIONSHIP.NUMBERING and names_places(part.element):
        raise ValidationError(ELSEWHERE)
    elif part.rels:
        # Fonts, pictures of bullets or of a theme: the style does without the part that names them.
        if relation.reltype == RELATIONSHIP.STYLES:
            raise ValidationError(ELSEWHERE)
        del document.part.rels[relation.rId]


def check_words(part: Any) -> None:
    """Whether a header or footer has only words, pictures of its own and fields of the page."""
    for relation in part.rels.values():
        is_picture = relation.reltype == RELATIONSHIP.IMAGE and not relation.is_external
        if not is_picture or not isinstance(relation.target_part, ImagePart):
            raise ValidationError(ELSEWHERE)
        if relation.target_part.content_type not in PICTURES:
            raise ValidationError("ヘッダー、フッターの画像は、PNGかJPEGにしてください。")
    element = part.element
    fields = [found.text or "" for found in element.iter(qn("w:instrText"))]
    fields += [found.get(qn("w:instr"), "") for found in element.iter(qn("w:fldSimple"))]
    named = " ".join(fields).split()
    if any(word.isalpha() and word.isupper() and word not in FIELDS for word in named):
        raise ValidationError(ELSEWHERE)
    if names_places(element):
        raise ValidationError(ELSEWHERE)


def names_places(element: Any) -> bool:
    """Whether an attribute anywhere below names another place."""
    return any(is_place(str(value)) for found in element.iter() for value in found.attrib.values())


def is_place(value: str) -> bool:
    """Whether an attribute names another place; the names of formats look like places and are none."""
    text = value.strip().lower()
    if text.startswith(FORMATS):
        return False
    return "://" in text or text.startswith(("\\\\", "//", "file:", "mhtml:", "ftp:"))


def reaches_out(element: Any) -> bool:
    """Whether an element of the settings refers to a part that is gone."""
    return any(str(name).startswith(f"{{{RELATIONS}}}") for found in element.iter() for name in found.attrib)
