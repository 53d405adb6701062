"""The costly files of editions: made once, in the background, and never while a reader waits."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_tasks import default_task_backend

from council.editions.reading import Found, find
from council.models import AnnualReport, EditionFile, ReportEdition, ReportSection
from council.publishing import files
from council.publishing.files import claim, draw, draw_anew, make_missing, missing
from council.publishing.publication import publication
from council.publishing.tasks import draw_files
from council.renderers.files import DRAWN
from members.models import CouncilYear
from tests.publishing import publish, seen_of

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"
# Files of one edition that are drawn.
EACH = len(DRAWN)


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Drawings that cost nothing, and say what they are of; what they were asked for is kept."""
    asked: list[str] = []

    def draw_lightly(printed: Any) -> bytes:
        asked.append(printed.imprint.name)
        return f"{printed.imprint.name} {len(asked)}".encode()

    light = tuple(
        type(each)(each.extension, each.label, each.content_type, draw_lightly, True) for each in DRAWN
    )
    monkeypatch.setattr(files, "DRAWN", light)
    return asked


@pytest.fixture
def report(fy2020: CouncilYear) -> AnnualReport:
    return AnnualReport.objects.select_related("council_year__council", "grade").get()


def found(number: int | None = None) -> Found:
    edition = find("smart-jichitai", 2020, number)
    assert edition
    return edition


def get(path: str = "report.pdf") -> Any:
    return Client().get(f"{URL}{path}")


def second(report: AnnualReport) -> ReportEdition:
    ReportSection.objects.filter(kind="goals").update(body="新しい目標です。")
    edition: ReportEdition = publish(report, kind="update", reason="書き直したため")
    return edition


def test_a_reader_never_draws(report: AnnualReport, light: list[str]) -> None:
    publish(report)
    answer = get()
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert answer["Cache-Control"] == "no-store"
    assert "PDFは作成中です" in answer.content.decode()
    assert light == []
    assert get("").status_code == 200
    assert make_missing() == files.Made(EACH)
    answer = get()
    assert (answer.status_code, answer.content) == (200, b"\xe7\xac\xac1\xe7\x89\x88 1")
    assert "filename" in answer["Content-Disposition"]
    assert Client().get(f"{URL}report.pdf", headers={"if-none-match": answer["ETag"]}).status_code == 304
    assert Client().head(f"{URL}report.docx").status_code == 200
    assert make_missing() == files.Made()


def test_publication_asks_for_them_in_its_own_transaction(report: AnnualReport) -> None:
    default_task_backend.clear()  # type: ignore[attr-defined]
    publish(report)
    asked = [result.task.func for result in default_task_backend.results]  # type: ignore[attr-defined]
    assert asked == [draw_files.func]
    assert draw_files.call() == f"{EACH}件を作り、0件は作れませんでした。"


def test_an_old_editions_files_say_that_there_is_a_newer_one(
    report: AnnualReport, light: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    publish(report)
    make_missing()
    second(report)
    # The file without that word is not handed out any more.
    assert get("editions/1/report.pdf").status_code == 503
    with django_capture_on_commit_callbacks(execute=True):
        make_missing()
    # Those that are asked for most come first.
    assert light[EACH:] == ["第2版"] * EACH + ["第1版（旧版。最新は第2版）"] * EACH
    assert "旧版" in get("editions/1/report.pdf").content.decode()
    assert len(default_storage.listdir("editions")[1]) == 2 * EACH + 1


def test_what_was_drawn_of_an_overtaken_state_is_drawn_again(report: AnnualReport) -> None:
    publish(report)
    before, file = found(), files.DRAWN[0]
    row = claim(before, file)
    assert row
    second(report)
    assert draw(row, before, file)
    assert get("editions/1/report.pdf").status_code == 503
    make_missing()
    assert "旧版" in get("editions/1/report.pdf").content.decode()


def test_one_worker_draws_and_one_that_died_is_taken_over(report: AnnualReport) -> None:
    publish(report)
    edition, file = found(), files.DRAWN[0]
    assert claim(edition, file)
    assert claim(edition, file) is None
    assert make_missing() == files.Made(EACH - 1)
    EditionFile.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert make_missing() == files.Made(1)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="the tests' own SQLite is one connection's")
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_draw_each_file_once(report: AnnualReport, light: list[str]) -> None:
    publish(report)
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        try:
            make_missing()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(light) == EACH
    assert missing() == []


def test_words_that_are_taken_out_take_the_bytes_with_them(
    report: AnnualReport, store: Path, django_capture_on_commit_callbacks: Any
) -> None:
    edition = publish(report)
    make_missing()
    kept = list((store / "editions").glob("*.pdf"))
    assert len(kept) == 1
    with django_capture_on_commit_callbacks(execute=True):
        edition.files.all().delete()
    assert not any(path.exists() for path in kept)
    assert make_missing().done == EACH


