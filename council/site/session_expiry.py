"""Posts that could not be taken are not lost: the page that says why sends them again."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from members.common.access import typed

# A script's request, which wants words and no page.
SCRIPT = "X-Autosave"
ENDED = (
    "ログインの有効期間が切れました。入力は画面に残っています。別のタブでログインすると、続けて保存できます。"
)


@never_cache
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Offer to send the post again, with a fresh token, where it came from our own page.

    A post from another site is not offered.
    """
    kept = typed(request) if came_from_here(request) else []
    if request.headers.get(SCRIPT):
        return JsonResponse({"error": ENDED, "login": reverse("account_login")}, status=403)
    return render(request, "403_csrf.html", {"typed": kept, "has_files": bool(request.FILES)}, status=403)


def came_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that one of our own pages sent this."""
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(source).netloc == request.get_host()


@never_cache
def session_ended(request: HttpRequest) -> HttpResponse:
    """Tell a person of staff who posted after the login ran out, with all that was typed."""
    login = reverse("account_login")
    if request.headers.get(SCRIPT):
        return JsonResponse({"error": ENDED, "login": login}, status=401)
    context = {"typed": typed(request), "login": login, "has_files": bool(request.FILES)}
    return render(request, "session_ended.html", context, status=401)
