"""A row rewritten after publication is shown nowhere, and found by page, command and outside check."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from council.editions.verification import public_list
from council.editions.verification_views import script
from council.models import AnnualReport, ReportEdition
from council.site.internal import render_internally
from members.common.merging import digest
from members.common.publication.seal import SALT, private_key, seal, statement
from members.models import CouncilYear
from surveys.models import ResultsEdition
from surveys.results.editions import publish_results
from tests.publishing import publish

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"
RESULTS = f"{URL}surveys/self-evaluation/"


@pytest.fixture
def two_editions(fy2020: CouncilYear) -> list[ReportEdition]:
    report = AnnualReport.objects.get()
    first = publish(report)
    report.sections.filter(kind="goals").update(body="正しい目標です。")
    return [first, publish(report, kind="correction", reason="誤字のため")]


def rewrite(edition: Any, *, content_hash: bool = False, chain_hash: bool = False) -> None:
    """Change an edition's content in the database, as somebody might who recomputes what they can."""
    content = {**edition.content, "title": "書き換えた題"} if "title" in edition.content else {}
    edition.content = content
    if content_hash:
        edition.content_hash = digest(content)
    if chain_hash:
        edition.chain_hash = digest(statement(edition))
    edition.save()


@pytest.mark.parametrize(
    "recomputed", [{}, {"content_hash": True}, {"content_hash": True, "chain_hash": True}]
)
def test_a_rewritten_edition_is_served_nowhere(
    two_editions: list[ReportEdition], recomputed: dict[str, bool]
) -> None:
    rewrite(two_editions[1], **recomputed)
    for path in ("", "report.json", "report.txt", "tables/figures.csv", "figures/progressed/", "editions/2/"):
        response = Client().get(URL + path)
        assert response.status_code == 503, path
        assert "書き換えた題" not in response.content.decode()
        assert "検査に通りませんでした" in response.content.decode()
    home = Client().get("/")
    assert home.status_code == 200
    assert "86%" not in home.content.decode()
    assert Client().get(f"{URL}editions/1/").status_code == 200
    with pytest.raises(CommandError, match="第2版"):
        call_command("verify_editions")


def test_a_change_of_its_reason_or_place_is_found_too(two_editions: list[ReportEdition]) -> None:
    ReportEdition.objects.filter(number=2).update(reason="別の理由")
    assert Client().get(URL).status_code == 503
    with pytest.raises(CommandError, match="版のハッシュ値と合いません"):
        call_command("verify_editions")


def test_rewritten_results_are_not_shown_either(fy2020: CouncilYear) -> None:
    publish(AnnualReport.objects.get())
    edition = ResultsEdition.objects.get()
    ResultsEdition.objects.update(content={**edition.content, "minimum": 1})
    assert Client().get(f"{URL}surveys/{edition.survey.key}/").status_code == 503


def test_a_list_kept_elsewhere_finds_what_the_database_cannot(
    two_editions: list[ReportEdition], tmp_path: Path
) -> None:
    kept = tmp_path / "editions.json"
    kept.write_bytes(Client().get("/verify/editions.json").content)
    call_command("verify_editions", against=kept)
    # With the key in hand everything fits, except what was kept elsewhere.
    first, second = two_editions
    first.content, first.content_hash = {**first.content, "title": "書き換えた題"}, ""
    seal(first).save()
    seal(second, first).save()
    call_command("verify_editions")
    with pytest.raises(CommandError, match="第1版：版のハッシュ値が、控えと違います"):
        call_command("verify_editions", against=kept)


def test_a_deleted_edition_is_missed(two_editions: list[ReportEdition], tmp_path: Path) -> None:
    kept = tmp_path / "editions.json"
    kept.write_text(json.dumps({"editions": public_list()}))
    two_editions[0].delete()
    with pytest.raises(CommandError, match="つながりません"):
        call_command("verify_editions")
    two_editions[1].delete()
    with pytest.raises(CommandError, match="第2版：控えにある版が、データベースにありません"):
        call_command("verify_editions", against=kept)


