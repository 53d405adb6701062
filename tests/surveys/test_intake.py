"""The secretariat takes answers in: many workbooks, a ZIP, a table, and 代理入力."""

import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from members.models import CouncilYear
from surveys.answering.drafts import load_draft
from surveys.models import Channel, DraftSection, Submission, Survey, SurveyTarget, WorkbookUpload
from surveys.running.lifecycle import issue_links
from surveys.workbook.write import write_workbook
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    year: CouncilYear = factories.council_year()
    survey = factories.survey(year)
    factories.question(survey, "はい", "いいえ", key="one")
    factories.question(survey, key="note", kind="text", is_required=False)
    for name in ("あ町", "い町", "う町"):
        body = factories.organization(name=name)
        factories.membership(year, department=factories.department(organization=body))
        factories.target(survey, organization=body)
    return survey


def target_of(survey: Survey, name: str) -> SurveyTarget:
    return SurveyTarget.objects.for_answering().get(survey=survey, organization__name=name)


def filled(target: SurveyTarget, **values: str) -> bytes:
    book = load_workbook(io.BytesIO(write_workbook(load_draft(target))))
    sheet = book["回答"]
    typed = {"q-one": "はい", "respondent_department": "総務課", "respondent_name": "試験", **values}
    for row in range(1, sheet.max_row + 1):
        if sheet.cell(row, 6).value in typed:
            sheet.cell(row, 4).value = typed[sheet.cell(row, 6).value]
            sheet.cell(row, 4).data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(client: Client, survey: Survey, *files: tuple[str, bytes]) -> str:
    path = f"/admin/surveys/survey/{survey.pk}/workbooks/"
    data = {"files": [SimpleUploadedFile(name, content) for name, content in files]}
    return client.post(path, data, follow=True).content.decode()


def accept(client: Client, survey: Survey, **more: Any) -> str:
    path = f"/admin/surveys/survey/{survey.pk}/workbooks/"
    chosen = [str(row.pk) for row in WorkbookUpload.objects.filter(state="pending")]
    return client.post(path, {"decide": "accept", "upload": chosen, **more}, follow=True).content.decode()


