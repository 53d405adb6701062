"""What somebody who looked for ways past ``docs/security.md`` found the eighth time; each had succeeded."""

import io
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document
from openpyxl import Workbook

from council.accounts.forms import MOST_LETTERS, PortalAuthenticateForm
from meetings.minutes.markup import render
from meetings.minutes.naming import is_named
from members.common.files.spreadsheets import CSV
from members.common.files.word_style import MOST_STYLES, check_word_style, open_style
from members.common.text.cleaning import MOST_MARKS, compatible
from members.models import AuditEntry, Council, RosterReply
from surveys.models import Question, Survey, SurveyTarget
from surveys.questionnaire.excel import read_questions
from surveys.questionnaire.replacing import compared
from surveys.questionnaire.table import HEADERS, MOST_QUESTIONS
from tests import factories
from tests.members.test_files import HEADERS as ROSTER
from tests.members.test_files import upload
from tests.surveys.test_question_sheet import confirm
from tests.surveys.test_workbook import as_file, book_of, client, fill, survey, target

pytestmark = pytest.mark.django_db
__all__ = ["client", "survey", "target"]
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def seconds(work: Callable[[], Any]) -> float:
    """Processor time, so that a busy machine is no failure."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def repacked(content: bytes, change: Callable[[str, bytes], bytes], **added: str | bytes) -> bytes:
    """A packed file with its parts changed, and some added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in added:
                new.writestr(entry.filename, change(entry.filename, old.read(entry)))
        for name, data in added.items():
            new.writestr(name, data)
    return out.getvalue()


def naming_one_text(content: bytes, rows: str, text: str, before: bytes) -> bytes:
    """A workbook whose added cells all name one long text, which the file holds once."""

    def change(name: str, data: bytes) -> bytes:
        if name == "xl/worksheets/sheet1.xml":
            return data.replace(before, rows.encode() + before)
        if name == "[Content_Types].xml" and b"sharedStrings" not in data:
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
            part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
            return data.replace(b"</Types>", part.encode())
        if name == "xl/_rels/workbook.xml.rels" and b"sharedStrings" not in data:
            named = f'<Relationship Id="rIdS" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
            return data.replace(b"</Relationships>", named.encode() + b"</Relationships>")
        return data

    head = '<?xml version="1.0" encoding="UTF-8"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    strings = f"{head}<si><t>{text}</t></si></sst>"
    return repacked(content, change, **{"xl/sharedStrings.xml": strings})


def test_one_long_text_named_in_each_row_holds_nobody_up(client: Client, target: SurveyTarget) -> None:
    book = as_file(fill(book_of(target))).read()
    rows = "".join(
        f'<row r="{row}"><c r="B{row}" t="s"><v>0</v></c><c r="C{row}" t="s"><v>0</v></c></row>'
        for row in range(900, 3700)
    )
    content = naming_one_text(book, rows, "あ" * 20_000, b"</sheetData>")
    address = f"/answer/{target.anchor}/workbook/"
    sent = SimpleUploadedFile("a.xlsx", content)
    taken = seconds(lambda: client.post(address, {"file": sent}))
    assert taken < 5
    sent.seek(0)
    assert "セルの文字が多すぎ" in client.post(address, {"file": sent}, follow=True).content.decode()


def test_nor_in_a_roster_that_is_imported(staff_client: Client) -> None:
    book = Workbook()
    book.active.append(ROSTER)
    out = io.BytesIO()
    book.save(out)
    rows = ("<row>" + '<c t="s"><v>0</v></c>' * 5 + "</row>") * 400
    content = naming_one_text(out.getvalue(), rows, "x" * 100_000, b"</sheetData>")
    response = upload(staff_client, SimpleUploadedFile("名簿.xlsx", content))
    assert len(response.content) < 1_000_000
    assert "セルの文字が多すぎます" in response.content.decode()


def test_a_run_of_marks_is_no_long_work() -> None:
    for text in ("a" + "\u0301" * 40_000 + "\u0316" * 40_000, "\u0f73" * 40_000):
        assert seconds(lambda text=text: compatible(text)) < 1
    # As many as any script has stay.
    assert compatible("あ" * 600 + "e\u0301") == "あ" * 600 + "é"
    assert len(compatible("あ" * 600 + "q" + "\u0316" * 50)) == 601 + MOST_MARKS


def test_a_code_is_cut_before_it_is_read(staff: User) -> None:
    form = PortalAuthenticateForm(user=staff, data={"code": "1"})
    read = form.fields["code"].to_python
    assert len(read("1" * 100_000)) <= MOST_LETTERS
    assert read("１２３ ４５６") == "123456"


def test_a_wide_table_is_refused_before_it_is_filled_up() -> None:
    wide = "," * 20_000 + "x\n" + "a\n" * 4000
    with pytest.raises(ValidationError, match="列を超えています"):
        CSV().create_dataset(wide.encode())
    # Empty columns behind the table cost nothing and are no fault.
    table = CSV().create_dataset(("a,b" + "," * 20_000 + "\n1,2\n").encode())
    assert [row[:2] for row in table] == [("1", "2")]


