"""Ten years of a council cost as many queries as two."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from council.demo import freeze_loaded_reports
from members.models import CouncilYear
from tests.growth import earlier_years

pytestmark = pytest.mark.django_db

PAGES = (
    "/",
    "/councils/smart-jichitai/",
    "/councils/smart-jichitai/2020/",
    "/councils/smart-jichitai/2020/editions/",
    "/councils/smart-jichitai/2020/figures/progressed/",
    "/councils/smart-jichitai/2020/meetings/",
    "/councils/smart-jichitai/2020/meetings/1/",
    "/councils/smart-jichitai/2020/surveys/after-meeting/",
    "/councils/smart-jichitai/meetings.ics",
    "/councils/smart-jichitai/records.atom",
    "/organizations/242012/",
    "/search/?q=報告",
    "/open-data/",
    "/open-data/catalog.jsonld",
    "/open-data/smart-jichitai/2020/members.csv",
    "/sitemap.xml",
)
STAFF_PAGES = (
    "/admin/",
    "/admin/council/annualreport/",
    "/admin/members/councilyear/",
    "/admin/meetings/meeting/",
    "/admin/surveys/survey/",
)


def counts(client: Client, pages: tuple[str, ...]) -> dict[str, int]:
    found = {}
    for page in pages:
        client.get(page)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200, page
        found[page] = len(captured)
    return found


def test_queries_do_not_grow_with_years(fy2020: CouncilYear, staff_client: Client) -> None:
    freeze_loaded_reports()
    earlier_years(fy2020, 1)
    for _ in range(2):
        staff_client.get("/admin/")
    before = counts(Client(), PAGES) | counts(staff_client, STAFF_PAGES)
    # Eight more, before that one.
    earlier_years(CouncilYear.objects.get(council=fy2020.council, year=2019), 8)
    assert fy2020.council.years.count() == 10
    for _ in range(10):
        # The start page compares one report with what is public each time it is looked at.
        staff_client.get("/admin/")
    after = counts(Client(), PAGES) | counts(staff_client, STAFF_PAGES)
    assert {page: (before[page], after[page]) for page in after if after[page] > before[page]} == {}
