"""Numbers in addresses and posts that look like digits, or are too long to be one."""

from typing import Any

import pytest
from django.test import Client

from meetings.models import Meeting
from tests.meetings.screens import rows, url

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("number", ["²", "9" * 5_000, "9" * 30, "９"])
def test_odd_numbers_are_no_crash(staff_client: Client, meeting: Meeting, number: str) -> None:
    def status(method: str, path: str, data: dict[str, Any]) -> int:
        return getattr(staff_client, method)(path, data).status_code

    admin = "/admin/meetings/meeting"
    assert status("get", f"{admin}/paste/", {"copy": number}) == 200
    assert status("get", f"{admin}/add/", {"council_year": number}) == 200
    assert status("get", url(meeting, "record"), {"from": number}) in {200, 404}
    for step in ("accept", "refuse"):
        assert status("post", url(meeting, "remarks"), {"step": step, "remark": number}) == 404
    assert status("post", url(meeting, "remarks"), {"step": "reissue", "request": number}) == 404
    assert status("post", url(meeting, "record"), rows({"body": "一"}, record_version=number)) == 409
    assert status("post", f"{admin}/{number}/change/", {}) == 302