def sheet(*rows: list[Any]) -> bytes:
    book = Workbook()
    book.active.append(HEADERS)
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def question_row(text: str, kind: str, choices: str = "", **cells: str) -> list[str]:
    return [{"設問文": text, "形式": kind, "選択肢": choices, **cells}.get(name, "") for name in HEADERS]


@pytest.fixture
def empty() -> Survey:
    return factories.survey(factories.council_year(), status="draft", opened_at=None)


def test_a_sheet_of_very_many_choices_or_questions_is_said_at_once(empty: Survey) -> None:
    in_one = sheet(question_row("問", "1つ選ぶ", "\n".join(f"x{number}" for number in range(1500))))
    below = sheet(
        question_row("問", "1つ選ぶ", "x"),
        *(question_row("", "", f"x{number}") for number in range(4000)),
    )
    for content in (in_one, below):
        assert seconds(lambda content=content: read_questions(content, empty)) < 5
        assert "行までにしてください" in read_questions(content, empty)[1][0]
    with pytest.raises(ValidationError, match="設問が500を超えています"):
        read_questions(sheet(*(question_row(f"問{n}", "自由記述") for n in range(MOST_QUESTIONS + 1))), empty)


def test_comparing_a_long_sheet_is_no_long_work(empty: Survey) -> None:
    section = empty.sections.create(code="s1", title="一", position=1)
    Question.objects.bulk_create(
        Question(survey=empty, section=section, key=f"q{n}", kind="text", text=f"問{n}", position=n)
        for n in range(1, 400)
    )
    rows = [question_row(f"問{n}", "自由記述", 区分="一", 識別名=f"q{n}") for n in range(1, 400)]
    questions, problems = read_questions(sheet(*rows), empty)
    assert problems == []
    assert seconds(lambda: compared(empty, questions)) < 2


def test_the_sheet_refuses_what_the_builder_refuses(empty: Survey) -> None:
    wrong = sheet(
        question_row("表", "表形式", "はい［内容も書く］\nいいえ", 項目="一\n二"),
        question_row("複数", "複数回答", "一\n二", 選ぶ数の上限="0"),
    )
    problems = read_questions(wrong, empty)[1]
    assert "［内容も書く］を使えません" in problems[0]
    assert "1以上" in problems[1]


def word(change: Callable[[str, bytes], bytes] = lambda name, data: data, **added: str | bytes) -> bytes:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "架空県"
    out = io.BytesIO()
    document.save(out)
    return repacked(out.getvalue(), change, **added)


def relations(kind: str, where: str, mode: str) -> str:
    head = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    return (
        f'{head}<Relationship Id="rId1" Type="{RELATIONS}/{kind}" Target="{where}" {mode}/></Relationships>'
    )


PICTURE = "http://evil.example/track.png"


@pytest.mark.parametrize(
    "rels",
    [
        relations("image", PICTURE, 'TargetMode="External"'),
        relations("image", PICTURE, "TargetMode = 'External'"),
        relations("image", PICTURE, 'TargetMode="&#69;xternal"'),
        '<?xml version="1.0" encoding="UTF-16"?>'.encode("utf-16")
        + relations("image", PICTURE, 'TargetMode="External"').encode("utf-16-le"),
        relations("oleObject", "embeddings/oleObject1.bin", ""),
        relations("aFChunk", "afchunk.htm", ""),
    ],
)
def test_a_style_reaches_no_other_place(rels: str | bytes) -> None:
    parts = {"word/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0", "word/afchunk.htm": "<p>a</p>"}
    types = (
        b'<Default Extension="bin" ContentType="application/x-ole"/>'
        b'<Default Extension="htm" ContentType="text/html"/></Types>'
    )
    content = word(
        lambda name, data: data.replace(b"</Types>", types) if name == "[Content_Types].xml" else data,
        **{"word/_rels/header1.xml.rels": rels, **parts},
    )
    with pytest.raises(ValidationError):
        check_word_style(SimpleUploadedFile("a.docx", content))


@pytest.mark.parametrize(
    "words",
    [
        '<w:p><w:r><w:instrText>INCLUDEPICTURE "http://evil.example/a.png"</w:instrText></w:r></w:p>',
        '<w:p><w:fldSimple w:instr="DDEAUTO c:\\cmd"><w:r><w:t>a</w:t></w:r></w:fldSimple></w:p>',
        '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:imagedata src="http://evil.example/a.png"/></v:shape></w:pict></w:r></w:p>',
    ],
)
def test_nor_do_the_words_of_its_header(words: str) -> None:
    content = word(
        lambda name, data: (
            data.replace(b"</w:hdr>", words.encode() + b"</w:hdr>") if name == "word/header1.xml" else data
        )
    )
    with pytest.raises(ValidationError, match="ほかの場所"):
        check_word_style(SimpleUploadedFile("a.docx", content))


