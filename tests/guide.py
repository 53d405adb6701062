"""The pictures of the guides, and of public pages on a phone and in the dark, made from the demo.

``make guide-pictures`` writes them to ``static/guide`` and ``tests/looks``; CI makes them elsewhere
and compares, so that no guide shows a screen that there is no more, and no page changes its look
unseen. Each picture's name is that in the guide's template.
"""

import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Page

from council.models import AnnualReport
from meetings.models import Meeting
from members.models import CouncilYear, Desk, DeskEntrance, DeskPerson
from members.models.desk_person import end_of_term
from surveys.models import Survey, SurveyTarget
from surveys.questionnaire.copying import copy_survey
from surveys.running.lifecycle import issue_links
from tests.browser import conftest
from tests.browser.test_staff_to_public import log_in
from tests.pictures import changes, keep_small
from tests.test_guide import named_pictures

pytestmark = [pytest.mark.guide, pytest.mark.django_db(transaction=True)]
KEPT, KEPT_LOOKS = Path("static/guide"), Path("tests/looks")
OUT = Path(os.environ.get("GUIDE_PICTURES", KEPT))
LOOKS = OUT / "looks" if OUT != KEPT else KEPT_LOOKS
# A demo looks forward and back from its day: the same one always, or each day's pictures would differ.
DAY = datetime(2026, 12, 1, 10, tzinfo=timezone.get_default_timezone())
SIZE, TALL = {"width": 1000, "height": 700}, 640
AGENDA = """第3回窓口サービス検討会議　次第
日時：令和8年12月19日（土）13時30分から15時30分まで
場所：架空会館 大会議室
１　開会
２　議題
（１）オンライン申請の手引（案）について　　資料１　（みほん市市民課）
（２）来年度の進め方
３　その他
"""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The system's browser, whose own boxes for days and times are in Japanese."""
    args = ["--no-sandbox", "--disable-gpu"]
    return {"executable_path": conftest.CHROMIUM, "args": args, "env": {**os.environ, "LANGUAGE": "ja"}}


@pytest.fixture(autouse=True)
def same_day() -> Iterator[None]:
    with time_machine.travel(DAY, tick=False):
        yield


@pytest.fixture
def screen(browser: Browser, live_server: Any, staff: Any, settings: Any) -> Iterator[Page]:
    """A desktop of the office, logged in, that looks at the demo."""
    settings.LOCAL = True
    call_command("load_demo", verbosity=0)
    # Wide enough for the admin's own column at the side, which is cut off.
    context = browser.new_context(
        viewport={"width": 1100, "height": 1000},
        locale="ja-JP",
        timezone_id="Asia/Tokyo",
        base_url=live_server.url,
    )
    page = context.new_page()
    log_in(page, live_server.url)
    yield page
    context.close()


def staff_pictures(page: Page) -> dict[str, Callable[[], object]]:
    """How to come to each screen of the secretariat."""
    year = CouncilYear.objects.get(year=2020)
    meeting = Meeting.objects.filter(status="held").latest("held_on")
    report = AnnualReport.objects.get(council_year=year)
    survey = Survey.objects.get(status="open")
    draft = copy_survey(survey, survey.council_year, "draft", "窓口サービスについてのアンケート（次の回）")

    def read_agenda() -> None:
        page.goto("/admin/meetings/meeting/paste/")
        page.get_by_label("年度").select_option(label=str(meeting.council_year))
        page.get_by_label("次第").fill(AGENDA)
        page.get_by_role("button", name="読み取る").click()
        page.get_by_text("オンライン申請の手引").first.wait_for()

    def build() -> None:
        page.goto(f"/admin/surveys/survey/{draft.pk}/build/")
        page.get_by_role("button", name=re.compile("を直す")).first.click()

    return {
        "start": lambda: page.goto("/admin/"),
        "rollover": lambda: page.goto(f"/admin/rollover/{year.pk}/"),
        "agenda": read_agenda,
        "minutes": lambda: page.goto(f"/admin/meetings/meeting/{meeting.pk}/record/"),
        "record-publishing": lambda: page.goto(f"/admin/meetings/meeting/{meeting.pk}/publication/"),
        "builder": build,
        "board": lambda: page.goto(f"/admin/surveys/survey/{survey.pk}/board/"),
        "writing": lambda: page.goto(f"/admin/council/annualreport/{report.pk}/writing/"),
        "report-publishing": lambda: page.goto(f"/admin/council/annualreport/{report.pk}/publication/"),
    }


