"""What a workbook's parts may hold, looked at as bytes before any of it is parsed.

openpyxl makes an object of each cell of a merged or linked area, reads a part as often as it is named,
and finds sheets by what the workbook says of them. So areas, names and places are bounded here.
"""

import re
import zipfile

from django.core.exceptions import ValidationError

# As many sheets as an office's workbook has, and cells of merged or linked areas in all.
MAX_SHEETS, MAX_AREA = 60, 60_000
_NAME = rb"(?:[^\s<>/:]{1,40}:)?"
# Up to the next tag: a sign > may stand within an attribute, a sign < may not.
AREA = re.compile(rb"<" + _NAME + rb"(?:mergeCell|hyperlink)\b([^<]*)")
REF = re.compile(rb"""\bref\s{0,9}=\s{0,9}["']([^"']*)["']""")
CORNERS = re.compile(rb"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")
NAMED_SHEET = re.compile(rb"<" + _NAME + rb"sheet\b")
RELATION = re.compile(rb"<" + _NAME + rb"Relationship\b([^<]*)")
TARGET = re.compile(rb"""\bTarget\s{0,9}=\s{0,9}["']([^"']*)["']""")
OWN_PLACE = re.compile(rb"(?:/?xl/)?worksheets/[^/]{1,100}\.xml")
OVERRIDE = re.compile(rb"<" + _NAME + rb"Override\b([^<]*)")
PART_NAME = re.compile(rb"""\bPartName\s{0,9}=\s{0,9}["']([^"']*)["']""")
ENCODING = re.compile(rb"""^[^<]{0,8}<\?xml[^>]{0,200}encoding\s{0,4}=\s{0,4}["']([^"']{0,40})["']""")
READ_AS = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
STRANGE = "Excelのブックとして読めない作りのファイルです。Excelで開き、.xlsx形式で保存し直してください。"
# openpyxl makes an object of each tag of a style: 40 µs. Excel keeps 64,000 cell formats at most.
MOST_TAGS, CHEAP_TAGS = 100_000, 20
STYLES = (
    "書式（セルのスタイルなど）が多すぎて読み取れません。"
    "新しいブックを作り、「値の貼り付け」で表だけを移して保存してください。"
)
AREAS = (
    "結合またはリンクされたセルの範囲が大きすぎます。"
    "結合とリンクを解くか、表だけを新しいブックに貼り付けてください。"
)


def tags_of(name: str, data: bytes) -> int:
    """What a part that is no sheet costs to read: its tags, those of texts and pictures being cheap."""
    weight = CHEAP_TAGS if name.lower().endswith(("sharedstrings.xml", ".png", ".jpeg", ".jpg")) else 1
    return data.count(b"<") // weight


def check_parts(archive: zipfile.ZipFile) -> None:
    """Raise ``ValidationError`` where a workbook's parts name more than an office's workbook does."""
    names = [entry.filename for entry in archive.infolist()]
    if len({name.lower() for name in names}) < len(names):
        raise ValidationError(STRANGE)
    sheets = NAMED_SHEET.findall(plain(archive, "xl/workbook.xml"))
    relations = [
        TARGET.findall(found[1])
        for found in RELATION.finditer(plain(archive, "xl/_rels/workbook.xml.rels"))
        if b"/worksheet" in found[1]
    ]
    targets = [target for each in relations for target in each]
    is_own = all(OWN_PLACE.fullmatch(target) for target in targets)
    if not is_own or len(targets) != len(relations) or len(set(targets)) < len(targets):
        # A sheet that stands elsewhere, or is named twice, would not be cut.
        raise ValidationError(STRANGE)
    if len(sheets) > len(names):
        raise ValidationError(STRANGE)
    if len(sheets) > MAX_SHEETS:
        raise ValidationError(
            f"シートが多すぎます（{MAX_SHEETS}枚まで）。使うシートだけのブックにしてください。"
        )
    for found in OVERRIDE.finditer(plain(archive, "[Content_Types].xml")):
        places = {place.lower() for place in PART_NAME.findall(found[1])}
        if b"sheet.main+xml" in found[1] and places != {b"/xl/workbook.xml"}:
            raise ValidationError(STRANGE)


def plain(archive: zipfile.ZipFile, name: str) -> bytes:
    """A part that says how the others are read; nothing where there is none."""
    try:
        data = archive.read(name)
    except KeyError:
        return b""
    check_encoding(data)
    if b"&#" in data:
        # A name spelt so that a search does not find it.
        raise ValidationError(STRANGE)
    return data


def check_encoding(data: bytes) -> None:
    """Raise ``ValidationError`` for a part in letters that a search for tags does not know."""
    declared = ENCODING.match(data[:400])
    if b"\x00" in data[:400] or (declared and declared[1].lower() not in READ_AS) or b"<!DOCTYPE" in data:
        raise ValidationError(STRANGE)


def area_of(data: bytes) -> int:
    """How many cells the merged and linked areas of a sheet have in all."""
    return sum(cells(found[1]) for found in AREA.finditer(data))


def cells(attributes: bytes) -> int:
    """The cells of the largest area that a tag names, whichever of its attributes is the true one."""
    return max((cells_of(ref) for ref in REF.findall(attributes)), default=0)


def cells_of(ref: bytes) -> int:
    corners = CORNERS.fullmatch(ref.strip().upper())
    if corners is None:
        raise ValidationError(STRANGE)
    left, top, right, bottom = corners.groups()
    width = abs(column(right or left) - column(left)) + 1
    return width * (abs(int(bottom or top) - int(top)) + 1)


def column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
