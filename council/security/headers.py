"""What every answer tells the browser: what a page may do, who may frame it, and who may keep it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# No page of the portal uses any of these; what is added to the standard later is off by its own default.
OFF = (
    "accelerometer",
    "ambient-light-sensor",
    "autoplay",
    "bluetooth",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "web-share",
    "xr-spatial-tracking",
)
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in OFF)
# Below these stands nothing that the public reads, for whoever has no session too.
PRIVATE = ("/admin/", "/accounts/", "/answer/", "/remarks/", "/desk/")


def is_private(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether an answer is for one reader only.

    Somebody with a cookie of the session may see what is not public, on any page.
    """
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    return has_session or bool(response.cookies) or request.path.startswith(PRIVATE)


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Set on every answer, static files too; a private one is kept by no cache and no shared desktop."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(settings.STATIC_URL) and is_private(request, response):
            response["Cache-Control"] = "no-store"
        elif response.status_code >= 400:
            # What is missing or failing now may be there in a minute.
            response["Cache-Control"] = "no-store"
        return response

    return middleware
