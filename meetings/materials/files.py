"""Uploaded files: which are taken, judged by what they hold and not by their name."""

import hashlib
import io
import re
import struct
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from django.core.exceptions import ValidationError

MAX_BYTES = 30 * 1024 * 1024
MAX_UNPACKED = 300 * 1024 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that is taken: its name on screen and what its content must look like."""

    label: str
    content_type: str
    holds: Callable[[IO[bytes]], bool]


def starts_with(*prefixes: bytes, at: int = 0) -> Callable[[IO[bytes]], bool]:
    def holds(file: IO[bytes]) -> bool:
        file.seek(at)
        return file.read(16).startswith(prefixes)

    return holds


# More than this no honest document has to say of its parts.
MOST_SAID = 1_000_000


def content_types(archive: zipfile.ZipFile) -> bytes:
    """What an office document says of the kinds of its parts."""
    with (
        archive.open("[Content_Types].xml")
        if "[Content_Types].xml" in archive.namelist()
        else io.BytesIO() as part
    ):
        return part.read(MOST_SAID)


def office(folder: str) -> Callable[[IO[bytes]], bool]:
    """A document of Word, Excel or PowerPoint, without macros and of sane size."""

    def holds(file: IO[bytes]) -> bool:
        file.seek(0)
        try:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
                told = content_types(archive)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, struct.error):
            # A damaged directory makes the reader stumble over names, versions and places, too.
            return False
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
            raise ValidationError("展開すると大きすぎるファイルです。内容を確かめて、作り直してください。")
        names = [entry.filename for entry in entries]
        # By its usual name, or by what the file itself says that a part is.
        if any(name.casefold().endswith("vbaproject.bin") for name in names) or b"vbaproject" in told.lower():
            raise ValidationError(
                "マクロを含むファイルは登録できません。マクロを外して保存し直してください。"
            )
        return any(name.startswith(folder) for name in names)

    return holds


def text(file: IO[bytes]) -> bool:
    file.seek(0)
    content = file.read()
    if b"\x00" in content:
        return False
    for encoding in ("utf-8", "cp932"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


# What a reader's program would do by itself when the document is opened.
ACTIVE = re.compile(rb"/(?:JavaScript|Launch|RichMedia)\b")


def quiet_pdf(file: IO[bytes]) -> bool:
    """Whether a file is a PDF; one that acts by itself is refused, as macros are."""
    if not starts_with(b"%PDF-")(file):
        return False
    file.seek(0)
    rest = b""
    while block := file.read(1 << 20):
        if ACTIVE.search(rest + block):
            raise ValidationError(
                "開いたときに自動で動く仕組み（JavaScriptなど）のあるPDFは登録できません。"
                "「印刷」でPDFとして保存し直してください。"
            )
        rest = block[-20:]
    return True


TYPES = {
    "pdf": FileType("PDF", "application/pdf", quiet_pdf),
    "docx": FileType("Word", f"{OFFICE}wordprocessingml.document", office("word/")),
    "xlsx": FileType("Excel", f"{OFFICE}spreadsheetml.sheet", office("xl/")),
    "pptx": FileType("PowerPoint", f"{OFFICE}presentationml.presentation", office("ppt/")),
    "png": FileType("PNG画像", "image/png", starts_with(b"\x89PNG\r\n\x1a\n")),
    "jpg": FileType("JPEG画像", "image/jpeg", starts_with(b"\xff\xd8\xff")),
    "mp4": FileType("MP4動画", "video/mp4", starts_with(b"ftyp", at=4)),
    "csv": FileType("CSV", "text/csv", text),
    "txt": FileType("テキスト", "text/plain", text),
}
# Shown by the browser itself; all else is saved to disk.
INLINE = {TYPES[name].content_type for name in ("pdf", "png", "jpg")}


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What is known of an upload that may be kept."""

    name: str
    content_type: str
    size: int
    sha256: str


def check_file(upload: Any) -> CheckedFile:
    """Judge an upload; raises ``ValidationError`` with what to do."""
    name = safe_name(upload.name or "")
    extension = name.rpartition(".")[2].lower().replace("jpeg", "jpg")
    if extension not in TYPES:
        known = "、".join(f".{extension}" for extension in TYPES)
        raise ValidationError(f"この形式のファイルは登録できません。登録できるのは {known} です。")
    if not upload.size:
        raise ValidationError("ファイルが空です。内容のあるファイルを選んでください。")
    if upload.size > MAX_BYTES:
        raise ValidationError(
            f"ファイルが大きすぎます（{human_size(upload.size)}）。"
            f"{human_size(MAX_BYTES)}までにするか、公開先のアドレスを登録してください。"
        )
    kind = TYPES[extension]
    if not kind.holds(upload.file):
        raise ValidationError(
            f"ファイルの中身が{kind.label}ではありません。元のソフトで開き、保存し直してください。"
        )
    upload.seek(0)
    digest = hashlib.file_digest(upload.file, "sha256").hexdigest()
    upload.seek(0)
    return CheckedFile(name, kind.content_type, upload.size, digest)


def safe_name(name: str) -> str:
    """A file name that is safe on every system: Japanese stays, paths and controls go."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    name = re.sub(r'[<>:"|?*]', "_", name).strip(" .")
    stem, dot, extension = name.rpartition(".")
    return f"{stem[:100]}{dot}{extension[:10]}" if dot else name[:100]


def human_size(size: int) -> str:
    """A size as people read it: 「1.2MB」."""
    if size < 1024:
        return f"{size}バイト"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f}KB"
    return f"{size / 1024 / 1024:.1f}MB"


def describe_type(content_type: str) -> str:
    """The name of a type on screen."""
    return next((kind.label for kind in TYPES.values() if kind.content_type == content_type), "ファイル")
