"""The static copy: complete, relative, nothing that the public could not read."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from council.demo import freeze_loaded_reports
from council.site.static_export import export, file_name
from meetings.models import Meeting, MinuteEntry
from members.models import CouncilYear, Organization
from surveys.models import Survey

pytestmark = pytest.mark.django_db
YEAR = "councils/smart-jichitai/2020"


@pytest.fixture
def site(fy2020: CouncilYear, tmp_path: Path) -> Path:
    freeze_loaded_reports()
    done = export(tmp_path / "site")
    assert done.broken == []
    return tmp_path / "site"


def test_addresses_become_files() -> None:
    assert file_name("/") == "index.html"
    assert file_name("/councils/a/2020/") == "councils/a/2020/index.html"
    assert file_name("/councils/a/2020/report.csv") == "councils/a/2020/report.csv"
    assert file_name("/a/?from=1") != file_name("/a/?from=2")


def test_everything_public_is_there_with_relative_links(site: Path) -> None:
    for name in (
        "index.html",
        f"{YEAR}/index.html",
        f"{YEAR}/report.pdf",
        f"{YEAR}/report.docx",
        f"{YEAR}/figures/progressed/index.html",
        f"{YEAR}/editions/1/index.html",
        f"{YEAR}/meetings/1/index.html",
        "organizations/242012/index.html",
        "open-data/index.html",
        "open-data/smart-jichitai/2020/members.csv",
        "search/index.html",
        "static/portal.css",
    ):
        assert (site / name).is_file(), name
    page = (site / YEAR / "index.html").read_text()
    assert "86%（28市町中24市町）" in page
    assert 'href="/' not in page
    assert 'href="../../../static/portal.css"' in page
    assert "職員用" not in page
    assert not (site / "admin").exists()
    assert not (site / "answer").exists()


def test_a_second_run_writes_only_what_changed(site: Path) -> None:
    again = export(site)
    assert again.written == []
    assert again.unchanged > 50
    Organization.objects.filter(code="242012").update(name="津市（改）")
    Meeting.objects.filter(number=1).update(record_status="draft", is_announced=False)
    changed = export(site)
    assert "organizations/242012/index.html" in changed.written
    assert f"{YEAR}/meetings/1/index.html" in changed.removed or changed.broken
    assert not (site / YEAR / "meetings/1/index.html").exists()


def test_nothing_unpublished_is_written(fy2020: CouncilYear, tmp_path: Path) -> None:
    secret = "ひみつの題名"
    Survey.objects.filter(key="themes").update(title=secret)
    Meeting.objects.filter(number=2).update(record_status="draft", is_announced=False, place=secret)
    export(tmp_path)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


def test_the_command_says_what_it_did(fy2020: CouncilYear, tmp_path: Path, capsys: object) -> None:
    call_command("export_site", tmp_path)
    assert (tmp_path / "index.html").is_file()


def test_a_link_out_of_its_folder_takes_nothing_along(
    fy2020: CouncilYear, tmp_path: Path, settings: Any
) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    (tmp_path / "portal.sqlite3").write_text("ひみつ")
    entry = MinuteEntry.objects.public().first()
    assert entry
    entry.body = "[資料](/static/../portal.sqlite3)"
    entry.save()
    done = export(tmp_path / "out" / "site")
    assert done.broken
    assert not list((tmp_path / "out").rglob("*.sqlite3"))


def test_a_site_is_written_in_production_too(fy2020: CouncilYear, tmp_path: Path) -> None:
    """With collected files every name has its hash; the copy's own script was looked for without."""
    storages = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}
    with override_settings(STATIC_ROOT=tmp_path / "static", STORAGES={**settings.STORAGES, **storages}):
        call_command("collectstatic", verbosity=0, interactive=False)
        call_command("export_site", tmp_path / "site")
    html = (tmp_path / "site/search/index.html").read_text()
    (script,) = re.findall(r'src="\.\./(static/search-copy\.[0-9a-f]+\.js)"', html)
    assert (tmp_path / "site" / script).is_file()
