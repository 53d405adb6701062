"""The audit trail tells what was done, never what was only being typed."""

from importlib import import_module
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from council.models import AnnualReport, ReportDraft
from meetings.models import AutosavedDraft
from members.common.audit import last_change
from members.models import CouncilYear
from surveys.models import DraftSection, Submission, Survey, WorkbookUpload
from tests import factories
from tests.meetings.screens import rows
from tests.surveys.test_answering import FULL, client, submit, survey, target, url

__all__ = ["client", "survey", "target"]
pytestmark = pytest.mark.django_db
SECRET = "まだ提出していない下書き"


def trail() -> str:
    return "\n".join(
        f"{entry.object_repr} {entry.changes} {entry.changes_text}" for entry in LogEntry.objects.all()
    )


def test_a_municipalitys_unsubmitted_typing_is_not_in_the_trail(client: Client, target: Any) -> None:
    data = {**FULL, "q-note": SECRET, "saved_by": "試験太郎", "leave": "1"}
    client.post(url(target, "sections/main/"), data)
    client.post(url(target, "sections/main/"), {**data, "autosave": "1"})
    assert DraftSection.objects.get().values["q-note"] == SECRET
    assert SECRET not in trail()
    assert "試験太郎" not in trail()
    # What is handed in is on record.
    submit(client, target)
    assert SECRET in trail()
    assert Submission.objects.exists()


def test_staffs_autosaves_are_not_in_the_trail(staff_client: Client, fy2020: CouncilYear) -> None:
    meeting = factories.meeting(factories.council_year())
    staff_client.post(f"/admin/meetings/meeting/{meeting.pk}/autosave/", rows({"body": SECRET}))
    report = AnnualReport.objects.get()
    staff_client.post(f"/admin/council/annualreport/{report.pk}/autosave/", {"goals-body": SECRET})
    assert AutosavedDraft.objects.exists()
    assert ReportDraft.objects.exists()
    assert SECRET not in trail()


def test_what_was_logged_before_is_purged_once(target: Any) -> None:
    draft = ContentType.objects.get_for_model(DraftSection)
    upload = ContentType.objects.get_for_model(WorkbookUpload)
    rest: dict[str, Any] = {"object_pk": "1", "action": 0}
    LogEntry.objects.create(content_type=draft, object_repr="x", changes={"values": ["", SECRET]}, **rest)
    LogEntry.objects.create(
        content_type=upload,
        object_repr="x",
        changes={"values": ["", SECRET], "state": ["", "pending"]},
        **rest,
    )
    import_module("council.migrations.0009_typing_out_of_the_audit_trail").purge(apps, None)
    assert SECRET not in trail()
    assert LogEntry.objects.get(content_type=upload).changes == {"state": ["", "pending"]}
    assert not LogEntry.objects.filter(content_type=draft).exists()


def test_who_opened_or_carried_off_answers_is_on_record(
    staff: User, staff_client: Client, fy2020: CouncilYear
) -> None:
    survey = Survey.objects.get(key="after-meeting")
    submission = Submission.objects.filter(target__survey=survey).earliest("pk")
    before = last_change(["surveys"])
    for address in (
        f"/admin/surveys/survey/{survey.pk}/texts/",
        f"/admin/surveys/survey/{survey.pk}/export/answers.csv",
        f"/admin/surveys/survey/{survey.pk}/export/answers.xlsx",
        f"/admin/surveys/submission/{submission.pk}/change/",
    ):
        assert staff_client.get(address).status_code == 200
    assert staff_client.get(f"/admin/surveys/survey/{survey.pk}/export/none.csv").status_code == 404
    entries = LogEntry.objects.filter(action=LogEntry.Action.ACCESS).order_by("pk")
    told = [(entry.actor, entry.remote_addr, entry.changes["閲覧"][1]) for entry in entries]
    assert told == [
        (staff, "127.0.0.1", "自由記述"),
        (staff, "127.0.0.1", "書き出し：CSV（回答）28団体"),
        (staff, "127.0.0.1", "書き出し：Excel（設問定義、回答、団体別）28団体"),
        (staff, "127.0.0.1", "団体の回答"),
    ]
    # Whoever only looked changed no date that the public reads.
    assert last_change(["surveys"]) == before
