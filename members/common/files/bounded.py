"""Workbooks cut to what somebody filled in, so that none can hold a server up.

A border pulled down to the end of the sheet makes a million formatted empty rows out of
thirty answers. Only the beginning of a sheet is parsed; the rest is looked through as bytes
for values, without which nothing is lost.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO

from django.core.exceptions import ValidationError

# What is looked through at all.
SCANNED_BYTES = 300 * 1024 * 1024
BLOCK = 1024 * 1024
# A sheet that is parsed as it is.
SHORT = 256 * 1024
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
VALUE = re.compile(rb"<(?:\w+:)?(?:v|is|f)[ >]")
ROW_END = re.compile(rb"</(?:\w+:)?row>")
MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z0-9:]{2,30})"')
# Longer than any tag that is looked for.
OVERLAP = 200


def bounded(content: bytes, *, max_other: int, sheet_bytes: int) -> bytes:
    """The workbook with its long sheets cut after their last value; raises ``ValidationError``.

    ``sheet_bytes`` bounds what of a sheet is parsed, ``max_other`` all that is not a sheet,
    both unpacked.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        sheets = {entry.filename for entry in entries if SHEET.fullmatch(entry.filename)}
        others = sum(entry.file_size for entry in entries if entry.filename not in sheets)
        total = sum(entry.file_size for entry in entries)
        if others > max_other or total > SCANNED_BYTES:
            raise too_large()
        if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
            raise ValidationError("マクロの入ったファイルは受け取れません。.xlsx形式で保存し直してください。")
        if all(entry.file_size <= SHORT for entry in entries if entry.filename in sheets):
            return content
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as shorter:
            for entry in entries:
                long = entry.filename in sheets and entry.file_size > SHORT
                data = cut(archive, entry, sheet_bytes) if long else archive.read(entry)
                shorter.writestr(entry.filename, data)
    return out.getvalue()


def cut(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    """A sheet up to its last row with a value, which must stand within the limit, and its merged areas."""
    with archive.open(entry) as stream:
        head = stream.read(limit)
        ends = [match.end() for match in ROW_END.finditer(head)]
        if not ends:
            raise too_large()
        # Of rows that hold nothing, one behind the last that does is enough.
        last = max((match.start() for match in VALUE.finditer(head)), default=0)
        end = next((place for place in ends if place > last), ends[-1])
        merged: set[bytes] = set()
        for block in blocks(head[end:], stream):
            if VALUE.search(block):
                raise ValidationError(
                    "表の行か列が多すぎます。入力のある表だけを新しいブックに貼り付けるか、いくつかに分けてください。"
                )
            merged.update(MERGED.findall(block))
    root = re.search(rb"<(\w+:)?worksheet[ >]", head)
    prefix = (root[1] if root else None) or b""
    areas = b"".join(b'<%smergeCell ref="%s"/>' % (prefix, area) for area in sorted(merged))
    if areas:
        areas = b"<%smergeCells>%s</%smergeCells>" % (prefix, areas, prefix)
    return head[:end] + b"</%ssheetData>" % prefix + areas + b"</%sworksheet>" % prefix


def blocks(rest: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    """What follows the head, in pieces that overlap, so that no tag falls between two."""
    while rest:
        yield rest
        following = stream.read(BLOCK)
        rest = rest[-OVERLAP:] + following if following else b""


def too_large() -> ValidationError:
    return ValidationError("展開すると大きすぎるファイルです。表だけを新しいブックに貼り付けてください。")


def cause(content: bytes) -> str:
    """Why a file that is called .xlsx cannot be opened, and what to do; for what offices meet."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            return (
                "パスワードで保護されたファイルは開けません。"
                "Excelの「ファイル」→「情報」→「ブックの保護」→「パスワードを使用して暗号化」でパスワードを消し、保存し直してください。"
            )
        return (
            "古い形式のExcel（.xls）の名前だけが.xlsxになっています。"
            "Excelで開き、「名前を付けて保存」で「Excel ブック（*.xlsx）」を選んでください。"
        )
    if is_strict(content):
        return (
            "「Strict Open XML スプレッドシート」として保存されています。"
            "「名前を付けて保存」で「Excel ブック（*.xlsx）」を選んでください。"
        )
    return "Excelのブック（.xlsx）として読めません。Excelで開き、.xlsx形式で保存し直してください。"


def is_strict(content: bytes) -> bool:
    """Whether a workbook is in the strict form of its format, in which openpyxl sees no sheet."""
    return b"http://purl.oclc.org/ooxml/" in first_part(content)


def first_part(content: bytes) -> bytes:
    """The part that names the sheets; empty where there is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("xl/workbook.xml") as part:
            return part.read(BLOCK)
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, RuntimeError, NotImplementedError):
        return b""
