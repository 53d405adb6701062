"""Tags that every template has: the portal's name, and what stands in each page's frame."""

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from council.renderers.picture import HEIGHT, WIDTH
from council.site.identity import faults, styles_version
from council.site.pages import CLOSED

register = template.Library()


@register.simple_tag
def portal_name() -> str:
    return str(settings.PORTAL_NAME)


@register.simple_tag
def portal_owner() -> str:
    """The prefecture or office that runs the portal; empty where it is not set."""
    return str(settings.PORTAL_OWNER)


@register.simple_tag
def portal_colors() -> SafeString:
    """The link to the portal's own colour, where one is set."""
    if not settings.PORTAL_COLOR:
        return SafeString()
    address = f"{reverse('identity-css')}?v={styles_version(settings.PORTAL_COLOR)}"
    return format_html('<link rel="stylesheet" href="{}">', address)


@register.simple_tag
def portal_logo() -> SafeString:
    """The emblem before the name, which says nothing more than the name; empty where none is set."""
    if not settings.PORTAL_LOGO or faults():
        return SafeString()
    return format_html('<img class="site-logo" src="{}" alt="">', reverse("portal-logo"))


@register.simple_tag(takes_context=True)
def open_graph(context: dict[str, Any], title: str, words: str) -> SafeString:
    """What a report shows where its address is shared: its title, its first figure and that as a picture."""
    address = settings.PUBLIC_ADDRESS.rstrip("/") + context["base"]
    facts = (
        ("og:type", "article"),
        ("og:site_name", settings.PORTAL_NAME),
        ("og:locale", "ja_JP"),
        ("og:title", title),
        ("og:description", words),
        ("og:url", address),
        ("og:image", f"{address}report.png"),
        ("og:image:type", "image/png"),
        ("og:image:width", WIDTH),
        ("og:image:height", HEIGHT),
        ("og:image:alt", words),
    )
    rows = format_html_join("", '<meta property="{}" content="{}">', facts)
    return format_html('{}<meta name="twitter:card" content="summary_large_image">', rows)


@register.simple_tag
def alternate(language: str, path: str) -> SafeString:
    """The address of the same in another language, for search engines."""
    address = settings.PUBLIC_ADDRESS.rstrip("/") + path
    return format_html('<link rel="alternate" hreflang="{}" href="{}">', language, address)


@register.simple_tag(takes_context=True)
def canonical(context: dict[str, Any], path: str = "") -> SafeString:
    """The one address of a page that is found at several: without query, on the public host."""
    request = context.get("request")
    found = path or context.get("base") or (request.path if request else "")
    if not found or found.startswith(CLOSED):
        return SafeString()
    return format_html('<link rel="canonical" href="{}{}">', settings.PUBLIC_ADDRESS.rstrip("/"), found)
