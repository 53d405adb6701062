"""Once through the whole portal: staff ask, a municipality answers, the public reads."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from council.demo import freeze_loaded_reports
from members.common.text.eras import fiscal_year
from members.models import CouncilYear
from surveys.models import Survey
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def year(staff: User) -> CouncilYear:
    year = factories.council_year(
        council=factories.council(name="試験検討会議", slug="test"),
        year=fiscal_year(timezone.localdate()),
    )
    cities = (("242012", "津市"), ("242021", "四日市市"), ("242039", "伊勢市"), ("242047", "松阪市"))
    for code, name in cities:
        body = factories.organization(code=code, name=name, kind="city")
        factories.membership(year, department=factories.department(organization=body, name="情報課"))
    return year


def log_in(page: Page, address: str) -> None:
    type_password(page, address)
    page.wait_for_url(f"{address}/admin/")


def type_password(page: Page, address: str) -> None:
    page.goto(f"{address}/admin/")
    page.get_by_label("ユーザー名").fill("jimukyoku")
    page.get_by_label("パスワード").fill("a-long-password")
    page.get_by_role("button", name="ログイン", exact=True).click()


def test_staff_to_municipality_to_public(
    page: Page, live_server: Any, year: CouncilYear, settings: Any
) -> None:
    settings.SMALL_GROUP_MINIMUM = 3
    address = live_server.url
    log_in(page, address)

    # Staff enter a meeting; year and number are filled in.
    page.get_by_role("link", name="会議", exact=True).first.click()
    page.get_by_role("link", name="会議 を追加", exact=False).click()
    expect(page.get_by_label("回:")).to_have_value("1")
    page.locator("#id_held_on").fill(timezone.localdate().isoformat())
    page.get_by_label("状態").select_option("held")
    page.get_by_label("開催案内を公開する").check()
    page.locator("#id_agenda_items-0-title").fill("オンライン申請について")
    page.get_by_role("button", name="保存して編集を続ける").click()
    page.get_by_role("link", name="議事概要を書く").click()
    page.locator("#id_e-0-kind").select_option("report")
    page.locator("#id_e-0-body").fill("オンライン申請の状況を報告した。")
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_role("link", name="会議記録の公開（下書き）").click()
    page.get_by_label("注意を確かめました").check()
    page.get_by_role("button", name="今すぐ公開する").click()
    expect(page.locator(".success")).to_have_text("会議記録を公開しました。")

    # They prepare a survey with a figure, and open it.
    survey = factories.survey(year, key="s", title="試験アンケート", status="draft", opened_at=None)
    question = factories.question(survey, "はい", "いいえ", key="online", text="始めていますか")
    factories.indicator(survey, question.choices.get(code="c1"), key="online", name="始めた市町の割合")
    page.goto(f"{address}/admin/surveys/survey/{survey.pk}/change/")
    page.get_by_role("link", name="受付を開始する").click()
    page.get_by_role("button", name="受付を開始する").click()
    link = page.locator("code").first.inner_text()

    # The municipality opens its link in another browser, without JavaScript.
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    town = context.new_page()
    town.goto(link)
    assert link.rstrip("/").rpartition("/")[2] not in town.url
    expect(town.get_by_text("津市")).to_be_visible()
    town.get_by_role("link", name="回答を始める").click()
    town.get_by_role("button", name="保存して次へ進む").last.click()
    expect(town).to_have_title("エラー：回答：試験アンケート（津市） - 検討会議ポータル")
    expect(town.locator(".error-summary")).to_be_focused()
    town.get_by_role("link", name="始めていますか：1つ選んでください。").click()
    town.keyboard.press("Space")
    expect(town.get_by_label("はい")).to_be_checked()
    town.get_by_label("担当課名").fill("情報課")
    town.get_by_label("回答者の氏名").fill("試験 花子")
    town.get_by_role("button", name="保存して次へ進む").last.click()
    expect(town.get_by_text("まだ提出していません。", exact=True)).to_be_visible()
    town.get_by_role("button", name="提出する").click()
    expect(town.get_by_role("heading", name="受付票")).to_be_visible()
    town.go_back()
    town.reload()
    expect(town.get_by_role("heading", name="受付票")).to_be_visible()
    context.close()

    # Two more answer, the fourth does not: three are enough to publish their numbers.
    for name, choice in (("四日市市", "c1"), ("伊勢市", "c2")):
        target = survey.targets.get(organization__name=name)
        factories.submitted(target, question.choices.get(code=choice))

    # Staff close, publish the results and write the report.
    page.goto(f"{address}/admin/surveys/survey/{survey.pk}/close/")
    page.get_by_role("button", name="受付を終了する").click()
    page.get_by_label("集計結果を公開する").check()
    page.get_by_role("button", name="保存", exact=True).click()
    assert Survey.objects.get(pk=survey.pk).results_public
    page.goto(f"{address}/admin/council/annualreport/add/?council_year={year.pk}")
    page.get_by_role("button", name="保存", exact=True).click()
    page.locator("#id_outcomes-body").fill("始めた市町は{online}でした。")
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_role("link", name="点検して公開する").click()
    page.get_by_label("注意を確かめました").check()
    page.get_by_role("button", name="公開する", exact=True).click()
    expect(page.locator(".success")).to_have_text("第1版を公開しました。")

    # The public reads the report and follows its figure.
    reader = page.context.browser.new_page()  # type: ignore[union-attr]
    reader.goto(address)
    reader.get_by_role("link", name="年次報告書").first.click()
    expect(reader.get_by_text("オンライン申請の状況を報告した。")).to_be_visible()
    reader.get_by_role("link", name="50%（4市町中2市町）").first.click()
    expect(reader.get_by_role("heading", name="始めた市町の割合")).to_be_visible()
    expect(reader.get_by_role("row", name="はい 2 50% 数える")).to_be_visible()
    reader.close()


def test_the_answer_form_works_by_keyboard(page: Page, live_server: Any, year: CouncilYear) -> None:
    from surveys.running.lifecycle import open_survey

    survey = factories.survey(year, status="draft", opened_at=None)
    factories.question(survey, "はい", "いいえ", key="one", text="始めていますか")
    link = open_survey(survey)[0]
    page.goto(f"{live_server.url}/answer/open/{link.token}/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="本文へ移動")).to_be_focused()
    page.keyboard.press("Enter")
    # The page's own link in the table, then the button below it.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="回答を始める")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("はい").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("いいえ")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("情報課")
    page.keyboard.press("Tab")
    page.keyboard.type("試験")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="回答の確認")).to_be_visible()


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_no_page_scrolls_sideways(page: Page, live_server: Any, fy2020: CouncilYear, width: int) -> None:
    freeze_loaded_reports()
    page.set_viewport_size({"width": width, "height": 800})
    base = f"{live_server.url}/councils/smart-jichitai"
    for path in (
        live_server.url,
        f"{base}/",
        f"{base}/2020/",
        f"{base}/2020/editions/",
        f"{base}/2020/figures/progressed/",
        f"{base}/2020/surveys/after-meeting/",
        f"{live_server.url}/open-data/",
        f"{base}/2020/meetings/1/",
        f"{base}/2020/meetings/",
        f"{live_server.url}/organizations/242012/",
        f"{live_server.url}/search/?q=木曾岬 OR RPA",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
