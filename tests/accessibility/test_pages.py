"""No page type breaks a rule that a program can check: light, dark and forced colours, two widths."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Page

from members.models import Council, Desk, DeskEntrance, DeskPerson
from members.models.desk_person import end_of_term
from surveys.models import SurveyTarget
from surveys.running.lifecycle import issue_links
from tests.accessibility.walk import Walk
from tests.browser import conftest
from tests.browser.test_staff_to_public import log_in

pytestmark = [pytest.mark.access, pytest.mark.django_db(transaction=True)]
RESULTS = Path(os.environ.get("ACCESSIBILITY_RESULTS", "var/accessibility"))
YEAR = "/councils/smart-jichitai/2020/"
LOOKS = [(scheme, width) for scheme in ("light", "dark", "forced") for width in (1280, 320)]
# The admin's own frame does not pass in forced colours, and its rows repeat their links.
STAFF_LOOKS = [("light", 1280), ("dark", 1280)]
READ = [
    "/", YEAR, "/councils/smart-jichitai/years/", f"{YEAR}figures/progressed/", "/no-such-page/",
    f"{YEAR}surveys/after-meeting/", f"{YEAR}editions/1/figures/progressed/", "/councils/empty/",
    f"{YEAR}summary/en/", f"{YEAR}summary/easy/",
    "/search/", "/search/?q=会議", "/search/?q=zzzz", "/accounts/login/", "/desk/", "/verify/",
]  # fmt: skip
# Files, and what ends a visit.
NO_PAGE = re.compile(r"\.[a-z]{2,5}$|/logout/|/export/|/template/|jsi18n")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": conftest.CHROMIUM, "args": ["--no-sandbox", "--disable-gpu"]}


@pytest.fixture
def portal(live_server: Any, settings: Any, staff: User) -> Any:
    """The demo, and a council that has nothing yet."""
    settings.LOCAL = True
    call_command("load_demo", verbosity=0)
    Council.objects.create(slug="empty", name="これから始まる会議", established_year=2026)
    return live_server


@pytest.fixture
def screens(browser: Browser, portal: Any) -> Iterator[Any]:
    contexts = []

    def screen(scheme: str, width: int) -> Page:
        looks: Any = {"color_scheme": "dark" if scheme == "dark" else "light"}
        looks["forced_colors"] = "active" if scheme == "forced" else "none"
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale="ja-JP", timezone_id="Asia/Tokyo",
            base_url=portal.url, bypass_csp=True, **looks,
        )  # fmt: skip
        contexts.append(context)
        return context.new_page()

    yield screen
    for context in contexts:
        context.close()


def finish(walk: Walk, at_least: int) -> None:
    walk.write(RESULTS)
    assert [f"{each.page}: {each.rule} {each.places[:3]}" for each in walk.faults] == []
    assert walk.not_tested == []
    assert len(walk.pages) >= at_least


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_what_the_public_reads(screens: Any, scheme: str, width: int) -> None:
    page, walk = screens(scheme, width), Walk("public", scheme, width)
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill("nobody")
    page.locator("[name=password]").fill("wrong")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    walk.look(page, "accounts/login/（誤り）")
    walk.go(page, READ, lambda link: not NO_PAGE.search(link) and not re.match("/(admin|answer)/", link))
    finish(walk, 28)


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_what_a_body_answers(screens: Any, scheme: str, width: int) -> None:
    page, walk = screens(scheme, width), Walk("body", scheme, width)
    today = timezone.localdate()
    target = SurveyTarget.objects.filter(survey__status="open", submission=None).latest("pk")
    issue_links([target])
    desk, _ = Desk.objects.get_or_create(organization=target.organization)
    keeper = DeskPerson.objects.create(
        name="見本 花子", email="hanako@town.example.jp", is_administrator=True, desk=desk,
        good_until=end_of_term(today), mailed_at=timezone.now(),
    )  # fmt: skip
    page.goto(f"/desk/enter/{DeskEntrance.issue(keeper)}/")
    walk.look(page, "desk/enter/")
    page.get_by_role("button", name="窓口に入る").click()
    home = f"/desk/{desk.anchor}/"
    page.goto(f"{home}surveys/{target.anchor}/")
    walk.look(page, "desk/surveys/")
    page.get_by_role("link", name=re.compile("入力|回答する|始める")).first.click()
    starts = [home, page.url.removeprefix(page.url.split("/answer/")[0]), f"/answer/{target.anchor}/check/"]
    walk.go(page, starts, lambda link: bool(re.match("/(answer|desk)/", link)) and not NO_PAGE.search(link))
    finish(walk, 12)


@pytest.mark.parametrize(("scheme", "width"), STAFF_LOOKS)
def test_what_the_secretariat_works_on(screens: Any, scheme: str, width: int) -> None:
    page, walk = screens(scheme, width), Walk("staff", scheme, width, is_thorough=False)
    page.goto("/admin/")
    log_in(page, page.url.split("/accounts/")[0])
    walk.go(page, ["/admin/"], lambda link: link.startswith("/admin/") and not NO_PAGE.search(link))
    finish(walk, 90)
