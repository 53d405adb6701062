"""Settings of the portal, all of them read from the environment.

The defaults are those of production: without a secret key, or without the names
of its hosts, the portal refuses to start and says what to set. ``DEMO=1`` is the
one switch that relaxes this, for a portal on one's own machine (``make run``).
"""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from council.environment import flag, identity_provider, rate, words
from council.security.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent


DEMO = flag("DEMO")
DEBUG = flag("DEBUG")
LOCAL = DEMO or DEBUG

# Database, demo secrets and collected static files; never part of the repository.
VAR_DIR = BASE_DIR / os.environ.get("VAR_DIR", "var")


def secret_key() -> str:
    """Read the secret key; the demo makes one of its own and keeps it under var/."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    if not LOCAL:
        raise ImproperlyConfigured(
            "環境変数 SECRET_KEY がありません。50文字以上のランダムな文字列を設定してください"
            "（試すだけなら DEMO=1 を設定するか make run を使ってください）。"
        )
    kept = VAR_DIR / "secret-key"
    if not kept.exists():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(get_random_secret_key())
    return kept.read_text()


SECRET_KEY = secret_key()
# Keys before this one: sessions and signatures made with them still hold.
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS")

# Signs editions; without one of its own the secret key does. Old public keys stand in hexadecimal digits.
EDITION_KEY = os.environ.get("EDITION_KEY", "")
EDITION_OLD_KEYS = words("EDITION_OLD_KEYS")

ALLOWED_HOSTS = words("ALLOWED_HOSTS")
if LOCAL:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
elif not ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "環境変数 ALLOWED_HOSTS がありません。"
        "ポータルのホスト名をコンマ区切りで設定してください（例: portal.example.lg.jp）。"
    )
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "council.apps.CouncilConfig",
    "surveys.apps.SurveysConfig",
    "meetings.apps.MeetingsConfig",
    "members.apps.MembersConfig",
    "council.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "import_export",
    "auditlog",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "council.security.request_ids.request_ids",
    "council.security.headers.security_headers",
    "council.security.proxies.real_addresses",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "council.security.proxies.allowed_networks",
    "council.middleware.refuse_nul_bytes",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "council.middleware.PrintablePosts",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "council.security.proxies.nobody_from_outside",
    "council.security.uploads.ScanFiles",
    "council.accounts.sessions.end_idle_sessions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "council.accounts.sessions.second_factor_first",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "members.trail.gathering.audited_requests",
    "axes.middleware.AxesMiddleware",
    "council.middleware.RefuseHugeNumbers",
    "council.security.limits.SayTooMany",
    "council.editions.faults.ShowEditionFaults",
]

ROOT_URLCONF = "council.urls"
WSGI_APPLICATION = "council.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # Each page's frame says whose portal it is.
            "builtins": ["council.templatetags.identity"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ["dads"]
CRISPY_TEMPLATE_PACK = "dads"
CRISPY_FAIL_SILENTLY = False


def database() -> dict[str, Any]:
    """Configure the database named by DATABASE_URL, or a SQLite file under var/."""
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'portal.sqlite3'}"
    # Persistent connections: on PostgreSQL a new one for each request costs
    # more than all the queries of a page.
    config: dict[str, Any] = {**dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)}
    if config["ENGINE"] == "django.db.backends.sqlite3":
        Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        # With Django's defaults two processes lose most of their concurrent
        # submits to "database is locked". IMMEDIATE takes the write lock before
        # reading, WAL lets readers go on, FULL survives a power cut.
        config["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
    return config


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]


# Accounts: staff only. Municipalities answer by their access link.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "council.security.passwords.PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# By name and address together: a whole town hall may share one LGWAN address, so
# an address alone must never be locked out.
AXES_HANDLER = "council.security.lockout.GrowingLockout"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 24  # hours for which a wrong password counts
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "council.security.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "council.security.lockout.visitor"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_WHITELIST_CALLABLE = "council.accounts.known_devices.is_known"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "home"
# A second factor for every person of staff, and the password again before what cannot be taken back.
REQUIRE_MFA = flag("REQUIRE_MFA", not LOCAL)
ACCOUNT_ADAPTER = "council.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
# An address alone is never locked out, as a whole office sits behind it; wrong passwords are counted by
# axes, wrong codes by person. A passkey cannot be guessed: its limit only keeps a flood away.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "5/5m/key"}
MFA_RATE_LIMITS = {"webauthn_login": "300/m/ip"}
ACCOUNT_SESSION_REMEMBER = False
# By whichever way somebody came in.
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 60 * 15
MFA_FORMS = {
    "authenticate": "council.accounts.forms.PortalAuthenticateForm",
    "reauthenticate": "council.accounts.forms.PortalReauthenticateForm",
    "activate_totp": "council.accounts.forms.PortalActivateForm",
}
MFA_ADAPTER = "council.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = os.environ.get("PORTAL_NAME") or "検討会議ポータル"
# A code of the half minute before or after: desktops' clocks are seldom exact.
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL
# The prefecture's identity provider, where there is one: who somebody is; accounts and roles are given here.
SOCIALACCOUNT_PROVIDERS = identity_provider(is_local=LOCAL)
SOCIALACCOUNT_ADAPTER = "council.accounts.identity_provider.IdentityProviderAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
# A link, since a form's answer may not lead to another host under the content security policy.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
USERSESSIONS_TRACK_ACTIVITY = False
# At most so long, and not without a request for longer than an hour; the browser forgets it when it ends.
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_IDLE = 60 * int(os.environ.get("SESSION_IDLE_MINUTES", 60))
# For so long an invitation may be used.
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24 * 7

# Mails to municipalities carry links to this address; offices inside LGWAN may have their own.
PORTAL_ADDRESS = os.environ.get("PORTAL_ADDRESS") or (
    "http://127.0.0.1:8000" if LOCAL else f"https://{ALLOWED_HOSTS[0]}"
)
# Where the public reads: the same, or a static copy on another host or in a folder of it.
PUBLIC_ADDRESS = os.environ.get("PUBLIC_ADDRESS") or PORTAL_ADDRESS
# Whom to ask where a page ends in an error: a name, a telephone number, an address.
CONTACT = os.environ.get("CONTACT", "")
# Whose portal it is: its name, the office that runs it (三重県), its colour (#0017c1) and a picture file.
PORTAL_NAME = os.environ.get("PORTAL_NAME") or "検討会議ポータル"
PORTAL_OWNER = os.environ.get("PORTAL_OWNER", "")
PORTAL_COLOR = os.environ.get("PORTAL_COLOR", "")
PORTAL_LOGO = os.environ.get("PORTAL_LOGO", "")
# Who publishes the catalogue of open data, by name.
PUBLISHER = os.environ.get("PUBLISHER") or PORTAL_OWNER or PORTAL_NAME
LGWAN_ADDRESS = os.environ.get("LGWAN_ADDRESS", "")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", 25))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "portal@localhost")

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
FORMAT_MODULE_PATH = "council.formats"
USE_TZ = True

# The office's virus scanner: a socket's path, or host:port; empty scans nothing.
CLAMD = os.environ.get("CLAMD", "")
# Uploaded files are never served as they lie: a view asks who may read each.
MEDIA_ROOT = BASE_DIR / os.environ.get("FILES_DIR", VAR_DIR / "files")
# Where backups are put, how many stay, and the public key (age) that they are sealed with.
BACKUP_DIR = os.environ.get("BACKUP_DIR") or None
BACKUP_KEEP = int(os.environ.get("BACKUP_KEEP", 14))
BACKUP_RECIPIENT = os.environ.get("BACKUP_RECIPIENT", "").strip()
# A correction or an approval by the one who wrote it is no second look.
APPROVAL_BY_SECOND_PERSON = flag("APPROVAL_BY_SECOND_PERSON", not LOCAL)
# Who asks for a publication and who can grant it are told by mail, and once a day what is due.
APPROVAL_MAILS = flag("APPROVAL_MAILS", True)
DAILY_MAILS = flag("DAILY_MAILS", True)
# Under which terms the open data is given.
OPEN_DATA_LICENSE = os.environ.get("OPEN_DATA_LICENSE", "CC BY 4.0")
OPEN_DATA_LICENSE_URL = os.environ.get(
    "OPEN_DATA_LICENSE_URL", "https://creativecommons.org/licenses/by/4.0/deed.ja"
)
# In public breakdowns, groups of fewer answers than this are not shown.
# Of two organizations each knows the other's answer, so three is the least that guards anything.
SMALL_GROUP_MINIMUM = int(os.environ.get("SMALL_GROUP_MINIMUM", 5))
if SMALL_GROUP_MINIMUM < 3:
    raise ImproperlyConfigured("環境変数 SMALL_GROUP_MINIMUM は3以上にしてください。")


# One visitor may be a whole prefecture's municipalities behind one LGWAN address.
RATE_LIMITS = {
    "search": rate("search", "120/6000/60"),
    # Good links are never counted.
    "links": rate("links", "30/3000/300"),
    # Failed logins; browsers in which somebody has logged in before are never kept out.
    "logins": rate("logins", "30/600/300"),
    # Asking for the mail that lets somebody in at a desk; towns share the address they come from.
    "mails": rate("mails", "60/600/300"),
    # Of one person of staff.
    "exports": rate("exports", "30/300/600"),
    # Files and tables that are drawn anew; those that are there already are never counted.
    "files": rate("files", "120/6000/300"),
}

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
CACHES = {
    # In the database, so that all servers of a portal see the same.
    "default": {
        "BACKEND": "council.backends.PortalCache",
        "LOCATION": "portal_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# What a worker does (`manage.py db_worker`): asked for in the transaction of the act, so never lost.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "council.backends.PortalStatic"
        ),
    },
}

# Nothing is loaded from another host, and no script or style stands inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
CSRF_FAILURE_VIEW = "council.site.session_expiry.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", not LOCAL)
SECURE_HSTS_SECONDS = int(os.environ.get("SECURE_HSTS_SECONDS", 0 if LOCAL else 31536000))
# Only the portal's own host is promised to be HTTPS: an office's other hosts, and
# browsers' preload lists, are not this portal's to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# Only these say who asks and whether it was by HTTPS; without any, the one that connects is who asks.
TRUSTED_PROXIES = words("TRUSTED_PROXIES")
# Who may come in at all; empty lets everybody.
STAFF_NETWORKS = words("STAFF_NETWORKS")
ANSWERING_NETWORKS = words("ANSWERING_NETWORKS")
if flag("TRUST_X_FORWARDED_PROTO"):
    if not TRUSTED_PROXIES:
        raise ImproperlyConfigured(
            "環境変数 TRUST_X_FORWARDED_PROTO を使うときは、"
            "TRUSTED_PROXIES にプロキシのアドレスも設定してください。"
        )
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Fixtures are not somebody's work on the records.
AUDITLOG_DISABLE_ON_RAW_SAVE = True
# An agenda of 60 items with ten fields each is one form in the admin.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_SKIP_ADMIN_LOG = False
# Between preview and confirmation the file waits where every server finds it.
IMPORT_EXPORT_TMP_STORAGE_CLASS = "import_export.tmp_storages.CacheStorage"

LOGGING = logging_config(os.environ.get("LOG_LEVEL", "WARNING"), os.environ.get("LOG_FORMAT", ""))