def run_script(folder: Path, content: bytes, *more: str) -> tuple[int, str]:
    program, file = folder / "verify_edition.py", folder / "report.json"
    program.write_text(script(), encoding="utf-8")
    file.write_bytes(content)
    done = subprocess.run(
        [sys.executable, str(program), str(file), *more], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_anybody_checks_a_downloaded_file(two_editions: list[ReportEdition], tmp_path: Path) -> None:
    assert len([line for line in script().splitlines() if line.strip()]) <= 18
    content = Client().get(f"{URL}report.json").content
    known = two_editions[1].chain_hash
    assert run_script(tmp_path, content, known) == (0, f"OK {known}\n")
    data = json.loads(content)
    turned = dict(reversed(data.items()))
    reordered = json.dumps(turned, ensure_ascii=True, separators=(",\r\n", ": ")).encode()
    assert run_script(tmp_path, b"\xef\xbb\xbf" + reordered)[0] == 0
    changed = content.replace("正しい目標".encode(), "正しい日標".encode())
    assert changed != content
    assert run_script(tmp_path, changed)[0] == 1
    data["edition"] = 9
    assert run_script(tmp_path, json.dumps(data).encode())[0] == 1
    assert run_script(tmp_path, content, "0" * 64)[0] == 1


def test_the_page_says_how_and_lists_the_hashes(two_editions: list[ReportEdition]) -> None:
    page = Client().get("/verify/").content.decode()
    assert all(edition.chain_hash in page for edition in two_editions)
    key = private_key(settings.SECRET_KEY).public_key().public_bytes_raw().hex()
    assert key in page
    assert SALT not in page
    AnnualReport.objects.update(status="draft")
    assert two_editions[0].chain_hash not in Client().get("/verify/editions.json").content.decode()


def test_the_approver_gets_the_hash_by_mail(
    fy2020: CouncilYear, staff: Any, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    staff.email = "owner@example.lg.jp"
    staff.save()
    with django_capture_on_commit_callbacks(execute=True):
        edition = publish(AnnualReport.objects.get(), staff)
    assert edition.chain_hash in mailoutbox[0].body


def test_keys_may_change(two_editions: list[ReportEdition], tmp_path: Path) -> None:
    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="another-key", SECRET_KEY_FALLBACKS=[old]):
        assert Client().get(f"{URL}editions/1/").status_code == 200
    public = private_key(old).public_key().public_bytes_raw().hex()
    with override_settings(SECRET_KEY="another-key", EDITION_OLD_KEYS=[public]):
        call_command("verify_editions")
    kept = tmp_path / "editions.json"
    kept.write_text(json.dumps({"editions": public_list()}))
    with override_settings(SECRET_KEY="another-key"):
        with pytest.raises(CommandError, match="署名"):
            call_command("verify_editions")
        with pytest.raises(CommandError, match="--against"):
            call_command("verify_editions", sign_again=True)
        call_command("verify_editions", sign_again=True, against=kept)
        assert render_internally(f"{URL}editions/2/").status_code == 200


def test_a_copy_is_not_written_from_a_rewritten_edition(
    two_editions: list[ReportEdition], tmp_path: Path
) -> None:
    rewrite(two_editions[0], content_hash=True)
    with pytest.raises(CommandError, match="何も書き出しませんでした"):
        call_command("export_site", str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_staff_see_what_is_wrong_and_may_publish_anew(
    two_editions: list[ReportEdition], staff_client: Client
) -> None:
    rewrite(two_editions[1])
    page = staff_client.get(f"/admin/council/annualreport/{two_editions[1].report_id}/publication/")
    assert "検査に通らない" in page.content.decode()
    publish(AnnualReport.objects.get(), kind="correction", reason="書き換えられたため")
    assert Client().get(URL).status_code == 200


@pytest.mark.parametrize("field", ["content", "contributions", "small_change_reason", "private_signature"])
def test_rewritten_results_stop_the_next_edition_and_no_screen(
    two_editions: list[ReportEdition], staff_client: Client, field: str
) -> None:
    """Also of what is kept and never shown: by it the portal tells whether a difference tells too much."""
    edition = ResultsEdition.objects.order_by("pk")[0]
    kept = {"content": {}, "contributions": {}, "small_change_reason": "別の理由", "private_signature": ""}
    ResultsEdition.objects.filter(pk=edition.pk).update(**{field: kept[field]})
    with pytest.raises(CommandError):
        call_command("verify_editions")
    report = AnnualReport.objects.get()
    screen = staff_client.get(f"/admin/council/annualreport/{report.pk}/publication/")
    assert screen.status_code == 200
    assert "検査に通りません" in screen.content.decode()
    results = staff_client.get(f"/admin/surveys/survey/{edition.survey_id}/results/")
    assert results.status_code == 200
    assert "検査に通りません" in results.content.decode()
    with pytest.raises(ValidationError, match="検査に通りません"):
        publish(report, kind="update", reason="更新")
    with pytest.raises(ValidationError, match="検査に通りません"):
        publish_results(edition.survey, by=None, reason="更新")
