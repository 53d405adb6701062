"""Whoever has no business with content meets none of it, at no address there is."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from council.accounts.roles import AUDITOR, READER, SYSTEM
from council.models import ReportSection
from meetings.models import Meeting, MinuteEntry
from members.common.acts import begin_act
from surveys.models import Answer, Submission
from tests.addresses import told_by_any

pytestmark = pytest.mark.django_db
WORD = "漏洩検査語"


@pytest.fixture
def seeded(samples: dict[str, Any]) -> dict[str, Any]:
    """The word stands in unpublished minutes, in an answer's text, in a report's draft: saved, so logged."""
    begin_act()
    meeting = Meeting.objects.get(number=90)
    MinuteEntry.objects.create(meeting=meeting, kind="report", body=f"{WORD}の発言", speaker_name=WORD)
    answer = Answer.objects.exclude(text="").first() or Answer.objects.latest("pk")
    answer.text = f"{WORD}の記述"
    answer.save()
    submission = Submission.objects.get(pk=answer.submission_id)
    submission.respondent_name = WORD
    submission.save()
    section = ReportSection.objects.earliest("pk")
    section.body = f"{WORD}の下書き"
    section.save()
    begin_act()
    return samples


@pytest.mark.parametrize("role", ["", READER.name, AUDITOR.name, SYSTEM.name])
def test_a_role_without_content_meets_none(seeded: dict[str, Any], role: str) -> None:
    user = User.objects.create_user("somebody", "s@example.jp", "a-long-password", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    client = Client(raise_request_exception=False)
    client.force_login(user)
    told, opened = told_by_any(client, seeded, WORD)
    assert opened > 40
    assert told == []


def test_who_edits_does_meet_it(seeded: dict[str, Any], staff_client: Client) -> None:
    """Else the test above could not fail."""
    meeting = Meeting.objects.get(number=90)
    page = staff_client.get(f"/admin/meetings/meeting/{meeting.pk}/record/").content.decode()
    assert WORD in page
