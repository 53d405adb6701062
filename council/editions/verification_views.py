"""The public page on how editions are checked, its list of hashes, and the program that checks."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.views.decorators.http import require_safe

from council.editions.verification import address_of, public_editions, public_list
from council.publishing.response_cache import CachedResponse, serve
from members.common.publication.seal import public_key_text


def script() -> str:
    """The program, as it is handed out and as it stands on the page."""
    return str(get_template("verify/verify_edition.py").render())


@require_safe
def verify_page(request: HttpRequest) -> HttpResponse:
    """How anybody checks an edition, and the hashes of those that are public."""
    context = {
        "editions": [(edition, address_of(edition)) for edition in public_editions()],
        "public_key": public_key_text(),
        "script": script(),
    }
    return render(request, "verify/page.html", context)


@require_safe
def verify_list(request: HttpRequest) -> HttpResponse:
    """The hashes of every public edition, to be kept elsewhere."""
    content = json.dumps({"editions": public_list()}, ensure_ascii=False, indent=1).encode()
    return serve(request, CachedResponse(content, "application/json"))


@require_safe
def verify_script(request: HttpRequest) -> HttpResponse:
    return serve(
        request, CachedResponse(script().encode(), "text/x-python; charset=utf-8", "verify_edition.py")
    )
