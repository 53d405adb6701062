"""Whether the links of a report's prose lead somewhere that the public can read."""

from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings

from council.renderers.files import BY_EXTENSION
from council.site.html import Page
from council.site.internal import content_of, release, render_internally
from council.writing.prose import links

# Pages that ask who somebody is: no reader of a report gets further.
CLOSED = ("/admin/", "/accounts/", "/answer/", "/remarks/", "/desk/")


def broken_links(text: str, page: str, sections: frozenset[str]) -> list[str]:
    """The links of a text that lead nowhere, each as it was written.

    ``page`` is the address of the report, from which links without a host start; ``sections`` are the
    fragments of its sections. Pages
    of the portal are asked for as an anonymous visitor would; of other hosts only the
    form of the address is checked, since the portal may have no way out of LGWAN.
    """
    return [href for href in links(text) if not leads_somewhere(href, page, sections)]


def leads_somewhere(href: str, page: str, sections: frozenset[str] = frozenset()) -> bool:
    parts = urlsplit(urljoin(settings.PORTAL_ADDRESS + page, href))
    if parts.scheme == "mailto":
        return "@" in parts.path
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return False
    path = path_inside(parts)
    if path is None:
        return "." in parts.hostname
    parts = parts._replace(path=path)
    if parts.path.startswith(f"{page}report."):
        # The report's own files are there as soon as it is.
        return parts.path.rpartition(".")[2] in BY_EXTENSION
    if parts.path == page:
        # The report's own page: it may not be public yet.
        known = {*sections, "figures", "tables", "trends", "imprint"}
        return not parts.fragment or parts.fragment in known
    return is_public(parts.path, parts.query, parts.fragment)


def path_inside(parts: SplitResult) -> str | None:
    """The path within the portal that an address names, by any of its own; None for other sites."""
    for root in (settings.PUBLIC_ADDRESS, settings.PORTAL_ADDRESS, settings.LGWAN_ADDRESS):
        own = urlsplit(root)
        folder = own.path.rstrip("/")
        if own.netloc and parts.netloc == own.netloc and parts.path.startswith(f"{folder}/"):
            return parts.path.removeprefix(folder)
    return None


def is_public(path: str, query: str, fragment: str) -> bool:
    """Whether an anonymous visitor gets this page, and it has the place that the fragment names."""
    if path.startswith(CLOSED):
        return False
    response = render_internally(f"{path}?{query}" if query else path)
    if response.status_code != 200 or response.streaming:
        release(response)
        return response.status_code in {200, 301}
    if not fragment:
        return True
    # A file has no places.
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    return is_page and fragment in Page(content_of(response).decode()).ids
