"""Who asks too often waits, and nobody else does."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client

from council.environment import rate
from members.common.web import limits
from members.models import AuditEntry, CouncilYear
from surveys.models import Survey
from surveys.running.lifecycle import issue_links
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tight(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three for each, eight in all, and a clock that stands."""
    settings.RATE_LIMITS = dict.fromkeys(limits.LABELS, (3, 8, 60))
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_000.0)


def ask(address: str, times: int, path: str = "/search/?q=会議", **extra: Any) -> list[int]:
    client = Client(REMOTE_ADDR=address)
    return [client.get(path, **extra).status_code for _ in range(times)]


def test_who_searches_too_often_is_told_how_long_to_wait() -> None:
    assert ask("192.0.2.1", 4) == [200, 200, 200, 429]
    response = Client(REMOTE_ADDR="192.0.2.1").get("/search/?q=会議")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert "no-store" in response["Cache-Control"]
    assert "しばらくお待ちください" in response.content.decode()
    # Somebody else goes on, and a window later so does the first.
    assert ask("192.0.2.2", 1) == [200]


def test_the_next_window_is_free_and_a_clock_set_back_locks_nobody_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask("192.0.2.1", 4)
    for moment in (1_000_060.0, 999_400.0):
        monkeypatch.setattr(limits.time, "time", lambda now=moment: now)
        assert ask("192.0.2.1", 4) == [200, 200, 200, 429]


def test_all_together_are_limited_and_who_is_over_uses_up_nobody_elses() -> None:
    assert ask("192.0.2.1", 20).count(200) == 3
    assert ask("192.0.2.2", 3) == [200] * 3
    assert ask("192.0.2.3", 3) == [200, 200, 429]


def test_without_an_address_only_all_together_are_limited() -> None:
    assert ask("", 9) == [200] * 8 + [429]
    entry = AuditEntry.objects.get(title="回数の制限：検索")
    assert "全体で8回" in entry.reason


def test_one_line_of_ipv6_is_one_visitor_and_a_header_is_none() -> None:
    assert ask("2001:db8::1", 2) == [200, 200]
    assert ask("2001:db8::ffff:2", 2) == [200, 429]
    assert ask("2001:db8:0:1::1", 1) == [200]
    assert ask("192.0.2.9", 4, HTTP_X_FORWARDED_FOR="198.51.100.1") == [200, 200, 200, 429]


def test_wrong_links_are_counted_and_good_ones_never(django_capture_on_commit_callbacks: Any) -> None:
    target = factories.target(factories.survey(factories.council_year()))
    (link,) = issue_links([target])
    with django_capture_on_commit_callbacks(execute=True):
        assert ask("203.0.113.10", 6, "/answer/open/" + "x" * 43 + "/")[-3:] == [429] * 3
    for address in ("203.0.113.10", "203.0.113.11"):
        assert ask(address, 10, f"/answer/open/{link.token}/") == [302] * 10
    # The auditors see it once, without what was tried.
    (entry,) = AuditEntry.objects.filter(title__startswith="回数の制限")
    assert (entry.address, entry.number is not None) == ("203.0.113.10", True)
    assert "xxxx" not in f"{entry.title}{entry.about}{entry.reason}"


def test_exports_are_limited_by_person(staff_client: Client, staff: User, fy2020: CouncilYear) -> None:
    survey = Survey.objects.get(key="after-meeting")
    address = f"/admin/surveys/survey/{survey.pk}/export/answers.csv"
    found = [staff_client.get(f"{address}?x={number}").status_code for number in range(4)]
    assert found == [200, 200, 200, 429]
    assert AuditEntry.objects.get(title="回数の制限：書き出し").who == staff.username
    other = Client()
    other.force_login(User.objects.create_superuser("other", "o@example.jp", "a-long-password"))
    assert other.get(address).status_code == 200


def test_a_search_that_only_asks_for_heads_counts_too() -> None:
    client = Client(REMOTE_ADDR="192.0.2.1")
    assert [client.head("/search/?q=a").status_code for _ in range(4)][-1] == 429


def test_keys_tell_nobody_anything() -> None:
    ask("192.0.2.1", 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM portal_cache WHERE cache_key LIKE '%%limit:%%'")
        keys = [key for (key,) in cursor.fetchall()]
    assert keys
    assert not any("192" in key.replace("limit:search:16666", "") for key in keys)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="the tests' own SQLite is one connection's")
@pytest.mark.django_db(transaction=True)
def test_no_count_is_lost_between_processes() -> None:
    def add(number: int) -> int:
        try:
            return int(cache.add_up("limit:together", 1, 60))  # type: ignore[attr-defined]
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        found = sorted(pool.map(add, range(40)))
    cache.delete("limit:together")
    assert found == list(range(1, 41))


def test_without_a_cache_nobody_is_kept_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(cache), "_table", "no_such_table", raising=False)
    cache._table = "no_such_table"  # type: ignore[attr-defined]
    try:
        assert ask("192.0.2.1", 6) == [200] * 6
    finally:
        cache._table = "portal_cache"  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["10/minutes", "abc", "0/10/60", "-1/5/60", "1/2", "1/2/3/4"])
def test_a_mistyped_limit_starts_nothing(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMIT_SEARCH", text)
    with pytest.raises(ImproperlyConfigured, match="LIMIT_SEARCH"):
        rate("search", "1/1/1")


def test_a_limit_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMIT_SEARCH", "off")
    assert rate("search", "1/1/1") is None
