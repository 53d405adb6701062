"""The portal's own pages, asked for from within: as an anonymous visitor gets them, without a server.

The link check asks whether a page is public, the static export copies what it gets. Neither can see
more than the public, since the request is nobody's.
"""

from io import BytesIO
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from council.editions.faults import fault_page
from members.common.publication.seal import EditionFault


class InternalRequest(WSGIRequest):
    """A GET of one of the portal's addresses by nobody; ``is_static`` where no server will answer."""

    is_static: bool
    # The portal copies itself: that is no visitor, and is not counted.
    is_internal = True

    def __init__(self, address: str, *, is_static: bool = False) -> None:
        portal, parts = urlsplit(settings.PORTAL_ADDRESS), urlsplit(address)
        super().__init__(
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": parts.path,
                "QUERY_STRING": parts.query,
                "HTTP_HOST": portal.netloc,
                "SERVER_NAME": portal.hostname or "localhost",
                "SERVER_PORT": str(portal.port or 443),
                "wsgi.url_scheme": portal.scheme,
                "wsgi.input": BytesIO(),
            }
        )
        self.user = AnonymousUser()
        self.is_static = is_static


def render_internally(address: str, *, is_static: bool = False) -> HttpResponseBase:
    """The answer to an anonymous visitor, with 404 and 403 as answers too."""
    request = InternalRequest(address, is_static=is_static)
    try:
        match = resolve(request.path_info)
        request.resolver_match = match
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    except (Resolver404, Http404):
        return HttpResponseNotFound()
    except PermissionDenied:
        return HttpResponseForbidden()
    except EditionFault as error:
        return fault_page(request, error)
    render = getattr(response, "render", None)
    return render() if callable(render) else response


def is_static(request: HttpRequest) -> bool:
    """Whether a page is drawn for a copy that no server answers for."""
    return getattr(request, "is_static", False)


def content_of(response: HttpResponseBase) -> bytes:
    """All bytes of an answer, also of one that would be sent piece by piece."""
    if isinstance(response, HttpResponse):
        return response.content
    try:
        return b"".join(response)
    finally:
        release(response)


def release(response: HttpResponseBase) -> None:
    """Close the file that an answer reads from, if any.

    Not ``response.close()``: it tells Django that a request has ended, which closes the database
    connection of the transaction that asks from within.
    """
    if stream := getattr(response, "file_to_stream", None):
        stream.close()
