"""The public page of what is aimed at and what was found."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council.accessibility.results import last_results


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """ウェブアクセシビリティ方針 and the results of the last test."""
    return render(request, "accessibility.html", {"results": last_results(), "contact": settings.CONTACT})
