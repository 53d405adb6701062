"""A year from an empty portal, without a script, by what the start page says is next; clicks are counted."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from openpyxl import Workbook
from playwright.sync_api import Browser, Locator, Page, expect

from meetings.models import Meeting
from members.common.text.eras import fiscal_year
from members.models import Membership
from surveys.models import Indicator, Survey
from tests.browser.test_staff_to_public import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BODIES = (("242012", "津市", "つし"), ("242021", "四日市市", "よっかいちし"), ("242039", "伊勢市", "いせし"))
# What walking it took, each role; more is a step back.
MOST_OF_STAFF, MOST_OF_A_BODY = 57, 6
MINUTES = """議題１　オンライン申請について
【津市】申請を始めた。
問：費用はいくらか。／答：人口割とする。
決定事項
・来年度も続ける　担当：事務局　期限：年度末
"""


class Desk:
    """Somebody at a desktop, whose clicks are counted; a file chosen and a text typed are none."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, target: Locator) -> None:
        target.click()
        self.clicks += 1

    def button(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True).first)

    def link(self, name: str | re.Pattern[str]) -> None:
        self.click(self.page.get_by_role("link", name=name).first)

    def home(self) -> None:
        self.link(re.compile("^ホーム$"))


def book(*rows: tuple[Any, ...]) -> dict[str, Any]:
    made, out = Workbook(), io.BytesIO()
    sheet: Any = made.active
    for row in rows:
        sheet.append(row)
    made.save(out)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": "名簿.xlsx", "mimeType": kind, "buffer": out.getvalue()}


@pytest.fixture
def office(browser: Browser, live_server: Any, staff: User) -> Any:
    context = browser.new_context(java_script_enabled=False, locale="ja-JP", timezone_id="Asia/Tokyo")
    page = context.new_page()
    log_in(page, live_server.url)
    yield Desk(page)
    context.close()


def prepare_roster(office: Desk) -> None:
    page = office.page
    office.link("団体を取り込む")
    page.locator("#id_import_file").set_input_files(
        book(("団体コード", "団体名", "ふりがな", "種別", "郡"), *((*body, "市", "") for body in BODIES))
    )
    office.button("内容を確かめる")
    office.button("選んだ行を取り込む")
    office.home()
    office.link("検討会議を登録する")
    page.get_by_label("名称", exact=False).first.fill("試験検討会議")
    page.locator("#id_slug").fill("test")
    page.locator("#id_established_year").fill("2020")
    office.click(page.get_by_label("公開する"))
    office.button("保存")
    office.home()
    office.link("年度を登録する")
    page.locator("#id_council").select_option(label="試験検討会議")
    page.locator("#id_year").fill(str(fiscal_year(timezone.localdate())))
    office.click(page.get_by_label("公開する"))
    office.button("保存")
    office.home()
    office.link("検討メンバーを登録する")
    rows = [("試験検討会議", fiscal_year(timezone.localdate()), code, "情報課") for code, *_ in BODIES]
    page.locator("#id_import_file").set_input_files(book(("検討会議", "年度", "団体コード", "担当課"), *rows))
    office.button("内容を確かめる")
    # A section that nobody registered is registered where its row is ticked.
    for box in page.locator("input[name=row]").all():
        office.click(box)
    office.button("選んだ行を取り込む")
    assert Membership.objects.count() == 3


def hold_meeting(office: Desk) -> None:
    page, day = office.page, timezone.localdate() - timedelta(days=1)
    office.home()
    office.link("会議かアンケートを作る")
    page.locator("textarea[name=text]").fill(
        f"第1回検討会議　次第\n日時：{day.year}年{day.month}月{day.day}日 13:30～15:00\n"
        "場所：県庁\n１　オンライン申請について"
    )
    office.button("読み取る")
    office.button("保存する")
    office.home()
    office.link(re.compile("「開催予定」のまま"))
    page.get_by_label("状態").select_option("held")
    office.click(page.get_by_label("開催案内を公開する"))
    office.click(page.locator("button[name=_attendance][value=all]"))
    office.home()
    office.link(re.compile("議事概要がありません"))
    office.link("文章を貼り付けて分ける")
    page.locator("textarea[name=text]").fill(MINUTES)
    office.button("項目に分ける")
    office.button("保存")
    office.link(re.compile("会議記録の公開"))
    if page.get_by_label("注意を確かめました").count():
        office.click(page.get_by_label("注意を確かめました"))
    office.button("今すぐ公開する")
    meeting = Meeting.objects.get()
    assert meeting.has_public_record
    kinds = list(meeting.minute_entries.order_by("position").values_list("kind", flat=True))
    assert kinds == ["discussion", "question", "answer", "decision"]
    assert meeting.attendances.filter(status="present").count() == 3


