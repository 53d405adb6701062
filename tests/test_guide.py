"""The guides: every picture and every section that something leads to is there."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver

from council.guide.help import SECTIONS
from council.guide.views import GUIDES
from tests.addresses import routes

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "guide"
# What stands in a report of the example, and what is only an example of words.
EXAMPLES = {"86%（28市町中24市町）", "第1版"}
PICTURES = Path(settings.BASE_DIR) / "static" / "guide"


def named_pictures() -> set[str]:
    """The pictures that the guides show."""
    return {
        name
        for template in TEMPLATES.glob("*.html")
        for name in re.findall(r'picture\.html" with name="([\w-]+)"', template.read_text())
    }


def test_every_picture_is_there_and_none_besides() -> None:
    assert {path.stem for path in PICTURES.glob("*.png")} == named_pictures()
    # All of them together are no burden for a phone.
    assert sum(path.stat().st_size for path in PICTURES.glob("*.png")) < 3_000_000


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.slug)
def test_a_guide_needs_no_data(client: Client, guide: object, django_assert_num_queries: object) -> None:
    page = client.get(f"/guide/{guide.slug}/")  # type: ignore[attr-defined]
    text = page.content.decode()
    assert page.status_code == 200
    ids = set(re.findall(r'\bid="([\w-]+)"', text))
    assert set(re.findall(r'href="#([\w-]+)"', text)) <= ids
    # Of each picture it is said what it shows.
    assert all(alt for alt in re.findall(r'<img [^>]*alt="([^"]*)"', text))


def test_what_a_guide_says_stands_on_the_screen() -> None:
    """Each 「button」 that a guide names is a word of the product, as it is spelt there today."""
    base = Path(settings.BASE_DIR)
    files = [path for path in (base / "templates").rglob("*.html") if TEMPLATES not in path.parents]
    for app in ("council", "meetings", "members", "surveys"):
        files += [path for path in (base / app).rglob("*.py") if "guide" not in path.parts]
    product = re.sub(r"<[^>]*>|{%.*?%}", "", "\n".join(path.read_text() for path in files))
    missing = {
        words
        for template in TEMPLATES.glob("*.html")
        for words in re.findall("「([^」]+)」", template.read_text())
        if words not in product
    }
    assert missing <= EXAMPLES


def test_there_is_no_other_guide(client: Client) -> None:
    assert client.get("/guide/").status_code == 200
    assert client.get("/guide/picture/").status_code == 404


def test_each_screen_leads_to_a_section_that_there_is(staff_client: Client) -> None:
    page = (TEMPLATES / "secretariat.html").read_text()
    assert {anchor for _, anchor in SECTIONS} <= set(re.findall(r'id="([\w-]+)"', page))
    names = {str(pattern.name) for _, pattern in routes(get_resolver().url_patterns) if pattern.name}
    for head, _ in SECTIONS:
        assert any(name.startswith(head) for name in names), head
    assert "/guide/secretariat/#meetings" in staff_client.get("/admin/meetings/meeting/").content.decode()
    assert 'href="/guide/secretariat/"' in staff_client.get("/admin/").content.decode()
