"""How often something may be asked for: by one visitor and by all together, counted in the shared cache.

Windows are fixed (so many in each five minutes), so that at the turn of one at most twice as many
pass, and nobody waits for longer than one, whatever a clock does. Keys hold digests: whoever reads
the cache learns neither addresses nor links. Without a cache nothing is counted, and nobody is kept out.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse

# Sent once a window with ``request``, ``limit`` and ``most`` when somebody, or everybody, is kept out.
reached = Signal()


class TooMany(Exception):
    """Somebody asks too often: ``seconds`` until they may again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Limit:
    """One kind of request: its name for people, and how many in so many seconds."""

    name: str
    label: str
    each: int
    total: int
    seconds: int


LABELS = {
    "search": "検索",
    "links": "使えないリンクを開くこと",
    "logins": "ログインの失敗",
    "mails": "窓口に入るメール",
    "exports": "書き出し",
    "files": "ファイルの作成",
}


def limit_of(name: str) -> Limit | None:
    """A limit as the settings have it; None where it is switched off."""
    found = settings.RATE_LIMITS[name]
    return Limit(name, LABELS[name], *found) if found else None


def visitor_key(request: HttpRequest) -> str:
    """Who asks: a person of staff; else their address, of IPv6 the network that one line has."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user-{user.pk}"
    try:
        found = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        # Behind a socket without a name: all would be one, and keep each other out.
        return ""
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return str(found)


def spend(request: HttpRequest, name: str, amount: int = 1) -> None:
    """Count one request; raises :class:`TooMany` where it is one too many."""
    limit = limit_of(name)
    if limit is None or getattr(request, "is_internal", False):
        return
    now = time.time()
    wait = max(1, min(limit.seconds, limit.seconds - int(now % limit.seconds)))
    for key, most in counters_of(request, limit, now):
        found = count(key, limit.seconds, amount)
        if found > most:
            if found - amount <= most:
                reached.send(sender=Limit, request=request, limit=limit, most=most)
            raise TooMany(wait)


def counters_of(request: HttpRequest, limit: Limit, now: float) -> list[tuple[str, int]]:
    """The visitor's own counter and that of all, each with how much it allows."""
    window = int(now // limit.seconds)
    visitor = visitor_key(request)
    counters = [(f"{limit.name}:{window}", limit.total)]
    if visitor:
        # First: whoever is over their own limit uses up nobody else's.
        counters.insert(0, (f"{limit.name}:{window}:{digest_of(visitor)}", limit.each))
    return counters


def is_spent(request: HttpRequest, name: str) -> bool:
    """Whether one more would be one too many; counts nothing."""
    limit = limit_of(name)
    if limit is None:
        return False
    counters = counters_of(request, limit, time.time())
    return any(count(key, limit.seconds, 0) >= most for key, most in counters)


def count(key: str, seconds: int, amount: int) -> int:
    """Add to a counter that ends by itself."""
    return int(cache.add_up(f"limit:{key}", amount, 2 * seconds))  # type: ignore[attr-defined]


def digest_of(text: str) -> str:
    return sha256(f"{settings.SECRET_KEY}{text}".encode()).hexdigest()[:32]


def limited(name: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view that may be asked for only so often."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            spend(request, name)
            return view(request, *args, **kwargs)

        return counted

    return decorate
