"""The public site as files: for offices whose portal lives inside LGWAN.

Starts from the sitemap, asks the portal for each page as an anonymous visitor and
follows its links, so that nothing can be written that the public could not read.
Links become relative: the copy works from any folder, also without a server.
"""

import hashlib
import io
import json
import re
import zipfile
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape, unescape
from pathlib import Path
from posixpath import dirname, relpath
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

MANIFEST = ".export.json"
LINK = re.compile(r'\b(href|src|action)="(/[^"]*)"')
# What a copy without a server cannot do, or must not have.
LEFT_OUT = ("/admin/", "/answer/", "/remarks/", "/healthz", "/sitemap.xml")
STAFF_LINK = re.compile(r'\s*<li><a href="/admin/">[^<]*</a></li>')
TITLE = re.compile(r"<title>(.*?)</title>", re.S)


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
    host = urlsplit(settings.PORTAL_ADDRESS)
    client = Client(headers={"host": host.netloc}, raise_request_exception=True)
    is_secure = host.scheme == "https"
    copy = Copy()
    sitemap = client.get("/sitemap.xml", secure=is_secure).content.decode()
    waiting = deque(urlsplit(url).path for url in re.findall(r"<loc>(.*?)</loc>", sitemap))
    search = reverse("search")
    seen = {*waiting, search}
    while waiting:
        url = waiting.popleft()
        if url.startswith(settings.STATIC_URL):
            content: bytes | None = static_file(url)
            is_page = False
        else:
            response = client.get(url, secure=is_secure)
            streamed = getattr(response, "streaming_content", None)
            content = b"".join(streamed) if streamed is not None else response.content
            is_page = response.headers.get("Content-Type", "").startswith("text/html")
            if response.status_code != 200:
                copy.missing[url] = str(response.status_code)
                continue
        if content is None:
            copy.missing[url] = "404"
            continue
        copy.files[url] = STAFF_LINK.sub("", content.decode()).encode() if is_page else content
        copy.names[url] = file_name(url)
        for found in links_of(copy.files[url]) if is_page else ():
            if found not in seen and not is_left_out(found) and not climbs(found):
                seen.add(found)
                if urlsplit(found).path != search:
                    waiting.append(found)
    add_search(copy, search)
    return copy


def links_of(page: bytes) -> Iterable[str]:
    """The addresses that a page leads to, on this site, without their fragments."""
    for _, link in LINK.findall(page.decode()):
        yield unescape(link).partition("#")[0]


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
    """In place of the search, which needs a server: a list of all pages, for the browser's own search."""
    pages = [
        (url, unescape(title[1]).strip().removesuffix(" - 検討会議ポータル"))
        for url, content in sorted(copy.files.items())
        if copy.names[url].endswith(".html") and (title := TITLE.search(content.decode()))
    ]
    page = render_to_string("static_search.html", {"pages": pages})
    copy.files[search] = STAFF_LINK.sub("", page).encode()
    copy.names[search] = file_name(search)


def relative(page: bytes, url: str, copy: Copy, broken: list[str]) -> bytes:
    """Rewrite a page's links so that they lead to the copy's files."""
    here = dirname(copy.names[url])
    search = reverse("search")

    def rewrite(match: re.Match[str]) -> str:
        attribute, link = match[1], unescape(match[2])
        target, hash_, fragment = link.partition("#")
        if urlsplit(target).path == search:
            target = search
        if target not in copy.names:
            if copy.missing.get(target) != "503":
                broken.append(f"{copy.names[url]}: {link}")
            # A file that this server cannot make: the page itself is what there is.
            return f'{attribute}="#"'
        place = relpath(copy.names[target], here or ".")
        return f'{attribute}="{escape(place)}{hash_}{escape(fragment)}"'

    return LINK.sub(rewrite, page.decode()).encode()


def export(out: Path) -> Export:
    """Write the site into a folder; files of an earlier export that are gone are removed."""
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
    pages = {name: (out / name).read_text() for name in names if name.endswith(".html")}
    ids = {name: set(re.findall(r'\bid="([^"]+)"', text)) for name, text in pages.items()}
    broken = []
    for name, text in pages.items():
        for link in re.findall(r'\b(?:href|src)="([^"]*)"', text):
            target, _, fragment = unescape(link).partition("#")
            if "://" in target or target.startswith(("mailto:", "data:")) or link == "#":
                continue
            place = (out / dirname(name) / target).resolve() if target else (out / name).resolve()
            if not place.is_file():
                broken.append(f"{name}: {link}")
                continue
            found = place.relative_to(out.resolve()).as_posix()
            if fragment and found in ids and fragment not in ids[found]:
                broken.append(f"{name}: {link}")
    return broken
