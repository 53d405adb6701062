"""The report on paper: what is folded on the screen is printed."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from members.models import CouncilYear

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_roster_is_folded_on_the_screen_and_open_in_print(
    page: Page, live_server: Any, fy2020: CouncilYear
) -> None:
    page.goto(f"{live_server.url}{fy2020.get_absolute_url()}")
    row = page.get_by_role("rowheader", name="木曽岬町")
    expect(row).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".roster-list th", has_text="木曽岬町")).to_be_visible()
    page.emulate_media(media="screen")
    page.get_by_text("検討メンバーの一覧（28市町・41課）").press("Enter")
    expect(row).to_be_visible()
    # The verdict stands before the chapters, and leads to its own.
    verdict = page.locator(".verdict").bounding_box()
    contents = page.locator(".contents").bounding_box()
    assert verdict
    assert contents
    assert verdict["y"] < contents["y"]
    page.get_by_role("link", name="自己評価の章を読む").click()
    expect(page.locator(":target")).to_contain_text("取組に対する自己評価")
