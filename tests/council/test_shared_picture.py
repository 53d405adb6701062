"""What a report shows where its address is shared: its figure as a picture, and never more than is public."""

import re
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from council.editions.reading import find, read
from council.models import AnnualReport
from council.publishing.files import make_missing
from council.publishing.publication import publication
from council.renderers.picture import HEIGHT, WIDTH, write_picture
from members.models import CouncilYear
from tests.publishing import publish

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"


@pytest.fixture
def report(fy2020: CouncilYear, settings: Any, tmp_path: Path) -> AnnualReport:
    settings.MEDIA_ROOT = tmp_path
    settings.PUBLIC_ADDRESS = "https://public.example.jp/portal"
    return AnnualReport.objects.get()


def told(path: str = URL) -> dict[str, str]:
    html = Client().get(path).content.decode()
    return dict(re.findall(r'<meta property="og:([^"]+)" content="([^"]*)">', html))


def test_the_page_names_its_picture_by_its_whole_address(report: AnnualReport) -> None:
    publish(report)
    make_missing()
    facts = told(f"{URL}?utm_source=x")
    assert facts["url"] == f"https://public.example.jp/portal{URL}"
    assert facts["image"] == f"https://public.example.jp/portal{URL}report.png"
    assert facts["title"] == "令和2（2020）年度 スマート自治体推進検討会議 年次報告書"
    assert "86%（28市町中24市町）" in facts["image:alt"]
    answer = Client().get(f"{URL}report.png")
    assert answer["Content-Type"] == "image/png"
    assert "attachment" not in answer.get("Content-Disposition", "")
    size = struct.unpack(">II", answer.content[16:24])
    assert size == (WIDTH, HEIGHT) == (int(facts["image:width"]), int(facts["image:height"]))


def test_nothing_unpublished_has_a_picture(report: AnnualReport, staff: User, staff_client: Client) -> None:
    for client in (Client(), staff_client):
        assert client.get(f"{URL}report.png").status_code == 404
        assert "og:image" not in client.get(f"{URL}?draft").content.decode()
    publish(report)
    make_missing()
    answer = Client().get(f"{URL}report.png")
    assert answer.status_code == 200
    report.refresh_from_db()
    publication.withdraw(report, staff, "数値の誤り")
    for headers in ({}, {"if-none-match": answer["ETag"]}):
        for path in ("report.png", "editions/1/report.png"):
            # Gone, with a note that says since when; never confirmed by what a reader kept.
            assert Client().get(f"{URL}{path}", headers=headers).status_code == 410


def test_a_report_without_a_figure_and_one_of_very_many_bodies(report: AnnualReport) -> None:
    publish(report)
    found = find("smart-jichitai", 2020)
    assert found
    printed = read(found)
    (figure, *_) = printed.report.figures
    for figures in ((), (replace(figure, base=1741, count=1700),)):
        drawn = write_picture(replace(printed, report=replace(printed.report, figures=figures)))
        assert struct.unpack(">II", drawn[16:24]) == (WIDTH, HEIGHT)
