"""Whose portal it is, what stands first, and that nothing made up stands above what is real."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from council.models import AnnualReport
from council.site.identity import contrast, faults, palette, styles
from meetings.models import Meeting
from members.common.text.eras import fiscal_year
from members.models import Council, CouncilYear
from tests import factories
from tests.publishing import publish

pytestmark = pytest.mark.django_db


def page(address: str = "/") -> str:
    return Client().get(address).content.decode()


def test_the_name_and_the_office_are_settings(settings: Any) -> None:
    settings.PORTAL_NAME, settings.PORTAL_OWNER = "共同会議の記録", "みほん県"
    html = page("/about/")
    assert "<title>このサイトについて - 共同会議の記録</title>" in html
    assert '<span class="site-owner">みほん県</span> 共同会議の記録' in html
    assert "検討会議ポータル" not in page()


def test_a_colour_is_a_style_sheet_of_its_own(settings: Any) -> None:
    assert "identity.css" not in page()
    settings.PORTAL_COLOR = "#00704a"
    assert '<link rel="stylesheet" href="/identity.css?v=' in page()
    response = Client().get("/identity.css")
    assert response["Content-Type"].startswith("text/css")
    assert "--primary:#00704a" in response.content.decode()


@pytest.mark.parametrize("color", ["#0017c1", "#00704a", "#7a0026", "#000000"])
def test_each_shade_can_be_read(color: str) -> None:
    found = palette(color)
    assert min(contrast(found.light, "#ffffff"), contrast(found.hover, "#ffffff")) >= 4.5
    assert contrast(found.dark, "#16181d") >= 4.5


@pytest.mark.parametrize(
    ("color", "fault"), [("#ffd43d", "E102"), ("blue", "E101"), ("#00f;}body{display:none", "E101")]
)
def test_a_colour_that_cannot_be_read_is_refused(settings: Any, color: str, fault: str) -> None:
    settings.PORTAL_COLOR = color
    assert [number for number, _ in faults()] == [fault]
    assert fault == "E102" or styles(color) == ""


def test_an_emblem_is_a_picture_and_nothing_else(settings: Any, tmp_path: Path) -> None:
    drawing, picture, mere = tmp_path / "a.svg", tmp_path / "b.png", tmp_path / "c.png"
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 20)
    mere.write_text("<script>alert(1)</script>")
    for path, fault in ((drawing, "E103"), (mere, "E105"), (tmp_path / "none.png", "E104")):
        settings.PORTAL_LOGO = str(path)
        assert [number for number, _ in faults()] == [fault]
        assert "site-logo" not in page()
        assert Client().get("/logo/").status_code == 404
    settings.PORTAL_LOGO = str(picture)
    assert '<img class="site-logo" src="/logo/" alt="">' in page()
    assert Client().get("/logo/")["Content-Type"] == "image/png"


@pytest.fixture
def made_up(fy2020: CouncilYear) -> CouncilYear:
    """A fictional council whose report, record and meeting are the newest of all."""
    council = factories.council(name="（架空）見本会議", is_public=True, is_fictional=True)
    return factories.council_year(council=council, year=fiscal_year(timezone.localdate()))


def test_what_is_made_up_stands_below_what_is_real(made_up: CouncilYear) -> None:
    soon = timezone.localdate()
    real = factories.council_year(council=Council.objects.get(slug="smart-jichitai"), year=made_up.year)
    for year, days in ((made_up, 0), (real, 1)):
        factories.meeting(
            year,
            number=9,
            held_on=soon + timedelta(days=days),
            status=Meeting.Status.PLANNED,
            is_announced=True,
        )
    Meeting.objects.filter(council_year__year=2020, number=1).update(record_status="published")
    factories.meeting(
        made_up, number=1, record_status="published", record_published_at=timezone.now(), is_announced=True
    )
    html = page()
    for heading in ("新しい会議記録", "次の会議", "検討会議一覧"):
        part = html[html.index(f">{heading}</h2>") :].split("</section>")[0]
        assert part.index("スマート自治体") < part.index("（架空）見本会議"), heading
        assert '<span class="tag">架空</span>' in part


def test_the_latest_report_is_a_real_one(made_up: CouncilYear) -> None:
    publish(AnnualReport.objects.get())
    AnnualReport.objects.create(council_year=made_up, status="published", published_on=timezone.localdate())
    html = page()
    assert "（架空）見本会議" not in html[: html.index("新しい会議記録")]
    assert "86%" in html


def test_a_portal_of_made_up_things_alone_says_so(made_up: CouncilYear) -> None:
    assert "ここにあるのは、架空の内容だけです" not in page()
    Council.objects.update(is_fictional=True)
    assert "ここにあるのは、架空の内容だけです" in page()
    Council.objects.all().update(is_public=False)
    assert "ここにあるのは、架空の内容だけです" not in page()


def test_the_front_page_leads_to_a_reports_summaries(fy2020: CouncilYear) -> None:
    assert "summary/en/" not in page()
    publish(AnnualReport.objects.get())
    html = page()
    assert 'href="/councils/smart-jichitai/2020/summary/en/" lang="en" hreflang="en"' in html
    assert 'href="/councils/smart-jichitai/2020/summary/easy/"' in html


def test_search_is_on_every_page_but_its_own_and_the_front(fy2020: CouncilYear) -> None:
    for address, forms in (("/", 1), ("/about/", 1), ("/search/", 1), ("/councils/smart-jichitai/", 1)):
        assert page(address).count('role="search"') == forms, address


def test_a_page_has_one_address(settings: Any, fy2020: CouncilYear) -> None:
    settings.PUBLIC_ADDRESS = "https://kaigi.example.jp"
    html = page("/councils/smart-jichitai/?utm_source=x")
    assert '<link rel="canonical" href="https://kaigi.example.jp/councils/smart-jichitai/">' in html
    assert "canonical" not in page("/desk/")


def test_the_site_map_names_every_public_page(fy2020: CouncilYear, django_assert_num_queries: Any) -> None:
    hidden = factories.council_year(council=factories.council(name="まだの会議", is_public=False), year=2021)
    factories.meeting(hidden, number=1)
    html = page("/site-map/")
    assert "まだの会議" not in html
    links = {meeting.get_absolute_url() for meeting in Meeting.objects.public()}
    assert links
    assert all(f'href="{link}"' in html for link in links)
    client = Client()
    with django_assert_num_queries(5):
        client.get("/site-map/")


def test_the_terms_name_the_licence() -> None:
    html = page("/terms/")
    assert "CC BY 4.0" in html or "クリエイティブ・コモンズ" in html
    assert Council.objects.count() == 0
