"""Django's own backends, made to go on where a step of the installation was left out.

A page without its colours, or a file that must be chosen again, is better than no page: the
log says what is missing and how to mend it.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, router, transaction
from whitenoise.storage import CompressedManifestStaticFilesStorage

logger = logging.getLogger(__name__)


class PortalCache(DatabaseCache):
    """The cache in the database; empty where its table was never made."""

    def _try(self, fallback: Any, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            # A savepoint of its own: a failed query must not end the transaction around it.
            with transaction.atomic(using=router.db_for_write(self.cache_model_class)):
                return call(*args, **kwargs)
        except DatabaseError:
            logger.exception("cache table unusable; run: manage.py createcachetable")
            return fallback

    def get_many(self, keys: Any, version: Any = None) -> Any:
        return self._try({}, super().get_many, keys, version)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(None, super().set, *args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(True, super().add, *args, **kwargs)

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
