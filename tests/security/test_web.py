"""What the web's own tricks try: forged posts and hosts, poisoned caches, odd methods."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from members.models import CouncilYear
from surveys.running.lifecycle import issue_links
from tests.addresses import addresses

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"
PUBLIC = ["/", URL, f"{URL}meetings/1/", f"{URL}figures/progressed/", "/search/?q=会議", "/open-data/"]


def test_no_post_counts_without_the_token_of_the_page(samples: dict[str, Any]) -> None:
    """Of every address there is, with a session that may do everything and the cookie of an answer."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root", "r@example.jp", "a-long-password"))
    (link,) = issue_links([samples["target"]])
    client.get(f"/answer/open/{link.token}/")
    taken = {}
    for route, path in addresses(samples).items():
        with transaction.atomic():
            response = client.post(path, {"x": "1"}, headers={"Origin": "https://evil.example"})
            transaction.set_rollback(True)
        # What takes no post at all says so before anything else.
        if response.status_code not in {403, 404, 405, 410}:
            taken[route] = response.status_code
    assert taken == {}


@pytest.mark.parametrize("address", [*PUBLIC, "/accounts/login/", "/admin/", "/answer/", "/healthz"])
def test_a_forged_host_gets_nothing(fy2020: CouncilYear, address: str) -> None:
    assert Client().get(address, headers={"Host": "evil.example"}).status_code == 400
    page = Client().get(address, headers={"X-Forwarded-Host": "evil.example"}).content.decode()
    assert "evil.example" not in page


@pytest.mark.parametrize("address", PUBLIC)
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Original-URL": "/admin/", "X-Rewrite-URL": "/admin/"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Forwarded-Proto": "http", "X-Forwarded-Port": "1"},
        {"Accept-Language": "en", "Accept": "application/json"},
        {"Cookie": "x=1; sessionid=forged"},
    ],
)
def test_no_header_changes_what_a_cache_would_keep(
    fy2020: CouncilYear, address: str, headers: dict[str, str]
) -> None:
    plain = Client().get(address).content
    assert Client().get(address, headers=headers).content == plain
    assert Client().get(address).content == plain


@pytest.mark.parametrize("address", [URL, f"{URL}meetings/1/", "/"])
def test_what_staff_saw_is_not_what_the_next_reader_gets(
    fy2020: CouncilYear, staff_client: Client, address: str
) -> None:
    plain = Client().get(address).content
    for query in ("", "?draft", "?preview=1", "?utm_source=x", "?static=1"):
        staff = staff_client.get(f"{address}{query}")
        assert "no-store" in staff.headers["Cache-Control"]
        assert Client().get(f"{address}{query}").content == plain, query
    assert Client().get(address).content == plain


@pytest.mark.parametrize("address", [*PUBLIC, f"{URL}report.json", f"{URL}tables/figures.csv"])
def test_head_and_range_say_what_get_says(samples: dict[str, Any], address: str) -> None:
    whole = Client().get(address)
    head = Client().head(address)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    for name in ("Content-Type", "ETag", "Cache-Control", "Vary", "Content-Security-Policy"):
        assert head.headers.get(name) == whole.headers.get(name), name
    part = Client().get(address, headers={"Range": "bytes=0-9"})
    # All of it, or a part that says it is one: never a part that a cache would keep as the whole.
    assert part.status_code in {200, 206}
    assert part.status_code == 206 or part.content == whole.content
    assert "Content-Range" not in whole.headers


def test_what_depends_on_the_reader_says_so(samples: dict[str, Any], staff_client: Client) -> None:
    for address in PUBLIC:
        if "Content-Encoding" in Client().get(address, headers={"Accept-Encoding": "gzip"}).headers:
            assert "Accept-Encoding" in Client().get(address).headers["Vary"]
        private = staff_client.get(address)
        assert private.headers["Cache-Control"] == "no-store"
    for method in ("put", "delete", "patch", "options", "trace"):
        for address in ("/", URL, "/search/"):
            response = getattr(Client(), method)(address)
            assert response.status_code < 500
            assert "Access-Control-Allow-Origin" not in response.headers
