"""Looks that would block work: dark links, a bar over the focused field, a board on a phone."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page

from council.models import AnnualReport
from members.models import CouncilYear
from tests import factories
from tests.browser.test_staff_to_public import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# The contrast of an element's text with the first ground behind it that is painted.
CONTRAST = """element => {
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let ground = element;
  while (ground.parentElement && (parts(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = ground.parentElement;
  const [a, b] = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor].map(parts).map(light).sort((a, b) => a - b);
  return (b + 0.05) / (a + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_links_and_buttons_can_be_read(
    browser: Browser, page: Page, live_server: Any, staff: User, fy2020: CouncilYear, scheme: Any
) -> None:
    log_in(page, live_server.url)
    context = browser.new_context(color_scheme=scheme, storage_state=page.context.storage_state())
    screen = context.new_page()
    report = AnnualReport.objects.get()
    for address in (
        "/admin/",
        "/admin/members/organization/",
        f"/admin/council/annualreport/{report.pk}/publication/",
    ):
        screen.goto(f"{live_server.url}{address}")
        for element in screen.locator("#content a:visible, #header a:visible, .breadcrumbs a:visible").all():
            assert element.evaluate(CONTRAST) >= 4.5, (address, element.inner_text())
    context.close()


def test_the_bar_never_hides_what_has_the_focus(
    page: Page, live_server: Any, staff: User, fy2020: CouncilYear
) -> None:
    page.set_viewport_size({"width": 1024, "height": 600})
    log_in(page, live_server.url)
    report = AnnualReport.objects.get()
    page.goto(f"{live_server.url}/admin/council/annualreport/{report.pk}/writing/")
    hidden = """() => {
      const bar = document.querySelector(".writing-save"), at = document.activeElement;
      if (!bar || bar.contains(at)) return "";
      const [one, two] = [at.getBoundingClientRect(), bar.getBoundingClientRect()];
      const beside = one.right <= two.left || one.left >= two.right;
      return !beside && one.top >= two.top && one.top < two.bottom ? at.outerHTML.slice(0, 120) : "";
    }"""
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate(hidden) == ""


def test_the_board_reads_on_a_phone(page: Page, live_server: Any, staff: User) -> None:
    survey = factories.survey(factories.council_year())
    factories.target(survey, organization=factories.organization(name="南伊勢町"))
    page.set_viewport_size({"width": 360, "height": 740})
    log_in(page, live_server.url)
    page.goto(f"{live_server.url}/admin/surveys/survey/{survey.pk}/board/")
    name = page.locator(".cards th[scope=row]").bounding_box()
    assert name
    assert name["width"] > 200
    assert name["height"] < 60
    assert page.evaluate("document.querySelector('.cards').scrollWidth <= innerWidth")
