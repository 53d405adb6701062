"""The login runs out while somebody types: said at once, kept after a login in another tab."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from meetings.models import AutosavedDraft, Meeting
from members.models import CouncilYear
from tests.browser.test_staff_to_public import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_typing_outlives_the_login(page: Page, live_server: Any, staff: User, fy2020: CouncilYear) -> None:
    log_in(page, live_server.url)
    meeting = Meeting.objects.get(number=1)
    Meeting.objects.filter(pk=meeting.pk).update(record_status="draft")
    page.goto(f"{live_server.url}/admin/meetings/meeting/{meeting.pk}/record/")
    Session.objects.all().delete()
    box = page.locator("textarea[name$='-body']").first
    box.fill("ログインが切れた後に書いた文")
    state = page.locator("#autosave-state")
    expect(state).to_contain_text("ログインの有効期間が切れました", timeout=10_000)
    with page.context.expect_page() as opened:
        state.get_by_role("link", name="別のタブでログイン").click()
    other = opened.value
    log_in(other, live_server.url)
    other.close()
    page.bring_to_front()
    box.press("End")
    box.type("。")
    expect(state).to_contain_text("自動保存しました", timeout=10_000)
    assert AutosavedDraft.objects.exists()
    page.keyboard.press("Control+s")
    expect(page.locator(".messagelist")).to_contain_text("議事概要を保存しました")
    assert meeting.minute_entries.filter(body__startswith="ログインが切れた後に書いた文").exists()
