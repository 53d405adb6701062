"""Sealing an edition: two hashes that anybody can recompute, and a signature that only the portal can make.

``content_hash`` is the SHA-256 of the content as canonical JSON (keys sorted, no blanks, UTF-8).
``chain_hash`` is that of :func:`statement`, in which the content's hash stands beside the edition's
number, kind, reason and date, and the chain hash of the edition before: whoever keeps the newest one
can tell that none before it was changed. The signature (Ed25519, over the chain hash's hexadecimal
digits) tells a page, without asking elsewhere, that a row's hashes were not recomputed by somebody
who reached the database. An edition from which words were taken out (a redaction) keeps all this; what is
left of its content has a hash and a signature of its own, with the day and the reason. The recipe is
public and never changes.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils.crypto import salted_hmac

from members.common.merging import digest

SALT = "members.common.publication.seal"


class EditionFault(Exception):
    """An edition is not what was published: it is shown nowhere; the message says what does not fit."""

    def __init__(self, edition: Any, fault: str) -> None:
        super().__init__(f"{edition}：{fault}")
        self.edition, self.fault = edition, fault


def moment_text(moment: datetime) -> str:
    """A moment as the chain hash has it: UTC, ISO 8601, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def statement(edition: Any) -> dict[str, Any]:
    """What an edition's chain hash covers."""
    return {
        "record": f"{edition._meta.label_lower}/{edition.record_id}",
        "number": edition.number,
        "kind": getattr(edition, "kind", ""),
        "reason": edition.reason,
        "published_at": moment_text(edition.published_at),
        "previous": edition.previous_hash,
        "content_hash": edition.content_hash,
    }


def seal(edition: Any, previous: Any = None) -> Any:
    """Fill in an edition's hashes and its signature; ``previous`` is the edition before. The caller saves."""
    edition.content_hash = edition.content_hash or digest(edition.content)
    edition.previous_hash = previous.chain_hash if previous else ""
    edition.chain_hash = digest(statement(edition))
    return sign_edition(edition)


def sign_edition(edition: Any) -> Any:
    """Sign an edition's hash, and what it keeps and never shows, with the key in use. The caller saves."""
    edition.signature = sign(edition.chain_hash)
    if (kept := kept_apart(edition)) is not None:
        edition.private_signature = sign(kept)
    return edition


def kept_apart(edition: Any) -> str | None:
    """What a signature of its own covers: that which an edition keeps and never shows.

    It is in no public hash, from which somebody who knows most of it could guess the rest.
    """
    private = getattr(edition, "private_content", None)
    return digest([edition.chain_hash, private()]) if private else None


def redaction_of(edition: Any) -> dict[str, Any] | None:
    """What a redaction's signature covers: of which edition, what is left of it, when and why; else None."""
    if not getattr(edition, "redactions", None):
        return None
    return {
        "chain_hash": edition.chain_hash,
        "content_hash": edition.shown_hash,
        "redactions": edition.redactions,
    }


def sign_redaction(edition: Any) -> Any:
    """Sign what redactions have left of an edition. The caller saves."""
    edition.redaction_signature = sign(digest(redaction_of(edition)))
    return edition


def sealed(edition: Any) -> dict[str, Any]:
    """What anybody needs to check one edition's place in its chain."""
    found = {
        "statement": statement(edition),
        "chain_hash": edition.chain_hash,
        "signature": edition.signature,
        "public_key": public_key_text(),
    }
    if redaction := redaction_of(edition):
        found["redaction"] = {"statement": redaction, "signature": edition.redaction_signature}
    return found


def seal_existing(model: Any, record_field: str) -> None:
    """Seal what was published before editions were sealed: for migrations, whose models have only fields.

    A content hash that is there already stays, right or wrong.
    """
    previous = None
    for edition in model.objects.order_by(record_field, "number").iterator():
        edition.record_id = getattr(edition, f"{record_field}_id")
        is_next = previous is not None and previous.record_id == edition.record_id
        seal(edition, previous if is_next else None).save()
        previous = edition


def fault_of(edition: Any) -> str:
    """What does not fit in one edition, as a sentence for people; empty where all does."""
    if redaction := redaction_of(edition):
        # The content that was published is gone; its hash stands in the statement, and in the chain.
        if digest(edition.content) != edition.shown_hash:
            return "墨消し後の内容がハッシュ値と合いません。"
        if not is_signed(digest(redaction), edition.redaction_signature):
            return "墨消しの記録が署名と合いません。"
    elif digest(edition.content) != edition.content_hash:
        return "内容がハッシュ値と合いません。"
    if digest(statement(edition)) != edition.chain_hash:
        return "番号、種類、理由、日時か前の版のハッシュ値が、版のハッシュ値と合いません。"
    if not is_signed(edition.chain_hash, edition.signature):
        return "署名がこのポータルの鍵と合いません（ハッシュ値が計算し直されたか、鍵が変わっています）。"
    if (kept := kept_apart(edition)) is not None and not is_signed(kept, edition.private_signature):
        return "公開しない記録（団体ごとの内容、少数の変更の理由）が署名と合いません。"
    return ""


def check(edition: Any) -> None:
    """Raise :class:`EditionFault` where an edition is not what was published."""
    if fault := fault_of(edition):
        raise EditionFault(edition, fault)


def chain_faults(editions: Iterable[Any]) -> list[str]:
    """What does not fit in all editions of one record, in their order, and in how they follow each other."""
    found, previous = [], None
    for place, edition in enumerate(editions, start=1):
        if fault := fault_of(edition):
            found.append(f"{edition}：{fault}")
        if edition.number != place or edition.previous_hash != (previous.chain_hash if previous else ""):
            found.append(f"{edition}：前の版（第{edition.number - 1}版）とつながりません。")
        previous = edition
    return found


# --- Keys ---


def sign(text: str) -> str:
    """Sign with the portal's key; hexadecimal."""
    return private_key(settings.EDITION_KEY or settings.SECRET_KEY).sign(text.encode()).hex()


def is_signed(text: str, signature: str) -> bool:
    """Whether this portal signed it, with its key or with one that it had before."""
    try:
        raw = bytes.fromhex(signature)
    except ValueError:
        return False
    return any(verifies(key, text.encode(), raw) for key in public_keys())


def verifies(key: Ed25519PublicKey, text: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True


def public_keys() -> list[Ed25519PublicKey]:
    """The key in use first, then those of keys that were used before."""
    # The secret key too: it signed before an office gave editions a key of their own.
    secrets = filter(None, [settings.EDITION_KEY, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])
    kept = [bytes.fromhex(key) for key in settings.EDITION_OLD_KEYS]
    return [private_key(secret).public_key() for secret in secrets] + [
        Ed25519PublicKey.from_public_bytes(key) for key in kept
    ]


def public_key_text() -> str:
    """The key in use, hexadecimal, for whoever checks outside."""
    return public_keys()[0].public_bytes_raw().hex()


@lru_cache(maxsize=8)
def private_key(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(
        salted_hmac(SALT, "", secret=secret, algorithm="sha256").digest()
    )
