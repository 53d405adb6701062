"""Who acts is asked for password or second factor again before what cannot be taken back.

allauth keeps what was posted and goes on with it after the answer, so that no typed reason is lost.
"""

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.conf import settings
from django.http import HttpRequest


def confirm_identity(request: HttpRequest) -> None:
    """Go on only where somebody has confirmed who they are a short while ago.

    Called before anything is changed. A session that was left open, or stolen, ends here.
    """
    if settings.REQUIRE_MFA:
        raise_if_reauthentication_required(request, app="council")
