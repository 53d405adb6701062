"""What happens to an account beside its own screen, told to the audit trail: passwords, factors, lockouts."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from axes.signals import user_locked_out
from django.contrib.auth.models import User
from django.core.cache import cache

from members.common.acts import act
from members.common.audit import note_act

EVENTS = (
    (password_changed, "パスワードの変更"),
    (password_set, "パスワードの設定"),
    (password_reset, "パスワードの再設定"),
    (authenticator_added, "多要素認証の登録"),
    (authenticator_removed, "多要素認証の削除"),
    (authenticator_reset, "回復コードの再発行"),
)
# Somebody who goes on guessing at a name that waits is told of once in so many seconds.
QUIET = 60 * 10


def connect() -> None:
    for signal, title in EVENTS:
        signal.connect(noting(title), weak=False, dispatch_uid=f"trail-{title}")
    user_locked_out.connect(note_lockout, dispatch_uid="trail-lockout")


def tell_of_password(request: Any, user: User, title: str) -> None:
    """Tell the trail, and the person by mail, of a password that a screen of Django's has set.

    Not by allauth's signals: they speak of whoever is logged in, which the invited are not yet.
    """
    noting(title)(sender=User, user=user)
    get_adapter(request).send_notification_mail("account/email/password_changed", user)


def noting(title: str) -> Any:
    def note(sender: Any, user: User, **kwargs: Any) -> None:
        factor = kwargs.get("authenticator")
        act(f"アカウント：{title}", about=user)
        note_act(user, user, {"認証": title, "種類": factor.get_type_display() if factor else ""})

    return note


def note_lockout(sender: Any, request: Any, username: str, ip_address: str | None, **kwargs: Any) -> None:
    """Too many wrong passwords at an account that there is; what was guessed at otherwise is nobody."""
    user = User.objects.filter(username=username or "").first()
    if user is None or not cache.add(f"lockout-noted:{user.pk}:{ip_address}", "1", QUIET):
        return
    act("ログインの失敗が続いたための一時停止", about=user)
    note_act(user, None, {"ユーザー名": user.username, "場所": ip_address or ""})
