"""Absolute addresses: those that the public follows, wherever its copy of the portal stands."""

from django.conf import settings


def public_address(path: str) -> str:
    """An address of the public site; its root may lie in a folder of an office's web server."""
    return str(settings.PUBLIC_ADDRESS).rstrip("/") + path
