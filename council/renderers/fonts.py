"""What typst sets text in on this server."""

# The first one that is installed is used; BIZ UDPGothic has 髙 and 﨑.
FONTS = ("BIZ UDPGothic", "Noto Sans CJK JP", "Noto Sans JP", "IPAexGothic")


class PdfUnavailable(Exception):
    """The PDF cannot be made on this server; the message says what is missing."""


def fonts() -> list[str]:
    """The Japanese fonts of this server; raises :class:`PdfUnavailable` without typst or any of them."""
    try:
        import typst
    except ImportError as error:
        raise PdfUnavailable("このサーバーにはPDFを作る部品（typst）が入っていません。") from error
    installed = {font.lower() for font in typst.Fonts().families()}
    found = [font for font in FONTS if font.lower() in installed]
    if not found:
        raise PdfUnavailable("このサーバーには日本語のフォントが入っていません。")
    return found
