"""The doctor names what is missing and how to mend it, also when much is broken, and tells no secret."""

import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from council.backup.retention import new_name
from council.doctor import configuration, services, work
from council.doctor.examination import CHECKS, examine, worst
from council.doctor.findings import Finding, State
from council.models import AnnualReport
from meetings.models import Meeting
from members.models import AuditEntry, CouncilYear
from surveys.models import Mailing, OutgoingMail
from tests import factories

pytestmark = pytest.mark.django_db


def only(findings: Any) -> Finding:
    (found,) = findings
    return found


@pytest.mark.parametrize(
    "key", ["short", "a" * 60, "django-insecure-" + "x7Bq" * 12, "change-me-" + "q8Zw" * 12]
)
def test_a_key_that_can_be_guessed_is_bad_and_never_shown(settings: Any, key: str) -> None:
    settings.SECRET_KEY = key
    found = only(configuration.secret_key())
    assert found.state is State.BAD
    assert key not in found.text + found.remedy


def test_a_host_with_its_scheme_is_told_how_to_be_written(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["https://kaigi.pref.example.lg.jp/", "*"]
    first, star = configuration.hosts()
    assert (first.state, star.state) == (State.BAD, State.BAD)
    assert "「kaigi.pref.example.lg.jp」のようにホスト名だけ" in first.remedy


def test_an_address_in_mails_must_be_one_that_is_answered(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["kaigi.pref.example.lg.jp"]
    settings.PORTAL_ADDRESS = settings.PUBLIC_ADDRESS = "https://old.example.lg.jp"
    assert {found.state for found in configuration.hosts()} == {State.BAD}
    settings.PORTAL_ADDRESS = settings.PUBLIC_ADDRESS = "https://kaigi.pref.example.lg.jp"
    assert {found.state for found in configuration.hosts()} == {State.GOOD}


@pytest.mark.parametrize(
    ("proxies", "state"),
    [([], State.UNKNOWN), (["10.0.0.5"], State.UNKNOWN), (["0.0.0.0/0"], State.BAD), (["nginx"], State.BAD)],
)
def test_who_is_believed_about_who_asks(settings: Any, proxies: list[str], state: State) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert only(configuration.proxy()).state is state


def test_a_check_that_breaks_is_a_finding_and_the_next_goes_on() -> None:
    def no_table() -> Any:
        raise DatabaseError("password=hunter2 host=10.1.4.7")

    def no_luck() -> Any:
        raise RuntimeError("hunter2")

    found = list(examine([("表", no_table), ("何か", no_luck), ("種類", configuration.mode)]))
    assert [each.state for each in found[:2]] == [State.BAD, State.BAD]
    assert len(found) == 3
    assert "hunter2" not in "".join(each.text + each.remedy for each in found)


def test_looking_leaves_nothing_behind(settings: Any, tmp_path: Path) -> None:
    from django.contrib.sessions.models import Session

    settings.MEDIA_ROOT = tmp_path
    for _ in range(3):
        assert only(services.database()).state is State.GOOD
        assert only(services.files_folder()).state is State.GOOD
    assert not Session.objects.exists()
    assert list(tmp_path.iterdir()) == []


def test_files_that_records_name_and_that_are_gone(settings: Any, fy2020: CouncilYear) -> None:
    council = fy2020.council
    council.word_style.name = "word-styles/gone.docx"
    council.save()
    found = only(work.missing_files())
    assert found.state is State.BAD
    assert "1件が見つかりません（検討会議1件）" in found.text
    assert "gone" not in found.text


def test_a_schedule_whose_moment_has_passed_names_its_command(fy2020: CouncilYear) -> None:
    assert only(work.schedules()).state is State.GOOD
    past = timezone.now() - timedelta(hours=1)
    Meeting.objects.filter(pk=Meeting.objects.first().pk).update(publish_at=past)  # type: ignore[union-attr]
    AnnualReport.objects.update(publish_at=past)
    remedies = [each.remedy for each in work.schedules()]
    assert "publish_scheduled" in remedies[0]
    assert "publish_reports" in remedies[1]


def test_work_that_waits_is_told_apart_from_no_work() -> None:
    assert only(work.tasks()).state is State.UNKNOWN
    task = DBTaskResult.objects.create(
        status=TaskResultStatus.READY,
        run_after=get_date_max(),
        args_kwargs={"args": [], "kwargs": {}},
        task_path="x.y",
        backend_name="default",
    )
    old = timezone.now() - timedelta(hours=3)
    DBTaskResult.objects.update(enqueued_at=old)
    assert only(work.tasks()).state is State.BAD
    DBTaskResult.objects.filter(pk=task.pk).update(status=TaskResultStatus.RUNNING, started_at=old)
    assert [each.state for each in work.tasks()] == [State.UNKNOWN, State.LOOK]
    DBTaskResult.objects.update(status=TaskResultStatus.SUCCESSFUL, finished_at=timezone.now())
    assert only(work.tasks()).state is State.GOOD


def test_mails_that_stay_are_counted_without_an_address() -> None:
    survey = factories.survey(factories.council_year())
    mailing = Mailing.objects.create(survey=survey, subject="お願い", body="本文")
    mail = OutgoingMail.objects.create(
        mailing=mailing, target=factories.target(survey), address="a@example.jp"
    )
    assert only(work.mails()).state is State.GOOD
    OutgoingMail.objects.update(next_try_at=timezone.now() - timedelta(hours=1))
    found = only(work.mails())
    assert found.state is State.BAD
    assert "1通" in found.text
    assert mail.address not in found.text


def test_a_clock_behind_the_trail(fy2020: CouncilYear) -> None:
    AuditEntry.objects.create(uid="u" * 32, at=timezone.now() + timedelta(days=1), title="先の操作")
    assert only(work.clock()).state is State.BAD


def test_backups_are_told_by_their_age(settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_DIR = None
    assert only(work.backups()).state == State.LOOK
    settings.BACKUP_DIR = tmp_path
    assert only(work.backups()).text == "控えが1つもありません。"
    now = timezone.now()
    # A clock that was wrong for an hour is no backup of today.
    (tmp_path / new_name(now + timedelta(days=3000))).write_text("x")
    (tmp_path / new_name(now - timedelta(days=3))).write_text("x")
    assert only(work.backups()).state == State.BAD
    (tmp_path / new_name(now - timedelta(hours=20))).write_text("x")
    assert only(work.backups()).state == State.GOOD
    settings.BACKUP_DIR = tmp_path / "not-mounted"
    assert only(work.backups()).state == State.BAD


def test_what_stops_every_other_command_is_a_finding(settings: Any) -> None:
    assert only(configuration.checks()).state == State.GOOD
    settings.CSRF_TRUSTED_ORIGINS = ["portal.lgwan.jp"]
    found = only(configuration.checks())
    assert (found.state, "4_0.E001" in found.text) == (State.BAD, True)


def test_the_command_says_it_all_and_exits_with_the_worst(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=out)
    assert ended.value.code == 2
    said = out.getvalue()
    assert "[異常] ホスト名：ALLOWED_HOSTS の「*」は使えません。" in said
    assert "\x1b" not in said
    assert all(f"] {subject}：" in said for subject, _ in CHECKS if subject not in {"アドレス"})
    assert portal_settings.SECRET_KEY not in said


def test_a_database_of_a_newer_version_is_not_migrated() -> None:
    assert only(services.migrations()).state is State.GOOD
    MigrationRecorder(connection).record_applied("council", "9999_from_tomorrow")
    found = only(services.migrations())
    assert "データベースの方が新しい版です" in found.text
    assert "migrate は実行せず" in found.remedy


def test_mail_that_goes_nowhere_is_no_mail(settings: Any) -> None:
    settings.LOCAL = False
    assert only(services.mail_server()).state is State.BAD
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = services.SMTP, "127.0.0.1", 1
    found = only(services.mail_server())
    assert found.state is State.BAD
    assert "127.0.0.1:1 につながりません" in found.text


def test_what_cannot_be_told_is_no_fault() -> None:
    assert worst([Finding("a", State.UNKNOWN, "")]) is State.GOOD


def test_settings_that_cannot_be_read_are_its_first_finding() -> None:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "VAR_DIR"}}
    ended = subprocess.run(
        [sys.executable, "manage.py", "doctor"], env=kept, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("[異常] 設定：環境変数 SECRET_KEY がありません。")
    assert "Traceback" not in ended.stderr
