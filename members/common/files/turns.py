"""Work that must not be done twice at once, on any server of the portal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.utils.crypto import get_random_string

# How long one waits for the other, holding a worker meanwhile, and after how long a turn of a
# killed process ends; seconds.
PATIENCE, LONGEST = 1.5, 60


@contextmanager
def one_at_a_time(work: str, *, patience: float = PATIENCE) -> Iterator[None]:
    """Wait for whoever does this work now; raises ``ValidationError`` where that takes too long."""
    key, ticket = f"turn-{work}", get_random_string(12)
    ends = time.monotonic() + patience
    while not acquire(key, ticket):
        if time.monotonic() >= ends:
            raise ValidationError("ほかのファイルを読み取っています。1分ほど待って、もう一度送ってください。")
        time.sleep(0.1)
    try:
        yield
    finally:
        with suppress(DatabaseError):
            if cache.get(key) == ticket:
                cache.delete(key)


def acquire(key: str, ticket: str) -> bool:
    """Take the turn, if nobody has it; without a cache there is no queue, but work goes on."""
    try:
        return bool(cache.add(key, ticket, LONGEST))
    except DatabaseError:
        return True
