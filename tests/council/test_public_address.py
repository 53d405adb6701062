"""An office with its portal inside LGWAN and a public copy elsewhere: each link leads to the right one."""

import io
import json
from typing import Any

import pytest
from defusedxml import ElementTree
from django.test import Client
from docx import Document
from icalendar import Calendar
from pypdf import PdfReader

from council.models import AnnualReport, ReportSection
from council.publishing.files import make_missing
from council.publishing.links import leads_somewhere
from members.models import CouncilYear
from tests.publishing import publish

pytestmark = pytest.mark.django_db
ROOT = "https://www.pref.example.lg.jp/dx"
YEAR = "/councils/smart-jichitai/2020/"


@pytest.fixture
def published(fy2020: CouncilYear, settings: Any) -> CouncilYear:
    settings.PUBLIC_ADDRESS = ROOT
    settings.PORTAL_ADDRESS = "https://portal.lgwan.example"
    ReportSection.objects.filter(kind="goals").update(body="[名簿](/open-data/)と{progressed.percent}")
    publish(AnnualReport.objects.get())
    return fy2020


def test_everything_that_leaves_the_portal_names_the_public_copy(published: CouncilYear) -> None:
    feed = ElementTree.fromstring(Client().get("/councils/smart-jichitai/records.atom").content)
    links = [link.get("href") for link in feed.iter("{http://www.w3.org/2005/Atom}link")]
    assert links
    assert all(link.startswith(f"{ROOT}/") for link in links)
    calendar: Any = Calendar.from_ical(Client().get("/councils/smart-jichitai/meetings.ics").content)
    assert all(str(event["URL"]).startswith(f"{ROOT}/councils/") for event in calendar.walk("VEVENT"))
    make_missing()
    document = Document(io.BytesIO(Client().get(f"{YEAR}report.docx").content))
    linked = [link.url for paragraph in document.paragraphs for link in paragraph.hyperlinks]
    assert f"{ROOT}/open-data/" in linked
    assert f"{ROOT}{YEAR}editions/1/figures/progressed/" in linked
    reader = PdfReader(io.BytesIO(Client().get(f"{YEAR}report.pdf").content))
    targets = {
        each.get_object()["/A"]["/URI"]
        for page in reader.pages
        for each in page.get("/Annots", [])
        if "/URI" in each.get_object().get("/A", {})
    }
    assert f"{ROOT}/open-data/" in targets
    assert json.loads(Client().get(f"{YEAR}report.json").content)["address"].startswith(ROOT)
    assert f'"url": "{ROOT}{YEAR}editions/1/"' in Client().get(YEAR).content.decode()
    for path in ("/open-data/catalog.jsonld", "/open-data/", "/open-data/openapi.json"):
        assert "lgwan" not in Client().get(path).content.decode(), path


def test_links_by_either_name_are_checked_inside(published: CouncilYear) -> None:
    for root in (ROOT, "https://portal.lgwan.example"):
        assert leads_somewhere(f"{root}/open-data/", YEAR)
        assert not leads_somewhere(f"{root}/open-data/nothing/", YEAR)
        assert not leads_somewhere(f"{root}/admin/", YEAR)
    assert leads_somewhere("https://www.pref.example.lg.jp/other/", YEAR)
