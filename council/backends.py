"""Django's own backends, made to go on where a step of the installation was left out.

A page without its colours, or a file that must be chosen again, is better than no page: the
log says what is missing and how to mend it.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, connections, router, transaction
from django.utils import timezone
from whitenoise.storage import CompressedManifestStaticFilesStorage

logger = logging.getLogger(__name__)


class PortalCache(DatabaseCache):
    """The cache in the database; empty where its table was never made."""

    _table: str
    quiet_until: ClassVar[float] = 0.0

    def _try(self, fallback: Any, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            # A savepoint of its own: a failed query must not end the transaction around it.
            with transaction.atomic(using=router.db_for_write(self.cache_model_class)):
                return call(*args, **kwargs)
        except DatabaseError:
            if time.monotonic() >= self.quiet_until:
                # Once a minute: a cache that is down is asked many times a second.
                type(self).quiet_until = time.monotonic() + 60
                logger.exception("cache table unusable; run: manage.py createcachetable")
            return fallback

    def get_many(self, keys: Any, version: Any = None) -> Any:
        return self._try({}, super().get_many, keys, version)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(None, super().set, *args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(True, super().add, *args, **kwargs)

    def add_up(self, key: str, delta: int, seconds: int) -> int:
        """Add to a counter that ends after so many seconds; one statement, so that none is lost.

        Django's ``incr`` reads, then writes. Returns 0 where nothing can be counted.
        """
        return int(self._try(0, self._add_up, key, delta, seconds))

    def _add_up(self, key: str, delta: int, seconds: int) -> int:
        connection = connections[router.db_for_write(self.cache_model_class)]
        table = connection.ops.quote_name(self._table)
        now = timezone.now().replace(microsecond=0)
        moments = [
            connection.ops.adapt_datetimefield_value(moment)
            for moment in (now + timedelta(seconds=seconds), now)
        ]
        with connection.cursor() as cursor:
            # The name is the settings' own.
            cursor.execute(
                f"INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s) "  # noqa: S608
                "ON CONFLICT (cache_key) DO UPDATE "
                f"SET value = CASE WHEN {table}.expires < %s THEN excluded.value "
                f"ELSE CAST(CAST({table}.value AS integer) + %s AS text) END, "
                f"expires = CASE WHEN {table}.expires < %s THEN excluded.expires ELSE {table}.expires END "
                "RETURNING value",
                [self.make_and_validate_key(key), str(delta), moments[0], moments[1], delta, moments[1]],
            )
            found = int(cursor.fetchone()[0])
            if found == delta:
                # A new counter: those of windows that are past make room.
                cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [moments[1]])  # noqa: S608
        return found

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(False, super().touch, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(False, super().delete, *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(False, super().has_key, *args, **kwargs)


class PortalStatic(CompressedManifestStaticFilesStorage):
    """Hashed static files; under their plain names where they were not collected."""

    def stored_name(self, name: str) -> str:
        try:
            return super().stored_name(name)
        except ValueError:
            if self.hashed_files:
                # They were collected, and this one is a slip of ours.
                raise
            logger.error("static files were not collected; run: manage.py collectstatic")
            return name
