"""Accounts of staff: who keeps them, how a person comes in, and what nobody may give themselves."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from auditlog.models import LogEntry
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.core import mail
from django.test import Client
from django.utils import timezone

from council.accounts.invitations import InvitationTokens
from council.accounts.roles import EDITOR, MANAGER, SYSTEM, Role

pytestmark = pytest.mark.django_db
LIST = "/admin/auth/user/"
NEW = {
    "username": "shinnin",
    "last_name": "新任",
    "first_name": "花子",
    "email": "shinnin@example.lg.jp",
    "limit": "all",
}


def somebody(name: str, *roles: Role) -> User:
    user = User.objects.create_user(name, f"{name}@example.lg.jp", "a-long-password", is_staff=True)
    user.groups.set(groups(*roles))
    return user


def groups(*roles: Role) -> list[Group]:
    return [Group.objects.get(name=role.name) for role in roles]


def ids(*roles: Role) -> list[int]:
    return [group.pk for group in groups(*roles)]


@pytest.fixture
def keeper(db: None) -> User:
    return somebody("kanri", SYSTEM)


@pytest.fixture
def client(keeper: User) -> Client:
    client = Client()
    client.force_login(keeper)
    return client


@pytest.fixture
def invited(client: Client, django_capture_on_commit_callbacks: Any) -> str:
    """A person was invited; the link in their mail."""
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{LIST}add/", {**NEW, "is_active": "on", "groups": ids(EDITOR)})
    return link_in(str(mail.outbox[-1].body))


def link_in(text: str) -> str:
    found = re.search(r"https?://[^/]+(/accounts/invitation/\S+)", text)
    assert found
    return found[1]


def set_password(link: str, password: str = "kangaete-kimeta-kotoba") -> str:
    client = Client()
    page = client.get(link, follow=True)
    address = page.redirect_chain[-1][0] if page.redirect_chain else link
    data = {"new_password1": password, "new_password2": password}
    return client.post(address, data, follow=True).content.decode()


def test_a_person_is_invited_and_sets_their_own_password(invited: str) -> None:
    user = User.objects.get(username="shinnin")
    assert not user.has_usable_password()
    assert user.is_staff
    assert not user.is_superuser
    assert mail.outbox[-1].to == ["shinnin@example.lg.jp"]
    assert "新任 花子" in mail.outbox[-1].body
    assert "パスワードを設定しました" in set_password(invited)
    answer = Client().post("/accounts/login/", {"login": "shinnin", "password": "kangaete-kimeta-kotoba"})
    assert answer.status_code == 302


def test_a_mail_scanner_that_opens_the_link_does_not_use_it_up(invited: str) -> None:
    for _ in range(3):
        assert Client().get(invited, follow=True).status_code == 200
        assert Client().head(invited).status_code in {200, 302}
    assert "パスワードを設定しました" in set_password(invited)


def test_a_link_works_once(invited: str) -> None:
    set_password(invited)
    assert "このリンクは使えません" in set_password(invited, "betsu-no-kotoba-desu")
    assert User.objects.get(username="shinnin").check_password("kangaete-kimeta-kotoba")


def test_a_link_runs_out(invited: str, monkeypatch: Any) -> None:
    later = datetime.now() + timedelta(days=8)
    monkeypatch.setattr(InvitationTokens, "_now", lambda self: later)
    assert "このリンクは使えません" in set_password(invited)


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": "hoka@example.lg.jp"}])
def test_a_link_is_for_the_person_as_they_were(invited: str, change: dict[str, Any]) -> None:
    User.objects.filter(username="shinnin").update(**change)
    assert "このリンクは使えません" in set_password(invited)


@pytest.mark.parametrize("password", ["mijikai", "password1234", "123456789012"])
def test_a_weak_password_is_told_and_the_link_stays_good(invited: str, password: str) -> None:
    page = set_password(invited, password)
    assert "エラー：" in page
    assert "パスワードを設定しました" in set_password(invited)


def test_the_link_leads_no_further_by_its_own_address(invited: str) -> None:
    # The token stands in no address that a page could pass on.
    page = Client().get(invited, follow=True)
    assert page.redirect_chain[-1][0].endswith("/set-password/")
    assert invited not in page.content.decode()
    assert page["Cache-Control"] == "no-store"


@pytest.mark.django_db(transaction=True)
def test_what_became_of_the_mail_is_told(client: Client, settings: Any) -> None:
    data = {**NEW, "is_active": "on", "groups": ids(EDITOR)}
    page = client.post(f"{LIST}add/", data, follow=True).content.decode()
    assert "招待のメールを shinnin@example.lg.jp に送りました" in page
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    page = client.post(f"{LIST}add/", {**data, "username": "betsu"}, follow=True).content.decode()
    assert "招待のメールを送れませんでした" in page
    assert User.objects.filter(username="betsu").exists()


@pytest.mark.parametrize("missing", ["username", "email", "groups"])
def test_what_an_account_needs(client: Client, missing: str) -> None:
    data = {**NEW, "is_active": "on", "groups": ids(EDITOR)}
    del data[missing]
    assert client.post(f"{LIST}add/", data).status_code == 200
    assert not User.objects.filter(email="shinnin@example.lg.jp").exists()


def test_nobody_gives_themselves_a_role(client: Client, keeper: User) -> None:
    data = {"username": "kanri", "email": "kanri@example.lg.jp", "groups": ids(SYSTEM, MANAGER)}
    client.post(f"{LIST}{keeper.pk}/change/", data)
    keeper.refresh_from_db()
    assert [group.name for group in keeper.groups.all()] == [SYSTEM.name]
    assert keeper.is_active


def test_nobody_makes_a_superuser_or_takes_one_over(client: Client) -> None:
    root = User.objects.create_superuser("root", "root@example.lg.jp", "a-long-password")
    other = somebody("betsu", EDITOR)
    powers = {"is_superuser": "on", "user_permissions": ["1"], "groups": ids(EDITOR), "is_active": "on"}
    client.post(f"{LIST}{other.pk}/change/", {"username": "betsu", "email": other.email, **powers})
    other.refresh_from_db()
    assert not other.is_superuser
    assert not other.user_permissions.exists()
    answer = client.post(
        f"{LIST}{root.pk}/change/", {"username": "root", "email": "mine@example.com", **powers}
    )
    assert answer.status_code == 403
    # Nor by a link to a mailbox of their own, nor by typing a password for somebody.
    client.post(LIST, {"action": "send_invitation", "_selected_action": [root.pk]})
    assert mail.outbox == []
    typed = {"password1": "watashi-no-kotoba", "password2": "watashi-no-kotoba"}
    client.post(f"{LIST}{other.pk}/password/", typed, follow=True)
    other.refresh_from_db()
    assert other.check_password("a-long-password")


def test_a_new_account_and_other_roles_come_about_seen(
    client: Client, keeper: User, django_capture_on_commit_callbacks: Any
) -> None:
    somebody("kanri2", SYSTEM)
    other = somebody("betsu", EDITOR)
    data = {
        "username": "betsu",
        "limit": "all",
        "email": other.email,
        "is_active": "on",
        "groups": ids(MANAGER),
    }
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{LIST}{other.pk}/change/", data)
    (told,) = mail.outbox
    assert told.to == ["kanri2@example.lg.jp"]
    assert "betsu の役割を「事務局責任者」" in told.body
    entry = LogEntry.objects.get_for_object(other).first()
    assert entry
    assert entry.actor == keeper


def test_another_address_is_told_at_the_old_one(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    other = somebody("betsu", EDITOR)
    data = {
        "username": "betsu",
        "limit": "all",
        "email": "new@example.lg.jp",
        "is_active": "on",
        "groups": ids(EDITOR),
    }
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{LIST}{other.pk}/change/", data)
    assert [each.to for each in mail.outbox] == [["betsu@example.lg.jp"]]


def test_who_leaves_is_out_at_once_and_stays_named(client: Client) -> None:
    other = somebody("betsu", EDITOR)
    theirs = Client()
    theirs.force_login(other)
    assert theirs.get("/admin/").status_code == 200
    data = {"username": "betsu", "limit": "all", "email": other.email, "groups": ids(EDITOR)}
    client.post(f"{LIST}{other.pk}/change/", data)
    assert theirs.get("/admin/").status_code == 302
    assert client.get(f"{LIST}{other.pk}/delete/").status_code == 403


def test_the_list_of_april(client: Client) -> None:
    long_ago = timezone.now() - timedelta(days=400)
    User.objects.filter(pk=somebody("mukashi", EDITOR).pk).update(last_login=long_ago)
    User.objects.filter(pk=somebody("genzai", EDITOR).pk).update(last_login=timezone.now())
    User.objects.filter(pk=somebody("taishoku", EDITOR).pk).update(is_active=False)
    somebody("mishiyou", EDITOR)
    for used, name in (("long", "mukashi"), ("never", "mishiyou"), ("off", "taishoku")):
        page = client.get(f"{LIST}?used={used}").content.decode()
        shown = set(re.findall(r"/change/[^>]*>(\w+)</a>", page)) & {
            *("mukashi", "genzai", "taishoku", "mishiyou")
        }
        assert shown == {name}


def test_who_keeps_accounts_sees_no_content(client: Client, fy2020: Any) -> None:
    page = client.get("/admin/").content.decode()
    assert "アカウントと監査" in page
    assert "アンケート" not in page
    for path in ("surveys/survey/", "meetings/meeting/", "members/auditentry/", "council/annualreport/"):
        assert client.get(f"/admin/{path}").status_code == 403


def test_a_wait_is_ended_by_somebody_else(client: Client, keeper: User) -> None:
    for name in ("betsu", "kanri"):
        AccessAttempt.objects.create(username=name, ip_address="198.51.100.1", failures_since_start=7)
    AccessAttempt.objects.create(username="once", ip_address="198.51.100.1", failures_since_start=1)
    page = client.get("/admin/council/lockout/").content.decode()
    assert "betsu" in page
    assert "once" not in page
    everybody = list(AccessAttempt.objects.values_list("pk", flat=True))
    data = {"action": "unlock", "_selected_action": everybody}
    answer = client.post("/admin/council/lockout/", data, follow=True).content.decode()
    assert "「betsu」の停止を解除しました" in answer
    assert "自分のアカウントの停止は、別の職員が解除します" in answer
    assert set(AccessAttempt.objects.values_list("username", flat=True)) == {"kanri", "once"}
    own = AccessAttempt.objects.get(username="kanri")
    assert client.post(f"/admin/council/lockout/{own.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_new_invitation_makes_the_old_link_useless(
    client: Client, invited: str, django_capture_on_commit_callbacks: Any
) -> None:
    user = User.objects.get(username="shinnin")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(LIST, {"action": "send_invitation", "_selected_action": [user.pk]})
    assert "このリンクは使えません" in set_password(invited)
    assert "パスワードを設定しました" in set_password(link_in(str(mail.outbox[-1].body)))


def test_whoever_comes_back_after_years_is_invited_anew(client: Client, keeper: User) -> None:
    people = [somebody(name, EDITOR) for name in ("a", "b")]
    for each in people:
        Authenticator.objects.create(user=each, type="totp", data={})
    data = {"action": "stop", "_selected_action": [keeper.pk, *(each.pk for each in people)]}
    page = client.post(LIST, data, follow=True).content.decode()
    assert "「a」の使用を停止しました" in page
    assert "「kanri」は、ここでは停止できません" in page
    keeper.refresh_from_db()
    assert keeper.is_active
    assert not Authenticator.objects.exists()
    assert not User.objects.filter(username__in=["a", "b"], is_active=True).exists()
    assert not any(User.objects.get(pk=each.pk).has_usable_password() for each in people)
