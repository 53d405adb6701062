"""A whole survey without JavaScript: from the questionnaire to its published results.

Three municipalities answer, one on the web, one by workbook, one by phone.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, Route, expect

from members.common.files.spreadsheets import XLSX
from members.common.text.eras import fiscal_year
from members.models import CouncilYear
from surveys.models import Survey
from surveys.questionnaire.table import HEADERS
from surveys.running.lifecycle import issue_links
from tests import factories
from tests.browser.test_staff_to_public import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
QUESTIONS = [
    {"識別名": "online", "設問文": "始めていますか。", "形式": "1つ選ぶ", "選択肢": "yes=はい\nno=いいえ"},
    {
        "識別名": "why",
        "設問文": "始めていない理由は何ですか。",
        "形式": "自由記述",
        "尋ねる条件": "online=no",
        "開示範囲": "事務局のみ",
    },
    {
        "区分": "くわしく",
        "識別名": "done",
        "設問文": "進んだ取組を選んでください。",
        "形式": "いくつでも選ぶ",
        "選択肢": "a=窓口\nb=その他［内容も書く］\nn=特にない［単独］",
    },
    {
        "区分": "くわしく",
        "識別名": "grid",
        "設問文": "どのくらい進みましたか。",
        "形式": "項目ごとに1つ選ぶ（表形式）",
        "選択肢": "much=かなり進んだ\nnone=進まなかった",
        "項目": "t1=電子申請",
    },
]


@pytest.fixture
def year(staff: User) -> CouncilYear:
    year = factories.council_year(
        council=factories.council(name="試験検討会議", slug="test"), year=fiscal_year(timezone.localdate())
    )
    for code, name in (("242012", "津市"), ("242021", "四日市市"), ("242039", "伊勢市")):
        body = factories.organization(code=code, name=name, kind="city")
        factories.membership(year, department=factories.department(organization=body, name="情報課"))
    return year


def questions_file(folder: Path) -> Path:
    import tablib

    table = tablib.Dataset(headers=HEADERS)
    for row in QUESTIONS:
        full = {"開示範囲": "公開（集計）", "必須": "はい", **row}
        table.append([full.get(header, "") for header in HEADERS])
    path = folder / "設問.xlsx"
    path.write_bytes(XLSX().export_data(table))
    return path


@pytest.fixture
def office(browser: Browser, live_server: Any, staff: User) -> Any:
    """The secretariat's desk, with JavaScript off."""
    context = browser.new_context(java_script_enabled=False, locale="ja-JP", timezone_id="Asia/Tokyo")
    page = context.new_page()
    log_in(page, live_server.url)
    yield page
    context.close()


