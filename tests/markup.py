"""The HTML of every page that can be read, by the Nu checker: no errors, and no warnings."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from surveys.running.lifecycle import issue_links
from tests.addresses import addresses

pytestmark = [pytest.mark.markup, pytest.mark.django_db]
CHECKER = Path(os.environ.get("HTML_CHECKER", ".venv/vnu.jar"))
# Files, and what ends a visit.
NO_PAGE = re.compile(r"\.[a-z]{2,5}$|/logout/|/leave/|/export/|/template/|jsi18n")
MORE = (
    "/search/?q=会議",
    "/search/?q=zzzz",
    "/councils/smart-jichitai/2020/summary/easy/",
    "/guide/readers/",
    "/guide/secretariat/",
    "/guide/municipality/",
    "/no-such-page/",
)


def visitors(samples: dict[str, Any]) -> dict[str, Client]:
    """A reader, a municipality at its answer and its desk, and the secretariat with every right."""
    body = Client()
    (link,) = issue_links([samples["target"]])
    body.get(f"/answer/open/{link.token}/")
    token = samples["desk"].new_token()
    samples["desk"].save()
    body.get(f"/desk/open/{token}/")
    office = Client()
    office.force_login(User.objects.create_superuser("office"))
    return {"reader": Client(), "body": body, "office": office}


def test_every_page_is_written_as_html_is(samples: dict[str, Any], tmp_path: Path) -> None:
    names: dict[str, str] = {}
    for visitor, client in visitors(samples).items():
        for path in [*addresses(samples).values(), *MORE]:
            if NO_PAGE.search(path) or path.startswith("/admin/") != (visitor == "office"):
                continue
            response = client.get(path)
            if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
                continue
            if not response.content or response.status_code in {301, 302}:
                continue
            name = f"{visitor}-{len(names)}.html"
            names[name] = f"{visitor} {path}"
            (tmp_path / name).write_bytes(response.content)
    assert len(names) > 80
    command = ["java", "-jar", str(CHECKER), "--format", "gnu", *(str(tmp_path / name) for name in names)]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    # import-export's own template says so of its script, where ours cannot change it.
    theirs = "The “type” attribute is unnecessary for JavaScript resources."
    told = [
        line
        for line in found.splitlines()
        if re.search(r": (?:error|warning|info warning)", line) and theirs not in line
    ]
    for name, page in names.items():
        told = [line.replace(f'"file:{tmp_path}/{name}"', page) for line in told]
    assert told == [], "\n".join(told)
