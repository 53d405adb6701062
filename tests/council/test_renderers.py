"""Every renderer knows every kind of block, and the list of files is one."""

import re

import pytest
from django.test import Client

from council.publishing.links import leads_somewhere
from council.renderers.files import FILES
from council.renderers.page import PAGE
from council.renderers.pdf import PDF
from council.renderers.text import TEXT
from council.renderers.word import WORD
from council.report.blocks import BLOCKS, Block, chapters
from council.report.build import build_report
from members.models import CouncilYear
from tests.council.test_editions import the_report
from tests.publishing import publish_with_files

RENDERERS = {"page": PAGE, "pdf": PDF, "text": TEXT, "word": WORD}


def test_every_block_is_listed() -> None:
    # By name: a dataclass with slots is made anew from its class.
    assert {kind.__name__ for kind in Block.__subclasses__()} == {kind.__name__ for kind in BLOCKS}


@pytest.mark.parametrize("name", RENDERERS)
def test_no_renderer_misses_a_block(name: str) -> None:
    assert set(RENDERERS[name]) == set(BLOCKS)


@pytest.mark.django_db
def test_the_annual_report_holds_every_kind_of_block(fy2020: CouncilYear) -> None:
    """But for charts of topics and earlier years, of which that year's facts tell nothing."""
    found = {type(block) for chapter in chapters(build_report(the_report())) for block in chapter.blocks}
    assert {kind.__name__ for kind in set(BLOCKS) - found} == {"Charts", "Trends"}


@pytest.mark.django_db
def test_page_sitemap_and_link_check_offer_the_same_files(fy2020: CouncilYear) -> None:
    publish_with_files(the_report())
    address = the_report().get_absolute_url()
    page = Client().get(address).content.decode()
    offered = re.findall(rf'href="({address}report\.[a-z]+)">([^<]+)</a>', page)
    assert offered == [(f"{address}report.{file.extension}", file.label) for file in FILES]
    sitemap = Client().get("/sitemap.xml").content.decode()
    for path, _ in offered:
        assert f"{path}</loc>" in sitemap
        assert leads_somewhere(path, address)
        assert Client().get(path).status_code == 200
    assert not leads_somewhere(f"{address}report.odt", address)
