"""A report written in a real browser: figures picked, looked at while typing, and without JavaScript."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from council.models import AnnualReport, ReportDraft, ReportSection
from members.models import CouncilYear
from tests.browser.test_staff_to_public import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def body() -> str:
    return ReportSection.objects.get(kind="goals").body


def test_a_figure_is_picked_and_seen_while_typing(
    page: Page, live_server: Any, staff: User, fy2020: CouncilYear
) -> None:
    log_in(page, live_server.url)
    report = AnnualReport.objects.get()
    page.goto(f"{live_server.url}/admin/council/annualreport/{report.pk}/change/")
    goals = page.locator("[data-kind=goals]")
    text = goals.locator("textarea")
    text.fill("検討が進んだのは")
    goals.locator(".picker summary").first.focus()
    page.keyboard.press("Enter")
    goals.get_by_role("button", name="86%（28市町中24市町）").first.focus()
    page.keyboard.press("Enter")
    expect(text).to_be_focused()
    page.keyboard.type("の市町です。\n\n- **強く**")
    expect(text).to_have_value("検討が進んだのは{progressed}の市町です。\n\n- **強く**")
    expect(goals.locator(".writing-prose a")).to_have_text("86%（28市町中24市町）")
    expect(goals.locator(".writing-prose li strong")).to_have_text("強く")
    page.keyboard.type("\n\n25市町")
    expect(goals.locator(".writing-findings")).to_contain_text("「25市町」")
    expect(page.locator("#autosave-state")).to_contain_text("自動保存しました", timeout=10_000)
    assert ReportDraft.objects.count() == 1
    page.keyboard.press("Control+s")
    expect(page.locator(".success")).to_have_text("本文を保存しました。")
    assert body().replace("\r\n", "\n").endswith("- **強く**\n\n25市町")
    assert not ReportDraft.objects.exists()


def test_the_same_screen_without_javascript(
    browser: Browser, live_server: Any, staff: User, fy2020: CouncilYear
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="ja-JP")
    page = context.new_page()
    log_in(page, live_server.url)
    page.goto(f"{live_server.url}/admin/council/annualreport/{AnnualReport.objects.get().pk}/writing/")
    goals = page.locator("[data-kind=goals]")
    goals.locator("textarea").fill("{deepened.percent}")
    page.get_by_role("button", name="見え方を更新する").click()
    expect(goals.locator(".writing-prose")).to_have_text("86%")
    assert body() != "{deepened.percent}"
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".success")).to_have_text("本文を保存しました。")
    assert body() == "{deepened.percent}"
    context.close()
