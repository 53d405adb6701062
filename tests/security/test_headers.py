"""Headers that every answer carries, whoever asks and whatever comes of it."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from council.security.headers import security_headers
from members.models import CouncilYear

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/",
    "/search/",
    "/open-data/",
    "/nowhere/",
    "/admin/",
    "/accounts/login/",
    "/answer/",
    "/healthz",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_them(address: str) -> None:
    headers = Client().get(address).headers
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert len(headers["X-Request-ID"]) == 16


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_may_be_framed(address: str) -> None:
    policy = Client().get(address).headers.get("Content-Security-Policy", "")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_what_the_public_reads_may_be_kept_and_what_one_reader_sees_may_not(
    fy2020: CouncilYear, staff_client: Client
) -> None:
    public = fy2020.get_absolute_url()
    for address in ("/", "/search/", "/open-data/"):
        assert "no-store" not in Client().get(address).headers.get("Cache-Control", "")
        # The same page with a session may hold what is not public.
        assert staff_client.get(address).headers["Cache-Control"] == "no-store"
    assert staff_client.get(public).headers["Cache-Control"] == "no-store"
    for address in ("/admin/", "/accounts/login/", "/answer/", "/answer/open/x/", "/remarks/open/x/"):
        assert Client().get(address).headers["Cache-Control"] == "no-store", address


def test_a_missing_page_is_not_kept() -> None:
    # A record that will be public tomorrow stands at an address that is missing today.
    assert Client().get("/councils/none/").headers["Cache-Control"] == "no-store"


def test_an_answer_that_sets_a_cookie_is_private() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("x")
        response.set_cookie("a", "b")
        return response

    response: Any = security_headers(view)(RequestFactory().get("/"))
    assert response["Cache-Control"] == "no-store"


def test_an_id_that_a_visitor_sends_is_not_used() -> None:
    first, second = (Client().get("/", headers={"X-Request-ID": "forged\nline"}) for _ in range(2))
    assert first["X-Request-ID"] != second["X-Request-ID"]
    assert "forged" not in first["X-Request-ID"]
