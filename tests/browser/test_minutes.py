"""A meeting record written in a real browser, by keyboard; and the same form without JavaScript."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from meetings.models import AgendaItem, AutosavedDraft, Meeting
from tests import factories
from tests.browser.test_staff_to_public import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def meeting(staff: User) -> Meeting:
    year = factories.council_year(council=factories.council(slug="c"))
    body = factories.organization(name="津市", kind="city")
    factories.membership(year, department=factories.department(organization=body, name="情報課"))
    meeting = factories.meeting(year, number=1)
    for title in ("電子申請について", "今後の進め方について"):
        AgendaItem.objects.create(meeting=meeting, title=title)
    meeting.prefill_attendance()
    meeting.attendances.update(status="present")
    return meeting


def test_a_record_is_written_and_published_by_keyboard(
    page: Page, live_server: Any, meeting: Meeting
) -> None:
    log_in(page, live_server.url)
    page.goto(f"{live_server.url}/admin/meetings/meeting/{meeting.pk}/record/")
    keys = page.keyboard

    def down(times: int) -> None:
        for _ in range(times):
            keys.press("ArrowDown")

    page.locator("#id_e-0-kind").focus()
    down(3)
    keys.press("Tab")
    down(1)
    page.locator("#id_e-0-body").focus()
    keys.type("電子申請の状況を報告した。")
    keys.press("Tab")
    down(1)
    keys.press("Control+Enter")
    # A new entry below, on the same agenda item, with the cursor in its first field.
    expect(page.locator("#id_e-3-kind")).to_be_focused()
    expect(page.locator("#id_e-3-agenda_item option:checked")).to_have_text("1 電子申請について")
    down(10)
    page.locator("#id_e-3-body").focus()
    keys.type("来年度に始めることにした。")
    # The decision goes before the report.
    keys.press("Alt+ArrowUp")
    expect(page.locator("#id_e-3-body")).to_be_focused()
    expect(page.locator("#autosave-state")).to_contain_text("自動保存しました", timeout=10_000)
    assert AutosavedDraft.objects.count() == 1
    assert not meeting.minute_entries.exists()
    keys.press("Control+s")
    expect(page.locator(".success")).to_have_text("議事概要を保存しました。")
    assert [(e.kind, e.speaker) for e in meeting.minute_entries.all()] == [
        ("decision", ""),
        ("report", "津市 情報課"),
    ]
    assert not AutosavedDraft.objects.exists()

    page.get_by_role("link", name="会議記録の公開（下書き）").focus()
    keys.press("Enter")
    expect(page.get_by_text("問題は見つかりませんでした。")).to_be_visible()
    page.get_by_role("button", name="今すぐ公開する").focus()
    keys.press("Enter")
    expect(page.locator(".success")).to_have_text("会議記録を公開しました。")

    reader = page.context.browser.new_page()  # type: ignore[union-attr]
    reader.goto(f"{live_server.url}/search/?q=来年度")
    reader.locator(".results a").first.click()
    expect(reader.get_by_text("来年度に始めることにした。")).to_be_visible()
    assert "#" in reader.url
    reader.close()


def test_the_same_form_without_javascript(page: Page, live_server: Any, meeting: Meeting) -> None:
    log_in(page, live_server.url)
    context = page.context.browser.new_context(  # type: ignore[union-attr]
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(f"{live_server.url}/admin/meetings/meeting/{meeting.pk}/record/")
    for index, (position, kind, body) in enumerate(
        [("2", "report", "あとの項目"), ("1", "decision", "さきの項目")]
    ):
        plain.locator(f"#id_e-{index}-position").fill(position)
        plain.locator(f"#id_e-{index}-kind").select_option(kind)
        plain.locator(f"#id_e-{index}-body").fill(body)
    plain.get_by_role("button", name="保存").click()
    expect(plain.locator(".success")).to_be_visible()
    context.close()
    assert [entry.body for entry in meeting.minute_entries.all()] == ["さきの項目", "あとの項目"]
