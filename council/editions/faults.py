"""What stands where an edition is not what was published: that it failed its check, and nothing of it."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from members.common.publication.seal import EditionFault

logger = logging.getLogger(__name__)


def fault_page(request: HttpRequest, error: EditionFault) -> HttpResponse:
    """Say which edition failed its check, in place of any page or file that would show it."""
    logger.error("an edition is not what was published: %s", error)
    return render(request, "edition_fault.html", {"error": error}, status=503)


class ShowEditionFaults:
    """Middleware: one answer for every address, so that none forgets to look."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return fault_page(request, exception) if isinstance(exception, EditionFault) else None
