"""Wrong passwords: who waits, how long, and who does not."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from council.security.lockout import wait_after

pytestmark = pytest.mark.django_db
HERE, THERE = "198.51.100.1", "198.51.100.2"


@pytest.fixture(autouse=True)
def proxy(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]


def login(password: str, at: str = HERE, name: str = "jimukyoku", agent: str = "x") -> int:
    client = Client(headers={"X-Forwarded-For": f"10.1.1.1, {at}", "User-Agent": agent})
    return client.post("/accounts/login/", {"login": name, "password": password}).status_code


def later(minutes: float) -> None:
    """Time passes for what was counted."""
    for attempt in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=attempt.pk).update(
            attempt_time=attempt.attempt_time - timedelta(minutes=minutes)
        )


def fail(times: int, **who: Any) -> list[int]:
    return [login("wrong", **who) for _ in range(times)]


def test_five_wrong_passwords_from_behind_the_proxy_lock_nobody_else_out(staff: User) -> None:
    assert fail(5) == [200, 200, 200, 200, 429]
    assert login("a-long-password") == 429
    # A colleague at another desk behind the same proxy, and another name at this one.
    assert login("a-long-password", at=THERE) == 302
    User.objects.create_user("betsu", password="a-long-password", is_staff=True)
    assert login("a-long-password", name="betsu") == 302


def test_another_browser_does_not_start_anew(staff: User) -> None:
    assert [login("wrong", agent=f"browser {number}") for number in range(5)][-1] == 429


@pytest.mark.parametrize(
    ("failures", "minutes"), [(4, 0), (5, 1), (6, 2), (7, 4), (9, 16), (10, 30), (500, 30)]
)
def test_the_wait_grows(failures: int, minutes: int) -> None:
    assert wait_after(failures) == timedelta(minutes=minutes)


def test_after_the_wait_one_more_may_be_tried_and_then_it_is_longer(staff: User) -> None:
    fail(5)
    later(1.1)
    assert login("wrong") == 429
    later(1.1)
    # Two minutes now.
    assert login("a-long-password") == 429
    later(1)
    assert login("a-long-password") == 302
    # All is forgotten.
    assert fail(4) == [200] * 4


def test_what_is_refused_while_waiting_makes_the_wait_no_longer(staff: User) -> None:
    fail(5)
    assert fail(20) == [429] * 20
    later(1.1)
    assert login("a-long-password") == 302


def test_the_page_says_how_long_and_not_whether_there_is_such_an_account(staff: User) -> None:
    pages = []
    for name in ("jimukyoku", "nobody"):
        fail(5, name=name)
        client = Client(headers={"X-Forwarded-For": HERE, "User-Agent": "x"})
        response = client.post("/accounts/login/", {"login": name, "password": "wrong"})
        assert 1 <= int(response["Retry-After"]) <= 60
        pages.append(response.content.decode())
    assert "1分間止めています" in pages[0]
    assert pages[0] == pages[1]


def test_an_hour_later_it_still_counts_and_a_day_later_it_does_not(staff: User) -> None:
    fail(5)
    later(60)
    assert login("wrong") == 429
    later(60 * 25)
    assert fail(4) == [200] * 4
    assert timezone.now() - AccessAttempt.objects.get().attempt_time < timedelta(minutes=1)
