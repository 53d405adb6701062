"""A year from an empty portal, without a script, by what the portal says is next; clicks are counted."""

import io
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from openpyxl import Workbook
from playwright.sync_api import Browser, Locator, Page, expect

from meetings.models import Meeting
from members.common.text.eras import fiscal_year
from members.models import Membership
from surveys.models import Choice, Indicator, Survey
from tests.browser.test_staff_to_public import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_OF_A_BODY = 6


@dataclass(frozen=True)
class Size:
    """How much there is in a year, and how many clicks of the secretariat walking it took at most."""

    bodies: int
    meetings: int
    questions: int
    clicks: int


SMALL = Size(3, 1, 1, 49)
# Before there was a start page: 52 by the shortest way and 65 from the home page; 156 and 172 at real size.
REAL = Size(28, 3, 6, 71)


def bodies(size: Size) -> list[tuple[str, str, str, str]]:
    """Code, name, kana and kind of as many municipalities."""
    rows = json.loads((Path(__file__).parents[2] / "fixtures/organizations.json").read_text())
    found = [row["fields"] for row in rows if row["fields"]["name"][-1] in {"市", "町"}]
    return [(each["code"], each["name"], each["kana"], each["name"][-1]) for each in found[: size.bodies]]


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
        # What is looked at next without waiting (a count, a list) is looked at on the whole page: a
        # click returns when the next page has begun, and a slow machine has drawn a part of it then.
        self.page.wait_for_load_state()
        self.clicks += 1

    def button(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True).first)

    def link(self, name: str | re.Pattern[str]) -> None:
        self.click(self.page.get_by_role("link", name=name).first)

    def next(self, name: str | re.Pattern[str]) -> None:
        """What is to be done next: where the last step said so, or on the start page."""
        told = self.page.locator(".next-things").get_by_role("link", name=name)
        if told.count():
            self.click(told.first)
        else:
            self.home()
            self.link(name)

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


def prepare_roster(office: Desk, size: Size) -> None:
    page, year = office.page, fiscal_year(timezone.localdate())
    office.link("団体を取り込む")
    rows = [(code, name, kana, kind, "") for code, name, kana, kind in bodies(size)]
    page.locator("#id_import_file").set_input_files(
        book(("団体コード", "団体名", "ふりがな", "種別", "郡"), *rows)
    )
    office.button("内容を確かめる")
    office.button("選んだ行を取り込む")
    office.next("検討会議を登録する")
    page.get_by_label("名称", exact=False).first.fill("試験検討会議")
    page.locator("#id_slug").fill("test")
    page.locator("#id_established_year").fill("2020")
    office.click(page.get_by_label("公開する"))
    office.button("保存")
    office.next("年度を登録する")
    page.locator("#id_council").select_option(label="試験検討会議")
    page.locator("#id_year").fill(str(year))
    office.click(page.get_by_label("公開する"))
    office.button("保存")
    office.next("検討メンバーを登録する")
    members = [("試験検討会議", year, code, "情報課") for code, *_ in bodies(size)]
    page.locator("#id_import_file").set_input_files(
        book(("検討会議", "年度", "団体コード", "担当課"), *members)
    )
    office.button("内容を確かめる")
    # A section that nobody registered is registered with its row.
    office.button(f"登録されていない担当課（{size.bodies}件）も登録して取り込む")
    assert Membership.objects.count() == size.bodies


def plan_meetings(office: Desk, size: Size) -> None:
    """All meetings of the year are pasted at once, as the office's plan has them."""
    page, agendas = office.page, []
    for number in range(1, size.meetings + 1):
        day = timezone.localdate() - timedelta(days=1 + size.meetings - number)
        agendas.append(
            f"第{number}回検討会議　次第\n日時：{day.year}年{day.month}月{day.day}日 13:30～15:00\n"
            "場所：県庁\n１　オンライン申請について"
        )
    office.next("会議かアンケートを作る")
    page.locator("textarea[name=text]").fill("\n\n".join(agendas))
    office.button("読み取る")
    office.button("保存する")
    assert Meeting.objects.count() == size.meetings


