"""Checking a downloaded edition in the reader's own browser: nothing is sent anywhere."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from council.demo import freeze_loaded_reports
from members.models import CouncilYear

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_file_is_checked_without_leaving_the_browser(
    page: Page, live_server: Any, fy2020: CouncilYear, tmp_path: Path
) -> None:
    freeze_loaded_reports()
    page.goto(f"{live_server.url}/councils/smart-jichitai/2020/")
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON", exact=True).first.click()
    file = tmp_path / "report.json"
    download.value.save_as(file)
    page.goto(f"{live_server.url}/verify/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    result = page.locator("#verify-result")

    def check(content: str) -> None:
        # Another name each time: a browser tells of no change where the same file is chosen again.
        other = tmp_path / f"report-{len(list(tmp_path.iterdir()))}.json"
        other.write_text(content, encoding="utf-8")
        page.get_by_label("年次報告書のJSONファイル").set_input_files(other)

    content = file.read_text(encoding="utf-8")
    check(content)
    expect(result).to_contain_text("第1版：公開した内容と一致します。")
    check(content.replace("スマート", "スマ－ト", 1))
    expect(result).to_contain_text("内容がハッシュ値と合いません")
    check(content.replace('"number": 1', '"number": 2', 1))
    expect(result).to_contain_text("版の記載がハッシュ値と合いません")
    check("これはJSONではない")
    expect(result).to_contain_text("JSONとして読めません")
    assert all(each.startswith(f"GET {live_server.url}/") for each in sent)
