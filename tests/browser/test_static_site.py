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
    box = page.get_by_role("searchbox")
    for words, heading in (
        ("てれわーく", "第2回会議"),
        ("R2.8.20", "第2回会議"),
        ("令和2年8月20日", "第2回会議"),
        ("木曾岬", "木曽岬町"),
        ("86%", "進んだ"),
    ):
        box.fill(words)
        box.press("Enter")
        expect(page.locator("#found")).to_contain_text(heading)
    box.fill("24201")
    box.press("Enter")
    expect(page.locator("#found")).to_contain_text("0件")
    box.fill("<img src=x onerror=alert(1)>")
    box.press("Enter")
    expect(page.locator("#found img")).to_have_count(0)
    page.get_by_role("link", name="第1回会議").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("第1回")
    assert [url for url in asked if not url.startswith("file://")] == []
    context.close()