class WindowsName(zipfile.ZipInfo):
    """A name as Windows in Japan writes it: CP932, without saying so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("cp932"), self.flag_bits


def test_a_zip_from_japanese_windows_is_taken_in_one_go(staff_client: Client, survey: Survey) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("あ町", "い町"):
            archive.writestr(WindowsName(f"回答/{name}.xlsx"), filled(target_of(survey, name)))
    page = upload(staff_client, survey, ("まとめ.zip", out.getvalue()))
    assert "あ町.xlsx" in page
    assert not Submission.objects.exists()
    assert "2件を取り込み" in accept(staff_client, survey)
    submission = Submission.objects.get(target__organization__name="あ町")
    assert submission.channel == Channel.WORKBOOK
    assert submission.entered_by
    assert submission.revisions.get().note == "あ町.xlsx"


def test_one_bad_file_does_not_stop_the_others(staff_client: Client, survey: Survey) -> None:
    page = upload(
        staff_client,
        survey,
        ("あ.xlsx", filled(target_of(survey, "あ町"))),
        ("い.xlsx", filled(target_of(survey, "い町"), **{"q-one": "どちらでも"})),
        ("う.xlsx", b"broken"),
    )
    assert "「どちらでも」という選択肢はありません" in page
    assert "ブック（.xlsx）として読めません" in page
    page = accept(staff_client, survey)
    assert "1件を取り込み" in page
    assert [row.target.organization.name for row in Submission.objects.all()] == ["あ町"]


def test_two_files_of_one_body_are_said(staff_client: Client, survey: Survey) -> None:
    content = filled(target_of(survey, "あ町"))
    page = upload(staff_client, survey, ("旧.xlsx", content), ("新.xlsx", content))
    assert "同じ団体のファイルが2つあります（「旧.xlsx」）" in page


def test_an_incomplete_workbook_cannot_be_handed_in(staff_client: Client, survey: Survey) -> None:
    page = upload(staff_client, survey, ("あ.xlsx", filled(target_of(survey, "あ町"), respondent_name="")))
    assert "このままでは提出できません" in page
    accept(staff_client, survey)
    assert not Submission.objects.exists()


def test_a_newer_answer_needs_a_tick(staff_client: Client, survey: Survey) -> None:
    target = target_of(survey, "あ町")
    content = filled(target)
    DraftSection.objects.create(target=target, section="main", values={"q-note": "途中"})
    upload(staff_client, survey, ("あ.xlsx", content))
    assert "置き換えてよいことを確かめ" in accept(staff_client, survey)
    assert not Submission.objects.exists()
    pk = WorkbookUpload.objects.get().pk
    assert "1件を取り込み" in accept(staff_client, survey, **{f"knows-{pk}": "on"})


@pytest.mark.parametrize("content", [b"no zip", b"PK\x03\x04broken"])
def test_a_broken_zip_is_said(staff_client: Client, survey: Survey, content: bytes) -> None:
    assert "ZIPとして開けません" in upload(staff_client, survey, ("x.zip", content))


def test_a_zip_bomb_is_said(staff_client: Client, survey: Survey) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(11):
            archive.writestr(f"{number}.xlsx", b"0" * 20_000_000)
    assert "展開すると大きすぎるZIP" in upload(staff_client, survey, ("x.zip", out.getvalue()))


def test_refused_files_are_put_away(staff_client: Client, survey: Survey) -> None:
    upload(staff_client, survey, ("あ.xlsx", filled(target_of(survey, "あ町"))))
    pk = WorkbookUpload.objects.get().pk
    path = f"/admin/surveys/survey/{survey.pk}/workbooks/"
    page = staff_client.post(path, {"decide": "refuse", "upload": [pk]}, follow=True).content.decode()
    assert "取り込まないことにしました" in page
    assert WorkbookUpload.objects.get().state == "refused"
    assert not Submission.objects.exists()


def test_what_is_written_out_can_be_read_in(staff_client: Client, survey: Survey) -> None:
    upload(staff_client, survey, ("あ.xlsx", filled(target_of(survey, "あ町"), **{"q-note": "=1+1"})))
    accept(staff_client, survey)
    path = f"/admin/surveys/survey/{survey.pk}/export/organizations.csv"
    table = staff_client.get(path).content.decode("utf-8-sig").replace("=1+1", "=2+2")
    assert "'=2+2" in table
    page = upload(staff_client, survey, ("団体別.csv", table.encode("utf-8-sig")))
    assert "団体別.csv 2行目" in page
    accept(staff_client, survey)
    submission = Submission.objects.get()
    assert submission.revision == 2
    assert submission.answers.get(question__key="note").text == "=2+2"


def exported(client: Client, survey: Survey, name: str = "organizations.csv") -> bytes:
    return client.get(f"/admin/surveys/survey/{survey.pk}/export/{name}").content


def accept_ticked(client: Client, survey: Survey, page: str) -> str:
    """Press the button of a page as it is: what it ticked, and what it showed to be the same."""
    path = f"/admin/surveys/survey/{survey.pk}/workbooks/"
    ticked = re.findall(r'name="upload" value="([0-9]+)"[^>]*checked', page)
    same = re.findall(r'name="same" value="([0-9]+)"', page)
    data = {"decide": "accept", "upload": ticked, "same": same}
    return client.post(path, data, follow=True).content.decode()


def answered(client: Client, survey: Survey, *names: str) -> None:
    upload(client, survey, *((f"{name}.xlsx", filled(target_of(survey, name))) for name in names))
    accept(client, survey)


def test_a_table_read_again_ticks_what_differs(staff_client: Client, survey: Survey) -> None:
    answered(staff_client, survey, "あ町", "い町", "う町")
    before, *rows = exported(staff_client, survey).decode("utf-8-sig").splitlines()
    rows[1] = rows[1].replace(",c1,", ",c2,")
    page = upload(staff_client, survey, ("団体別.csv", "\r\n".join([before, *rows]).encode()))
    assert "今の回答と同じ内容（2件" in page
    assert len(re.findall(r'name="upload"[^>]*checked', page)) == 1
    accept_ticked(staff_client, survey, page)
    changed = Submission.objects.get(revision=2)
    assert changed.target.organization.name == "い町"
    assert changed.answers.get(question__key="one").choice.code == "c2"


def test_a_table_of_an_older_answer_replaces_nothing_unseen(staff_client: Client, survey: Survey) -> None:
    answered(staff_client, survey, "あ町")
    table = exported(staff_client, survey).decode("utf-8-sig").replace(",c1,", ",c2,")
    Submission.objects.update(submitted_at=timezone.now() + timedelta(minutes=2), respondent_name="別の人")
    page = upload(staff_client, survey, ("団体別.csv", table.encode()))
    assert not re.search(r'name="upload"[^>]*checked', page)
    assert "回答が変わっています" in page
    page = staff_client.get(f"/admin/surveys/survey/{survey.pk}/workbooks/?tick=all").content.decode()
    assert re.search(r'name="upload"[^>]*checked', page)
    assert "置き換えてよいことを確かめ" in accept(staff_client, survey)


def test_excel_drops_the_seconds(staff_client: Client, survey: Survey) -> None:
    answered(staff_client, survey, "あ町")
    moment = timezone.localtime(Submission.objects.get().submitted_at)
    table = exported(staff_client, survey).decode("utf-8-sig").replace(",c1,", ",c2,")
    table = table.replace(f"{moment:%Y-%m-%d %H:%M:%S}", f"{moment.year}/{moment.month}/{moment:%d %H:%M}")
    page = upload(staff_client, survey, ("団体別.csv", table.encode("cp932")))
    assert re.search(r'name="upload"[^>]*checked', page)


def test_the_workbook_of_all_answers_is_read_by_its_sheet(staff_client: Client, survey: Survey) -> None:
    answered(staff_client, survey, "あ町", "い町")
    book = load_workbook(io.BytesIO(exported(staff_client, survey, "answers.xlsx")))
    sheet = book["団体別（コード）"]
    column = next(cell.column for cell in sheet[1] if cell.value == "one")
    sheet.cell(2, column).value = "c2"
    out = io.BytesIO()
    book.save(out)
    page = upload(staff_client, survey, ("回答.xlsx", out.getvalue()))
    assert "今の回答と同じ内容（1件" in page
    accept_ticked(staff_client, survey, page)
    assert Submission.objects.get(revision=2).target.organization.name == "あ町"
    assert not WorkbookUpload.objects.filter(state="pending").exists()


def test_a_table_of_something_else_is_said(staff_client: Client, survey: Survey) -> None:
    page = upload(staff_client, survey, ("名簿.csv", "団体コード,氏名\r\n242012,試験\r\n".encode("cp932")))
    assert "このアンケートの表ではありません" in page
    rows = "団体コード,one\r\n999999,c1\r\n,c9\r\n"
    page = upload(staff_client, survey, ("表.csv", rows.encode()))
    assert "回答対象にない団体" in page
    assert "c9という選択肢の識別名はありません" in page


def entry(client: Client, target: SurveyTarget, **values: Any) -> Any:
    path = f"/admin/surveys/survey/{target.survey_id}/entry/{target.pk}/"
    data = {
        "state": load_draft(target).fingerprint,
        "received": "電話で聞き取り",
        "q-one": "c1",
        "respondent_department": "総務課",
        "respondent_name": "試験",
        **values,
    }
    return client.post(path, data)


def test_an_answer_by_phone_is_marked_as_such(staff_client: Client, survey: Survey) -> None:
    target = target_of(survey, "あ町")
    assert entry(staff_client, target, received="").status_code == 422
    assert entry(staff_client, target, **{"q-one": ""}).status_code == 422
    assert not Submission.objects.exists()
    assert entry(staff_client, target).status_code == 302
    submission = Submission.objects.get()
    assert (submission.channel, submission.revisions.get().note) == (Channel.STAFF, "電話で聞き取り")
    board = staff_client.get(f"/admin/surveys/survey/{survey.pk}/board/").content.decode()
    assert "提出済み（代理入力）" in board
    (link,) = issue_links([target])
    client = Client()
    client.get(f"/answer/open/{link.token}/")
    assert "事務局による代理入力" in client.get(f"/answer/{target.anchor}/receipt/").content.decode()


def test_staff_do_not_overwrite_what_came_in_meanwhile(staff_client: Client, survey: Survey) -> None:
    target = target_of(survey, "あ町")
    stale = load_draft(target).fingerprint
    DraftSection.objects.create(target=target, section="main", values={"q-note": "途中"})
    response = entry(staff_client, target, state=stale)
    assert response.status_code == 422
    assert "団体の側で回答が変わりました" in response.content.decode()
    assert not Submission.objects.exists()


@pytest.mark.parametrize(("seconds", "is_in"), [(5, True), (0, False), (-1, False)])
def test_the_deadline_holds_for_staff_too(
    staff_client: Client, survey: Survey, seconds: int, is_in: bool
) -> None:
    upload(staff_client, survey, ("い.xlsx", filled(target_of(survey, "い町"))))
    Survey.objects.update(closes_at=timezone.now() + timedelta(seconds=seconds))
    entry(staff_client, target_of(survey, "あ町"))
    accept(staff_client, survey)
    assert Submission.objects.count() == (2 if is_in else 0)


def test_every_bodys_workbook_in_one_zip(staff_client: Client, survey: Survey) -> None:
    response = staff_client.get(f"/admin/surveys/survey/{survey.pk}/workbooks.zip")
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        names = archive.namelist()
        assert len(names) == 3
        assert any("あ町" in name for name in names)
        book = load_workbook(io.BytesIO(archive.read(names[0])))
    assert "回答" in book.sheetnames
