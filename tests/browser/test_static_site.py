"""The static copy from the file system: no server, and nothing asked of anybody."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from council.demo import freeze_loaded_reports
from council.site.static_export import export
from members.models import CouncilYear

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_copy_works_without_a_server(browser: Browser, fy2020: CouncilYear, tmp_path: Path) -> None:
    freeze_loaded_reports()
    assert export(tmp_path).broken == []
    context = browser.new_context(locale="ja-JP")
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "index.html").as_uri())
    page.get_by_role("link", name="年次報告書").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("スマート自治体推進検討会議")
    page.get_by_role("link", name="86%（28市町中24市町）").first.click()
    expect(page.get_by_role("row", name="かなり進んだ 9 32% 数える")).to_be_visible()
    primary = page.locator(".figure-number strong").evaluate("element => getComputedStyle(element).color")
    assert primary == "rgb(0, 23, 193)"
    page.get_by_role("link", name="検索").click()
    page.get_by_role("link", name="第1回会議").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("第1回")
    assert [url for url in asked if not url.startswith("file://")] == []
    context.close()
