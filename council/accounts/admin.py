"""Accounts of staff, as システム管理 keeps them: who there is, in which roles, and who is locked out."""

from datetime import datetime, timedelta
from typing import Any

import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin  # noqa: F401
from django.contrib.auth.models import Group, User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from council.accounts.account_form import (
    REMIT_FIELDS,
    AccountForm,
    reaches_further,
    remit_text,
    rights_text,
)
from council.accounts.invitations import invite, name_of
from council.accounts.models import Lockout
from council.accounts.roles import SYSTEM
from members.common.acts import act
from members.common.admin.base import PortalAdmin
from members.common.admin.screens import person
from members.common.audit import note_act
from members.common.notices import notify_staff
from members.common.remit import remit_of
from members.common.web.step_up import confirm_identity

# Screens of the libraries, registered by the imports: they let whoever changes accounts give all rights.
for registered in (User, Group, EmailAddress, Authenticator, UserSession):
    admin.site.unregister(registered)

RESET = "システム管理の職員が、あなたの多要素認証を解除しました。次にログインした後に設定し直してください。"
UNUSED_AFTER = timedelta(days=365)


class UsedFilter(admin.SimpleListFilter):
    """For the handover in April: who does not use their account."""

    title = "使用の状況"
    parameter_name = "used"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("never", "一度もログインしていない"),
            ("long", "1年以上ログインしていない"),
            ("off", "停止中"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        match self.value():
            case "never":
                return queryset.filter(is_active=True, last_login=None)
            case "long":
                return queryset.filter(is_active=True, last_login__lt=timezone.now() - UNUSED_AFTER)
            case "off":
                return queryset.filter(is_active=False)
        return queryset


BY_COUNCIL = "remit__councils"


@admin.register(User)
class AccountAdmin(PortalAdmin):
    form = AccountForm
    list_display = ["username", "full_name", "email", "roles", "remit_names", "is_active", "last_login"]
    list_filter = ["groups", BY_COUNCIL, UsedFilter]
    search_fields = ["username", "last_name", "first_name", "email"]
    ordering = ["username"]
    fieldsets = [
        ("職員", {"fields": ["username", ("last_name", "first_name"), "email", "is_active"]}),
        ("役割", {"fields": ["groups", "limit", "councils"]}),
        ("使用の状況", {"fields": ["last_login", "date_joined"]}),
    ]
    actions = ["send_invitation", "reset_second_factor", "unlink", "stop"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return (
            super()
            .get_queryset(request)
            .select_related("remit")
            .prefetch_related("groups", "remit__councils")
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        # Nobody gives themselves a role, or takes from themselves the one that could undo it.
        own = ["groups", "is_active"] if self.is_own(request, obj) else []
        return ["last_login", "date_joined", *own]

    def is_own(self, request: HttpRequest, obj: User | None) -> bool:
        return obj is not None and obj.pk == person(request).pk

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets: Any = super().get_fieldsets(request, obj)
        if self.may_limit(request, obj):
            return fieldsets
        return [
            (title, {**parts, "fields": [name for name in parts["fields"] if name not in REMIT_FIELDS]})
            for title, parts in fieldsets
        ]

    def may_limit(self, request: HttpRequest, obj: User | None) -> bool:
        """Whether an account's limit is asked for: of one's own never; above all roles is above it."""
        if obj is None:
            return True
        is_free = not obj.is_superuser and self.has_change_permission(request, obj)
        return is_free and not self.is_own(request, obj)

    def get_list_filter(self, request: HttpRequest) -> Any:
        # Whoever is limited learns of no other council, nor who takes care of it.
        listed = super().get_list_filter(request)
        return listed if remit_of(request.user) is None else [each for each in listed if each != BY_COUNCIL]

    def get_list_display(self, request: HttpRequest) -> Any:
        listed = super().get_list_display(request)
        return (
            listed if remit_of(request.user) is None else [each for each in listed if each != "remit_names"]
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        # The class is this request's own; its fields are shared with all others.
        form.keeper, form.may_limit = request.user, self.may_limit(request, obj)
        return form

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # Who stands above all roles is made on the server, and not taken over by changing an address.
        if obj is not None and obj.is_superuser and not person(request).is_superuser:
            return False
        return super().has_change_permission(request, obj) and not reaches_further(obj, request.user)

    def is_theirs(self, request: HttpRequest, obj: Any, *, to_change: bool = False) -> bool:
        # An account is no record of a council.
        return True

    def before_change(self, request: HttpRequest, object_id: str | None) -> None:
        if request.method == "POST":
            confirm_identity(request)
        super().before_change(request, object_id)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # The records of years name them.
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        before = User.objects.filter(pk=obj.pk).first() if change else None
        obj.is_staff = True
        if not change:
            obj.set_unusable_password()
        elif "is_active" in form.changed_data and not obj.is_active:
            leave_nothing_open(obj)
        super().save_model(request, obj, form, change)
        if before is not None and before.email and before.email != obj.email:
            text = f"アカウント {obj.get_username()} のメールアドレスが {obj.email} に変わりました。"
            notify_staff(before, f"{settings.PORTAL_NAME}：メールアドレスの変更", text)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        user = form.instance
        before = rights_text(user)
        super().save_related(request, form, formsets, change)
        after = rights_text(user)
        if before != after or not change:
            tell_colleagues(person(request), user, after)
        if not change:
            invite(request, user)

    @admin.display(description="氏名")
    def full_name(self, user: User) -> str:
        return name_of(user) or "-"

    @admin.display(description="役割")
    def roles(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        # Made on the server, above all roles: whoever keeps accounts knows of it.
        return "、".join(["すべて（サーバーで作成）"] * user.is_superuser + names) or "-"

    @admin.display(description="担当する検討会議")
    def remit_names(self, user: User) -> str:
        return remit_text(user)

    @admin.action(description="招待（パスワードを設定するリンク）をメールで送る", permissions=["change"])
    def send_invitation(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        confirm_identity(request)
        for user in queryset:
            if not (user.is_active and user.email and self.has_change_permission(request, user)):
                text = "には送れません。使用中で、メールアドレスがある職員を選んでください。"
                messages.error(request, f"「{user.get_username()}」{text}")
                continue
            act("アカウント：招待の送信", about=user)
            invite(request, user)
            self.log_change(request, user, "招待のメールを送りました。")

    @admin.action(description="多要素認証を解除する（端末をなくした人に）", permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        confirm_identity(request)
        for user in queryset:
            if user.pk == person(request).pk or not self.has_change_permission(request, user):
                messages.error(request, f"「{user.get_username()}」の多要素認証は、ここでは解除できません。")
                continue
            act("アカウント：多要素認証の解除", about=user)
            forget_second_factor(user)
            notify_staff(user, f"{settings.PORTAL_NAME}：多要素認証の解除", RESET)
            self.log_change(request, user, "多要素認証を解除しました。")
            messages.success(request, f"「{user.get_username()}」の多要素認証を解除しました。")

    @admin.action(description="県の認証基盤との結び付きを解除する", permissions=["change"])
    def unlink(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        confirm_identity(request)
        for user in queryset:
            if user.pk == person(request).pk or not self.has_change_permission(request, user):
                messages.error(request, f"「{user.get_username()}」の結び付きは、ここでは解除できません。")
                continue
            act("アカウント：県の認証基盤との結び付きの解除", about=user)
            SocialAccount.objects.filter(user=user).delete()
            self.log_change(request, user, "県の認証基盤との結び付きを解除しました。")
            messages.success(request, f"「{user.get_username()}」の結び付きを解除しました。")

    @admin.action(description="使用を停止する（異動や退職）", permissions=["change"])
    def stop(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        confirm_identity(request)
        for user in queryset:
            if user.pk == person(request).pk or not self.has_change_permission(request, user):
                messages.error(request, f"「{user.get_username()}」は、ここでは停止できません。")
                continue
            act("アカウント：使用の停止", about=user)
            user.is_active = False
            leave_nothing_open(user)
            user.save(update_fields=["is_active", "password"])
            self.log_change(request, user, "使用を停止しました。")
            messages.success(request, f"「{user.get_username()}」の使用を停止しました。")


def forget_second_factor(user: User) -> None:
    """Take a person's factors away, and end the sessions that they opened."""
    Authenticator.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()


def leave_nothing_open(user: User) -> None:
    """Whoever left and comes back after years is invited anew: no old password, device or session works."""
    user.set_unusable_password()
    forget_second_factor(user)
    SocialAccount.objects.filter(user=user).delete()


def tell_colleagues(by: User, user: User, rights: str) -> None:
    """A new account or other roles never come about unseen: whoever else keeps accounts gets a mail."""
    keepers = User.objects.filter(Q(groups__name=SYSTEM.name) | Q(is_superuser=True), is_active=True)
    text = f"{by} がアカウント {user.get_username()} の役割を{rights}にしました。"
    for keeper in keepers.exclude(pk=by.pk).distinct():
        notify_staff(keeper, f"{settings.PORTAL_NAME}：アカウントの変更", text)


@admin.register(Lockout)
class LockoutAdmin(PortalAdmin):
    list_display = ["name", "address", "failures", "last", "until"]
    list_display_links = None
    search_fields = ["username", "ip_address"]
    actions = ["unlock"]

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Lockout | None = None) -> bool:
        # A second person looks before somebody may go on guessing.
        if obj is not None and obj.username == person(request).get_username():
            return False
        return super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Lockout) -> None:
        confirm_identity(request)
        super().delete_model(request, obj)

    @admin.display(description="ユーザー名", ordering="username")
    def name(self, lockout: Lockout) -> str:
        return lockout.username or "-"

    @admin.display(description="場所（IPアドレス）", ordering="ip_address")
    def address(self, lockout: Lockout) -> str:
        return lockout.ip_address or "-"

    @admin.display(description="誤りの回数", ordering="failures_since_start")
    def failures(self, lockout: Lockout) -> int:
        return lockout.failures_since_start

    @admin.display(description="最後の誤り", ordering="attempt_time")
    def last(self, lockout: Lockout) -> datetime:
        return lockout.attempt_time

    @admin.display(description="停止")
    def until(self, lockout: Lockout) -> str:
        return lockout.until

    @admin.action(description="停止を解除する", permissions=["delete"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[Lockout]) -> None:
        confirm_identity(request)
        for lockout in queryset:
            if not self.has_delete_permission(request, lockout):
                messages.error(request, "自分のアカウントの停止は、別の職員が解除します。")
                continue
            # A row for each browser; they wait together.
            together = AccessAttempt.objects.filter(username=lockout.username, ip_address=lockout.ip_address)
            act("ログインの停止の解除", about=lockout)
            note_act(lockout, None, {"ユーザー名": lockout.username, "場所": lockout.ip_address})
            self.log_deletions(request, Lockout.objects.filter(pk=lockout.pk))
            together.delete()
            messages.success(request, f"「{lockout.username}」の停止を解除しました。")
