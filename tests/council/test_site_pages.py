"""Pages about the site itself, and what search engines and browsers ask for."""

import re

import pytest
from django.test import Client, override_settings

from members.models import CouncilYear

pytestmark = pytest.mark.django_db


def test_search_engines_are_told_where_the_list_is(client: Client, fy2020: CouncilYear) -> None:
    with override_settings(PUBLIC_ADDRESS="https://kento.example.lg.jp/"):
        text = client.get("/robots.txt").content.decode()
    assert "Sitemap: https://kento.example.lg.jp/sitemap.xml" in text
    closed = re.findall(r"Disallow: (\S+)", text)
    assert {"/admin/", "/answer/", "/desk/", "/remarks/", "/accounts/"} <= set(closed)
    # Nothing that the sitemap offers is closed to them.
    offered = re.findall(r"<loc>https?://[^/]+([^<]*)</loc>", client.get("/sitemap.xml").content.decode())
    assert offered
    assert not [path for path in offered if path.startswith(tuple(closed))]


def test_browsers_find_the_icon_by_themselves(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert (response.status_code, response["Location"]) == (302, "/static/icon.svg")


def test_each_page_says_in_a_sentence_what_it_is(client: Client, fy2020: CouncilYear) -> None:
    home = fy2020.get_absolute_url()
    said = {}
    for path in ("/", "/about/", "/privacy/", home, f"{home}figures/progressed/"):
        (said[path],) = re.findall(
            r'<meta name="description" content="([^"]*)">', client.get(path).content.decode()
        )
    assert "86%（28市町中24市町）" in said[home]
    assert said[f"{home}figures/progressed/"].startswith("検討が進んだ市町の割合は86%（28市町中24市町）")
    assert len(set(said.values())) == len(said)


def test_reading_needs_no_cookie_as_the_privacy_page_says(client: Client, fy2020: CouncilYear) -> None:
    assert "Cookieは使いません" in client.get("/privacy/").content.decode()
    offered = re.findall(r"<loc>https?://[^/]+([^<]*)</loc>", client.get("/sitemap.xml").content.decode())
    for path in [*offered, "/search/?q=RPA"]:
        response = Client().get(path)
        assert not response.cookies, path


def test_where_one_is_stands_in_the_navigation(client: Client) -> None:
    assert client.get("/search/").content.decode().count('aria-current="page"') >= 1
    nav = client.get("/open-data/").content.decode().split('<nav class="site-nav"')[1].split("</nav>")[0]
    assert nav.count("aria-current") == 1
    # Whoever works here finds the login below; it is nothing for readers.
    page = client.get("/").content.decode()
    assert "職員用" not in page.split("<main")[0]
    assert "職員用" in page.split("<footer")[1]
