"""What was public and is not any more: a public note stands at its addresses, with the reason."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from members.common.text.eras import format_date

REASON_LIMIT = 300


class Withdrawable(models.Model):
    """A record that staff can take back from the public, with a typed reason that the public reads."""

    withdrawn_at = models.DateTimeField("取り下げた日時", null=True, blank=True, editable=False)
    withdrawal_reason = models.CharField(
        "取り下げた理由", max_length=REASON_LIMIT, blank=True, editable=False
    )

    class Meta:
        abstract = True

    def note_withdrawal(self, reason: str) -> None:
        """Set the note; the caller saves. Raises ``ValidationError`` without a reason."""
        if not reason.strip():
            raise ValidationError("取り下げる理由を入力してください。公開ページに表示します。")
        if len(reason.strip()) > REASON_LIMIT:
            raise ValidationError(f"取り下げる理由は{REASON_LIMIT}文字以内で入力してください。")
        self.withdrawn_at, self.withdrawal_reason = timezone.now(), reason.strip()

    def forget_withdrawal(self) -> None:
        """Public again; the caller saves."""
        self.withdrawn_at, self.withdrawal_reason = None, ""

    @property
    def withdrawal_note(self) -> str:
        """「取り下げました（令和3（2021）年2月5日・理由）」; empty where it was not."""
        if self.withdrawn_at is None:
            return ""
        day = format_date(timezone.localtime(self.withdrawn_at).date())
        return f"取り下げました（{day}・{self.withdrawal_reason}）。"


def with_note(find: Callable[..., tuple[str, str] | None]) -> Callable[..., Any]:
    """Show a withdrawn record's note where its address would say 404.

    ``find`` takes the address's parts and returns what was withdrawn and its note, or None.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def inner(request: HttpRequest, **parts: Any) -> HttpResponse:
            try:
                return view(request, **parts)
            except Http404:
                found = find(**parts)
                if found is None:
                    raise
                name, note = found
                return render(request, "withdrawn.html", {"name": name, "note": note}, status=410)

        return inner

    return decorate
