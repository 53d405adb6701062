"""How allauth behaves here: nobody signs up, axes alone counts wrong passwords, secrets are encrypted."""

import base64
import logging
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from members.common.notices import MAIL_FAULTS

logger = logging.getLogger(__name__)
SALT = "council.accounts.second_factor"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        # Accounts are invited.
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Axes counts, by name and address: allauth's own count by name would let anybody lock anybody out.

        Wrong codes of the second factor are still counted by allauth.
        """
        self._login_failed_rl_usage = None

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is down keeps nobody from setting up a factor."""
        try:
            super().send_mail(template_prefix, email, context)
        except MAIL_FAULTS:
            logger.exception("could not mail %s", template_prefix)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever has just logged in and has no factor yet sets up the first without another password."""
        request = context.request
        records = get_authentication_records(request, request.user)
        is_fresh = (
            bool(records) and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        )
        if app == "allauth.mfa" and is_fresh and not is_mfa_enabled(request.user):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the seed of a person's codes so that a copy of the database makes no code."""

    def encrypt(self, text: str) -> str:
        return box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return box().decrypt(encrypted_text.encode()).decode()


def box() -> MultiFernet:
    """Locked with the secret key in use, opened with those before it too."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(key_of(secret)) for secret in secrets])


def key_of(secret: str) -> bytes:
    return base64.urlsafe_b64encode(salted_hmac(SALT, "", secret=secret, algorithm="sha256").digest())
