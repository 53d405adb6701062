"""Who asks, behind proxies and in front of them."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from council.security.proxies import networks, real_addresses, visitor_of

REFUSED = "このページは表示できません"
OFFICE = networks(["10.0.0.0/24", "fd00::/8"], "X")


@pytest.mark.parametrize(
    ("peer", "forwarded", "visitor"),
    [
        # Nobody in front: the header is the visitor's own tale.
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("203.0.113.9", "", "203.0.113.9"),
        ("10.0.0.5", "203.0.113.9", "203.0.113.9"),
        # What stands before the address that our proxy added was made up.
        ("10.0.0.5", "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.5", "10.0.0.7, 203.0.113.9", "203.0.113.9"),
        # Two proxies of ours in a row.
        ("10.0.0.5", "203.0.113.9, 10.0.0.6", "203.0.113.9"),
        # Somebody inside: the furthest that we know.
        ("10.0.0.5", "10.0.0.77", "10.0.0.77"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("10.0.0.5", "unknown", "10.0.0.5"),
        ("10.0.0.5", "203.0.113.9, <script>", "10.0.0.5"),
        ("10.0.0.5", ",,,", "10.0.0.5"),
        # With a port, in brackets, IPv4 inside IPv6.
        ("10.0.0.5", "203.0.113.9:51000", "203.0.113.9"),
        ("::ffff:10.0.0.5", "[2001:db8::1]:443", "2001:db8::1"),
        ("fd00::1", "2001:db8::1%eth0", "2001:db8::1"),
        # A thousand hops are a tale too.
        ("10.0.0.5", "203.0.113.9, " + "10.0.0.6, " * 999 + "10.0.0.6", "10.0.0.6"),
        ("", "203.0.113.9", ""),
    ],
)
def test_the_visitor_is_whom_our_own_proxy_saw(peer: str, forwarded: str, visitor: str) -> None:
    assert visitor_of(peer, forwarded, OFFICE) == visitor


def test_a_stranger_cannot_say_that_it_was_https(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.5"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    seen: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    for peer in ("10.0.0.5", "203.0.113.9"):
        headers = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}
        real_addresses(view)(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))
    assert [request.is_secure() for request in seen] == [True, False]
    assert [request.META["REMOTE_ADDR"] for request in seen] == ["198.51.100.1", "203.0.113.9"]


def test_a_mistyped_network_is_told() -> None:
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES を読めません"):
        networks(["10.0.0.0/33"], "TRUSTED_PROXIES")


@pytest.mark.django_db
def test_an_area_may_be_for_some_networks_only(settings: Any) -> None:
    settings.STAFF_NETWORKS = ["10.0.0.0/24"]
    settings.ANSWERING_NETWORKS = ["172.16.0.0/12"]
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    for visitor, admin, answering in (
        ("10.0.0.9", 200, 403),
        ("172.16.5.5", 403, 200),
        ("203.0.113.9", 403, 403),
    ):
        client = Client(headers={"X-Forwarded-For": f"10.0.0.9, {visitor}"})
        assert client.get("/accounts/login/").status_code == admin
        assert (REFUSED in client.get("/answer/nobody/").content.decode()) == (answering == 403)
        assert client.get("/").status_code == 200