def test_a_survey_from_questionnaire_to_published_results(
    office: Page, browser: Browser, live_server: Any, year: CouncilYear, tmp_path: Path, settings: Any
) -> None:
    settings.SMALL_GROUP_MINIMUM = 3
    base = f"{live_server.url}/admin/surveys/survey"
    # The questionnaire: its questions come from Excel, and are tried out.
    survey = Survey.objects.create(
        council_year=year, key="yearly", title="試験アンケート", closes_at=timezone.now() + timedelta(days=7)
    )
    office.goto(f"{base}/{survey.pk}/import/")
    office.get_by_label("設問のExcel（.xlsx）").set_input_files(questions_file(tmp_path))
    office.get_by_role("button", name="読み取って確かめる").click()
    expect(office.get_by_text("読み取った設問（4問）")).to_be_visible()
    office.get_by_role("button", name="この内容に置き換える").click()
    expect(office.locator(".success")).to_contain_text("4問取り込みました")
    office.get_by_role("link", name="回答画面で試す").click()
    office.get_by_label("いいえ").check()
    office.get_by_role("button", name="入力を確かめる").click()
    expect(office.get_by_role("link", name="始めていない理由は何ですか：入力してください。")).to_be_visible()
    factories.indicator(survey, survey.questions.get(key="online").choices.get(code="yes"), key="online")

    # Open it; one link goes to a municipality, one body gets its workbook.
    office.goto(f"{base}/{survey.pk}/open/")
    office.get_by_role("button", name="受付を開始する").click()
    link = office.locator("tr", has_text="津市").filter(has_not_text="四日市市").locator("code").inner_text()
    workbook_target = survey.targets.get(organization__name="四日市市")

    # By web: two pages, a gap on the way, back from another desk, then handed in.
    context = browser.new_context(java_script_enabled=False, locale="ja-JP")
    town = context.new_page()
    town.goto(link)
    expect(town.get_by_text("未着手").first).to_be_visible()
    town.get_by_role("link", name="回答を始める").click()
    town.get_by_label("いいえ").check()
    town.get_by_role("button", name="保存して次へ進む").last.click()
    expect(town).to_have_title("エラー：はじめに：試験アンケート（津市） - 検討会議ポータル")
    town.get_by_role("button", name="保存して一覧へ戻る").click()
    expect(town.get_by_role("row", name="はじめに 入力中 2問中1問")).to_be_visible()
    context.close()
    context = browser.new_context(java_script_enabled=False, locale="ja-JP")
    town = context.new_page()
    town.goto(link)
    town.get_by_role("link", name="はじめに").click()
    expect(town.get_by_label("いいえ")).to_be_checked()
    town.get_by_label("始めていない理由は何ですか。").fill("人手が足りない")
    town.get_by_role("button", name="保存して次へ進む").last.click()
    town.get_by_label("その他", exact=True).check()
    town.get_by_label("「その他」の内容").fill("電話の受付")
    town.get_by_label("かなり進んだ").check()
    town.get_by_role("button", name="保存して次へ進む").last.click()
    town.get_by_label("担当課名").fill("情報課")
    town.get_by_label("回答者の氏名").fill("試験 花子")
    town.get_by_role("button", name="保存して次へ進む").last.click()
    expect(town.get_by_text("その他（電話の受付）")).to_be_visible()
    town.get_by_role("button", name="提出する").click()
    expect(town.get_by_role("heading", name="受付票")).to_be_visible()
    context.close()

    # By workbook: filled in Excel, sent back by the municipality itself.
    context = browser.new_context(java_script_enabled=False, locale="ja-JP", accept_downloads=True)
    town = context.new_page()
    token = issue_links([workbook_target])[0].token
    town.goto(f"{live_server.url}/answer/open/{token}/")
    with town.expect_download() as downloading:
        town.get_by_role("link", name="回答用Excelをダウンロードする").click()
    path = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(path)
    assert "四日市市" in path.name
    book = load_workbook(path)
    filled = {
        "q-online": "はい",
        "q-done=a": "○",
        "q-grid.t1": "進まなかった",
        "respondent_department": "総務課",
        "respondent_name": "試験 次郎",
    }
    for row in book["回答"].iter_rows():
        if row[5].value in filled:
            row[3].value = filled[row[5].value]
    book.save(path)
    town.get_by_role("link", name="回答用Excelを取り込む").click()
    town.get_by_label("記入した回答用Excel").set_input_files(path)
    town.get_by_role("button", name="読み取って確かめる").click()
    expect(town.get_by_role("cell", name="総務課")).to_be_visible()
    town.get_by_role("button", name="取り込んで確認画面へ進む").click()
    town.get_by_role("button", name="提出する").click()
    expect(town.get_by_role("heading", name="受付票")).to_be_visible()
    context.close()

    # By phone: the secretariat enters it, and the board says so.
    office.goto(f"{base}/{survey.pk}/board/")
    expect(office.get_by_text("対象3団体中2団体が提出")).to_be_visible()
    expect(office.get_by_role("row", name="指標 33%（3市町中1市町）")).to_contain_text("67%（3市町中2市町）")
    office.get_by_role("row", name="伊勢市").get_by_role("link", name="代理入力").click()
    office.get_by_label("受け取った方法").fill("電話で聞き取り")
    office.get_by_label("はい", exact=True).check()
    office.get_by_label("特にない").check()
    office.get_by_label("かなり進んだ").check()
    office.get_by_label("担当課名").fill("企画課")
    office.get_by_label("回答者の氏名").fill("試験 三郎")
    office.get_by_role("button", name="代理入力して提出済みにする").click()
    expect(office.get_by_text("対象3団体中3団体が提出")).to_be_visible()
    expect(office.get_by_role("row", name="伊勢市")).to_contain_text("代理入力")

    # Closed, looked at, published.
    office.goto(f"{base}/{survey.pk}/close/")
    office.get_by_role("button", name="受付を終了する").click()
    office.get_by_role("link", name="集計結果", exact=True).click()
    expect(office.get_by_text("次の設問の集計")).to_be_visible()
    office.goto(f"{base}/{survey.pk}/change/")
    office.get_by_label("集計結果を公開する").check()
    office.get_by_role("button", name="保存", exact=True).click()
    expect(office.locator(".success")).to_be_visible()

    reader = browser.new_context(java_script_enabled=False, locale="ja-JP").new_page()
    reader.goto(f"{live_server.url}{survey.get_absolute_url()}")
    expect(reader.get_by_role("row", name="はい 2 67%")).to_be_visible()
    expect(reader.get_by_role("row", name="その他 1 33%")).to_be_visible()
    expect(reader.get_by_role("row", name="電子申請 2 （67%） 1 （33%） 0 3")).to_be_visible()
    for secret in ("人手が足りない", "電話の受付", "試験 花子", "津市"):
        expect(reader.get_by_text(secret)).to_have_count(0)
    reader.context.close()


