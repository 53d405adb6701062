"""Who asks, behind the proxies that the office runs: never what a stranger's header claims.

``X-Forwarded-For`` is read from the right: each trusted proxy added, at its end, whom it spoke to.
The first address there that is none of ours is the visitor's; all before it is the visitor's own tale.
"""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]
# What only a trusted proxy may say of a request.
TOLD_BY_PROXIES = ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT")
# More hops than any office has: what comes with more is made up.
MOST_HOPS = 20


def networks(texts: Sequence[str], variable: str) -> Networks:
    """Read networks and single addresses from an environment variable."""
    try:
        return tuple(ip_network(text, strict=False) for text in texts)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"環境変数 {variable} を読めません（{error}）。"
            "アドレスか範囲をコンマ区切りで設定してください（例: 10.0.0.5,192.168.1.0/24）。"
        ) from error


def address_of(text: str) -> Address | None:
    """An address as proxies write it: with a port, in brackets, IPv4 inside IPv6; else ``None``."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_within(address: Address | None, among: Networks) -> bool:
    return address is not None and any(address in network for network in among)


def visitor_of(peer: str, forwarded: str, trusted: Networks) -> str:
    """The visitor's address, given who spoke to us and what the header says."""
    found = address_of(peer)
    if not is_within(found, trusted):
        return str(found or peer)
    for text in reversed(forwarded.split(",")[-MOST_HOPS:]):
        told = address_of(text)
        if told is None:
            # The last that somebody we trust has seen.
            break
        found = told
        if not is_within(found, trusted):
            break
    return str(found)


def real_addresses(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Put the visitor's own address where Django and its libraries look for it."""
    trusted = networks(settings.TRUSTED_PROXIES, "TRUSTED_PROXIES")

    def middleware(request: HttpRequest) -> HttpResponseBase:
        peer = request.META.get("REMOTE_ADDR", "")
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        if not is_within(address_of(peer), trusted):
            for header in TOLD_BY_PROXIES:
                request.META.pop(header, None)
        request.META["REMOTE_ADDR"] = visitor_of(peer, forwarded, trusted)
        return get_response(request)

    return middleware


# The setting that names who may come in, and what lies behind it.
AREAS = {
    "STAFF_NETWORKS": ("/admin/", "/accounts/"),
    "ANSWERING_NETWORKS": ("/answer/", "/remarks/", "/desk/"),
}


def allowed_networks(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Let only an office's own networks into an area, where it names some."""
    areas = [(prefixes, networks(getattr(settings, name), name)) for name, prefixes in AREAS.items()]

    def middleware(request: HttpRequest) -> HttpResponseBase:
        visitor = address_of(request.META["REMOTE_ADDR"])
        for prefixes, allowed in areas:
            if allowed and request.path.startswith(prefixes) and not is_within(visitor, allowed):
                raise PermissionDenied
        return get_response(request)

    return middleware


def nobody_from_outside(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Staff work from the office's networks, where it names some: elsewhere they see what all see.

    Previews stand at public addresses, which no area closes.
    """
    staff = networks(settings.STAFF_NETWORKS, "STAFF_NETWORKS")

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if staff and not is_within(address_of(request.META["REMOTE_ADDR"]), staff):
            request.user = AnonymousUser()
        return get_response(request)

    return middleware
