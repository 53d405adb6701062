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

from members.common.files.parts import (
    AREAS,
    MAX_AREA,
    MOST_TAGS,
    STYLES,
    area_of,
    check_encoding,
    check_parts,
    tags_of,
)

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
        refuse(entries, max_other)
        check_parts(archive)
        out = io.BytesIO()
        parsed = area = tags = 0
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as shorter:
            for entry in entries:
                data = cut(archive, entry, sheet_bytes) if is_long_sheet(entry) else archive.read(entry)
                tags += 0 if SHEET.fullmatch(entry.filename) else tags_of(entry.filename, data)
                if tags > MOST_TAGS:
                    raise ValidationError(STYLES)
                if SHEET.fullmatch(entry.filename):
                    check_encoding(data)
                    parsed, area = parsed + len(data), area + area_of(data)
                if parsed > sheet_bytes + SHORT:
                    raise too_large()
                if area > MAX_AREA:
                    raise ValidationError(AREAS)
                shorter.writestr(entry.filename, data)
    return out.getvalue()


def refuse(entries: list[zipfile.ZipInfo], max_other: int) -> None:
    """Raise ``ValidationError`` for a workbook that is too large unpacked, or has macros."""
    others = sum(entry.file_size for entry in entries if not SHEET.fullmatch(entry.filename))
    total = sum(entry.file_size for entry in entries)
    if others > max_other or total > SCANNED_BYTES:
        raise too_large()
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        raise ValidationError("マクロの入ったファイルは受け取れません。.xlsx形式で保存し直してください。")


def is_long_sheet(entry: zipfile.ZipInfo) -> bool:
    """Whether a part of a workbook is a sheet too long to be parsed as it is."""
    return bool(SHEET.fullmatch(entry.filename)) and entry.file_size > SHORT


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
        merged = merged_areas(head[end:], stream)
    return head[:end] + sheet_end(head, merged)


def merged_areas(rest: bytes, stream: IO[bytes]) -> set[bytes]:
    """The merged areas named behind the rows that are kept; a value there is refused, not lost."""
    merged: set[bytes] = set()
    for block in blocks(rest, stream):
        if VALUE.search(block):
            raise ValidationError(
                "表の行か列が多すぎます。入力のある表だけを新しいブックに貼り付けるか、いくつかに分けてください。"
            )
        merged.update(MERGED.findall(block))
    return merged


def sheet_end(head: bytes, merged: set[bytes]) -> bytes:
    """What closes a sheet behind its last row, with the name prefix that its root element has."""
    root = re.search(rb"<(\w+:)?worksheet[ >]", head)
    prefix = (root[1] if root else None) or b""
    areas = b"".join(b'<%smergeCell ref="%s"/>' % (prefix, area) for area in sorted(merged))
    if areas:
        areas = b"<%smergeCells>%s</%smergeCells>" % (prefix, areas, prefix)
    return b"</%ssheetData>" % prefix + areas + b"</%sworksheet>" % prefix


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
