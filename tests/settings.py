"""Settings of the test run: the portal's own, with production's switches and a fast hasher."""

import os

os.environ.setdefault("SECRET_KEY", "test-key-that-is-long-enough-and-guards-nothing-at-all")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")
os.environ.setdefault("SECURE_SSL_REDIRECT", "0")
# Tests of the second factor switch it on.
os.environ.setdefault("REQUIRE_MFA", "0")
# Tests of two persons switch it on.
os.environ.setdefault("APPROVAL_BY_SECOND_PERSON", "0")
# Tests of the limits set their own; the hunt asks a thousand times from one address.
os.environ.setdefault("LIMIT_SEARCH", "off")
os.environ.setdefault("LIMIT_LINKS", "off")
os.environ.setdefault("LIMIT_EXPORTS", "off")
os.environ.setdefault("LIMIT_LOGINS", "off")
os.environ.setdefault("LIMIT_FILES", "off")

from council.settings import *
from council.settings import STORAGES

# Whoever tests what is made in the background makes it.
TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The live server of browser tests speaks plain HTTP.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