def body_pictures(page: Page) -> dict[str, Callable[[], object]]:
    """Those of a municipality at its desk, as its administrator."""
    target = SurveyTarget.objects.filter(survey__status="open", submission=None).latest("pk")
    issue_links([target])
    desk, _ = Desk.objects.get_or_create(organization=target.organization)
    today = timezone.localdate()
    values = {"desk": desk, "good_until": end_of_term(today), "mailed_at": timezone.now()}
    keeper = DeskPerson.objects.create(
        name="見本 花子", email="hanako@town.example.jp", is_administrator=True, **values
    )
    DeskPerson.objects.create(
        name="見本 太郎", email="taro@town.example.jp", invited_by="見本 花子", **values
    )
    page.goto(f"/desk/enter/{DeskEntrance.issue(keeper)}/")
    page.get_by_role("button", name="窓口に入る").click()
    home = f"/desk/{desk.anchor}/"

    def answer() -> None:
        page.goto(f"{home}surveys/{target.anchor}/")
        page.get_by_role("link", name=re.compile("入力|回答する|始める")).first.click()

    return {
        "desk": lambda: page.goto(home),
        "answer": answer,
        "check": lambda: page.goto(f"/answer/{target.anchor}/check/"),
        "people": lambda: page.goto(f"{home}people/"),
    }


def reader_pictures(page: Page) -> dict[str, Callable[[], object]]:
    """Those of the public."""
    year = CouncilYear.objects.get(year=2020)
    home = f"/councils/{year.council.slug}/2020/"
    return {
        "report": lambda: page.goto(home),
        "figure": lambda: page.goto(f"{home}figures/progressed/"),
        "meeting": lambda: page.goto(f"{home}meetings/1/"),
    }


def public_pages() -> dict[str, str]:
    """Addresses of the public pages that are looked at on a phone and in the dark."""
    year = "/councils/smart-jichitai/2020/"
    return {
        "home": "/",
        "report": year,
        "figure": f"{year}figures/progressed/",
        "meeting": f"{year}meetings/1/",
        "council": "/councils/smart-jichitai/",
        "results": f"{year}surveys/after-meeting/",
        "summary": f"{year}summary/easy/",
        "search": "/search/?q=テレワーク",
        "open-data": "/open-data/",
    }


def clip_of(page: Page) -> Any:
    """What of a page is shown: of the admin its content, without what stands on each of its screens."""
    part = page.locator("#content")
    box = part.bounding_box() if part.count() else None
    if box is None:
        return {"x": 0, "y": 0, **SIZE}
    top = max(box["y"], 0)
    return {
        "x": box["x"],
        "y": top,
        "width": box["width"],
        "height": min(box["y"] + box["height"] - top, TALL),
    }


def test_every_picture_of_the_guides_can_be_made(browser: Browser, live_server: Any, screen: Page) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(viewport=SIZE, locale="ja-JP", base_url=live_server.url)
    visitor = context.new_page()
    made = set()
    for page, pictures in (
        (visitor, reader_pictures(visitor)),
        (visitor, body_pictures(visitor)),
        (screen, staff_pictures(screen)),
    ):
        for name, go in pictures.items():
            go()
            page.wait_for_load_state("networkidle")
            assert page.title(), name
            assert "見つかりません" not in page.title(), name
            page.screenshot(path=OUT / f"{name}.png", clip=clip_of(page))
            made.add(name)
    assert made == named_pictures()
    context.close()
    if OUT != KEPT:
        assert changes(KEPT, OUT, made) == {}, SEEN


SEEN = "make guide-pictures, look at what changed, and commit it"


@pytest.mark.parametrize("look", ["phone", "dark"])
def test_no_page_changes_its_look_unseen(browser: Browser, live_server: Any, screen: Page, look: str) -> None:
    size = {"width": 390, "height": 1500} if look == "phone" else SIZE
    context = browser.new_context(
        viewport=size,
        color_scheme="dark" if look == "dark" else "light",
        locale="ja-JP",
        base_url=live_server.url,
    )
    page = context.new_page()
    LOOKS.mkdir(parents=True, exist_ok=True)
    names = []
    for name, address in public_pages().items():
        response = page.goto(address)
        assert response
        assert response.ok, address
        names.append(f"{name}-{look}")
        page.screenshot(path=LOOKS / f"{names[-1]}.png")
        keep_small(LOOKS / f"{names[-1]}.png")
    context.close()
    if OUT != KEPT:
        assert changes(KEPT_LOOKS, LOOKS, names) == {}, SEEN
