"""Who acts is asked for password or second factor again before what cannot be taken back.

allauth keeps what was posted and goes on with it after the answer, so that no typed reason is lost.
"""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY, is_reauthentication_required
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import serialize_request
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def is_confirmed(request: HttpRequest) -> bool:
    """Whether somebody has confirmed who they are a short while ago, where that is asked for at all."""
    return not settings.REQUIRE_MFA or not is_reauthentication_required(request, app="council")


def confirm_identity(request: HttpRequest) -> None:
    """Go on only where somebody has confirmed who they are a short while ago.

    Called before anything is changed. A session that was left open, or stolen, ends here.
    """
    if is_confirmed(request):
        return
    methods = get_adapter().get_reauthentication_methods(request.user)
    if not methods:
        raise PermissionDenied
    following = request.get_full_path()
    if request.method == "POST":
        # allauth goes on with a post only by its path; what the address asks for is kept with it.
        request.session[STATE_SESSION_KEY] = {"request": serialize_request(request)}
        following = request.path
    raise ImmediateHttpResponse(redirect_to_login(following, methods[0]["url"]))
