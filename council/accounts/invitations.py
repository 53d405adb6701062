"""Invitations of staff: a link that works once, for some days, and sets a password.

Opening the link changes nothing, as a mail scanner opens it too; setting the password uses it up.
"""

import logging
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from council.accounts.events import tell_of_password
from members.common.notices import MAIL_FAULTS

logger = logging.getLogger(__name__)


class InvitationTokens(PasswordResetTokenGenerator):
    """Good for one person as they are: another address, a password or a login makes a link useless."""

    key_salt = "council.accounts.invitations"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.is_active}"


tokens = InvitationTokens()

TEXT = """{name} 様

{portal}の職員用アカウントの{what}です。
次のアドレスを開き、パスワードを設定してください。

{address}

ユーザー名：{username}
このアドレスは一度だけ、{days}日以内に使えます。ほかの人に転送しないでください。
心当たりのないときは、開かずにポータルのシステム管理の職員に知らせてください。
"""


def name_of(user: User) -> str:
    """Family name first; empty where no name was typed."""
    return f"{user.last_name} {user.first_name}".strip()


def invitation_address(user: User) -> str:
    """A fresh link."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("invitation", args=[uid, tokens.make_token(user)])
    return settings.PORTAL_ADDRESS.rstrip("/") + path


def invite(request: HttpRequest, user: User) -> None:
    """Mail somebody their link once the transaction stands, and say on the screen what became of it.

    A new one makes those before it useless, where no password has been set yet.
    """
    if not user.has_usable_password():
        user.set_unusable_password()
        user.save(update_fields=["password"])
    what = "パスワードの再設定" if user.has_usable_password() else "ご案内"
    text = TEXT.format(
        portal=settings.PORTAL_NAME,
        name=name_of(user) or user.get_username(),
        what=what,
        address=invitation_address(user),
        username=user.get_username(),
        days=settings.PASSWORD_RESET_TIMEOUT // 86400,
    )

    def send() -> None:
        try:
            send_mail(f"{settings.PORTAL_NAME}：アカウントの{what}", text, None, [user.email])
        except MAIL_FAULTS:
            logger.exception("could not invite %s", user.get_username())
            messages.error(
                request, "招待のメールを送れませんでした。メールの設定を確かめ、もう一度送ってください。"
            )
        else:
            messages.success(request, f"招待のメールを {user.email} に送りました。")

    transaction.on_commit(send)


class InvitationView(PasswordResetConfirmView):
    """Set a password by a link."""

    template_name = "accounts/invitation.html"
    token_generator = tokens
    success_url = reverse_lazy("account_login")

    @transaction.atomic
    def form_valid(self, form: Any) -> Any:
        user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=form.user.pk)
        token = self.request.session.get(INTERNAL_RESET_SESSION_TOKEN)
        if not self.token_generator.check_token(user, token):
            # Used, or the account stopped, while this page was open.
            self.validlink = False
            return self.form_invalid(form)
        form.user = user
        title = "パスワードの再設定" if form.user.has_usable_password() else "パスワードの設定"
        response = super().form_valid(form)
        tell_of_password(self.request, form.user, title)
        messages.success(
            self.request, "パスワードを設定しました。ユーザー名とパスワードでログインしてください。"
        )
        return response
