"""Guessing passwords takes ever longer; who waits is a name at an address, never a whole town hall."""

from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from django.conf import settings
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from members.common.web.limits import TooMany, is_spent, spend

# After the last allowed failure a minute, doubled by each further one.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=30)


def wait_after(failures: int) -> timedelta:
    """How long a name must wait at an address after so many wrong passwords."""
    over = failures - settings.AXES_FAILURE_LIMIT
    if over < 0:
        return timedelta(0)
    return min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT)


class GrowingLockout(AxesDatabaseHandler):
    """Counts wrong passwords of a day; what is refused while waiting is no guess and counts for nothing."""

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        if is_spent(request, "logins"):
            # Before a password costs anything: made-up names would hold every worker.
            return True
        until = self.locked_until(request, credentials)
        return until is not None and until > timezone.now()

    def locked_until(self, request: Any, credentials: dict[str, Any] | None = None) -> datetime | None:
        """The moment from which another password may be tried; ``None`` where there was no failure."""
        moments = []
        for attempts in self.get_user_attempts(request, credentials):
            found = attempts.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
            if found["failures"]:
                moments.append(found["last"] + wait_after(found["failures"]))
        return max(moments, default=None)


def count_login(sender: Any, request: Any = None, **kwargs: Any) -> None:
    """A failed login counts against its address and in all, whatever name was typed."""
    if request is not None:
        with suppress(TooMany):
            spend(request, "logins")


def locked_out(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any]) -> HttpResponse:
    """Say how long to wait, whether or not there is such an account."""
    until = GrowingLockout().locked_until(request, credentials) or timezone.now()
    seconds = max(1, int((until - timezone.now()).total_seconds()))
    context = {"minutes": -(-seconds // 60), "username": get_client_username(request, credentials) or ""}
    answer = render(request, "locked_out.html", context, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def visitor(request: HttpRequest) -> str | None:
    """The address that :mod:`council.security.proxies` found; of IPv6 that of the network one line has."""
    found = request.META.get("REMOTE_ADDR") or None
    try:
        address = ip_address(found or "")
    except ValueError:
        return found
    return str(ip_network((address, 64), strict=False)[0]) if address.version == 6 else found
