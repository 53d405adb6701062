"""Nothing that is not public leaks: every surface, for every state that is not public.

One word stands in every field of a meeting and its record. In each state an
anonymous visitor walks all addresses there are; the word must not turn up.
"""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone
from docx import Document

from council.models import AnnualReport, ReportSection
from meetings.models import AgendaItem, Attendance, Guest, Material, MaterialVersion, Meeting, MinuteEntry
from meetings.record.snapshot import keep_revision
from members.models import Council, CouncilYear
from surveys.models import Survey
from tests import factories

pytestmark = pytest.mark.django_db

WORD = "漏洩検査語"


@pytest.fixture
def seeded(settings: Any, tmp_path: Path) -> Meeting:
    """A meeting of a public year, held, whose every text says the word."""
    settings.MEDIA_ROOT = tmp_path
    year = factories.council_year(council=factories.council(slug="c"))
    body = factories.organization(code="242012", name="津市", kind="city")
    department = factories.department(organization=body, name="情報課")
    factories.membership(year, department=department)
    meeting = factories.meeting(year, number=1, place=f"{WORD}の場所")
    item = AgendaItem.objects.create(meeting=meeting, title=f"{WORD}の議題", anchor="agenda1")
    guest = Guest.objects.create(name=f"{WORD}の講師")
    for kind in ("report", "decision"):
        MinuteEntry.objects.create(
            meeting=meeting, kind=kind, body=f"{WORD}の発言", agenda_item=item, guest=guest
        )
    Attendance.objects.create(meeting=meeting, organization=body, status="absent")
    for number, is_public in ((1, True), (2, False)):
        material = Material.objects.create(
            meeting=meeting, title=f"{WORD}の資料", is_public=is_public, anchor=f"material{number}"
        )
        MaterialVersion.objects.create(
            material=material,
            file=ContentFile(WORD.encode(), "x"),
            name=f"{WORD}.txt",
            content_type="text/plain",
            size=1,
            sha256="",
        )
    survey = factories.survey(year, title=f"{WORD}のアンケート", provenance_note=f"{WORD}の注記")
    choice = factories.question(survey, f"{WORD}の選択肢", "他", text=f"{WORD}の設問").choices.first()
    assert choice
    factories.indicator(survey, choice, key="figure", name=f"{WORD}の指標", statement=WORD)
    report = AnnualReport.objects.create(council_year=year)
    ReportSection.objects.create(report=report, kind="goals", position=1, heading=WORD, body=WORD)
    return meeting


BASE = "/councils/c/2020/"
SURFACES = (
    "/",
    "/councils/c/",
    "/councils/c/meetings.ics",
    "/councils/c/records.atom",
    BASE,
    f"{BASE}figures/figure/",
    f"{BASE}meetings/",
    f"{BASE}meetings/1/",
    f"{BASE}meetings/1/history/",
    f"{BASE}meetings/1/meeting.ics",
    f"{BASE}meetings/1/record.docx",
    f"{BASE}meetings/1/materials.zip",
    f"{BASE}meetings/1/materials/material1/1/",
    f"{BASE}meetings/1/materials/material2/1/",
    "/organizations/242012/",
    "/search/?q=検査語",
    "/search/?q=検査語&record=minutes",
    "/search/?q=の&kind=decision",
    "/sitemap.xml",
    "/healthz",
)


def read(path: str) -> str:
    """What an anonymous visitor gets at an address, files opened."""
    response: Any = Client().get(path)
    if response.streaming:
        content = b"".join(response.streaming_content)
        request_finished.disconnect(close_old_connections)
        response.close()
        request_finished.connect(close_old_connections)
    else:
        content = response.content
    if path.endswith(".docx") and response.status_code == 200:
        document = Document(io.BytesIO(content))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join(cells + [paragraph.text for paragraph in document.paragraphs])
    if path.endswith(".zip") and response.status_code == 200:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(name + archive.read(name).decode() for name in archive.namelist())
    # Folded lines of a calendar, and marks in results, would hide a word from a plain search.
    text = content.decode().replace("\r\n ", "").replace("<mark>", "").replace("</mark>", "")
    return text + str(response.headers)


def leaks(meaning: str = WORD) -> list[str]:
    return [path for path in SURFACES if meaning in read(path)]


def draft(meeting: Meeting) -> None:
    pass


def review(meeting: Meeting) -> None:
    Meeting.objects.update(record_status="review")


def scheduled(meeting: Meeting) -> None:
    Meeting.objects.update(publish_at=timezone.now() + timedelta(minutes=1))


def overdue_but_not_run(meeting: Meeting) -> None:
    Meeting.objects.update(publish_at=timezone.now() - timedelta(minutes=1))


def withdrawn(meeting: Meeting) -> None:
    keep_revision(meeting, publish=True)
    Meeting.objects.update(record_status="draft", record_published_at=timezone.now())


def year_hidden(meeting: Meeting) -> None:
    everything_public(meeting)
    CouncilYear.objects.update(is_public=False)


def council_hidden(meeting: Meeting) -> None:
    everything_public(meeting)
    Council.objects.update(is_public=False)


def everything_public(meeting: Meeting) -> None:
    keep_revision(meeting, publish=True)
    MinuteEntry.objects.filter(kind="report").update(body=f"{WORD}の発言（訂正）")
    keep_revision(meeting, None, {"reason": WORD, "corrected_on": "2020-07-01"})
    Meeting.objects.update(is_announced=True, record_status="corrected", record_published_at=timezone.now())
    Survey.objects.update(status="closed", results_public=True)
    AnnualReport.objects.update(status="published", published_on=timezone.localdate())


@pytest.mark.parametrize(
    "state", [draft, review, scheduled, overdue_but_not_run, withdrawn, year_hidden, council_hidden]
)
def test_nothing_leaks(seeded: Meeting, state: Callable[[Meeting], None]) -> None:
    state(seeded)
    assert leaks() == []


def test_an_announcement_leaks_nothing_of_the_record(seeded: Meeting) -> None:
    withdrawn(seeded)
    Meeting.objects.update(is_announced=True)
    for secret in (f"{WORD}の発言", f"{WORD}の講師", f"{WORD}の指標", "欠席"):
        assert leaks(secret) == [], secret
    assert WORD in read(f"{BASE}meetings/1/")


def test_the_walk_would_see_a_leak(seeded: Meeting) -> None:
    """The same walk finds the word wherever it should stand once all is public."""
    everything_public(seeded)
    # What shows no text of a meeting, and the one file that stays hidden.
    silent = {"/healthz", "/sitemap.xml", "/councils/c/", "/councils/c/records.atom"}
    silent |= {"/organizations/242012/", f"{BASE}meetings/1/materials/material2/1/"}
    assert set(leaks()) == set(SURFACES) - silent
    assert read(f"{BASE}meetings/1/materials.zip").count(WORD) == 2