def test_a_drawing_that_was_under_way_then_leaves_nothing(
    report: AnnualReport, store: Path, django_capture_on_commit_callbacks: Any
) -> None:
    edition = publish(report)
    row = claim(found(), files.DRAWN[0])
    assert row
    edition.files.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        assert not draw(row, found(), files.DRAWN[0])
    assert list((store / "editions").glob("*.pdf")) == []


def test_a_worker_that_wakes_up_too_late_changes_nothing(report: AnnualReport) -> None:
    publish(report)
    file = files.DRAWN[0]
    slow = claim(found(), file)
    assert slow
    EditionFile.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert make_missing() == files.Made(EACH)
    made = get().content
    assert not draw(slow, found(), file)
    assert get().content == made


def test_who_published_is_told_once_that_it_fails(
    report: AnnualReport, staff: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    staff.email = "staff@example.lg.jp"
    staff.save()
    publish(report, staff)

    def broken(printed: Any) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(files, "DRAWN", (replace(files.DRAWN[0], write=broken),))
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(5):
            assert make_missing() == files.Made(0, 1)
            EditionFile.objects.update(claimed_until=None)
    assert [each.subject for each in mail.outbox] == ["年次報告書のファイルを作れません"]


def test_a_failure_is_told_and_tried_again_later(
    report: AnnualReport, staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(report)

    def full(name: str, content: Any) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(default_storage, "save", full)
        assert make_missing() == files.Made(0, EACH)
        # Not at once again.
        assert make_missing() == files.Made()
    screen = f"/admin/council/annualreport/{report.pk}/publication/"
    assert "空き容量" in staff_client.get(screen).content.decode()
    page = get().content.decode()
    assert "今は用意できません" in page
    assert "空き容量" not in page
    assert staff_client.post(screen, {"step": "draw", "seen": seen_of(report)}).status_code == 302
    assert make_missing() == files.Made(EACH)
    assert "作成済み" in staff_client.get(screen).content.decode()


def test_waiting_for_long_is_told(report: AnnualReport, staff_client: Client) -> None:
    edition = publish(report)
    screen = f"/admin/council/annualreport/{report.pk}/publication/"
    assert "作成中です。" in staff_client.get(screen).content.decode()
    ReportEdition.objects.filter(pk=edition.pk).update(published_at=timezone.now() - timedelta(hours=1))
    assert "動いていないようです" in staff_client.get(screen).content.decode()


def test_who_only_edits_has_nothing_drawn_anew(report: AnnualReport, client: Client) -> None:
    from tests.security.test_accounts import EDITOR, somebody

    publish(report)
    make_missing()
    client.force_login(somebody("tanto", EDITOR))
    screen = f"/admin/council/annualreport/{report.pk}/publication/"
    assert "作り直す" not in client.get(screen).content.decode()
    assert client.post(screen, {"step": "draw", "seen": seen_of(report)}).status_code == 403
    assert missing() == []


def test_withdrawn_and_shown_again(report: AnnualReport, staff: Any) -> None:
    publish(report)
    make_missing()
    report.refresh_from_db()
    publication.withdraw(report, staff, "誤りのため")
    assert get().status_code in {404, 410}
    assert missing() == []
    publication.restore(report, staff)
    assert get().status_code == 200


def test_bytes_that_are_not_what_was_stored_reach_nobody(report: AnnualReport, store: Path) -> None:
    publish(report)
    make_missing()
    (pdf,) = (store / "editions").glob("*.pdf")
    (word,) = (store / "editions").glob("*.docx")
    pdf.write_bytes(b"something else")
    word.unlink()
    assert get("report.pdf").status_code == 503
    assert get("report.docx").status_code == 503
    call_command("make_files", "--check")
    assert get("report.pdf").status_code == 200
    assert get("report.docx").status_code == 200
    stray = default_storage.save("editions/stray.pdf", ContentFile(b"x"))
    call_command("make_files", "--check")
    assert default_storage.exists(stray)


def test_an_empty_folder_in_place_of_the_store_is_not_taken_for_it(
    report: AnnualReport, store: Path, settings: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    publish(report)
    make_missing()
    draw_anew(report)
    # What is there stays in use until it is made.
    assert get().status_code == 200
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("unmounted")
    assert make_missing() == files.Made(0, EACH)
    with pytest.raises(CommandError, match="保存先"):
        call_command("make_files", "--check")
    settings.MEDIA_ROOT = store
    draw_anew(report)
    assert make_missing() == files.Made(EACH)