def test_typing_is_saved_by_itself_and_two_desks_are_told(
    page: Page, live_server: Any, year: CouncilYear
) -> None:
    survey = factories.survey(year)
    factories.question(survey, key="note", kind="text", text="ご意見")
    target = factories.target(survey)
    token = issue_links([target])[0].token
    page.goto(f"{live_server.url}/answer/open/{token}/")
    page.get_by_role("link", name="回答を始める").click()
    page.get_by_label("ご意見").fill("書きかけ")
    expect(page.get_by_role("status")).to_contain_text("自動保存しました", timeout=10_000)
    assert target.drafts.get().values == {"q-note": "書きかけ"}
    # Going on typing and saving by the button is no conflict with oneself.
    page.get_by_label("ご意見").fill("書き終えた")
    page.get_by_label("担当課名").fill("総務課")
    page.get_by_label("回答者の氏名").fill("試験")
    page.get_by_role("button", name="保存して次へ進む").last.click()
    expect(page.get_by_role("heading", name="回答の確認")).to_be_visible()
    # Somebody else saves meanwhile: the script stops, the button shows both.
    page.get_by_role("link", name=re.compile("変更.*ご意見")).click()
    target.drafts.update(values={**target.drafts.get().values, "q-note": "別の課"})
    page.get_by_label("ご意見").fill("こちらの課")
    expect(page.get_by_role("status")).to_contain_text("自動保存を止めました", timeout=10_000)
    page.get_by_role("button", name="保存して次へ進む").last.click()
    expect(page.get_by_text("別の課").first).to_be_visible()
    expect(page.get_by_label("ご意見")).to_have_value("こちらの課")


def test_what_was_typed_before_the_script_came_is_saved_too(
    page: Page, live_server: Any, year: CouncilYear
) -> None:
    survey = factories.survey(year)
    factories.question(survey, key="note", kind="text", text="ご意見")
    target = factories.target(survey)
    token = issue_links([target])[0].token
    late: list[Route] = []
    page.route(re.compile("/answer[^/]*[.]js$"), lambda route: late.append(route))
    page.goto(f"{live_server.url}/answer/open/{token}/")
    page.get_by_role("link", name="回答を始める").click()
    page.get_by_label("ご意見").fill("早い人")
    late[0].continue_()
    expect(page.get_by_role("status")).to_contain_text("自動保存しました", timeout=10_000)
    assert target.drafts.get().values == {"q-note": "早い人"}
