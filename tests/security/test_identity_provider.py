"""Login by the prefecture's identity provider, against a real one that runs here."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import Group, User
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from council.accounts.roles import EDITOR, SYSTEM
from council.environment import identity_provider
from members.models import AuditEntry
from tests.security.identity_provider import CLIENT, Provider

pytestmark = pytest.mark.django_db
START = "/accounts/provider/idp/login/"


@pytest.fixture
def idp(settings: Any) -> Iterator[Provider]:
    provider = Provider()
    app = {
        "provider_id": "idp",
        "name": "県の認証基盤",
        "settings": {"server_url": provider.issuer},
        **CLIENT,
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    yield provider
    provider.close()


@pytest.fixture
def hanako(db: None) -> User:
    user = User.objects.create_user("hanako", "Hanako@pref.example.jp", "a-long-password", is_staff=True)
    user.groups.set(Group.objects.filter(name=EDITOR.name))
    return user


def leave_for(client: Client, query: str = "") -> str:
    """To the provider, and as far as its answer; returns the address of the way back."""
    away = client.get(START + query)
    assert away.status_code == 302, away.content.decode()
    back = requests.get(away["Location"], allow_redirects=False, timeout=10).headers["Location"]
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"


def login(client: Client, query: str = "") -> Any:
    return client.get(leave_for(client, query))


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_who_has_an_account_comes_in_and_is_known_from_then_on(idp: Provider, hanako: User) -> None:
    client = Client()
    assert "県の認証基盤でログイン" in client.get("/accounts/login/").content.decode()
    response = login(client)
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert is_in(client)
    assert SocialAccount.objects.get().user == hanako
    assert AuditEntry.objects.filter(title="アカウント：県の認証基盤との結び付け").count() == 1
    # From now on by the provider's own name for them, also under another address.
    idp.person["email"] = "married@pref.example.jp"
    again = Client()
    login(again)
    assert is_in(again)
    assert SocialAccount.objects.count() == 1


def test_who_has_none_stays_out_and_nobody_is_made(idp: Provider) -> None:
    before = User.objects.count()
    client = Client()
    response = login(client)
    assert response.status_code == 403
    assert "利用者として登録されていません" in response.content.decode()
    assert not is_in(client)
    assert User.objects.count() == before
    assert AuditEntry.objects.filter(title="県の認証基盤でのログインを断りました").count() == 1


def test_roles_are_given_here_only(idp: Provider, hanako: User) -> None:
    idp.person |= {"groups": ["admin"], "roles": [SYSTEM.name], "is_superuser": True, "is_staff": True}
    login(Client())
    hanako.refresh_from_db()
    assert not hanako.is_superuser
    assert list(hanako.groups.values_list("name", flat=True)) == [EDITOR.name]


@pytest.mark.parametrize(
    "person",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email": None},
        {"email": "ｈanako@pref.example.jp"},
        # PostgreSQL takes ı for I.
        {"email": "hanako@pref.examp\u0131e.jp"},
        {"email": "hanako@pref.\u0131xample.jp"},
        {"email": "hanako@evil.example"},
    ],
)
def test_an_address_counts_only_verified_and_to_the_letter(
    idp: Provider, hanako: User, person: dict[str, Any]
) -> None:
    idp.person |= person
    client = Client()
    assert login(client).status_code == 403
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


def test_two_accounts_with_one_address_are_nobody(idp: Provider, hanako: User) -> None:
    User.objects.create_user("other", "hanako@PREF.example.jp", "a-long-password", is_staff=True)
    assert login(Client()).status_code == 403


def test_another_person_with_the_same_address_takes_nothing_over(idp: Provider, hanako: User) -> None:
    login(Client())
    idp.person["sub"] = "p-2"
    response = login(Client())
    assert response.status_code == 403
    assert "別の利用者が結び付いています" in response.content.decode()


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_who_was_stopped_stays_out(idp: Provider, hanako: User, change: dict[str, bool]) -> None:
    login(Client())
    User.objects.filter(pk=hanako.pk).update(**change)
    client = Client()
    assert login(client).status_code == 403
    assert not is_in(client)


NOW = int(time.time())


@pytest.mark.parametrize(
    "token",
    [
        {"iss": "https://other.example"},
        {"aud": "another-application"},
        {"aud": ["portal", "other"], "azp": "other"},
        {"exp": NOW - 7200},
        {"sub": "somebody-else"},
        {"nonce": None},
        {"nonce": "of another login"},
    ],
)
def test_a_token_that_is_not_for_us_is_none(idp: Provider, hanako: User, token: dict[str, Any]) -> None:
    idp.token = token
    client = Client()
    response = login(client)
    assert response.status_code == 403
    assert "確認ができませんでした" in response.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize("token", [{"aud": ["portal"]}, {"aud": ["portal", "x"], "azp": "portal"}])
def test_a_token_for_us_among_others_is_good(idp: Provider, hanako: User, token: dict[str, Any]) -> None:
    idp.token = token
    assert login(Client()).status_code == 302


def test_clocks_may_differ_a_little(idp: Provider, hanako: User) -> None:
    now = int(time.time())
    idp.token = {"exp": now - 30, "iat": now + 40}
    assert login(Client()).status_code == 302


def test_another_hand_signs_nothing(idp: Provider, hanako: User) -> None:
    idp.keys["hidden"] = rsa.generate_private_key(65537, 2048)
    idp.signs_with = "hidden"
    assert login(Client()).status_code == 403
    # Under the name of a key that is known.
    idp.keys["k1"], shown = idp.keys["hidden"], idp.keys["k1"]
    idp.signs_with = "k1"
    client = Client()
    back = leave_for(client)
    original = idp.get

    def show_the_old_key(handler: Any) -> None:
        signing, idp.keys["k1"] = idp.keys["k1"], shown
        original(handler)
        idp.keys["k1"] = signing

    idp.get = show_the_old_key  # type: ignore[method-assign]
    assert client.get(back).status_code == 403
    assert not is_in(client)


def test_keys_may_be_rolled_over(idp: Provider, hanako: User) -> None:
    login(Client())
    idp.keys = {"k2": rsa.generate_private_key(65537, 2048)}
    idp.signs_with = "k2"
    assert login(Client()).status_code == 302


def test_userinfo_of_somebody_else_is_not_believed(idp: Provider, hanako: User) -> None:
    idp.userinfo = {"sub": "manager"}
    assert login(Client()).status_code == 403


def test_a_way_back_works_once_and_in_one_browser_only(idp: Provider, hanako: User) -> None:
    client, other = Client(), Client()
    back = leave_for(client)
    assert other.get(back).status_code == 403
    assert not is_in(other)
    assert client.get(back).status_code == 302
    response = client.get(back)
    assert response.status_code == 403
    assert "ログインの画面へ戻る" in response.content.decode()
    for query in ("", "?state=x&code=y", "?code=y"):
        assert Client().get(f"/accounts/provider/idp/callback/{query}").status_code == 403


def test_two_tabs_both_come_back(idp: Provider, hanako: User) -> None:
    client = Client()
    first, second = leave_for(client), leave_for(client)
    assert client.get(second).status_code == 302
    assert client.get(first).status_code in {302, 403}
    assert is_in(client)


def test_another_issuer_knows_other_people(idp: Provider, hanako: User, settings: Any) -> None:
    login(Client())
    other = Provider()
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"] = {"server_url": other.issuer}
    # The same subject there is somebody else.
    other.person["email"] = "somebody@pref.example.jp"
    assert login(Client()).status_code == 403
    app["settings"] = {"server_url": f"http://localhost:{other.server.server_port}"}
    assert Client().get(START).status_code == 403
    other.close()


def test_the_way_back_is_the_portals_own_address(idp: Provider, settings: Any) -> None:
    settings.PORTAL_ADDRESS = "https://portal.example.lg.jp"
    away = Client().get(START)["Location"]
    assert "redirect_uri=https%3A%2F%2Fportal.example.lg.jp%2Faccounts%2Fprovider%2Fidp%2Fcallback%2F" in away
    assert "code_challenge_method=S256" in away


def test_cancelling_there_is_said_and_nothing_is_echoed(idp: Provider, hanako: User) -> None:
    client = Client()
    state = leave_for(client).rpartition("state=")[2]
    address = f"/accounts/provider/idp/callback/?error=access_denied&state={state}"
    response = client.get(f"{address}&error_description=<script>alert(1)</script>")
    assert response.status_code == 200
    assert "取りやめました" in response.content.decode()
    assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize(
    "aim", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_elsewhere(idp: Provider, hanako: User, aim: str) -> None:
    assert login(Client(), f"?next={aim}")["Location"] == "/admin/"
    assert login(Client(), "?next=/admin/meetings/meeting/")["Location"] == "/admin/meetings/meeting/"


def test_who_was_here_before_is_not_here_any_more(idp: Provider, hanako: User, staff_client: Client) -> None:
    login(staff_client)
    assert staff_client.session["_auth_user_id"] == str(hanako.pk)


def test_a_provider_that_is_down_is_said(idp: Provider, hanako: User) -> None:
    client = Client()
    back = leave_for(client)
    idp.is_down = True
    assert client.get(START).status_code == 503
    assert client.get(back).status_code in {403, 503}
    assert client.get("/accounts/login/").status_code == 200


def test_without_the_setting_there_is_none(db: None) -> None:
    assert Client().get(START).status_code == 404
    assert "認証基盤" not in Client().get("/accounts/login/").content.decode()


def test_the_setting_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert identity_provider(is_local=False) == {}
    monkeypatch.setenv("OIDC_ISSUER", "http://idp.example")
    with pytest.raises(ImproperlyConfigured, match="https"):
        identity_provider(is_local=False)
    monkeypatch.setenv("OIDC_ISSUER", "https://idp.example/")
    with pytest.raises(ImproperlyConfigured, match="OIDC_CLIENT_ID"):
        identity_provider(is_local=False)
    monkeypatch.setenv("OIDC_CLIENT_ID", "a")
    monkeypatch.setenv("OIDC_CLIENT_SECRET", "b")
    (app,) = identity_provider(is_local=False)["openid_connect"]["APPS"]
    assert app["settings"]["server_url"] == "https://idp.example"


def test_a_link_is_taken_off_by_who_keeps_accounts(idp: Provider, hanako: User) -> None:
    login(Client())
    keeper = User.objects.create_user("keeper", password="a-long-password", is_staff=True)
    keeper.groups.set(Group.objects.filter(name=SYSTEM.name))
    client = Client()
    client.force_login(keeper)
    client.post("/admin/auth/user/", {"action": "unlink", "_selected_action": [hanako.pk]})
    assert not SocialAccount.objects.exists()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.title, entry.who) == ("アカウント：県の認証基盤との結び付きの解除", "keeper")


def test_the_second_factor_is_still_asked_for(idp: Provider, hanako: User, settings: Any) -> None:
    settings.REQUIRE_MFA = True
    client = Client()
    login(client)
    assert client.get("/admin/")["Location"] == "/accounts/second-factor/totp/activate/"
