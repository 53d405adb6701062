"""How settings are read from the environment: switches, lists, limits, the identity provider."""

import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def flag(name: str, default: bool = False) -> bool:
    """Tell whether an environment variable switches something on."""
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def words(name: str) -> list[str]:
    """Split a comma-separated environment variable."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def rate(name: str, default: str) -> tuple[int, int, int] | None:
    """Read how often something may be asked for: by one visitor / by all / in so many seconds."""
    variable = f"LIMIT_{name.upper()}"
    text = os.environ.get(variable) or default
    if text.strip().lower() == "off":
        return None
    numbers = text.split("/")
    if len(numbers) != 3 or not all(part.strip().isdecimal() and int(part) for part in numbers):
        raise ImproperlyConfigured(
            f"環境変数 {variable} の値「{text}」を読めません。「1人の回数/全体の回数/秒数」の形で"
            f"1以上の数を設定してください（例: {default}）。制限しないときは off とします。"
        )
    each, total, seconds = (int(part) for part in numbers)
    return each, total, seconds


def identity_provider(*, is_local: bool) -> dict[str, Any]:
    """Configure the OpenID Connect provider that OIDC_ISSUER names; without one there is none."""
    issuer = os.environ.get("OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return {}
    if not issuer.startswith("https://") and not is_local:
        raise ImproperlyConfigured("環境変数 OIDC_ISSUER は https:// で始まるアドレスにしてください。")
    if not (os.environ.get("OIDC_CLIENT_ID") and os.environ.get("OIDC_CLIENT_SECRET")):
        raise ImproperlyConfigured(
            "環境変数 OIDC_CLIENT_ID と OIDC_CLIENT_SECRET も設定してください"
            "（認証基盤の管理者が発行します）。"
        )
    app = {
        "provider_id": "idp",
        "name": os.environ.get("OIDC_NAME", "県の認証基盤"),
        "client_id": os.environ["OIDC_CLIENT_ID"],
        "secret": os.environ["OIDC_CLIENT_SECRET"],
        "settings": {"server_url": issuer},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
