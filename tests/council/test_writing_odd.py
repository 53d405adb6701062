"""Odd posts to the writing screen: nothing falls over, nothing is lost."""

from typing import Any

import pytest
from django.test import Client

from council.models import ReportSection
from members.models import CouncilYear
from tests.council.test_writing import body, open_form, screen

pytestmark = pytest.mark.django_db


@pytest.fixture
def before(fy2020: CouncilYear) -> list[Any]:
    return list(ReportSection.objects.order_by("pk").values())


def test_a_post_without_fields_clears_nothing(staff_client: Client, before: list[Any]) -> None:
    """As a browser sends it that was cut off: no section, no mark of what was seen."""
    assert staff_client.post(screen(), {}).status_code in {409, 422}
    assert list(ReportSection.objects.order_by("pk").values()) == before
    assert staff_client.post(screen("preview"), {}).status_code == 404
    assert staff_client.post(screen("autosave"), {}).status_code == 200
    assert staff_client.get(f"{screen()}?restore").status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("goals-position", "０", ""),
        ("goals-position", "-1", "0"),
        ("goals-position", "99999", "9999"),
        ("goals-position", "first", ""),
        ("goals-heading", "長" * 101, "100"),
        ("goals-body", "長" * 50_001, "50000"),
        ("report-grade", "999", ""),
        ("report-grade", "x", ""),
    ],
)
def test_a_value_that_cannot_be_stored_is_shown_again(
    staff_client: Client, before: list[Any], name: str, value: str, words: str
) -> None:
    response = staff_client.post(
        screen(), open_form(staff_client) | {name: value, "situation-body": "変えた"}
    )
    if response.status_code == 302:
        assert name == "goals-position"
        assert ReportSection.objects.get(kind="goals").position == 0
        return
    assert response.status_code == 422
    assert words in response.content.decode()
    assert list(ReportSection.objects.order_by("pk").values()) == before


def test_control_characters_and_html_do_no_harm(staff_client: Client, before: list[Any]) -> None:
    odd = "一\x00\x0b二<script>alert(1)</script><img src=x onerror=alert(1)> \"'&"
    assert staff_client.post(screen(), open_form(staff_client) | {"goals-body": odd}).status_code == 302
    assert "\x00" not in body("goals")
    html = staff_client.get(screen()).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    answer = staff_client.post(screen("preview"), {"kind": "goals", "body": odd}).json()
    assert "<script" not in answer["html"]
    assert "onerror" not in answer["html"]


@pytest.mark.parametrize(
    "text",
    [
        "- " * 300 + "深い",
        "*" * 5000,
        "[" * 3000,
        "{" * 5000,
        "{a" * 3000,
        "(" * 3000 + "![](" * 500,
        "> " * 400,
    ],
)
def test_a_hostile_text_takes_no_time(staff_client: Client, before: list[Any], text: str) -> None:
    assert staff_client.post(screen("preview"), {"kind": "goals", "body": text}).status_code == 200
