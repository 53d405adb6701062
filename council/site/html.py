"""An HTML page as its links, its title and its anchors; and again, with other links."""

from collections.abc import Callable
from html import escape
from html.parser import HTMLParser

LINKS = {"href", "src", "action"}


class Page(HTMLParser):
    """Reads a page; ``rewrite`` may put another address in place of each link.

    What is not a link comes out as it went in, character for character.
    """

    def __init__(self, text: str, rewrite: Callable[[str], str] | None = None) -> None:
        super().__init__(convert_charrefs=False)
        self.rewrite = rewrite
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.title = ""
        self._in_title = False
        self._written: list[str] = []
        self.feed(text)
        self.close()

    @property
    def text(self) -> str:
        """The page with its links as they are now."""
        return "".join(self._written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        source = self.get_starttag_text() or ""
        self._in_title = tag == "title" and not self.title
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            if name in LINKS and value is not None:
                self.links.append(value)
                if self.rewrite:
                    source = source.replace(
                        f'{name}="{escape(value)}"', f'{name}="{escape(self.rewrite(value))}"', 1
                    )
        self._written.append(source)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False
        self._written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.title += data if self._in_title else ""
        self._written.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._written.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._written.append(f"<!{decl}>")
