"""A stray Enter in a text field publishes, opens and withdraws nothing."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page

from council.models import AnnualReport
from meetings.models import Meeting
from members.models import CouncilYear
from surveys.models import Survey
from tests import factories
from tests.browser.test_staff_to_public import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_enter_presses_nothing(page: Page, live_server: Any, staff: User, fy2020: CouncilYear) -> None:
    log_in(page, live_server.url)
    report, meeting = AnnualReport.objects.get(), Meeting.objects.get(number=1)
    survey = factories.survey(fy2020, status="draft", opened_at=None)
    factories.question(survey, "はい", "いいえ")
    screens = (
        (f"/admin/council/annualreport/{report.pk}/publication/", "#id_moment_0"),
        (f"/admin/meetings/meeting/{meeting.pk}/publication/", "#withdraw-reason"),
        (f"/admin/surveys/survey/{survey.pk}/open/", "input[type=text] >> nth=0"),
    )
    before = (report.status, meeting.record_status, "draft")
    for address, field in screens:
        page.goto(f"{live_server.url}{address}")
        for summary in page.locator("main summary, #content summary").all():
            summary.click()
        box = page.locator(field)
        box.focus()
        page.keyboard.press("Enter")
        assert page.url.endswith(address)
    report.refresh_from_db()
    meeting.refresh_from_db()
    assert (report.status, meeting.record_status, Survey.objects.get(pk=survey.pk).status) == before