def test_a_number_of_the_page_may_stand_there() -> None:
    page = '<w:p><w:r><w:instrText xml:space="preserve"> PAGE \\* MERGEFORMAT </w:instrText></w:r></w:p>'
    content = word(
        lambda name, data: (
            data.replace(b"</w:hdr>", page.encode() + b"</w:hdr>") if name == "word/header1.xml" else data
        )
    )
    check_word_style(SimpleUploadedFile("a.docx", content))


def test_its_settings_name_no_template() -> None:
    attached = f'<w:attachedTemplate xmlns:r="{RELATIONS}" r:id="rId1"/>'

    def change(name: str, data: bytes) -> bytes:
        if name != "word/settings.xml":
            return data
        start = data.index(b">", data.index(b"<w:settings")) + 1
        return data[:start] + attached.encode() + data[start:]

    rels = relations("attachedTemplate", "https://evil.example/t.dotm", 'TargetMode = "External"')
    content = word(change, **{"word/_rels/settings.xml.rels": rels})
    check_word_style(SimpleUploadedFile("a.docx", content))
    out = io.BytesIO()
    open_style(content).save(out)
    with zipfile.ZipFile(out) as written:
        assert not any(b"evil" in written.read(name) for name in written.namelist())
        assert b"attachedTemplate" not in written.read("word/settings.xml")


def test_a_style_of_very_many_styles_is_refused() -> None:
    many = "".join(f'<w:style w:type="paragraph" w:styleId="s{n}"/>' for n in range(MOST_STYLES + 1))
    content = word(
        lambda name, data: (
            data.replace(b"</w:styles>", many.encode() + b"</w:styles>")
            if name == "word/styles.xml"
            else data
        )
    )
    with pytest.raises(ValidationError, match="スタイルが多すぎます"):
        check_word_style(SimpleUploadedFile("a.docx", content))


def test_backticks_are_no_long_work() -> None:
    for text in ("``a`" * 5000, "`" * 20_000, "``a`" * 74):
        assert seconds(lambda text=text: render(text)) < 2


def test_an_auditor_reads_no_bodys_wish(db: None) -> None:
    year = factories.council_year()
    body = factories.membership(year).department.organization
    RosterReply.objects.create(council_year=year, organization=body, comment="担当は花子に変わりました")
    auditor = User.objects.create(username="kansa", is_staff=True)
    auditor.groups.add(Group.objects.get(name="監査"))
    client = Client()
    client.force_login(auditor)
    found = AuditEntry.objects.filter(about__contains=body.name) | AuditEntry.objects.all()
    pages = [client.get(f"/admin/members/auditentry/{entry.pk}/change/").content.decode() for entry in found]
    assert pages
    assert not any("花子" in page for page in pages)


@pytest.mark.django_db(transaction=True)
def test_addresses_of_nothing_are_a_line_that_cannot_be_read(staff_client: Client) -> None:
    survey = factories.survey(factories.council_year())
    response = staff_client.post(
        f"/admin/surveys/survey/{survey.pk}/bodies/", {"do": "addresses", "addresses": ",\n;"}
    )
    assert response.status_code < 500


def test_an_excerpt_is_of_the_body_and_not_of_one_whose_name_begins_alike() -> None:
    prefecture = factories.organization(name="三重県", kind="prefecture")
    factories.department(organization=prefecture, name="DX推進チーム")
    for owner in ("三重県", "津市、三重県", "三重県情報課", "三重県　企画", "三重県DX推進チーム"):
        assert is_named(prefecture, owner), owner
    for owner in ("三重県市町総合事務組合", "三重県町村会", "津市"):
        assert not is_named(prefecture, owner), owner


def test_the_import_of_a_sheet_is_one_entry_about_its_survey(staff_client: Client) -> None:
    survey = factories.survey(factories.council_year(), status="draft", opened_at=None, title="調査")
    factories.question(survey, *(f"選択肢{n}" for n in range(30)), text="なくなる設問")
    address = f"/admin/surveys/survey/{survey.pk}/import/"
    file = SimpleUploadedFile("a.xlsx", sheet(question_row("新しい設問", "自由記述")))
    page = staff_client.post(address, {"file": file}).content.decode()
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    assert confirm(staff_client, survey, page).status_code == 302
    titles = AuditEntry.objects.exclude(pk__in=before).values_list("title", flat=True)
    assert set(titles) == {"設問の表の取り込み"}


def test_councils_keep_no_style_of_before(tmp_path: Any, settings: Any, staff_client: Client) -> None:
    """One that was taken when less was known is not used: the record is drawn in the portal's own."""
    settings.MEDIA_ROOT = tmp_path
    year = factories.council_year()
    rels = relations("image", PICTURE, 'TargetMode = "External"')
    Council.objects.filter(pk=year.council_id).update(word_style="word-styles/old.docx")
    (tmp_path / "word-styles").mkdir()
    (tmp_path / "word-styles/old.docx").write_bytes(word(**{"word/_rels/header1.xml.rels": rels}))
    meeting = factories.meeting(year, status="held")
    content = staff_client.get(f"{meeting.get_absolute_url()}record.docx").content
    with zipfile.ZipFile(io.BytesIO(content)) as written:
        assert not any(b"evil.example" in written.read(name) for name in written.namelist())
