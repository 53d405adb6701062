"""How somebody without an account gets to the one thing they are asked about.

A link's token is exchanged for a signed cookie that only that thing's pages
receive, so that the address bar and browser history hold no secret. Opening the
link writes nothing: mail scanners open links too. The cookie carries part of the
token's hash, so a re-issued link ends every visit that began with the old one.
"""

import hashlib
import secrets
from typing import Any, ClassVar, Protocol, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from members.common.models.anchors import new_anchor
from members.common.models.natural_keys import NaturalKeyQuerySet

SALT = "members.access"
# A working day and its evening; the link opens it again.
MAX_AGE = 60 * 60 * 24


def hash_token(token: str) -> str:
    """What is stored of an access link: SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


class Way(Protocol):
    """By what somebody came in: a link, or a person's own entrance; it opens as long as its proof holds."""

    pk: Any
    _meta: ClassVar[Any]

    @property
    def link_is_good(self) -> bool: ...

    @property
    def proof(self) -> str: ...


class AccessLinkQuerySet(NaturalKeyQuerySet):
    def with_token(self, token: str) -> Self:
        """The row whose access link holds this token; at most one."""
        return self.filter(token_hash=hash_token(token))


class AccessLinked(models.Model):
    """Something that one organization is asked about, by a link of its own."""

    anchor = models.CharField("固定ID", max_length=12, unique=True, default=new_anchor, editable=False)
    token_hash = models.CharField("リンクのハッシュ値", max_length=64, null=True, unique=True, editable=False)
    link_issued_at = models.DateTimeField("リンクの発行日時", null=True, editable=False)
    link_revoked_at = models.DateTimeField("リンクの無効化日時", null=True, editable=False)

    # Name of the address of the page that the link leads to.
    link_page: ClassVar[str]
    # What people call the link.
    link_name: ClassVar[str]
    # By what else the visitor came to it, where not by its own link.
    way: Any = None
    # The same where it opens no more.
    closed_way: Any = None
    LINK_FIELDS = ("token_hash", "link_issued_at", "link_revoked_at")

    class Meta:
        abstract = True

    def new_token(self) -> str:
        """Put a fresh access link in place of the old one, which dies; the caller saves.

        Returns the token, the only time it can be read.
        """
        token = secrets.token_urlsafe(32)
        self.token_hash = hash_token(token)
        self.link_issued_at, self.link_revoked_at = timezone.now(), None
        return token

    def revoke_link(self) -> None:
        """Make the link useless now; only issuing a new one opens it again."""
        self.token_hash, self.link_revoked_at = None, timezone.now()
        self.save(update_fields=["token_hash", "link_revoked_at"])

    @property
    def link_is_good(self) -> bool:
        """Whether the link opens now."""
        return self.token_hash is not None

    @property
    def proof(self) -> str:
        """What a visitor's cookie holds of the link: another link, and the cookie opens nothing."""
        return (self.token_hash or "")[:32]

    def who(self, body: str, people: str = "") -> str:
        """Who acts, for the trail: a body by this link, or a person of it by their own entrance."""
        person = getattr(self.way, "name", "")
        way = f"窓口の利用者 {person}" if person else self.link_name
        return f"{body}（{'、'.join(filter(None, (way, people)))}）"

    @property
    def link_path(self) -> str:
        """The address below which the cookie is sent."""
        return reverse(self.link_page, args=[self.anchor])


def admit(response: HttpResponse, linked: AccessLinked, way: Way | None = None) -> HttpResponse:
    """Put the cookie for one thing's pages on a response; it ends with the ``way`` that led there."""
    response.set_signed_cookie(
        _cookie_name(linked),
        linked.proof if way is None else f"{linked.proof} {way._meta.label} {way.pk} {way.proof}",
        salt=SALT,
        # A person's ends with the browser; all of them by their signature after a day.
        max_age=None if getattr(way, "ends_with_browser", False) else MAX_AGE,
        path=linked.link_path,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def is_admitted(request: HttpRequest, linked: AccessLinked) -> bool:
    """Tell whether the visitor came by this thing's present link, and what led there still opens."""
    given = request.get_signed_cookie(_cookie_name(linked), default=None, salt=SALT, max_age=MAX_AGE)
    if given is None or not linked.link_is_good:
        return False
    proof, _, through = given.partition(" ")
    if not through:
        return proof == linked.proof
    label, pk, proof_of_way = through.split(" ")
    found: Any = apps.get_model(label)._default_manager.filter(pk=pk).first()
    if found is None or not found.link_is_good or found.proof != proof_of_way:
        linked.closed_way = found
        return False
    linked.way = found
    return proof == linked.proof


def shut_out(request: HttpRequest, linked: AccessLinked | None = None) -> HttpResponse:
    """Say that nothing opens here, and why where that is known; what was typed can be sent again.

    A wrong address and a missing cookie look the same from outside.
    """
    reason = getattr(linked and linked.closed_way, "why_out", "")
    return render(request, "no_access.html", {"typed": typed(request), "reason": reason}, status=403)


class LinkEndedError(Exception):
    """A link was issued anew, or ended, while somebody waited to write by it."""


def hold(request: HttpRequest, linked: AccessLinked) -> AccessLinked:
    """Lock what somebody came to by its link, and ask again whether the link opens."""
    rows = type(linked)._default_manager.select_for_update(of=("self",), no_key=True)
    held: AccessLinked | None = rows.filter(pk=linked.pk).first()
    if held is None or not is_admitted(request, held):
        raise LinkEndedError
    return held


def dismiss(response: HttpResponse, linked: AccessLinked) -> HttpResponse:
    """Take the cookie back: whoever sits at this desktop next needs the link."""
    response.delete_cookie(_cookie_name(linked), path=linked.link_path, samesite="Lax")
    return response


# The names of the login, of its second factor, of a change of a password and of an account's screen.
PASSWORDS = {
    "code",
    "credential",
    "password",
    "password1",
    "password2",
    "old_password",
    "new_password1",
    "new_password2",
}


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a visitor whose cookie is gone has just posted, to be sent again from the page.

    Nothing where a password was among it: none is ever written into a page.
    """
    if not PASSWORDS.isdisjoint(request.POST):
        return []
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]


def _cookie_name(linked: AccessLinked) -> str:
    return f"access-{linked.anchor}"
