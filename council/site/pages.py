"""Pages and files about the site itself: the same for everybody, without any record."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

# What holds nothing for a search engine: every address below needs a login or a link of one's own.
CLOSED = ("/admin/", "/accounts/", "/answer/", "/desk/", "/remarks/", "/search/")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "about.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy.html")


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    context = {"license": settings.OPEN_DATA_LICENSE, "license_url": settings.OPEN_DATA_LICENSE_URL}
    return render(request, "terms.html", context)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines what there is to find, and where the list of it is."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in CLOSED),
        f"Sitemap: {settings.PUBLIC_ADDRESS.rstrip('/')}{reverse('sitemap')}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this by themselves; the icon has its hash in its address, which a release changes."""
    return HttpResponseRedirect(static("icon.svg"))
