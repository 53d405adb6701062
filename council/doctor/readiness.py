"""``/healthz`` and ``/readyz``: whether this process lives, and whether it can do its work."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from council.doctor import services, work
from council.doctor.findings import Finding, State

Check = Callable[[], Iterator[Finding]]
CHECKS: dict[str, Check] = {
    "database": services.database,
    "migrations": services.migrations,
    "cache": services.shared_cache,
    "files": services.files_folder,
    "worker": work.tasks,
}
# What concerns no single server: taking all of them away would help nobody.
ELSEWHERE = {"worker"}
# Whoever asks more often hears what was found just now; asking costs writes.
FRESH_SECONDS = 2.0
# A load balancer does not wait for a lock as long as somebody who answers does.
PATIENCE_MS = 2000
_lock = Lock()
_last: tuple[float, dict[str, State]] = (0.0, {})


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as this process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 where this server can do its work, else 503; each check with a word, and no more.

    Why it cannot says ``manage.py doctor``: paths and names are nobody else's business.
    """
    states = look_around()
    is_ready = all(state < State.BAD for name, state in states.items() if name not in ELSEWHERE)
    lines = [f"{name}: {'ok' if state < State.BAD else 'failed'}\n" for name, state in states.items()]
    return HttpResponse("".join(lines), content_type="text/plain", status=200 if is_ready else 503)


def look_around() -> dict[str, State]:
    """Each check's state, made at most every two seconds by each process."""
    global _last
    with _lock:
        at, states = _last
        if states and time.monotonic() - at < FRESH_SECONDS:
            return states
        with impatient():
            states = {name: state_of(check) for name, check in CHECKS.items()}
        _last = (time.monotonic(), states)
        return states


def state_of(check: Check) -> State:
    try:
        return max((finding.state for finding in check()), default=State.GOOD)
    except Exception:  # whatever is broken, the answer is that it does not work
        return State.BAD


@contextmanager
def impatient() -> Iterator[None]:
    """Wait for the database's locks for a moment only."""
    is_sqlite = connection.vendor == "sqlite"
    try:
        with connection.cursor() as cursor:
            if is_sqlite:
                cursor.execute("PRAGMA busy_timeout")
                (before,) = cursor.fetchone()
                cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
            else:
                cursor.execute("SHOW statement_timeout")
                (before,) = cursor.fetchone()
                cursor.execute("SELECT set_config('statement_timeout', %s, false)", [str(PATIENCE_MS)])
    except DatabaseError:
        # It cannot be reached: the checks say so.
        yield
        return
    try:
        yield
    finally:
        put_back(before, is_sqlite=is_sqlite)


def put_back(before: object, *, is_sqlite: bool) -> None:
    try:
        with connection.cursor() as cursor:
            if is_sqlite:
                cursor.execute(f"PRAGMA busy_timeout = {int(str(before))}")
            else:
                cursor.execute("SELECT set_config('statement_timeout', %s, false)", [str(before)])
    except DatabaseError:
        connection.close()
