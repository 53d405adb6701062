"""Coming in as staff do: by code and by passkey, with a virtual key in a real browser."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.browser.test_staff_to_public import type_password

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.REQUIRE_MFA = True
    # The live server of tests speaks plain HTTP on this machine.
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True


def confirm(page: Page) -> None:
    page.get_by_label("パスワード").fill("a-long-password")
    page.get_by_role("button", name="確認する").click()


def test_a_code_then_a_passkey(page: Page, live_server: Any, staff: User) -> None:
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    type_password(page, live_server.url)
    expect(page.get_by_role("heading", name="多要素認証の設定")).to_be_visible()
    expect(page.get_by_role("img", name="認証アプリに登録する二次元コード")).to_be_visible()
    seed = page.locator("#authenticator_secret").inner_text()
    code = format_hotp_value(hotp_value(seed, int(time.time()) // 30))
    page.get_by_label("認証アプリコード").fill(str(code))
    page.get_by_role("button", name="設定する").click()
    # The codes for the day the device is lost are shown to whoever types the password.
    confirm(page)
    expect(page.get_by_role("heading", name="リカバリーコード")).to_be_visible()

    page.goto(f"{live_server.url}/accounts/second-factor/webauthn/add/")
    page.get_by_label("パスワードレス").check()
    page.get_by_role("button", name="追加").click()
    expect(page.get_by_text("セキュリティーキーを登録しました").first).to_be_visible()
    assert Authenticator.objects.filter(user=staff, type="webauthn").count() == 1

    page.goto(f"{live_server.url}/admin/")
    page.get_by_role("button", name="ログアウト").click()
    page.goto(f"{live_server.url}/admin/")
    page.get_by_role("button", name="パスキーでログイン").click()
    expect(page.get_by_role("heading", name="業務", exact=True)).to_be_visible()
