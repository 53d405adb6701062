"""What somebody has typed into a form of the secretariat and not saved yet."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone

# A draft larger than this is not somebody's typing.
MAX_DRAFT = 1_000_000


class Autosave(models.Model):
    """One person's unsaved typing into one record; nobody else sees it.

    ``data`` is the form as it would have been posted, without its CSRF token.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    data = models.JSONField()
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    @property
    def posted(self) -> QueryDict:
        """The form again, as if it had just been posted."""
        return QueryDict(self.data)


def autosave(request: HttpRequest, drafts: Any, screen: str, **record: models.Model) -> HttpResponse:
    """Keep what was posted for this person, or throw it away and go back to the screen.

    ``drafts`` is the manager of an :class:`Autosave`, ``record`` names what is written on.
    """
    mine = {**record, "user": request.user}
    if "discard" in request.POST:
        drafts.filter(**mine).delete()
        messages.success(request, "自動保存した入力を捨てました。")
        return redirect(screen)
    data = request.POST.copy()
    data.pop("csrfmiddlewaretoken", None)
    encoded = data.urlencode()
    if len(encoded) > MAX_DRAFT:
        return JsonResponse({"error": "長すぎるため自動保存できません。保存してください。"}, status=413)
    drafts.update_or_create(**mine, defaults={"data": encoded})
    return JsonResponse({"saved_at": timezone.localtime().strftime("%H:%M:%S")})
