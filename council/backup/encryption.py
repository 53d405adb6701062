"""Backups that only the holder of a key can read: age, whose own program reads them without the portal.

The server has the public half alone, so that who takes the server does not take what was kept.
"""

import os
from pathlib import Path

import pyrage

from council.backup.errors import BackupError

ENDING = ".age"


def new_key() -> tuple[str, str]:
    """A new pair: what is set on the server, and what is kept elsewhere."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity.to_public()), str(identity)


def encrypt(source: Path, to: Path, recipient: str) -> None:
    try:
        key = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as error:
        raise BackupError(
            "BACKUP_RECIPIENT を公開鍵として読めません。"
            "manage.py backup --new-key で作った、age1 で始まる値を設定してください。"
        ) from error
    with (
        open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out,
        source.open("rb") as plain,
    ):
        pyrage.encrypt_io(plain, out, [key])


def decrypt(source: Path, to: Path, identity_file: Path | None) -> None:
    if identity_file is None:
        raise BackupError("この控えは暗号化されています。--identity に秘密鍵のファイルを指定してください。")
    try:
        lines = identity_file.read_text().split()
        secret = next(line for line in lines if line.startswith("AGE-SECRET-KEY-"))
        key = pyrage.x25519.Identity.from_str(secret)
    except OSError as error:
        raise BackupError(
            f"秘密鍵のファイルを読めません（{error.strerror}）。"
            "このコマンドを動かす利用者が読める場所に置き、場所をはじめから終わりまで書いてください。"
        ) from error
    except (UnicodeDecodeError, StopIteration, pyrage.IdentityError) as error:
        raise BackupError(
            "秘密鍵のファイルを読めません。AGE-SECRET-KEY- で始まる行があるか確かめてください。"
        ) from error
    try:
        with (
            open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out,
            source.open("rb") as file,
        ):
            pyrage.decrypt_io(file, out, [key])
    except pyrage.DecryptError as error:
        raise BackupError("秘密鍵が違うか、控えのファイルが壊れています。何も戻していません。") from error
