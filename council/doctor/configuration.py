"""What the environment says: keys, hosts, addresses, proxies, who sends mail."""

import os
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import run_checks
from django.http.request import validate_host

from council.doctor.findings import Finding, bad, good, look, unknown

KEY_LENGTH, KEY_LETTERS = 50, 12
MAKE_KEY = (
    "次の命令が表示する文字列を環境変数 SECRET_KEY に設定し、前の値は SECRET_KEY_FALLBACKS に移してください："
    "python3 -c 'import secrets; print(secrets.token_urlsafe(60))'"
)


def checks() -> Iterator[Finding]:
    """What Django itself refuses: with it every other command stops, backups too."""
    found = [each for each in run_checks() if each.is_serious()]
    for each in found:
        yield bad(
            "設定の検査",
            f"{each.id}：{str(each.msg)[:200]}",
            "このままでは、ほかのコマンド（控え、メールの送信など）が動きません。設定を直してください。",
        )
    if not found:
        yield good("設定の検査", "コマンドを止める設定はありません。")


def mode() -> Iterator[Finding]:
    """Whether this is the office's portal or one to try."""
    if settings.DEBUG:
        yield bad(
            "動作の種類",
            "DEBUG が有効です。エラーの画面に内部の情報が出ます。",
            "環境変数 DEBUG を消してください。",
        )
    elif settings.DEMO:
        yield look(
            "動作の種類",
            "デモの設定（DEMO=1）で動いています。",
            "実際に使うときは環境変数 DEMO を消してください。",
        )
    else:
        yield good("動作の種類", "本番の設定です。")


def runner() -> Iterator[Finding]:
    """Whether it is asked as the portal's own user: root may write where the portal may not."""
    folder = Path(settings.MEDIA_ROOT)
    if folder.exists() and folder.stat().st_uid != os.geteuid():
        yield look(
            "実行した利用者",
            "ファイルの置き場所の持ち主ではない利用者で点検しています。書き込みの結果は、ポータルのものとは限りません。",
            f"ポータルを動かす利用者で実行してください（sudo -u {folder.owner()} …）。",
        )
    else:
        yield good("実行した利用者", "ファイルの置き場所の持ち主です。")


def secret_key() -> Iterator[Finding]:
    """Whether the key that signs sessions and links can be guessed; the key itself is never told."""
    key = settings.SECRET_KEY
    is_sample = key.startswith("django-insecure") or "change" in key.lower()
    if is_sample or len(key) < KEY_LENGTH or len(set(key)) < KEY_LETTERS:
        yield bad("秘密鍵", "秘密鍵（SECRET_KEY）が短いか、見本のままです。", MAKE_KEY)
    else:
        yield good("秘密鍵", f"{KEY_LENGTH}文字以上の秘密鍵が設定されています。")


def hosts() -> Iterator[Finding]:
    """Whether the portal answers to its own names and to no others."""
    wrong = [host for host in settings.ALLOWED_HOSTS if "/" in host or host.strip() in {"", "*"}]
    for host in wrong:
        name = urlsplit(host if "//" in host else f"//{host}").hostname or ""
        remedy = (
            f"ALLOWED_HOSTS には「{name}」のようにホスト名だけを書いてください。"
            if name and name != "*"
            else "ALLOWED_HOSTS にポータルのホスト名を書いてください（例: portal.example.lg.jp）。"
        )
        yield bad("ホスト名", f"ALLOWED_HOSTS の「{host}」は使えません。", remedy)
    if wrong:
        return
    for variable in ("PORTAL_ADDRESS", "PUBLIC_ADDRESS", "LGWAN_ADDRESS"):
        yield from _address(variable, getattr(settings, variable))


def _address(variable: str, address: str) -> Iterator[Finding]:
    if not address:
        return
    parts = urlsplit(address)
    host = parts.hostname or ""
    # The public may read a copy on another host.
    is_ours = variable != "PUBLIC_ADDRESS" or address == settings.PORTAL_ADDRESS
    if not host or parts.scheme not in {"http", "https"}:
        yield bad(
            "アドレス",
            f"{variable} がアドレスの形ではありません。",
            f"{variable} を「https://」から書いてください。",
        )
    elif is_ours and not validate_host(host, settings.ALLOWED_HOSTS):
        yield bad(
            "アドレス",
            f"{variable} のホスト名「{host}」が ALLOWED_HOSTS にありません。メールのリンクが開けません。",
            f"ALLOWED_HOSTS に「{host}」を加えるか、{variable} を直してください。",
        )
    elif parts.scheme == "http" and not settings.LOCAL:
        yield look(
            "アドレス",
            f"{variable} が http:// で始まっています。",
            "暗号化された https:// のアドレスにしてください。",
        )
    else:
        yield good("アドレス", f"{variable} は {address} です。")


def proxy() -> Iterator[Finding]:
    """Whom the portal believes about who asks."""
    wide = []
    for each in settings.TRUSTED_PROXIES:
        try:
            wide += [each] if ip_network(each, strict=False).num_addresses > 2**16 else []
        except ValueError:
            yield bad(
                "プロキシ",
                f"TRUSTED_PROXIES の「{each}」はアドレスではありません。",
                "「10.0.0.5」や「10.0.0.0/24」のように書いてください。",
            )
            return
    if wide:
        yield bad(
            "プロキシ",
            f"TRUSTED_PROXIES の「{wide[0]}」が広すぎます。誰でも送信元を偽れます。",
            "プロキシのアドレスだけを書いてください。",
        )
    elif settings.TRUSTED_PROXIES:
        yield unknown(
            "プロキシ",
            f"{len(settings.TRUSTED_PROXIES)}件のプロキシを信頼しています。実際に通っているかは、ここからは確認できません。",
            "職員の「ログイン中の端末」の画面に、端末のアドレス（プロキシのではないもの）が出ることを確かめてください。",
        )
    else:
        yield unknown(
            "プロキシ",
            "信頼するプロキシはありません。",
            "nginxなどを前に置くときは、TRUSTED_PROXIES にそのアドレスを書いてください。"
            "書かないと、全員が1つのアドレスに見えます。",
        )


def sender() -> Iterator[Finding]:
    """Who sends the portal's mail."""
    address = settings.DEFAULT_FROM_EMAIL
    if address.endswith("@localhost"):
        yield (look if settings.LOCAL else bad)(
            "差出人",
            "メールの差出人（EMAIL_FROM）が設定されていません。",
            "EMAIL_FROM に事務局のアドレスを設定してください。",
        )
    else:
        yield good("差出人", f"メールは {address} から送ります。")
