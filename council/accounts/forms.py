"""Codes as people type them: full-width from a Japanese keyboard, in two groups, with a blank at the end."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm

from members.common.text.cleaning import compatible

MOST_LETTERS = 100


class TypedCode:
    """Reads the field ``code`` before it is checked."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        read = field.to_python
        # What is longer is no code.
        field.to_python = lambda value: "".join(compatible(read(value)[:MOST_LETTERS]).split())


class PortalAuthenticateForm(TypedCode, AuthenticateForm):
    pass


class PortalReauthenticateForm(TypedCode, ReauthenticateForm):
    pass


class PortalActivateForm(TypedCode, ActivateTOTPForm):
    pass
