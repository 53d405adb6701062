"""What somebody who had only the page and the running portal found the tenth time; each had succeeded."""

import io
import zipfile
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document

from members.common.files.word_style import check_word_style
from members.common.text.cleaning import tidy
from members.models import AuditEntry, Desk
from surveys.answering.approving import approval_of, approved_state
from surveys.answering.drafts import load_draft
from surveys.models import Approval, Choice, Mailing, Question, Survey, SurveyTarget
from surveys.running.lifecycle import issue_links
from surveys.running.mailing import fill_in, queue_mailing, send_due
from tests import factories
from tests.members.test_files import HEADERS, upload, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    survey = factories.survey(factories.council_year())
    factories.question(survey, "続けている", "やめた", key="q1", disclosure="staff")
    return survey


@pytest.fixture
def target(survey: Survey) -> SurveyTarget:
    return factories.target(survey)


@pytest.fixture
def body(target: SurveyTarget) -> Client:
    client = Client()
    (link,) = issue_links([target])
    client.get(f"/answer/open/{link.token}/")
    return client


def test_a_place_in_a_title_is_words_there(survey: Survey, target: SurveyTarget) -> None:
    survey.title = "前回{窓口リンク}{リンク}"
    survey.save()
    found = SurveyTarget.objects.for_answering().get(pk=target.pk)
    text = fill_in("{アンケート名}：{リンク}", found, "LINK", "DESK")
    assert text == "前回{窓口リンク}{リンク}：LINK"


def test_no_desk_is_opened_by_a_title(
    survey: Survey, target: SurveyTarget, staff: User, mailoutbox: Any
) -> None:
    survey.title = "前回{窓口リンク}"
    survey.save()
    SurveyTarget.objects.update(emails="a@example.lg.jp")
    body = "{アンケート名}\n{リンク}"
    queue_mailing(survey, Mailing.Kind.INVITATION, "{アンケート名}", body, {target.pk}, staff)
    send_due()
    assert mailoutbox
    assert all("/desk/open/" not in f"{mail.subject}{mail.body}" for mail in mailoutbox)
    assert not Desk.objects.exclude(token_hash=None).exists()


def test_an_approval_is_of_the_words_too(body: Client, survey: Survey, target: SurveyTarget) -> None:
    Survey.objects.update(asks_approval=True)
    body.post(f"/answer/{target.anchor}/sections/main/", {"q-q1": "c1", "seen": ""})
    found = SurveyTarget.objects.for_answering().get(pk=target.pk)
    draft = load_draft(found)
    Approval.objects.create(
        target=target, approver="課長", approved_on="2020-07-01", fingerprint=approved_state(draft)
    )
    assert approval_of(load_draft(found)) is not None
    checked = body.get(f"/answer/{target.anchor}/check/").content.decode()
    Question.objects.update(text="やめましたか。")
    Choice.objects.filter(code="c1").update(label="やめた")
    assert approval_of(load_draft(SurveyTarget.objects.for_answering().get(pk=target.pk))) is None
    # The page that was open shows it again, with the words of now.
    state = checked.split('name="state" value="')[1].split('"')[0]
    assert body.post(f"/answer/{target.anchor}/check/", {"state": state}).status_code in {409, 422}


@pytest.mark.parametrize(("before", "after", "is_taken"), [
    ("staff", "public", False), ("members", "public", False), ("staff", "members", False),
    ("public", "staff", True), ("members", "members", True),
])  # fmt: skip
def test_who_sees_an_answer_is_not_widened_once_it_is_in(
    survey: Survey, target: SurveyTarget, before: str, after: str, is_taken: bool
) -> None:
    Question.objects.update(disclosure=before)
    factories.submitted(target, Choice.objects.get(code="c1"))
    question = Question.objects.get()
    question.disclosure = after
    if is_taken:
        question.full_clean()
        return
    with pytest.raises(ValidationError, match="広げられません"):
        question.full_clean()


def test_what_a_body_attaches_names_the_body(body: Client, survey: Survey, target: SurveyTarget) -> None:
    Survey.objects.update(asks_files="計画書")
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.7\n%%EOF")
    body.post(f"/answer/{target.anchor}/attachments/", {"upload": file})
    entry = AuditEntry.objects.filter(title__startswith="回答の添付ファイル").latest("pk")
    assert target.name in entry.who
    assert target.name in entry.about


def test_numbers_of_a_style_name_no_place() -> None:
    document, out = Document(), io.BytesIO()
    document.save(out)
    bullet = (
        '<w:numPicBullet w:numPicBulletId="0"><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml">'
        '<v:imagedata src="file://127.0.0.1/share/x.png"/></v:shape></w:pict></w:numPicBullet>'
    )
    changed = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "word/numbering.xml":
                start = data.index(b">", data.index(b"<w:numbering")) + 1
                data = data[:start] + bullet.encode() + data[start:]
            new.writestr(entry.filename, data)
    with pytest.raises(ValidationError, match="ほかの場所"):
        check_word_style(SimpleUploadedFile("a.docx", changed.getvalue()))


def test_odd_confirmations_of_an_import_are_no_crash(staff_client: Client) -> None:
    preview = upload(staff_client, workbook(HEADERS, ["test", 2020, "242012", "津市", "総務課", "", ""]))
    assert preview.status_code == 200
    for odd in ({"resource": "1"}, {"resource": "99"}, {"format": "2"}, {"format": "x"}):
        response = staff_client.post("/admin/members/membership/process_import/", odd)
        assert response.status_code == 302, odd
    page = upload(
        staff_client, workbook(["団体コード", "団体名", "種別"], ["242012", "津市", "市"]), "organization"
    )
    assert "見出し「ふりがな」がありません" in page.content.decode()
    assert "object has no attribute" not in page.content.decode()


def test_marks_that_turn_the_writing_are_not_kept() -> None:
    assert tidy("津市\u202eabc\u2066def") == "津市abcdef"
