"""Files of a survey: what comes with it, and what bodies attach; kept as they were handed in."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.utils import timezone

from meetings.materials.files import check_file
from surveys.models import AnswerFile, AnswerStatus, SectionLink, Submission, Survey, SurveyFile, SurveyTarget
from surveys.running.lifecycle import issue_links
from tests import factories
from tests.surveys.test_answering import FULL, client, survey, target, url

__all__ = ["client", "survey", "target"]
pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 " + b"x" * 100


@pytest.fixture(autouse=True)
def stored(settings: Any, tmp_path: Any, survey: Survey) -> None:
    settings.MEDIA_ROOT = tmp_path
    Survey.objects.update(asks_files="計画書（PDF）")


def attach(client: Client, target: SurveyTarget, name: str = "計画.pdf", content: bytes = PDF) -> Any:
    upload = SimpleUploadedFile("x.pdf", content)
    upload._name = name  # type: ignore[attr-defined]
    return client.post(url(target, "attachments/"), {"upload": upload, "uploaded_by": "企画課"})


def submit(client: Client, target: SurveyTarget) -> Any:
    state = client.get(url(target, "check/")).context["state"]
    return client.post(url(target, "check/"), {"state": state})


def read(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def status(target: SurveyTarget) -> str:
    return SurveyTarget.objects.with_status().get(pk=target.pk).status


@pytest.fixture
def submitted(client: Client, target: SurveyTarget) -> AnswerFile:
    client.post(url(target, "sections/main/"), FULL)
    attach(client, target)
    submit(client, target)
    return AnswerFile.objects.get()


def test_what_is_attached_is_handed_in_and_read_by_staff(
    client: Client, target: SurveyTarget, submitted: AnswerFile, staff_client: Client
) -> None:
    receipt = client.get(url(target, "receipt/")).content.decode()
    assert "計画.pdf" in receipt
    assert read(client.get(url(target, f"attachments/{submitted.pk}/"))) == PDF
    page = staff_client.get(
        f"/admin/surveys/submission/{Submission.objects.get().pk}/change/"
    ).content.decode()
    link = f"/admin/surveys/survey/{target.survey_id}/attachments/{submitted.pk}/"
    assert link in page
    assert read(staff_client.get(link)) == PDF


def test_a_change_waits_and_is_discarded_whole(
    client: Client, target: SurveyTarget, submitted: AnswerFile, staff_client: Client
) -> None:
    client.post(url(target, "attachments/"), {"remove": submitted.pk})
    attach(client, target, "計画v2.pdf", PDF + b"2")
    second = AnswerFile.objects.latest("pk")
    assert status(target) == AnswerStatus.CHANGING
    staff = f"/admin/surveys/survey/{target.survey_id}/attachments/"
    assert staff_client.get(f"{staff}{second.pk}/").status_code == 404
    assert read(staff_client.get(f"{staff}{submitted.pk}/")) == PDF
    state = client.get(url(target, "discard/")).context["draft"].state
    client.post(url(target, "discard/"), {"state": state})
    assert status(target) == AnswerStatus.SUBMITTED
    page = client.get(url(target, "attachments/")).content.decode()
    assert "計画.pdf" in page
    assert "計画v2.pdf" not in page
    assert read(client.get(url(target, f"attachments/{submitted.pk}/"))) == PDF
    assert client.get(url(target, f"attachments/{second.pk}/")).status_code == 404


def test_handed_in_again_the_list_is_the_new_one(
    client: Client, target: SurveyTarget, submitted: AnswerFile, staff_client: Client
) -> None:
    attach(client, target, "計画.pdf", PDF + b"2")
    assert submit(client, target).status_code == 302
    page = client.get(url(target, "receipt/")).content.decode()
    assert page.count("計画.pdf") == 2
    answer = staff_client.get(f"/admin/surveys/survey/{target.survey_id}/attachments.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert [name.rpartition("/")[2] for name in names] == ["01_計画.pdf", "02_計画.pdf"]
        assert [archive.read(name) for name in names] == [PDF, PDF + b"2"]


def test_off_and_on_again_is_no_change(client: Client, target: SurveyTarget, submitted: AnswerFile) -> None:
    attach(client, target, "余分.pdf")
    client.post(url(target, "attachments/"), {"remove": AnswerFile.objects.latest("pk").pk})
    assert status(target) == AnswerStatus.SUBMITTED


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("計画.pdf.exe", b"MZ", "この形式のファイルは登録できません"),
        ("計画.pdf", b"MZ\x90", "中身がPDFではありません"),
        ("計画.pdf", b"<html></html>", "中身がPDFではありません"),
        ("計画", PDF, "この形式のファイルは登録できません"),
        ("集計.xlsm", b"PK\x03\x04", "この形式のファイルは登録できません"),
        ("様式.xlsx", b"", "ファイルが空です"),
        ("大きい.pdf", PDF + b"x" * (10 * 1024 * 1024), "10.0MBまで"),
    ],
)
def test_what_is_not_taken_is_said(
    client: Client, target: SurveyTarget, name: str, content: bytes, sentence: str
) -> None:
    page = attach(client, target, name, content)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not AnswerFile.objects.exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("計画.PDF", "計画.PDF"),
        ("①令和８年度㈱髙﨑邸～図面（最終版）.pdf", "①令和８年度㈱髙﨑邸～図面（最終版）.pdf"),
        ("か\u3099き\u3099.pdf", "がぎ.pdf"),
        ("..\\..\\etc\\passwd.pdf", "passwd.pdf"),
    ],
)
def test_names_are_kept_and_harmless(client: Client, target: SurveyTarget, name: str, kept: str) -> None:
    attach(client, target, name)
    row = AnswerFile.objects.get()
    assert row.name == kept
    answer = client.get(url(target, f"attachments/{row.pk}/"))
    assert answer.status_code == 200
    answer.close()
    assert "\n" not in answer["Content-Disposition"]


def test_a_long_name_keeps_its_kind(client: Client, target: SurveyTarget) -> None:
    attach(client, target, "長" * 240 + ".pdf")
    assert AnswerFile.objects.get().name.endswith(".pdf")


def test_a_survey_that_asks_for_none_takes_none(client: Client, target: SurveyTarget) -> None:
    Survey.objects.update(asks_files="")
    assert attach(client, target)["Location"] == url(target)
    assert not AnswerFile.objects.exists()
    assert "添付" not in client.get(url(target)).content.decode()


def test_another_bodys_link_and_no_link_open_nothing(
    client: Client, target: SurveyTarget, submitted: AnswerFile
) -> None:
    other = factories.target(target.survey)
    stranger = Client()
    (link,) = issue_links([other])
    stranger.get(f"/answer/open/{link.token}/")
    for browser in (stranger, Client()):
        assert browser.get(url(target, f"attachments/{submitted.pk}/")).status_code == 403
    assert stranger.get(url(other, f"attachments/{submitted.pk}/")).status_code == 404
    stranger.post(url(other, "attachments/"), {"remove": submitted.pk})
    assert AnswerFile.objects.count() == 1


@override_settings(REQUIRE_MFA=True)
def test_all_of_them_are_not_carried_off_from_a_session_left_open(
    target: SurveyTarget, submitted: AnswerFile, staff_client: Client
) -> None:
    answer = staff_client.get(f"/admin/surveys/survey/{target.survey_id}/attachments.zip")
    assert answer.status_code in {302, 403}


def came_with(survey: Survey, name: str = "依頼文.pdf", content: bytes = PDF) -> SurveyFile:
    upload = ContentFile(content, name=name)
    row = SurveyFile(survey=survey)
    row.take(upload, check_file(upload)).save()
    return row


def test_what_comes_with_a_survey_opens_for_its_bodies_alone(
    client: Client, target: SurveyTarget, survey: Survey
) -> None:
    row = came_with(survey)
    assert "依頼文.pdf" in client.get(url(target)).content.decode()
    assert read(client.get(url(target, f"files/{row.pk}/"))) == PDF
    assert Client().get(url(target, f"files/{row.pk}/")).status_code == 403
    link = SectionLink(target=target, section="main", recipient="課")
    token = link.new_token()
    link.save()
    colleague = Client()
    colleague.get(f"/answer/parts/open/{token}/")
    assert read(colleague.get(f"/answer/parts/{link.anchor}/files/{row.pk}/")) == PDF
    elsewhere = came_with(factories.survey(survey.council_year))
    assert client.get(url(target, f"files/{elsewhere.pk}/")).status_code == 404
    Survey.objects.update(status="draft")
    assert client.get(url(target, f"files/{row.pk}/")).status_code == 404


def test_staff_replace_it_under_its_form(staff_client: Client, client: Client, target: SurveyTarget) -> None:
    row = came_with(target.survey)
    page = f"/admin/surveys/survey/{target.survey_id}/change/"
    form = staff_client.get(page).context["adminform"].form
    soon = timezone.localdate() + timedelta(days=9)
    sent = {
        **{name: form[name].value() or "" for name in ("title", "introduction", "key")},
        "council_year": target.survey.council_year_id, "closes_at_0": f"{soon:%Y-%m-%d}",
        "closes_at_1": "10:00",
        "asks_files": "計画書",
        "files-TOTAL_FORMS": "1", "files-INITIAL_FORMS": "1", "files-0-id": row.pk,
        "files-0-survey": target.survey_id, "files-0-title": "依頼文",
        "files-0-upload": SimpleUploadedFile("新.pdf", PDF + b"new"),
    }  # fmt: skip
    for part in ("sections", "questions"):
        sent |= {f"{part}-TOTAL_FORMS": "0", f"{part}-INITIAL_FORMS": "0"}
    response = staff_client.post(page, sent)
    assert response.status_code == 302, response.context["errors"]
    assert read(client.get(url(target, f"files/{row.pk}/"))) == PDF + b"new"