def ask(office: Desk) -> list[str]:
    """Make a survey and open it; returns the bodies' links."""
    page = office.page
    office.home()
    office.link(re.compile("アンケートを作"))
    page.locator("#id_title").fill("試験アンケート")
    closes = timezone.localtime() + timedelta(days=7)
    page.locator("#id_closes_at_0").fill(closes.date().isoformat())
    page.locator("#id_closes_at_1").fill("17:00")
    if page.locator("#id_council_year").input_value() == "":
        page.locator("#id_council_year").select_option(index=1)
    office.button("保存")
    page.locator("[name=text]").fill("申請を始めましたか")
    page.locator("[name=choice_lines]").fill("はい\nいいえ")
    page.locator("[name=disclosure]").select_option("public")
    office.button("足す")
    office.link("指標を加える")
    page.locator("#id_name").fill("始めた市町の割合")
    page.locator("#id_statement").fill("始めたと答えた市町")
    if page.locator("#id_counted_choices-0-choice").count() == 0:
        office.button("保存")
    page.locator("#id_counted_choices-0-choice").select_option(label="はい")
    office.button("保存")
    survey = Survey.objects.get()
    office.home()
    office.link(re.compile("受付を(?:始め|開始)"))
    office.click(page.get_by_role("button", name=re.compile("受付を開始する$")).first)
    assert Survey.objects.get(pk=survey.pk).status == "open"
    return page.locator("td code").all_inner_texts()


def answer(body: Desk, link: str) -> None:
    body.page.goto(link)
    body.link("回答を始める")
    body.click(body.page.get_by_label("はい"))
    body.page.get_by_label("担当課名").fill("情報課")
    body.page.get_by_label("回答者の氏名").fill("試験 花子")
    body.click(body.page.get_by_role("button", name="保存して次へ進む").last)
    body.button("提出する")
    expect(body.page.get_by_role("heading", name="受付票")).to_be_visible()


def report(office: Desk) -> None:
    """Close the survey, publish its results, write the report around its figure and publish that."""
    page = office.page
    office.home()
    office.link(re.compile("すべての団体が提出しました"))
    office.button("受付を終了する")
    office.home()
    office.link(re.compile("集計結果は公開していません"))
    office.link("アンケートの画面で公開する")
    office.click(page.get_by_label("集計結果を公開する"))
    office.button("保存")
    office.home()
    office.link(re.compile("年次報告書を作ります"))
    office.button("保存")
    page.locator("#id_outcomes-body").fill("始めた市町は{" + Indicator.objects.get().key + "}でした。")
    office.button("保存")
    office.link("点検して公開する")
    if page.get_by_label("注意を確かめました").count():
        office.click(page.get_by_label("注意を確かめました"))
    office.button("公開する")
    expect(page.locator(".success")).to_have_text("第1版を公開しました。")


def test_a_year_from_nothing_to_a_published_report(
    office: Desk, browser: Browser, live_server: Any, settings: Any
) -> None:
    settings.SMALL_GROUP_MINIMUM = 3
    prepare_roster(office)
    hold_meeting(office)
    links = ask(office)
    assert len(links) == len(BODIES)
    for link in links:
        context = browser.new_context(java_script_enabled=False, locale="ja-JP")
        body = Desk(context.new_page())
        answer(body, link)
        assert body.clicks <= MOST_OF_A_BODY
        context.close()
    report(office)
    assert office.clicks <= MOST_OF_STAFF, office.clicks
    reader = office.page
    reader.goto(live_server.url)
    reader.get_by_role("link", name="年次報告書").first.click()
    expect(reader.get_by_role("link", name=re.compile("^100%（3"))).to_be_visible()
