"""The public site as files: for offices whose portal lives inside LGWAN.

Starts from the sitemap, asks the portal for each page as an anonymous visitor and
follows its links, so that nothing can be written that the public could not read.
Links become relative: the copy works from any folder, also without a server.
"""

import hashlib
import io
import json
import zipfile
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from posixpath import dirname, relpath
from urllib.parse import unquote, urlsplit

from defusedxml import ElementTree
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse

from council.publishing.files import make_missing
from council.search.static_index import write_index
from council.site.html import Page
from council.site.internal import content_of, render_internally

MANIFEST = ".export.json"
LOCATION = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
# What a copy without a server cannot do, or must not have.
LEFT_OUT = ("/admin/", "/answer/", "/remarks/", "/desk/", "/healthz", "/readyz", "/sitemap.xml")


@dataclass
class Export:
    """What an export did, for whoever ran it."""

    written: list[str] = field(default_factory=list)
    unchanged: int = 0
    removed: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


@dataclass
class Copy:
    """The pages and files of the site, by their address."""

    files: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def file_name(url: str) -> str:
    """Where an address stands in the copy: ``/a/`` is ``a/index.html``."""
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    if parts.query:
        digest = hashlib.sha256(parts.query.encode()).hexdigest()[:8]
        return f"{path}index-{digest}.html"
    return f"{path}index.html" if not path or path.endswith("/") else path


def is_left_out(url: str) -> bool:
    return url.startswith(LEFT_OUT)


def collect() -> Copy:
    """Ask the portal for everything that the public can reach."""
    copy = Copy()
    sitemap = ElementTree.fromstring(content_of(render_internally(reverse("sitemap"))))
    waiting = deque(urlsplit(each.text or "").path for each in sitemap.iter(LOCATION))
    search = reverse("search")
    seen = {*waiting, search}
    while waiting:
        url = waiting.popleft()
        content, is_page = fetch(url, copy)
        if content is None:
            continue
        copy.files[url], copy.names[url] = content, file_name(url)
        for found in links_of(content) if is_page else ():
            if found not in seen and not is_left_out(found) and not climbs(found):
                seen.add(found)
                if urlsplit(found).path != search:
                    waiting.append(found)
    add_search(copy, search)
    return copy


def fetch(url: str, copy: Copy) -> tuple[bytes | None, bool]:
    """The content of an address, and whether it is a page; None, and noted, where there is none."""
    if url.startswith(settings.STATIC_URL):
        content = static_file(url)
        if content is None:
            copy.missing[url] = "404"
        return content, False
    response = render_internally(url, is_static=True)
    if response.status_code != 200:
        copy.missing[url] = str(response.status_code)
        return None, False
    return content_of(response), response.headers.get("Content-Type", "").startswith("text/html")


def links_of(page: bytes) -> Iterable[str]:
    """The addresses that a page leads to, on this site, without their fragments."""
    for link in Page(page.decode()).links:
        if link.startswith("/"):
            yield link.partition("#")[0]


def climbs(url: str) -> bool:
    """Whether an address leaves its folder: prose may hold such a link, no page of ours does."""
    return ".." in unquote(urlsplit(url).path).replace("\\", "/").split("/")


def static_file(url: str) -> bytes | None:
    """A style sheet, script or picture as the portal serves it."""
    name = url.removeprefix(settings.STATIC_URL)
    root = Path(settings.STATIC_ROOT).resolve()
    collected = (root / name).resolve()
    if not collected.is_relative_to(root):
        return None
    found = collected if collected.is_file() else finders.find(name)
    return Path(found).read_bytes() if found else None


