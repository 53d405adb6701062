"""Who of the secretariat may hand out what opens a body's desk."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from members.common.remit import remit_of
from members.common.web.step_up import confirm_identity

LIMITED = "窓口は検討会議をまたいで使うため、リンクの発行と無効化は、すべての検討会議を担当する人が行います。"


def may_issue(user: Any) -> bool:
    """Whether somebody may hand out what opens all of a body's answers, of every council."""
    return remit_of(user) is None and user.has_perm("members.change_organization")


def require_issuer(request: HttpRequest) -> None:
    if not may_issue(request.user):
        raise PermissionDenied(LIMITED)
    confirm_identity(request)