def hold_meeting(office: Desk, number: int, size: Size) -> None:
    page = office.page
    office.next(re.compile(f"第{number}回.*「開催予定」のまま"))
    page.get_by_label("状態").select_option("held")
    office.click(page.get_by_label("開催案内を公開する"))
    office.click(page.locator("button[name=_attendance][value=all]"))
    office.next(re.compile("議事概要がありません"))
    office.link("文章を貼り付けて分ける")
    page.locator("textarea[name=text]").fill(MINUTES)
    office.button("項目に分ける")
    office.button("保存")
    office.link(re.compile("会議記録の公開"))
    if page.get_by_label("注意を確かめました").count():
        office.click(page.get_by_label("注意を確かめました"))
    office.button("今すぐ公開する")
    meeting = Meeting.objects.get(number=number)
    assert meeting.has_public_record
    kinds = list(meeting.minute_entries.order_by("position").values_list("kind", flat=True))
    assert kinds == ["discussion", "question", "answer", "decision"]
    assert meeting.attendances.filter(status="present").count() == size.bodies


def ask(office: Desk, size: Size) -> list[str]:
    """Make a survey and open it; returns the bodies' links."""
    page = office.page
    office.next(re.compile("アンケートを作"))
    page.locator("#id_title").fill("試験アンケート")
    closes = timezone.localtime() + timedelta(days=7)
    page.locator("#id_closes_at_0").fill(closes.date().isoformat())
    page.locator("#id_closes_at_1").fill("17:00")
    if page.locator("#id_council_year").input_value() == "":
        page.locator("#id_council_year").select_option(index=1)
    office.button("保存")
    for number in range(1, size.questions + 1):
        page.locator("[name=text]").fill(f"申請{number}を始めましたか")
        page.locator("[name=choice_lines]").fill("はい\nいいえ")
        page.locator("[name=disclosure]").select_option("public")
        office.button("足す")
    office.link("指標を加える")
    page.locator("#id_name").fill("始めた市町の割合")
    page.locator("#id_statement").fill("始めたと答えた市町")
    if page.locator("#id_counted_choices-0-choice").count() == 0:
        office.button("保存")
    first = Choice.objects.order_by("question__position", "position").first()
    page.locator("#id_counted_choices-0-choice").select_option(value=str(first and first.pk))
    office.button("保存")
    survey = Survey.objects.get()
    office.next(re.compile("受付を(?:始め|開始)"))
    office.click(page.get_by_role("button", name=re.compile("受付を開始する$")).first)
    assert Survey.objects.get(pk=survey.pk).status == "open"
    return page.locator("td code").all_inner_texts()


def answer(body: Desk, link: str) -> None:
    body.page.goto(link)
    body.link("回答を始める")
    questions = body.page.get_by_label("はい").all()
    for question in questions:
        body.click(question)
    body.page.get_by_label("担当課名").fill("情報課")
    body.page.get_by_label("回答者の氏名").fill("試験 花子")
    body.click(body.page.get_by_role("button", name="保存して次へ進む").last)
    body.button("提出する")
    expect(body.page.get_by_role("heading", name="受付票")).to_be_visible()
    assert body.clicks - len(questions) < MOST_OF_A_BODY


def report(office: Desk) -> None:
    """Close the survey, publish its results, write the report around its figure and publish that."""
    page = office.page
    office.next(re.compile("すべての団体が提出しました"))
    office.button("受付を終了する")
    office.next(re.compile("集計結果は公開していません"))
    office.link("アンケートの画面で公開する")
    office.click(page.get_by_label("集計結果を公開する"))
    office.button("保存")
    office.next(re.compile("年次報告書を作ります"))
    office.button("保存")
    page.locator("#id_outcomes-body").fill("始めた市町は{" + Indicator.objects.get().key + "}でした。")
    office.button("保存")
    office.link("点検して公開する")
    if page.get_by_label("注意を確かめました").count():
        office.click(page.get_by_label("注意を確かめました"))
    office.button("公開する")
    expect(page.locator(".success")).to_have_text("第1版を公開しました。")


@pytest.mark.parametrize("size", [SMALL, REAL], ids=["small", "real"])
def test_a_year_from_nothing_to_a_published_report(
    office: Desk, browser: Browser, live_server: Any, settings: Any, size: Size
) -> None:
    settings.SMALL_GROUP_MINIMUM = 3
    prepare_roster(office, size)
    plan_meetings(office, size)
    for number in range(1, size.meetings + 1):
        hold_meeting(office, number, size)
    links = ask(office, size)
    assert len(links) == size.bodies
    for link in links:
        context = browser.new_context(java_script_enabled=False, locale="ja-JP")
        answer(Desk(context.new_page()), link)
        context.close()
    report(office)
    assert office.clicks <= size.clicks, office.clicks
    reader = office.page
    reader.goto(live_server.url)
    reader.get_by_role("link", name="年次報告書").first.click()
    expect(reader.get_by_role("link", name=re.compile(f"^100%（{size.bodies}")).first).to_be_visible()
