"""Three open things behind one link, done by keyboard and without a script."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from meetings.models import AttendanceReply, Meeting
from members.common.text.eras import fiscal_year
from members.models import Desk, RosterReply
from surveys.models import Submission
from surveys.running.lifecycle import issue_links
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """A page of a desktop that runs no script."""
    context = browser.new_context(java_script_enabled=False, locale="ja-JP")
    yield context.new_page()
    context.close()


def link_to_desk(address: str) -> str:
    """A body for which a survey, a meeting and its roster entry wait."""
    today = timezone.localdate()
    year = factories.council_year(year=fiscal_year(today))
    body = factories.membership(year, is_to_check=True).department.organization
    survey = factories.survey(year, title="事後アンケート")
    factories.question(survey, "はい", "いいえ", text="取組は進みましたか。")
    issue_links([factories.target(survey, organization=body)])
    Meeting.objects.create(
        council_year=year, number=3, held_on=today + timedelta(days=9), replies_due_on=today
    )
    desk = Desk(organization=body)
    token = desk.new_token()
    desk.save()
    return f"{address}/desk/open/{token}/"


def test_a_body_finds_and_does_three_things_behind_one_link(live_server: Any, plain_page: Page) -> None:
    page, link = plain_page, link_to_desk(live_server.url)
    page.goto(link)
    expect(page.get_by_role("heading", name="お願いしていること（3件）")).to_be_visible()

    page.get_by_role("link", name=re.compile("回答する.*会議の出欠")).click()
    page.get_by_label("出席", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_label("出席者").fill("情報課 係長 伊勢 花子")
    page.get_by_role("button", name="出欠を回答する").press("Enter")
    expect(page.get_by_role("heading", name="お願いしていること（2件）")).to_be_visible()
    assert AttendanceReply.objects.get().status == "present"

    page.get_by_role("link", name=re.compile("確かめる.*名簿の確認")).click()
    page.get_by_label("直すところがある").check()
    page.get_by_role("button", name="回答を送る").click()
    expect(page.get_by_text("直すところを入力してください").first).to_be_visible()
    page.get_by_label("このままでよい").check()
    page.get_by_role("button", name="回答を送る").click()
    assert RosterReply.objects.get().is_right

    page.get_by_role("link", name=re.compile("回答する.*アンケート")).click()
    expect(page.get_by_role("heading", name="事後アンケート")).to_be_visible()
    page.get_by_role("link", name="回答を始める").click()
    expect(page.get_by_text("取組は進みましたか。").first).to_be_visible()
    assert not Submission.objects.exists()

    page.goto(link)
    page.get_by_role("button", name="この端末での利用を終わる").click()
    expect(page.get_by_role("heading", name="窓口を閉じました")).to_be_visible()
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="回答用リンクを開いてください")).to_be_visible()