def add_search(copy: Copy, search: str) -> None:
    """In place of the search, which needs a server: an index for a script, and a list of all pages."""
    pages = [
        (url, unescape(Page(content.decode()).title).strip().removesuffix(f" - {settings.PORTAL_NAME}"))
        for url, content in sorted(copy.files.items())
        if copy.names[url].endswith(".html")
    ]
    context = {"pages": [page for page in pages if page[1]], "is_static": True}
    copy.files[search] = render_to_string("static_search.html", context).encode()
    copy.names[search] = file_name(search)
    # By the name that the page has it under, with its hash where there is one.
    script = static("search-copy.js")
    content = static_file(script)
    if content is not None:
        copy.files[script], copy.names[script] = content, file_name(script)

    def link(url: str) -> str | None:
        target, hash_, fragment = url.partition("#")
        if target not in copy.names:
            return None
        return f"{relpath(copy.names[target], dirname(copy.names[search]))}{hash_}{fragment}"

    index = f"{search}index.js"
    copy.names[index] = file_name(index)
    copy.files[index] = write_index(link)


def relative(page: bytes, url: str, copy: Copy, broken: list[str]) -> bytes:
    """Rewrite a page's links so that they lead to the copy's files."""
    here = dirname(copy.names[url])
    search = reverse("search")

    def rewrite(link: str) -> str:
        if not link.startswith("/"):
            return link
        target, hash_, fragment = link.partition("#")
        if urlsplit(target).path == search:
            target = search
        if target not in copy.names:
            if copy.missing.get(target) != "503":
                broken.append(f"{copy.names[url]}: {link}")
            # A file that this server cannot make: the page itself is what there is.
            return "#"
        return f"{relpath(copy.names[target], here or '.')}{hash_}{fragment}"

    return Page(page.decode(), rewrite).text.encode()


def export(out: Path) -> Export:
    """Write the site into a folder; files of an earlier export that are gone are removed."""
    # In a copy there is no later.
    make_missing()
    copy = collect()
    done = Export()
    known = out / MANIFEST
    before: list[str] = json.loads(known.read_text()) if known.exists() else []
    for url, content in copy.files.items():
        name = copy.names[url]
        final = relative(content, url, copy, done.broken) if name.endswith(".html") else content
        path = out / name
        if path.exists() and is_same(path.read_bytes(), final):
            done.unchanged += 1
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(final)
        done.written.append(name)
    now = sorted(copy.names.values())
    for name in set(before) - set(now):
        (out / name).unlink(missing_ok=True)
        done.removed.append(name)
    out.mkdir(parents=True, exist_ok=True)
    known.write_text(json.dumps(now, ensure_ascii=False))
    done.broken += missing_anchors(out, now)
    return done


def is_same(before: bytes, after: bytes) -> bool:
    """Whether two files say the same; of Office files, when they were written says nothing."""
    if before == after:
        return True
    if not (before[:2] == after[:2] == b"PK"):
        return False
    first, second = (zipfile.ZipFile(io.BytesIO(content)) for content in (before, after))
    names = [name for name in first.namelist() if name != "docProps/core.xml"]
    return names == [name for name in second.namelist() if name != "docProps/core.xml"] and all(
        first.read(name) == second.read(name) for name in names
    )


def missing_anchors(out: Path, names: list[str]) -> list[str]:
    """Links of the written pages that lead to no file, or to no place in it."""
    pages = {name: Page((out / name).read_text()) for name in names if name.endswith(".html")}
    return [
        f"{name}: {link}"
        for name, page in pages.items()
        for link in page.links
        if leads_inside(link) and not leads_to_a_place(out, name, link, pages)
    ]


def leads_inside(link: str) -> bool:
    """Whether a link is to the copy itself."""
    return "://" not in link and not link.startswith(("mailto:", "data:")) and link != "#"


def leads_to_a_place(out: Path, name: str, link: str, pages: dict[str, Page]) -> bool:
    """Whether the copy has the file that a page links to, and the place in it."""
    target, _, fragment = link.partition("#")
    place = (out / dirname(name) / target).resolve() if target else (out / name).resolve()
    if not place.is_file():
        return False
    found = place.relative_to(out.resolve()).as_posix()
    return not fragment or found not in pages or fragment in pages[found].ids
