"""Each change of a row is put below the entry of the act that made it."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from auditlog.models import LogEntry
from django.db import DatabaseError, transaction
from django.db.models.signals import post_save, pre_save
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from members.common.acts import Act, begin_act, current_act, named
from members.common.audit import CONFIDENTIAL
from members.common.remit import council_key, council_path
from members.common.text.cleaning import on_one_line
from members.models import AuditEntry
from members.trail.chain import seal_pending
from members.trail.words import VERBS

logger = logging.getLogger(__name__)


def audited_requests(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Each request is an act of its own; who asks, and from where, stands in its entry."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        begin_act(request)
        try:
            return get_response(request)
        finally:
            begin_act()

    return middleware


def connect() -> None:
    """Listen to every row that the library logs, and to every act that is named."""
    pre_save.connect(before_change, sender=LogEntry, dispatch_uid="trail-before")
    post_save.connect(after_change, sender=LogEntry, dispatch_uid="trail-after")
    named.connect(rename, dispatch_uid="trail-named")


def before_change(sender: Any, instance: LogEntry, **kwargs: Any) -> None:
    if instance._state.adding:
        instance.cid = current_act().uid


def after_change(sender: Any, instance: LogEntry, created: bool, **kwargs: Any) -> None:
    """See that the act has an entry, in the transaction of the change itself."""
    act = current_act()
    if not created or is_written(act):
        return
    entry = AuditEntry(uid=act.uid, at=instance.timestamp, **head(act, instance))
    # One statement, whether or not an earlier part of the same transaction has written it.
    AuditEntry.objects.bulk_create([entry], ignore_conflicts=True)
    blocks = transaction.get_connection().atomic_blocks
    act.written_in = blocks[-1] if blocks else None
    transaction.on_commit(close, robust=True)


def note_alone(request: HttpRequest, title: str, reason: str) -> None:
    """An entry of its own without a row: of what somebody tried, and did not get."""
    AuditEntry.objects.create(
        uid=uuid4().hex,
        at=timezone.now(),
        title=title[:200],
        reason=reason,
        who=person_text(request)[:300],
        address=request.META.get("REMOTE_ADDR") or None,
        request_id=getattr(request, "request_id", ""),
    )
    transaction.on_commit(seal_after_commit, robust=True)


def is_written(act: Act) -> bool:
    """Whether the entry stands: it was written in a transaction that is still open."""
    return act.written_in is not None and act.written_in in transaction.get_connection().atomic_blocks


def close() -> None:
    """What is committed is one act; what the same request does after it is another."""
    act = current_act()
    following = begin_act(act.request)
    following.title, following.about, following.reason, following.who = (
        act.title,
        act.about,
        act.reason,
        act.who,
    )
    seal_after_commit()


def seal_after_commit() -> None:
    try:
        seal_pending()
    except DatabaseError:
        # The change stands and its entry too; the next one chains both.
        logger.exception("an entry of the audit trail waits for its place in the chain")


def rename(sender: Any, act: Act, **kwargs: Any) -> None:
    """An act that was named after its first row was written; where that was taken back, nothing is there."""
    if act.written_in is not None:
        AuditEntry.objects.pending().filter(uid=act.uid).update(**named_head(act))


def head(act: Act, change: LogEntry) -> dict[str, Any]:
    """An entry's words; without a name, those of the first row that was changed."""
    verb, kind = VERBS[change.action], change.content_type.model_class()
    label = kind._meta.verbose_name if kind else change.content_type.model
    found = {
        "title": f"{label}の{verb}",
        # How an answer names itself is what it says.
        "about": "" if kind and kind._meta.label_lower in CONFIDENTIAL else change.object_repr[:300],
        "about_model": str(kind._meta.label_lower) if kind else "",
        "about_key": str(change.object_pk)[:50],
        "council_key": council_of(kind, change.object_pk),
        "who": who_acts(act, change)[:300],
        "address": change.remote_addr,
        "request_id": getattr(act.request, "request_id", ""),
    }
    return found | (named_head(act) if act.title else {})


def council_of(kind: Any, key: Any) -> int | None:
    """The council of the row that was changed; None where it is gone, or belongs to none."""
    path = council_path(kind) if kind else ""
    found: int | None = (
        kind._base_manager.filter(pk=key).values_list(path, flat=True).first() if path else None
    )
    return found


def named_head(act: Act) -> dict[str, Any]:
    found: dict[str, Any] = {"title": act.title[:200], "reason": act.reason}
    if act.who:
        # As somebody typed it on the answering side.
        found["who"] = on_one_line(act.who)[:300]
    if act.about is not None:
        found |= {
            "about": "" if act.about._meta.label_lower in CONFIDENTIAL else str(act.about)[:300],
            "about_model": act.about._meta.label_lower,
            "about_key": str(act.about.pk or "")[:50],
            "council_key": council_key(act.about),
        }
    return found


def is_logged_in(request: Any) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


def person_text(request: Any) -> str:
    return name_of(request.user) if is_logged_in(request) else "ログインしていない人"


def name_of(user: Any) -> str:
    full = f"{user.last_name} {user.first_name}".strip()
    return f"{full}（{user.get_username()}）" if full else user.get_username()


def who_acts(act: Act, change: LogEntry) -> str:
    """By full name and login name, as text; a command by its name."""
    if change.actor is not None and not is_logged_in(act.request):
        return name_of(change.actor)
    if act.request is not None:
        return person_text(act.request)
    command = sys.argv[1] if Path(sys.argv[0]).name == "manage.py" and len(sys.argv) > 1 else ""
    return f"システム（{command}）" if command else "システム"
