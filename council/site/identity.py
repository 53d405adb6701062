"""Whose portal this is: its name, the office that runs it, its colour and its emblem, by settings."""

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

HEX = re.compile(r"^#[0-9a-fA-F]{6}$")
# WCAG 2.2 AA for text.
READABLE = 4.5
WHITE, INK = "#ffffff", "#16181d"
# A picture of another kind may hold a script, or letters that a browser reads as a page.
LOGOS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
BEGINNINGS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/webp": b"RIFF",
}
LARGEST_LOGO = 500_000


def luminance(color: str) -> float:
    """Relative luminance of a colour, as WCAG defines it: 0 is black, 1 is white."""
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """How well two colours are told apart, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(color: str, other: str, share: float) -> str:
    """A colour with a share of another in it."""
    pairs = [(int(color[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(mine + (theirs - mine) * share):02x}" for mine, theirs in pairs)


@dataclass(frozen=True, slots=True)
class Palette:
    """The portal's colour as links and buttons need it, on white and on dark paper."""

    light: str
    hover: str
    dark: str


def palette(color: str) -> Palette:
    """Shades of one colour that can be read: darker under the pointer, lighter on dark paper."""
    dark = next(
        shade for step in range(11) if contrast(shade := mixed(color, WHITE, step / 10), INK) >= READABLE
    )
    return Palette(color, mixed(color, "#000000", 0.25), dark)


@lru_cache(maxsize=8)
def styles(color: str) -> str:
    """The style sheet that puts the portal's colour in the place of the default; empty without one."""
    if not HEX.match(color):
        return ""
    found = palette(color)
    names = ("primary", "primary-hover", "link")
    light = "".join(
        f"--{name}:{value};"
        for name, value in zip(names, (found.light, found.hover, found.hover), strict=True)
    )
    dark = "".join(f"--{name}:{found.dark};" for name in names)
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def styles_version(color: str) -> str:
    return sha256(styles(color).encode()).hexdigest()[:8]


@require_safe
def identity_css(request: HttpRequest) -> HttpResponse:
    """The portal's colour; its address changes with it."""
    response = HttpResponse(styles(settings.PORTAL_COLOR), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The emblem that the operator has put beside the name."""
    if not settings.PORTAL_LOGO or faults():
        raise Http404
    path = Path(settings.PORTAL_LOGO)
    response = HttpResponse(path.read_bytes(), content_type=LOGOS[path.suffix.lower()])
    response["Cache-Control"] = "public, max-age=86400"
    return response


def faults() -> list[tuple[str, str]]:
    """What is wrong with the settings of identity, and how to mend it."""
    found = []
    color = settings.PORTAL_COLOR
    if color and not HEX.match(color):
        found.append(("E101", f"PORTAL_COLOR「{color}」は #0017c1 の形（# と16進数6桁）で設定してください。"))
    elif color and contrast(color, WHITE) < READABLE:
        found.append(
            (
                "E102",
                f"PORTAL_COLOR「{color}」は白い背景の上で読みにくい色です。濃い色にしてください"
                f"（コントラスト比 {contrast(color, WHITE):.1f}。{READABLE}以上が必要です）。",
            )
        )
    return [*found, *logo_faults(settings.PORTAL_LOGO)]


@lru_cache(maxsize=8)
def logo_faults(name: str) -> list[tuple[str, str]]:
    if not name:
        return []
    path = Path(name)
    kind = LOGOS.get(path.suffix.lower())
    if kind is None:
        return [("E103", "PORTAL_LOGO は PNG、JPEG、WebP のファイルにしてください（SVGは使えません）。")]
    try:
        content = path.read_bytes()
    except OSError:
        return [
            ("E104", f"PORTAL_LOGO のファイル {path} を読めません。場所と読み取りの許可を確かめてください。")
        ]
    if not content.startswith(BEGINNINGS[kind]):
        return [("E105", f"PORTAL_LOGO のファイル {path} は、拡張子の示す画像ではありません。")]
    if len(content) > LARGEST_LOGO:
        return [("E106", f"PORTAL_LOGO は {LARGEST_LOGO // 1000} KB までにしてください。")]
    return []


@register
def check_identity(**kwargs: object) -> list[CheckMessage]:
    return [Error(text, id=f"council.{number}") for number, text in faults()]
